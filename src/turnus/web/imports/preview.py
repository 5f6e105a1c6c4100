"""The plan's rows as the check page shows them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import TypedDict, cast
from zoneinfo import ZoneInfo

from turnus.accounts.models import User
from turnus.core.fields import (
    DATE_KINDS,
    KINDS,
    LINK_KINDS,
    ContactPoint,
    FieldKind,
    from_cells,
    show,
)
from turnus.core.fields.values import Json
from turnus.core.issues import Issue, IssueCode
from turnus.core.records import RecordKind
from turnus.fields.builtin import DEAL_PLAN
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.columns import StoredColumns
from turnus.fields.field import Field
from turnus.fields.values import column_of
from turnus.fields.words import notation_of
from turnus.history.cells import CellChange, cell_of, differences
from turnus.imports.existing_answers import EXISTING
from turnus.imports.models import Import
from turnus.imports.plan import ContactRef, PlannedRow, has_note
from turnus.imports.plan_storage import unpack
from turnus.imports.questions import ANSWERS, QuestionKind
from turnus.kit import formats
from turnus.kit.messages import say
from turnus.listing.links import ContactNames
from turnus.web.imports.answers import RowAnswer, beside
from turnus.web.kinds import FACES, point_text

PAGE_ROWS = 50
#: What may be answered for a row that is here already, or stands in the file twice.
_REPEATED = {
    IssueCode.RECORD_HERE: ANSWERS[QuestionKind.EXISTING],
    IssueCode.SUBSCRIPTION_LIKE: ("add", "skip"),
    IssueCode.ROW_TWICE: ("add", "skip"),
}
#: How `imports.files` keeps days and moments among the sample cells.
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
#: Columns that have a place of their own in the table: what the row is called, its amount, its day.
_TITLES = ("title", "name")
_AMOUNTS = ("value_e4", "price_e4")
_DAYS = (
    "won_on",
    "started_on",
    "effective_on",
    "lost_on",
    "expected_close_on",
)
#: Columns that stand below what the row is called, in this order.
_SHOWN = (
    "entry",
    "status",
    "plan_id",
    "stage_id",
    "owner_id",
    "address",
    "country",
    "bills_with_id",
    "emails",
    "phones",
)


class DrawnContact(TypedDict):
    """The organization or person of a row: `link` says which."""

    name: str
    is_new: bool
    link: str


class DrawnRowChange(TypedDict):
    """What becomes of one field."""

    name: str
    before: str
    after: str


class RepeatedRow(TypedDict):
    """The choices for a row that exists already, and the answer so far."""

    options: Sequence[str]
    choice: str


@dataclass(frozen=True, slots=True)
class DrawnPlannedRow:
    """A planned row for the template."""

    number: int
    verdict: str
    #: Severity and words.
    issues: list[tuple[str, str]]
    contacts: list[DrawnContact]
    record_id: int | None
    changes: list[DrawnRowChange]
    added: list[DrawnRowChange]
    title: str
    amount: str
    day: str
    values: list[str]
    is_stamped: bool
    repeat: RepeatedRow | None
    #: Names that were taken for others: `field:name`.
    taken: list[str]
    beside: RowAnswer | None


def planned_rows(
    of: Import,
    verdict: str,
    page: int,
    language: str,
    zone: ZoneInfo,
    *,
    viewer: User,
) -> tuple[list[DrawnPlannedRow], bool]:
    """Return one page of the rows with `verdict` (empty: all); reads only the blocks it needs.

    Contacts have the names that `viewer` may see.
    """
    start = (page - 1) * PAGE_ROWS
    found = list(islice(_matching(of, verdict, start), PAGE_ROWS + 1))
    reader = _PreviewReader(of, language, zone, found, viewer)
    return [reader.row(row) for row in found[:PAGE_ROWS]], len(
        found
    ) > PAGE_ROWS


def _matching(of: Import, verdict: str, skip: int) -> Iterator[PlannedRow]:
    for block in of.blocks.order_by("number").iterator():
        count = _row_count(block.counts, verdict)
        if count <= skip:
            skip -= count
            continue
        rows = [row for row in unpack(block.rows) if _is_wanted(row, verdict)]
        yield from rows[skip:]
        skip = 0


def _row_count(counts: Mapping[str, int], verdict: str) -> int:
    if verdict:
        return counts.get(verdict, 0)
    return sum(count for key, count in counts.items() if key != "warning")


def _is_wanted(row: PlannedRow, verdict: str) -> bool:
    if verdict == "warning":
        return has_note(row)
    return not verdict or row.verdict == verdict


def sample_text(text: str, language: str) -> str:
    """Return a sample cell: days and moments in the reader's notation, texts unchanged."""
    if not _MOMENT.fullmatch(text):
        return text
    at = datetime.fromisoformat(text)
    return formats.day(at, language) + (
        f" {at:%H:%M}" if at.time() != time.min else ""
    )


