"""History in words: which field went from what to what, by whom, by which run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines
from turnus.core.fields import FieldKind, from_cells
from turnus.core.money import Money, from_e4
from turnus.fields.catalog import Catalog
from turnus.fields.field import Field
from turnus.fields.part_words import label_name
from turnus.fields.values import column_of
from turnus.history.models import Event, Run
from turnus.kit import formats
from turnus.listing.links import contact_name
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.records.sheet import field_choices, shown

#: Cells that follow from others, and need no line of their own.
_FOLLOWS = frozenset(
    {
        "won_on",
        "lost_on",
        "first_won_at",
        "stage_changed_at",
        "trashed_by_id",
        "trashed_at",
        "currency",
    }
)
#: What either end of a span is.
_ENDS = {FieldKind.DATE_RANGE: FieldKind.DATE, FieldKind.TIME_RANGE: FieldKind.TIME}


@dataclass(frozen=True, slots=True)
class ToldChange:
    """One changed field in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class ToldEvent:
    """One event in words."""

    pk: int
    at: datetime
    #: `created`, `updated`, `trashed`, `restored`, `purged`, `erased`.
    action: str
    who: str
    what: str
    run: str
    changes: tuple[ToldChange, ...]


def told(
    events: Sequence[Event], fields: Catalog, request: SignedInRequest
) -> list[ToldEvent]:
    """Return events in words; reads the names of choices and of the contacts."""
    teller = _Teller(fields, request)
    return [teller.event(one) for one in events]


#: Runs with a name that a person gave them, or a file, a filter or a subscription: the reader
#: may not be allowed to see it.
_PRIVATE = {
    Run.Kind.IMPORT: gettext_lazy("Import"),
    Run.Kind.DETECTION: gettext_lazy("Detection"),
    Run.Kind.RENEWAL: gettext_lazy("Renewals"),
    Run.Kind.SUBSCRIPTIONS: gettext_lazy("Subscriptions"),
    Run.Kind.UNDO: gettext_lazy("Undo"),
}


def run_name(run: Run, reader: User) -> str:
    """Return the name of a run; of other people's runs perhaps only the kind."""
    kind = Run.Kind(run.kind)
    if kind in _PRIVATE and run.by_id != reader.pk and not reader.is_admin:
        return str(_PRIVATE[kind])
    return str(run.title or run.pk)


class _Teller:
    def __init__(self, fields: Catalog, request: SignedInRequest) -> None:
        self.fields = fields
        self.viewer = request.user
        self.language = language_of(request)
        self.zone = request.company.zone
        self.by_column = {column_of(one): one for one in fields.own if one.column}
        self.known: dict[str, Any] = {}

    def event(self, event: Event) -> ToldEvent:
        words = {
            "created": _("created"),
            "updated": _("changed"),
            "trashed": _("moved to the trash"),
            "restored": _("restored"),
            "purged": _("removed for good"),
            "erased": _("erased the personal data"),
        }
        run = run_name(event.run, self.viewer) if event.run else ""
        changes = tuple(self._changes(event.changes or {}))
        return ToldEvent(
            event.pk,
            event.at,
            event.action,
            event.by.name if event.by else "",
            words[event.action],
            run,
            changes,
        )

    def _changes(self, changes: Mapping[str, Sequence[Any]]) -> list[ToldChange]:
        lines = []
        for cell, (before, after) in changes.items():
            base, _, part = (
                cell.partition("_") if cell.startswith("custom.") else (cell, "", "")
            )
            if cell == "lines":
                lines.append(self._lines_changed(before, after))
                continue
            field = self._field(base)
            if (
                field is None
                or cell in _FOLLOWS
                or (part and (part == "parts" or base in changes))
            ):
                continue
            beside = changes.get(_beside(field, base), (None, None))
            pair = [
                self._end(field, value)
                if part
                else self._said(field, value, beside[side])
                for side, value in enumerate((before, after))
            ]
            lines.append(ToldChange(field.name(self.language), *pair))
        return lines

    def _lines_changed(self, before: Any, after: Any) -> ToldChange:
        return ToldChange(_("Deal lines"), self._lines(before), self._lines(after))

    def _lines(self, stored: Any) -> str:
        """Return a deal's lines in words: `Setup 500, Care 99 (recurring)`."""
        said = []
        for one in read_lines(stored):
            values = {
                "name": one.name,
                "amount": formats.number(from_e4(one.amount_e4), self.language),
            }
            said.append(
                (
                    _("%(name)s %(amount)s (recurring)")
                    if one.recurs
                    else "%(name)s %(amount)s"
                )
                % values
            )
        return ", ".join(said)

    def _end(self, field: Field, stored: Any) -> str:
        """Return what changed alone: the currency of an amount, the end of a span."""
        end = _ENDS.get(field.kind)
        value = from_cells(end, "it", {"it": stored}) if end and stored else stored
        return (
            f"… – {shown(end, value, None, self.zone, self.language)}"
            if end and stored
            else str(stored or "")
        )

    def _field(self, cell: str) -> Field | None:
        if cell.startswith("custom."):
            return self.fields.get(cell)
        return self.by_column.get(cell)

    def _said(self, field: Field, stored: Any, beside: Any) -> str:
        if stored in (None, "", []):
            return ""
        if field.kind in {FieldKind.PERSON, FieldKind.ORGANIZATION}:
            return str(contact_name(field.kind, stored, self.viewer))
        if field.key not in self.known:
            self.known[field.key] = field_choices(self.fields, field.key, self.language)
        value: Any = stored
        if field.kind is FieldKind.MOMENT:
            value = datetime.fromisoformat(stored)
        elif field.kind is FieldKind.MONEY:
            value = (
                Money(stored, beside)
                if beside
                else formats.number(from_e4(stored), self.language)
            )
        elif isinstance(stored, list) and stored and isinstance(stored[0], dict):
            value = ", ".join(
                f"{one['value']} ({label_name(one['label'], self.language)})"
                for one in stored
            )
        else:
            kind = field.kind if beside else _ENDS.get(field.kind, field.kind)
            value = from_cells(kind, "it", {"it": stored, "it_until": beside})
            return shown(kind, value, self.known[field.key], self.zone, self.language)
        return shown(field.kind, value, self.known[field.key], self.zone, self.language)


def _beside(field: Field, cell: str) -> str:
    """Return the cell that holds the other half of a value: its currency, or the end of a span."""
    if not field.is_custom:
        return "currency"
    return f"{cell}_until" if field.kind in _ENDS else f"{cell}_currency"
