"""The plan's rows as the check page shows them."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from itertools import islice
from typing import Any, cast

from turnus.accounts.models import User
from turnus.core.fields import (
    LINK_KINDS,
    FieldKind,
    Notation,
    from_cells,
    show,
)
from turnus.core.issues import IssueCode
from turnus.core.records import RecordKind
from turnus.fields.builtin import DEAL_PLAN
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.choices import choices_of
from turnus.fields.columns import StoredColumns
from turnus.fields.field import Field
from turnus.fields.part_words import label_name
from turnus.fields.values import column_of
from turnus.history.cells import CellChange, cell_of, differences
from turnus.imports.existing_answers import EXISTING
from turnus.imports.models import Import
from turnus.imports.plan import ContactRef, PlannedRow, has_note
from turnus.imports.plan_storage import unpack
from turnus.imports.questions import ANSWERS, QuestionKind
from turnus.kit import formats
from turnus.kit.messages import say
from turnus.listing.links import ContactNames
from turnus.web.imports.answers import beside

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
_DAYS = ("won_on", "started_on", "effective_on", "lost_on", "expected_close_on")
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


def planned_rows(
    of: Import, verdict: str, page: int, language: str, zone: Any, *, viewer: User
) -> tuple[list[dict[str, Any]], bool]:
    """Return one page of the rows with `verdict` (empty: all); reads only the blocks it needs.

    Contacts have the names that `viewer` may see.
    """
    start = (page - 1) * PAGE_ROWS
    found = list(islice(_matching(of, verdict, start), PAGE_ROWS + 1))
    teller = _PreviewTeller(of, language, zone, found, viewer)
    return [teller.row(row) for row in found[:PAGE_ROWS]], len(found) > PAGE_ROWS


def _matching(of: Import, verdict: str, skip: int) -> Iterator[PlannedRow]:
    for block in of.blocks.order_by("number").iterator():
        counts = block.counts
        have = (
            counts.get(verdict, 0)
            if verdict
            else sum(n for key, n in counts.items() if key != "warning")
        )
        if have <= skip:
            skip -= have
            continue
        rows = [row for row in unpack(block.rows) if _is_wanted(row, verdict)]
        yield from rows[skip:]
        skip = 0


def _is_wanted(row: PlannedRow, verdict: str) -> bool:
    if verdict == "warning":
        return has_note(row)
    return not verdict or row.verdict == verdict


def said_sample(text: str, language: str) -> str:
    """Return a sample cell: days and moments in the reader's notation, texts unchanged."""
    if not _MOMENT.fullmatch(text):
        return text
    at = datetime.fromisoformat(text)
    return formats.day(at, language) + (f" {at:%H:%M}" if at.time() != time.min else "")


