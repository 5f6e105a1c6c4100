"""History in words: which field went from what to what, by whom, by which run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from turnus.accounts.models import User
from turnus.core.deal_lines import DealLine, StoredLine, read_lines
from turnus.core.fields import (
    KINDS,
    LINK_KINDS,
    ContactPoint,
    cell_keys,
    from_cells,
)
from turnus.core.fields.operators import Comparison
from turnus.core.fields.values import Json
from turnus.core.money import from_e4
from turnus.fields.catalog import Catalog
from turnus.fields.choices import KnownChoices
from turnus.fields.field import Field
from turnus.fields.values import column_of
from turnus.history.cells import CellChange, CellChanges
from turnus.history.models import Event, Run
from turnus.kit import formats
from turnus.listing.links import contact_name
from turnus.web.gate import SignedInRequest
from turnus.web.kinds import FACES, Screen, point_text
from turnus.web.language import language_of
from turnus.web.records.sheet import field_choices, value_text

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


@dataclass(frozen=True, slots=True)
class ChangeInWords:
    """One changed field in words."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class EventInWords:
    """One event in words."""

    pk: int
    at: datetime
    #: `created`, `updated`, `trashed`, `restored`, `purged`, `erased`.
    action: str
    who: str
    what: str
    run: str
    changes: tuple[ChangeInWords, ...]


def events_in_words(
    events: Sequence[Event], fields: Catalog, request: SignedInRequest
) -> list[EventInWords]:
    """Return events in words; reads the names of choices and of the contacts."""
    reader = _HistoryReader(fields, request)
    return [reader.event(event) for event in events]


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


class _HistoryReader:
    def __init__(self, fields: Catalog, request: SignedInRequest) -> None:
        self.fields = fields
        self.viewer = request.user
        self.language = language_of(request)
        self.screen = Screen(request.company.zone, self.language)
        self.by_column = {
            column_of(field): field for field in fields.own if field.column
        }
        self.choices: dict[str, KnownChoices | None] = {}

    def event(self, event: Event) -> EventInWords:
        words = {
            "created": _("created"),
            "updated": _("changed"),
            "trashed": _("moved to the trash"),
            "restored": _("restored"),
            "purged": _("removed for good"),
            "erased": _("erased the personal data"),
        }
        run = run_name(event.run, self.viewer) if event.run else ""
        changes = tuple(self._changes(event.cell_changes))
        return EventInWords(
            event.pk,
            event.at,
            event.action,
            event.by.name if event.by else "",
            words[event.action],
            run,
            changes,
        )

    def _changes(self, changes: CellChanges) -> list[ChangeInWords]:
        lines = []
        for cell, change in changes.items():
            if cell == "lines":
                lines.append(self._lines_changed(change))
                continue
            base, part = _parts_of(cell)
            field = self._field(base)
            if field is None or cell in _FOLLOWS:
                continue
            if not part:
                lines.append(self._value_changed(field, base, changes))
            elif part != "parts" and base not in changes:
                lines.append(self._end_changed(field, change))
        return lines

    def _value_changed(
        self, field: Field, cell: str, changes: CellChanges
    ) -> ChangeInWords:
        change = changes[cell]
        second = changes.get(_second_cell(field, cell), CellChange(None, None))
        before = self._value(field, change.before, second.before)
        after = self._value(field, change.after, second.after)
        return ChangeInWords(field.name(self.language), before, after)

    def _end_changed(self, field: Field, change: CellChange) -> ChangeInWords:
        before = self._end(field, change.before)
        after = self._end(field, change.after)
        return ChangeInWords(field.name(self.language), before, after)

    def _lines_changed(self, change: CellChange) -> ChangeInWords:
        before = self._lines(change.before)
        after = self._lines(change.after)
        return ChangeInWords(_("Deal lines"), before, after)

    def _lines(self, stored: object) -> str:
        """Return a deal's lines in words: `Setup 500, Care 99 (recurring)`."""
        lines = read_lines(cast("list[StoredLine] | None", stored))
        return ", ".join(map(self._line, lines))

    def _line(self, line: DealLine) -> str:
        amount = formats.number(from_e4(line.amount_e4), self.language)
        if not line.recurs:
            return f"{line.name} {amount}"
        values = {"name": line.name, "amount": amount}
        return _("%(name)s %(amount)s (recurring)") % values

    def _end(self, field: Field, stored: object) -> str:
        """Return what changed alone: the currency of an amount, the end of a span."""
        kind = FACES[field.kind].end
        if kind is None or not stored:
            return str(stored or "")
        value = from_cells(kind, "it", {"it": str(stored)})
        return f"… – {value_text(kind, value, None, self.screen)}"

    def _field(self, cell: str) -> Field | None:
        if cell.startswith("custom."):
            return self.fields.get(cell)
        return self.by_column.get(cell)

    def _value(self, field: Field, stored: object, second: object) -> str:
        """Return a stored value in words; `second` is its currency or its end, if it changed."""
        if stored in (None, "", []):
            return ""
        kind = KINDS[field.kind]
        if field.kind in LINK_KINDS:
            return str(
                contact_name(field.kind, cast("int", stored), self.viewer)
            )
        if kind.has_currency:
            return self._amount(
                cast("int", stored), cast("str | None", second)
            )
        if kind.comparison is Comparison.MOMENT:
            moment = datetime.fromisoformat(cast("str", stored))
            return value_text(field.kind, moment, None, self.screen)
        points = _points_in(stored)
        if points:
            return ", ".join(
                point_text(point, self.language) for point in points
            )
        end = FACES[field.kind].end
        name = field.kind if second or end is None else end
        cells = {"it": cast("Json", stored)}
        if second:
            cells["it_until"] = cast("Json", second)
        value = from_cells(name, "it", cells)
        return value_text(name, value, self._choices(field), self.screen)

    def _amount(self, amount_e4: int, currency: str | None) -> str:
        if currency:
            return formats.money(amount_e4, currency, self.language)
        return formats.number(from_e4(amount_e4), self.language)

    def _choices(self, field: Field) -> KnownChoices | None:
        if field.key not in self.choices:
            choices = field_choices(self.fields, field.key, self.language)
            self.choices[field.key] = choices
        return self.choices[field.key]


def _parts_of(cell: str) -> tuple[str, str]:
    """Return the cell of a field's value, and the part of it that this cell holds, if any."""
    if not cell.startswith("custom."):
        return cell, ""
    base, _underscore, part = cell.partition("_")
    return base, part


def _second_cell(field: Field, cell: str) -> str:
    """Return the cell of the other half of a value: its currency, or the end of a span."""
    if not field.is_custom:
        return "currency"
    keys = cell_keys(field.kind, cell)
    return keys[1] if len(keys) > 1 else ""


def _points_in(stored: object) -> list[ContactPoint]:
    """Return the e-mails or phones that a cell lists; none for other cells."""
    if not isinstance(stored, list):
        return []
    points = [point for point in stored if isinstance(point, dict)]
    return [ContactPoint(point["value"], point["label"]) for point in points]
