"""Detected histories without a person's name."""

from turnus.core.redacting import Redaction
from turnus.detection.models import History, Proposal

_TEXTS = ("name", "deals", "reading", "before")


def redact_proposals(redaction: Redaction) -> None:
    """Take a person out of every proposal and of the histories in it."""
    for proposal in Proposal.objects.only("title").iterator():
        title = redaction.text(proposal.title)[:255]
        if title != proposal.title:
            Proposal.objects.filter(pk=proposal.pk).update(title=title)
    for history in History.objects.only(*_TEXTS).iterator():
        before = {name: getattr(history, name) for name in _TEXTS}
        after = redaction.value(before)
        if after != before:
            after["name"] = after["name"][:255]
            History.objects.filter(pk=history.pk).update(**after)
