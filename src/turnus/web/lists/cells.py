"""Cells of a list page: in the reader's language, with a link to what can be opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast

from turnus.core.fields import LINK_KINDS, FieldKind
from turnus.core.money import Money
from turnus.fields.choices import KnownChoices
from turnus.fields.models import Label
from turnus.fields.queries import records_of
from turnus.history.tracked import StoredRow
from turnus.kit import formats
from turnus.listing.columns import (
    ListColumn,
    ListValue,
    columns_for,
    rows_read,
    values_in,
)
from turnus.listing.links import ContactNames, Unseen
from turnus.listing.lists import Page, RecordList
from turnus.web.gate import SignedInRequest
from turnus.web.kinds import FACES, CellForm, Screen, choice_words, points_in
from turnus.web.lists.stages import StageMark, stage_marks
from turnus.web.record_lookup import record_address, word_of


@dataclass(frozen=True, slots=True)
class DrawnCell:
    """One cell: its text, how it looks, what it links to, whether it can be changed in place."""

    path: str
    text: str
    #: `number`, `status-<status>`, `stage`, `user`, `title` or nothing.
    look: str = ""
    #: What stands beside the text, dimmed: a time of day, a stage's pipeline.
    note: str = ""
    #: Of a stage: how far along its pipeline it is, in per cent.
    progress: int = 0
    link: str = ""
    #: Labels: (word, color).
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def words(self) -> str:
        """The cell in words alone."""
        return ", ".join(text for text, _color in self.labels) or self.text


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """One row of a list page."""

    pk: int
    cells: tuple[DrawnCell, ...]
    is_editable: bool


class CellDrawer:
    """The cells of a list for one person; names of linked records are read once a page."""

    def __init__(self, request: SignedInRequest, records: RecordList) -> None:
        self.request = request
        self.records = records
        self.language = records.viewer.language
        self.colors: dict[int, str] | None = None
        self.names = ContactNames(records.viewer.user)
        self.stages: dict[int, StageMark] | None = None
        #: Of each row: the ids of the contacts it names, by database column.
        self.linked: dict[int, dict[str, int | None]] = {}

    def rows(self, page: Page, editable: set[int]) -> list[DrawnRow]:
        """Return the rows of a page."""
        columns = self.records.columns
        self._read_links(page.ids, columns)
        return [
            DrawnRow(pk, self._cells(pk, columns, row), pk in editable)
            for pk, row in zip(page.ids, page.rows, strict=True)
        ]

    def cell(self, path: str, pk: int) -> DrawnCell:
        """Return a single cell anew, after a change."""
        column, row = self._read(path, pk)
        ((value,),) = values_in([row], [column], self.names)
        self._read_links((pk,), [column])
        return self._cell(pk, column, value)

    def value(self, path: str, pk: int) -> ListValue:
        """Return the value of one cell."""
        column, row = self._read(path, pk)
        ((value,),) = values_in([row], [column], self.names)
        return value

    def _read_links(
        self, ids: Sequence[int], columns: Sequence[ListColumn]
    ) -> None:
        """Read the ids of the contacts that the page names; at most one query."""
        shown = [
            f"{column.place.field.column}_id"
            for column in columns
            if _names_a_contact(column)
        ]
        if shown:
            records = records_of(self.records.kind).filter(pk__in=ids)
            rows = records.values("pk", *shown)
            self.linked = {row["pk"]: row for row in rows}

    def _read(self, path: str, pk: int) -> tuple[ListColumn, StoredRow]:
        viewer = self.records.viewer.user
        catalog = self.records.catalog
        (column,) = columns_for([path], catalog, self.language, viewer=viewer)
        record = records_of(self.records.kind).filter(pk=pk)
        return column, rows_read(record, [column]).get()

    def _cells(
        self, pk: int, columns: Sequence[ListColumn], row: Sequence[ListValue]
    ) -> tuple[DrawnCell, ...]:
        pairs = zip(columns, row, strict=True)
        return tuple(self._cell(pk, column, value) for column, value in pairs)

    def _cell(
        self, pk: int, column: ListColumn, value: ListValue
    ) -> DrawnCell:
        kind = column.place.field.kind
        form = FACES[kind].cell
        if form is CellForm.LABELS:
            labels = self._labels(value, column.choices)
            return DrawnCell(column.path, "", labels=labels)
        look = self._look(kind, value)
        if form is CellForm.STAGE and value in self._stages():
            mark = self._stages()[cast("int", value)]
            return DrawnCell(
                column.path, mark.name, look, mark.pipeline, mark.progress
            )
        link = self._link(pk, column, value)
        if form is CellForm.MOMENT and isinstance(value, datetime):
            day, time_of_day = self._moment(value)
            return DrawnCell(column.path, day, look, time_of_day, link=link)
        text = self._text(kind, value, column.choices)
        return DrawnCell(column.path, text, look, link=link)

    def _link(self, pk: int, column: ListColumn, value: ListValue) -> str:
        if column.path in {"title", "name"}:
            return record_address(word_of(self.records.kind), pk)
        if isinstance(value, Unseen) or not _names_a_contact(column):
            return ""
        field = column.place.field
        contact = self.linked.get(pk, {}).get(f"{field.column}_id")
        return record_address(f"{field.kind}s", contact) if contact else ""

    def _look(self, kind: FieldKind, value: ListValue) -> str:
        face = FACES[kind]
        if face.cell is CellForm.STATUS:
            return f"status-{value}"
        return "" if value is None and face.look != "number" else face.look

    def _stages(self) -> dict[int, StageMark]:
        if self.stages is None:
            self.stages = stage_marks()
        return self.stages

    def _moment(self, value: datetime) -> tuple[str, str]:
        """Return day and time; noon is left out, for it means a day without a time."""
        screen = Screen(self.request.company.zone, self.language)
        text = formats.moment(value, screen.zone, screen.language)
        day, _space, time_of_day = text.rpartition(" ")
        return day, "" if time_of_day == "12:00" else time_of_day

    def _text(
        self, kind: FieldKind, value: ListValue, choices: KnownChoices | None
    ) -> str:
        if value is None:
            return ""
        if isinstance(value, Money):
            return formats.money(
                value.amount_e4, value.currency, self.language
            )
        if choices is not None:
            return choice_words(choices, value)
        points = points_in(value)
        if points:
            more = f" +{len(points) - 1}" if len(points) > 1 else ""
            return points[0].value + more
        return FACES[kind].text(
            value, Screen(self.request.company.zone, self.language)
        )

    def _labels(
        self, value: ListValue, choices: KnownChoices | None
    ) -> tuple[tuple[str, str], ...]:
        if self.colors is None:
            self.colors = dict(Label.objects.values_list("pk", "color"))
        labels = cast("tuple[int, ...]", value or ())
        return tuple(
            (
                choices.name(label) if choices else "",
                self.colors.get(label, "gray"),
            )
            for label in labels
        )


def _names_a_contact(column: ListColumn) -> bool:
    """Return whether the column is the record's own link to a person or an organization."""
    return (
        column.place.field.kind in LINK_KINDS
        and not column.place.field.is_custom
        and not column.place.prefix
    )
