"""Rows for an import that renew deals of a file, in the format of that file."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from functools import cache

from turnus.core.detection.facts import Chain, Sold
from turnus.core.detection.renewals import TermDue
from turnus.core.fields import text_of
from turnus.core.fields.notation import guess_notation, needs_decimal_comma
from turnus.core.mapping import heading_key
from turnus.core.money import from_e4
from turnus.core.tables import Cell, FormattedNumber, UnreadCell
from turnus.detection.files.histories import FileHistory, FileOrigin
from turnus.fields.builtin import DEAL_FIELDS
from turnus.fields.choices import STATUS_WORDS

#: Fields that belong to one deal: its ID, its history, and what is computed.
_OWN = {
    "id",
    "created_at",
    "updated_at",
    "stage_changed_at",
    "closed_at",
    "lost_at",
    "lost_reason",
    "lost_comment",
    "first_won_at",
    "expected_close_on",
    "weighted_value",
    "sequence",
    "creator",
    "origin",
    "origin_id",
    "archived_at",
}
#: Headings of Pipedrive for the same, without a field here. (pipedrive.md: Labels of fields)
_COUNTED = (
    "Currency of Weighted value",
    "Next activity date",
    "Last activity date",
    "Total activities",
    "Done activities",
    "Activities to do",
    "Email messages count",
    "Last email received",
    "Last email sent",
    "Archive status",
    "MRR",
    "ARR",
    "ACV",
    "TCV",
    "Datum nächste Aktivität",
    "Datum der letzten Aktivität",
    "Gesamtzahl der Aktivitäten",
    "Erledigte Aktivitäten",
    "Zu erledigende Aktivitäten",
    "Anzahl E-Mail-Nachrichten",
    "Letzte E-Mail erhalten",
    "Letzte E-Mail gesendet",
)
_YEAR_FIRST = re.compile(
    r"\d{4}(?P<mark>[-/.])\d{1,2}(?P=mark)\d{1,2}(?!\d).*"
)
_YEAR_LAST = re.compile(
    r"(?P<one>\d{1,2})(?P<mark>\. ?|[-/])(?P<two>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})(?!\d).*"
)
#: A sign or a word beside an amount.
_CURRENCY = re.compile(r"[^\d\s.,+()'’–−-]")
_ORGANIZATION = {"organization", "organization.id"}
_GERMAN_WON = ("gewonnen", "gewinn")


class CopiedRows:
    """Writes renewals as rows like those of their last deals."""

    def __init__(
        self,
        history: FileHistory,
        chains: Sequence[Chain],
        due: Sequence[TermDue],
        *,
        is_workbook: bool,
    ) -> None:
        self.origin = history.origin
        self.chains = chains
        self.due = due
        self.sold = {deal.deal: deal for deal in history.sold}
        #: Texts of a CSV file become days and numbers in a workbook.
        self.is_typed = is_workbook and self.origin.source.format == "csv"
        self.copied_columns = [
            number
            for number, heading in enumerate(self.origin.headings)
            if not is_own(heading)
        ]
        self.date_order = self._date_order()
        self.has_odd_amounts = self._has_odd_amounts()

    @property
    def headings(self) -> list[str]:
        """The headings that can be copied, and the status: without it rows become open deals."""
        headings = [
            self.origin.headings[number] for number in self.copied_columns
        ]
        if not self._has_status:
            headings.append("Deal - Status")
        return headings

    def rows(self) -> Iterator[list[Cell]]:
        """Yield a row for each renewal."""
        won_column = self.origin.columns["won_at"]
        value_column = self.origin.columns["value"]
        for term in self.due:
            cells = list(self.origin.rows[term.deal].cells)
            deal = self.sold[term.deal]
            cells[won_column] = self._day(cells[won_column], term.starts_on)
            cells[value_column] = self._amount(cells[value_column], deal)
            self._bring_title_forward(cells, term)
            self._name_organization(cells, term)
            row = [_written(cells[number]) for number in self.copied_columns]
            if not self._has_status:
                row.append(self._won_word)
            yield row

    def _bring_title_forward(self, cells: list[Cell], term: TermDue) -> None:
        """Write the title of the term where it is another one than that of the deal copied."""
        column = self.origin.columns.get("title")
        if column is not None and term.title != self.sold[term.deal].title:
            cells[column] = term.title

    def _name_organization(self, cells: list[Cell], term: TermDue) -> None:
        """Fill in the organization from an earlier deal: a copy must find its customer."""
        for path in _ORGANIZATION & self.origin.columns.keys():
            column = self.origin.columns[path]
            if not cells[column]:
                cells[column] = (
                    self._latest_cell(term, column) or cells[column]
                )

    def _latest_cell(self, term: TermDue, column: int) -> Cell:
        """Return the last cell of a column that is filled in the term's chain; None without one."""
        for deal in reversed(self.chains[term.chain].deals):
            cell = self.origin.rows[deal].cells[column]
            if cell:
                return cell
        return None

    def _day(self, cell: Cell, day: date) -> Cell:
        if self.is_typed or not isinstance(cell, str):
            return day
        return written_like(cell, day, order=self.date_order)

    def _amount(self, cell: Cell, deal: Sold) -> Cell:
        amount = from_e4(deal.value_e4)
        becomes_number = self.is_typed or isinstance(cell, FormattedNumber)
        if becomes_number and _names_currency(cell):
            return f"{amount:f} {deal.currency}"
        if becomes_number:
            return amount
        is_odd = isinstance(cell, str) and needs_decimal_comma(cell)
        return f"{amount:f}" if is_odd and self.has_odd_amounts else cell

    def _date_order(self) -> str:
        """Return the order of dates with slashes.

        Year-month-day if no date of the copies would prove the order.
        """
        is_day_first = self.origin.notations["won_at"].day_first
        if is_day_first is None or all(
            term.starts_on.day <= 12 for term in self.due
        ):
            return "ymd"
        return "dmy" if is_day_first else "mdy"

    def _has_odd_amounts(self) -> bool:
        """Return whether the copies' amounts alone would leave open what 1.234 means."""
        amounts = _texts(self.origin, self.origin.columns["value"], self.due)
        notation = guess_notation(amounts)
        return notation.decimal_comma is None

    @property
    def _has_status(self) -> bool:
        return "status" in self.origin.columns

    @property
    def _won_word(self) -> str:
        return STATUS_WORDS["won"].shown[language_of(self.origin)]


