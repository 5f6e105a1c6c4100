"""Saved filters without a person's name."""

from turnus.core.redacting import Redaction
from turnus.listing.models import SavedFilter


def redact_filters(redaction: Redaction) -> None:
    """Take a person out of what saved filters look for; their names stay, for links use them."""
    for saved in SavedFilter.objects.only("tree").iterator():
        tree = redaction.value(saved.tree)
        if tree != saved.tree:
            SavedFilter.objects.filter(pk=saved.pk).update(tree=tree)
