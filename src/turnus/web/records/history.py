"""History in words: which field went from what to what, by whom, by which run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from turnus.core.fields import FieldKind, from_cells
from turnus.core.money import Money, from_e4
from turnus.fields.catalogue import Catalogue
from turnus.fields.field import Field
from turnus.fields.values import column_of
from turnus.history.models import Event
from turnus.history.tracked import tracked
from turnus.kit import formats
from turnus.web.records.sheet import field_choices, shown

#: Cells that follow from others, and need no line of their own.
_FOLLOWS = frozenset(
    {"won_on", "lost_on", "first_won_at", "stage_changed_at", "trashed_by_id", "trashed_at", "currency"}
)


@dataclass(frozen=True, slots=True)
class ToldChange:
    """One changed field in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One event in words."""

    at: datetime
    #: `created`, `updated`, `trashed`, `restored`, `purged`.
    action: str
    who: str
    what: str
    run: str
    changes: tuple[ToldChange, ...]


def told(events: Sequence[Event], fields: Catalogue, language: str, zone: ZoneInfo) -> list[ToldEvent]:
    """Return events in words; reads the names of choices and contacts."""
    teller = _Teller(fields, language, zone)
    return [teller.event(one) for one in events]


class _Teller:
    def __init__(self, fields: Catalogue, language: str, zone: ZoneInfo) -> None:
        self.fields = fields
        self.language = language
        self.zone = zone
        self.by_column = {column_of(one): one for one in fields.own if one.column}
        self.known: dict[str, Any] = {}

    def event(self, event: Event) -> ToldEvent:
        words = {
            "created": _("created"),
            "updated": _("changed"),
            "trashed": _("moved to the trash"),
            "restored": _("restored"),
            "purged": _("removed for good"),
        }
        run = str(event.run.title or event.run.pk) if event.run else ""
        changes = tuple(self._changes(event.changes or {}))
        return ToldEvent(event.at, event.action, event.by.name if event.by else "", words[event.action], run, changes)

    def _changes(self, changes: Mapping[str, Sequence[Any]]) -> list[ToldChange]:
        lines = []
        for cell, (before, after) in changes.items():
            field = self._field(cell)
            if field is not None and cell not in _FOLLOWS:
                other = changes.get("currency", (None, None))
                pair = [self._said(field, value, other[i]) for i, value in enumerate((before, after))]
                lines.append(ToldChange(field.name(self.language), *pair))
        return lines

    def _field(self, cell: str) -> Field | None:
        if cell.startswith("custom."):
            return self.fields.get(cell)
        return self.by_column.get(cell)

    def _said(self, field: Field, stored: Any, currency: Any) -> str:
        if stored in (None, "", []):
            return ""
        if field.kind in {FieldKind.PERSON, FieldKind.ORGANISATION}:
            model: Any = tracked(str(field.kind)).model
            return model.objects.filter(pk=stored).values_list("name", flat=True).first() or f"#{stored}"
        if field.key not in self.known:
            self.known[field.key] = field_choices(self.fields, field.key, self.language)
        value: Any = stored
        if field.kind is FieldKind.MOMENT:
            value = datetime.fromisoformat(stored)
        elif field.kind is FieldKind.MONEY:
            value = Money(stored, currency) if currency else formats.number(from_e4(stored), self.language)
        elif isinstance(stored, list) and stored and isinstance(stored[0], dict):
            value = ", ".join(one["value"] for one in stored)
        else:
            value = from_cells(field.kind, "it", {"it": stored})
        return shown(field.kind, value, self.known[field.key], self.zone, self.language)
