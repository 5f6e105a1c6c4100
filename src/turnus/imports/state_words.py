"""Where an import stands, in words."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from turnus.imports.models import Import

_STATES: Mapping[str, Promise] = {
    Import.State.COLUMNS: _("Columns to match"),
    Import.State.CHECKING: _("Being checked"),
    Import.State.CHECKED: _("Checked, not imported yet"),
    Import.State.IMPORTING: _("Being imported"),
    Import.State.DONE: _("Imported"),
    Import.State.FAILED: _("Failed"),
    Import.State.UNDOING: _("Being undone"),
    Import.State.UNDONE: _("Undone"),
    Import.State.DISCARDED: _("Discarded"),
    Import.State.EXPIRED: _("Expired, never imported"),
}


def state_words(of: Import) -> str:
    """Return where an import stands, in the active language."""
    return str(_STATES[of.state])