def language_of(origin: FileOrigin) -> str:
    """Return the language of the file's headings: `de` or `en`."""
    won_heading = heading_key(origin.headings[origin.columns["won_at"]])
    is_german = any(word in won_heading for word in _GERMAN_WON)
    return "de" if is_german else "en"


def _names_currency(cell: Cell) -> bool:
    """Return whether an amount names its currency, which a bare number would lose."""
    if isinstance(cell, FormattedNumber):
        return bool(cell.currency)
    return isinstance(cell, str) and _CURRENCY.search(cell) is not None


def _written(cell: Cell) -> Cell:
    """Return a cell as it can be written: what its format shows beside the number becomes text."""
    if isinstance(cell, FormattedNumber):
        shown_beside = cell.is_percent or cell.currency or cell.suffix
        is_plain = not shown_beside and not cell.least_digits
        return cell.number if is_plain else text_of(cell)
    if isinstance(cell, UnreadCell):
        return text_of(cell)
    return cell


def is_own(heading: str) -> bool:
    """Return whether a column of this heading belongs to one deal, so no copy may have it."""
    return heading_key(heading) in _own_headings()


def written_like(text: str, day: date, *, order: str) -> str:
    """Return `day` in the format of `text`, without a time.

    `order` is that of dates with slashes: `dmy`, `mdy`, else year first.
    """
    year_first = _YEAR_FIRST.fullmatch(text.strip())
    if year_first is not None:
        mark = year_first["mark"]
        return mark.join([f"{day:%Y}", f"{day:%m}", f"{day:%d}"])
    year_last = _YEAR_LAST.fullmatch(text.strip())
    if year_last is None:
        return day.isoformat()
    mark = year_last["mark"]
    if mark.startswith("."):
        order = "dmy"
    if order not in {"dmy", "mdy"}:
        return day.isoformat()
    width = min(len(year_last["one"]), len(year_last["two"]))
    parts = [f"{day.day:0{width}}", f"{day.month:0{width}}"]
    if order == "mdy":
        parts.reverse()
    year_width = len(year_last["year"])
    year = f"{day:%Y}"[-year_width:]
    return mark.join([*parts, year])


def _own_words() -> Iterator[str]:
    for field in DEAL_FIELDS:
        if field.key in _OWN:
            yield from (*field.names.values(), *field.aliases)
    yield from _COUNTED


@cache
def _own_headings() -> frozenset[str]:
    words = list(_own_words())
    names = [*words, *(f"Deal - {word}" for word in words)]
    return frozenset(map(heading_key, names))


def _texts(
    origin: FileOrigin, column: int, due: Iterable[TermDue]
) -> Iterator[str]:
    for term in due:
        row = origin.rows[term.deal]
        text = row.cells[column]
        if isinstance(text, str):
            yield text