class _PreviewReader:
    """A reader of rows as words; names of contacts and choices are read once."""

    def __init__(
        self,
        of: Import,
        language: str,
        zone: ZoneInfo,
        rows: list[PlannedRow],
        viewer: User,
    ) -> None:
        self.of = of
        self.language = language
        self.zone = zone
        self.notation = notation_of(language)
        self.fields: Catalog = catalog(RecordKind(of.record_kind))
        self.by_column = {
            column_of(field): field
            for field in self.fields.own
            if field.column
        }
        self.by_column["won_on"] = (
            self.fields.get("won_at") or self.fields.own[0]
        )
        if self.fields.record is RecordKind.DEAL:
            # What a row adds to its person, and the subscription it begins.
            self.by_column["plan_id"] = DEAL_PLAN
            self.by_column |= {
                column: self.fields[f"person.{column}"]
                for column in ("emails", "phones")
            }
        if (
            self.fields.record is RecordKind.SUBSCRIPTION
        ):  # what happened to one
            self.by_column |= {
                key: self.fields[key] for key in ("entry", "effective_on")
            }
        self.choices: dict[str, KnownChoices | None] = {}
        self.names = ContactNames(viewer)
        self.names.read({*_linked(self.fields, rows), *_contacts(rows)})

    def row(self, row: PlannedRow) -> DrawnPlannedRow:
        """Return a row for the template."""
        title = self._first(_TITLES, row)
        return DrawnPlannedRow(
            number=row.number,
            verdict=str(row.verdict),
            issues=[_issue(issue) for issue in row.issues],
            contacts=self._contacts(row, title),
            record_id=row.record_id,
            changes=self._changes(row.changes),
            added=self._changes(differences({}, row.added)),
            title=title,
            amount=self._first(_AMOUNTS, row),
            day=self._first(_DAYS, row),
            values=[] if row.changes else self._values(row),
            is_stamped=row.is_stamped,
            repeat=self._repeat(row),
            taken=_names_taken(row),
            beside=beside(self.of, row),
        )

    def _contacts(self, row: PlannedRow, title: str) -> list[DrawnContact]:
        """Return the contacts that do not only repeat what the row is called."""
        links = {"organization": row.organization, "person": row.person}
        contacts = [
            self._contact(link, ref) for link, ref in links.items() if ref
        ]
        return [
            contact
            for contact in contacts
            if contact["is_new"] or contact["name"] != title
        ]

    def _changes(
        self, changes: Mapping[str, CellChange]
    ) -> list[DrawnRowChange]:
        return [
            self._change(cell, change)
            for cell, change in changes.items()
            if self._field(cell)
        ]

    def _first(self, cells: Sequence[str], row: PlannedRow) -> str:
        """Return the text of the first of these columns that the row fills; empty if none."""
        columns = cast("StoredColumns", row.columns)
        filled = (
            cell for cell in cells if columns.get(cell) not in (None, "")
        )
        cell = next(filled, None)
        return "" if cell is None else self._text(cell, columns[cell], columns)

    def _repeat(self, row: PlannedRow) -> RepeatedRow | None:
        """Return the choices for this very row if it is a repetition, and the answer so far."""
        codes = {issue.code for issue in row.issues}
        options = next(
            (options for code, options in _REPEATED.items() if code in codes),
            None,
        )
        if options is None:
            return None
        answered = (
            self.of.answers.get(EXISTING, {})
            .get("rows", {})
            .get(str(row.number), "")
        )
        choice = (
            answered.get("do", "") if isinstance(answered, dict) else answered
        )
        return {"options": options, "choice": choice}

    def _contact(self, link: str, ref: ContactRef) -> DrawnContact:
        if ref.id is not None:
            return {
                "name": str(self.names.name(FieldKind(link), ref.id)),
                "is_new": False,
                "link": link,
            }
        return {
            "name": self._new_name(link, ref.number or 0),
            "is_new": True,
            "link": link,
        }

    def _new_name(self, link: str, number: int) -> str:
        """Return the name of a contact that the plan creates, in this block or an earlier one."""
        earlier_count = 0
        for contacts in self.of.blocks.order_by("number").values_list(
            "contacts", flat=True
        ):
            own = contacts.get(link, [])
            place = number - earlier_count
            if place < len(own):
                return str(own[place]["columns"]["name"])
            earlier_count += len(own)
        return ""

    def _values(self, row: PlannedRow) -> list[str]:
        columns = cast("StoredColumns", row.columns)
        filled = [cell for cell in _SHOWN if columns.get(cell)]
        shown = [self._text(cell, columns[cell], columns) for cell in filled]
        custom = columns.get("custom") or {}
        shown += [
            self._text(
                f"custom.{key}",
                value,
                {"currency": custom.get(f"{key}_currency")},
            )
            for key, value in custom.items()
            if "_" not in key
        ]
        return [text for text in shown if text]

    def _change(self, cell: str, pair: CellChange) -> DrawnRowChange:
        field = self._field(cell)
        name = field.name(self.language) if field else cell
        before, after = (
            self._text(cell, value, {"currency": ""}) for value in pair
        )
        return {"name": name, "before": before, "after": after}

    def _field(self, cell: str) -> Field | None:
        return (
            self.fields.get(cell)
            if cell.startswith("custom.")
            else self.by_column.get(cell)
        )

    def _text(self, cell: str, stored: object, columns: StoredColumns) -> str:
        field = self._field(cell)
        if stored in (None, "", []) or field is None:
            return ""
        if KINDS[field.kind].has_currency:
            currency = columns.get("currency") or "XXX"
            amount = formats.money(
                cast("int", stored), currency, self.language
            )
            return amount.replace("¤", "").strip()
        if isinstance(stored, date):
            return formats.day(stored, self.language)
        if field.kind in DATE_KINDS and FACES[field.kind].end is None:
            day = datetime.fromisoformat(cast("str", stored))
            return formats.day(day, self.language)
        return self._choice_or_text(field, stored)

    def _choice_or_text(self, field: Field, stored: object) -> str:
        if field.kind in LINK_KINDS:
            return str(self.names.name(field.kind, cast("int", stored)))
        if field.key not in self.choices:
            self.choices[field.key] = choices_of(field, self.language)
        choices = self.choices[field.key]
        if choices is not None:
            several = stored if isinstance(stored, list) else [stored]
            chosen = cast("list[int | str]", several)
            return ", ".join(self._word(choices, choice) for choice in chosen)
        if isinstance(stored, list):
            points = [
                ContactPoint(point["value"], point["label"])
                for point in stored
            ]
            return ", ".join(
                point_text(point, self.language) for point in points
            )
        value = from_cells(field.kind, "it", {"it": cast("Json", stored)})
        return show(field.kind, value, notation=self.notation)

    def _word(self, choices: KnownChoices, stored: int | str) -> str:
        if isinstance(stored, int) and stored < 0:
            created = self.of.totals.get("new_choices", {})
            _path, word = created.get(str(stored), ["", "?"])
            return str(word)
        return choices.name(stored)


