"""Cells of a list page: in the reader's language, with a link to what can be opened."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from turnus.core.fields import LINK_KINDS, ContactPoint, FieldKind
from turnus.core.money import Money
from turnus.fields.choices import KnownChoices
from turnus.fields.models import Label
from turnus.history.tracked import tracked
from turnus.kit import formats
from turnus.listing.columns import ListColumn, columns_for, rows_read, values_in
from turnus.listing.links import ContactNames, Unseen
from turnus.listing.lists import Page, RecordList
from turnus.web.gate import SignedInRequest
from turnus.web.kinds import FACES, Screen
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
    """Draws cells for one person; names of linked records are read once a page."""

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

    def one(self, path: str, pk: int) -> DrawnCell:
        """Return one cell anew, after a change."""
        column, row = self._read(path, pk)
        value = values_in([row], [column], self.names)[0][0]
        self._read_links((pk,), [column])
        return self._cell(pk, column, value)

    def raw(self, path: str, pk: int) -> Any:
        """Return the value of one cell."""
        column, row = self._read(path, pk)
        return values_in([row], [column], self.names)[0][0]

    def _read_links(self, ids: Sequence[int], columns: Sequence[ListColumn]) -> None:
        """Read the ids of the contacts that the page names; at most one query."""
        shown = [
            f"{column.place.field.column}_id"
            for column in columns
            if _names_a_contact(column)
        ]
        if shown:
            model: Any = tracked(self.records.kind).model
            self.linked = {
                row["pk"]: row
                for row in model.objects.filter(pk__in=ids).values("pk", *shown)
            }

    def _read(self, path: str, pk: int) -> tuple[ListColumn, dict[str, Any]]:
        viewer = self.records.viewer.user
        column = columns_for(
            [path], self.records.catalog, self.language, viewer=viewer
        )[0]
        model: Any = tracked(self.records.kind).model
        return column, rows_read(model.objects.filter(pk=pk), [column]).get()

    def _cells(
        self, pk: int, columns: Sequence[ListColumn], row: tuple[Any, ...]
    ) -> tuple[DrawnCell, ...]:
        pairs = zip(columns, row, strict=True)
        return tuple(self._cell(pk, column, value) for column, value in pairs)

    def _cell(self, pk: int, column: ListColumn, value: Any) -> DrawnCell:
        kind = column.place.field.kind
        look = self._look(kind, value)
        if column.path in {"title", "name"}:
            link = record_address(word_of(self.records.kind), pk)
        else:
            link = "" if isinstance(value, Unseen) else self._link(pk, column)
        if kind is FieldKind.LABELS:
            labels = self._labels(value or (), column.choices)
            return DrawnCell(column.path, "", labels=labels)
        if kind is FieldKind.STAGE and value in self._stages():
            mark = self._stages()[value]
            return DrawnCell(column.path, mark.name, look, mark.pipeline, mark.progress)
        text, _, note = self._text(kind, value, column.choices).partition("\0")
        return DrawnCell(column.path, text, look, note, link=link)

    def _link(self, pk: int, column: ListColumn) -> str:
        contact = (
            self.linked.get(pk, {}).get(f"{column.place.field.column}_id")
            if _names_a_contact(column)
            else None
        )
        return record_address(f"{column.place.field.kind}s", contact) if contact else ""

    def _look(self, kind: FieldKind, value: Any) -> str:
        if kind is FieldKind.STATUS:
            return f"status-{value}"
        look = FACES[kind].look
        return "" if value is None and look != "number" else look

    def _stages(self) -> dict[int, "StageMark"]:
        if self.stages is None:
            self.stages = stage_marks()
        return self.stages

    def _text(self, kind: FieldKind, value: Any, choices: KnownChoices | None) -> str:
        if value is None:
            return ""
        if isinstance(value, Money):
            return formats.money(value.amount_e4, value.currency, self.language)
        if choices is not None:
            return ", ".join(
                choices.name(one)
                for one in (value if isinstance(value, tuple) else (value,))
            )
        if kind is FieldKind.MOMENT:
            # The time stands apart, dimmed. Noon is left out: it means a day without a time.
            day, _, time = formats.moment(
                value, self.request.company.zone, self.language
            ).rpartition(" ")
            return f"{day}\0{'' if time == '12:00' else time}"
        return self._simple(kind, value)

    def _simple(self, kind: FieldKind, value: Any) -> str:
        if isinstance(value, tuple) and value and isinstance(value[0], ContactPoint):
            return (
                value[0].value
                if len(value) == 1
                else f"{value[0].value} +{len(value) - 1}"
            )
        return FACES[kind].text(value, Screen(self.request.company.zone, self.language))

    def _labels(
        self, value: tuple[int, ...], choices: KnownChoices | None
    ) -> tuple[tuple[str, str], ...]:
        if self.colors is None:
            self.colors = dict(Label.objects.values_list("pk", "color"))
        return tuple(
            (choices.name(one) if choices else "", self.colors.get(one, "gray"))
            for one in value
        )


def _names_a_contact(column: ListColumn) -> bool:
    """Return whether the column is the record's own link to a person or an organization."""
    return (
        column.place.field.kind in LINK_KINDS
        and not column.place.field.is_custom
        and not column.place.prefix
    )