class _PreviewTeller:
    """Says rows in words; names of contacts and choices are read once."""

    def __init__(
        self, of: Import, language: str, zone: Any, rows: list[PlannedRow], viewer: User
    ) -> None:
        self.of = of
        self.language = language
        self.zone = zone
        self.notation = Notation(decimal_comma=language == "de", day_first=True)
        self.fields: Catalog = catalog(RecordKind(of.record_kind))
        self.by_column = {column_of(one): one for one in self.fields.own if one.column}
        self.by_column["won_on"] = self.fields.get("won_at") or self.fields.own[0]
        if (
            self.fields.record is RecordKind.DEAL
        ):  # what a row adds to its person, and the subscription it begins
            self.by_column["plan_id"] = DEAL_PLAN
            self.by_column |= {
                column: self.fields[f"person.{column}"]
                for column in ("emails", "phones")
            }
        if self.fields.record is RecordKind.SUBSCRIPTION:  # what happened to one
            self.by_column |= {
                key: self.fields[key] for key in ("entry", "effective_on")
            }
        self.choices: dict[str, Any] = {}
        self.names = ContactNames(viewer)
        self.names.read({*_linked(self.fields, rows), *_contacts(rows)})

    def row(self, row: PlannedRow) -> dict[str, Any]:
        """Return a row for the template."""
        contacts = [
            self._contact(link, getattr(row, link))
            for link in ("organization", "person")
        ]
        title = self._first(_TITLES, row)
        return {
            "number": row.number,
            "verdict": str(row.verdict),
            "issues": [
                (one.severity, f"{one.column}: {say(one)}" if one.column else say(one))
                for one in row.issues
            ],
            "contacts": [
                one
                for one in contacts
                if one and (one["is_new"] or one["name"] != title)
            ],
            "record_id": row.record_id,
            "changes": [
                self._change(cell, pair)
                for cell, pair in row.changes.items()
                if self._field(cell)
            ],
            "added": [
                self._change(cell, pair)
                for cell, pair in differences({}, row.added).items()
                if self._field(cell)
            ],
            "title": title,
            "amount": self._first(_AMOUNTS, row),
            "day": self._first(_DAYS, row),
            "values": [] if row.changes else self._values(row),
            "is_stamped": row.is_stamped,
            "repeat": self._repeat(row),
            "taken": [
                f"{one.params['path']}:{one.params['said']}"
                for one in row.issues
                if one.code is IssueCode.TAKEN_FOR
            ],
            "beside": beside(self.of, row),
        }

    def _first(self, cells: Sequence[str], row: PlannedRow) -> str:
        """Return the text of the first of these columns that the row fills; empty if none."""
        columns = cast("StoredColumns", row.columns)
        filled = (cell for cell in cells if columns.get(cell) not in (None, ""))
        cell = next(filled, None)
        return "" if cell is None else self._said(cell, columns[cell], columns)

    def _repeat(self, row: PlannedRow) -> dict[str, Any] | None:
        """Return the choices for this very row if it is a repetition, and the answer so far."""
        codes = {one.code for one in row.issues}
        options = next(
            (options for code, options in _REPEATED.items() if code in codes), None
        )
        if options is None:
            return None
        answered = (
            self.of.answers.get(EXISTING, {}).get("rows", {}).get(str(row.number), "")
        )
        choice = answered.get("do", "") if isinstance(answered, dict) else answered
        return {"options": options, "choice": choice}

    def _contact(self, link: str, ref: ContactRef | None) -> dict[str, Any] | None:
        if ref is None:
            return None
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
        seen = 0
        for contacts in self.of.blocks.order_by("number").values_list(
            "contacts", flat=True
        ):
            own = contacts.get(link, [])
            if number < seen + len(own):
                return str(own[number - seen]["columns"]["name"])
            seen += len(own)
        return ""

    def _values(self, row: PlannedRow) -> list[str]:
        columns = cast("StoredColumns", row.columns)
        filled = [cell for cell in _SHOWN if columns.get(cell)]
        shown = [self._said(cell, columns[cell], columns) for cell in filled]
        custom = columns.get("custom") or {}
        shown += [
            self._said(
                f"custom.{key}", value, {"currency": custom.get(f"{key}_currency")}
            )
            for key, value in custom.items()
            if "_" not in key
        ]
        return [text for text in shown if text]

    def _change(self, cell: str, pair: CellChange) -> dict[str, str]:
        field = self._field(cell)
        name = field.name(self.language) if field else cell
        before, after = (self._said(cell, value, {"currency": ""}) for value in pair)
        return {"name": name, "before": before, "after": after}

    def _field(self, cell: str) -> Field | None:
        return (
            self.fields.get(cell)
            if cell.startswith("custom.")
            else self.by_column.get(cell)
        )

    def _said(self, cell: str, stored: Any, columns: StoredColumns) -> str:
        field = self._field(cell)
        if stored in (None, "", []) or field is None:
            return ""
        if field.kind is FieldKind.MONEY:
            return (
                formats.money(stored, columns.get("currency") or "XXX", self.language)
                .replace("¤", "")
                .strip()
            )
        if isinstance(stored, date | datetime) or field.kind in {
            FieldKind.MOMENT,
            FieldKind.DATE,
        }:
            day = stored if isinstance(stored, date) else datetime.fromisoformat(stored)
            return formats.day(day, self.language)
        return self._choice_or_text(field, stored)

    def _choice_or_text(self, field: Field, stored: Any) -> str:
        if field.kind in LINK_KINDS:
            return str(self.names.name(field.kind, stored))
        if field.key not in self.choices:
            self.choices[field.key] = choices_of(field, self.language)
        choices = self.choices[field.key]
        if choices is not None:
            return ", ".join(
                self._word(choices, one)
                for one in (stored if isinstance(stored, list) else [stored])
            )
        if isinstance(stored, list):
            return ", ".join(
                f"{one['value']} ({label_name(one['label'], self.language)})"
                for one in stored
            )
        return show(
            field.kind,
            from_cells(field.kind, "it", {"it": stored}),
            notation=self.notation,
        )

    def _word(self, choices: Any, stored: Any) -> str:
        if isinstance(stored, int) and stored < 0:
            return str(
                self.of.totals.get("new_choices", {}).get(str(stored), ["", "?"])[1]
            )
        return str(choices.name(stored))


def _linked(fields: Catalog, rows: list[PlannedRow]) -> Iterator[tuple[FieldKind, int]]:
    """Yield the contacts (kind, id) that fields of the rows hold, and held before."""
    for field in fields.own:
        if field.kind in LINK_KINDS:
            cell = field.key if field.is_custom else column_of(field)
            ids = {cell_of(row.columns, cell) for row in rows} | {
                one for row in rows for one in row.changes.get(cell, ())
            }
            yield from ((field.kind, pk) for pk in ids if isinstance(pk, int))


def _contacts(rows: list[PlannedRow]) -> Iterator[tuple[FieldKind, int]]:
    """Yield the contacts (kind, id) that the rows are about."""
    for row in rows:
        for kind, ref in (
            (FieldKind.ORGANIZATION, row.organization),
            (FieldKind.PERSON, row.person),
        ):
            if ref is not None and ref.id is not None:
                yield kind, ref.id