def _issue(issue: Issue) -> tuple[str, str]:
    """Return how severe an issue is, and its words with the column."""
    words = say(issue)
    return (
        issue.severity,
        f"{issue.column}: {words}" if issue.column else words,
    )


def _names_taken(row: PlannedRow) -> list[str]:
    """Return the names that were taken for others."""
    names = []
    for issue in row.issues:
        if issue.code is IssueCode.TAKEN_FOR:
            path = issue.params["path"]
            word = issue.params["said"]
            names.append(f"{path}:{word}")
    return names


def _linked(
    fields: Catalog, rows: list[PlannedRow]
) -> Iterator[tuple[FieldKind, int]]:
    """Yield the contacts (kind, id) that fields of the rows hold, and held before."""
    for field in fields.own:
        if field.kind in LINK_KINDS:
            cell = field.key if field.is_custom else column_of(field)
            ids: set[object] = set()
            for row in rows:
                ids.add(cell_of(row.columns, cell))
                ids.update(row.changes.get(cell, ()))
            for pk in ids:
                if isinstance(pk, int):
                    yield field.kind, pk


def _contacts(rows: list[PlannedRow]) -> Iterator[tuple[FieldKind, int]]:
    """Yield the contacts (kind, id) that the rows are about."""
    for row in rows:
        for kind, ref in (
            (FieldKind.ORGANIZATION, row.organization),
            (FieldKind.PERSON, row.person),
        ):
            if ref is not None and ref.id is not None:
                yield kind, ref.id
