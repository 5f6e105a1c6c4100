"""Rows of a file as won deals, read as an import reads them; every skip has a reason."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from turnus.core.detection.facts import Sold
from turnus.core.fields import DateRules, Notation
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.money import Money
from turnus.core.tables import Cell, Row, Table
from turnus.detection.files.fields import (
    CUSTOMER,
    FIELDS,
    choices_without_database,
)
from turnus.detection.files.row_outcomes import RowOutcomes
from turnus.imports.questions import StoredAnswers, choice_of
from turnus.imports.read_row import ReadRow
from turnus.imports.rows import RowReader, give_currency
from turnus.sheets.reading import FileSource

#: A row that is not whole as it stands in the file: what it lacks was perhaps cut off.
_CUT = frozenset({IssueCode.ROW_SHORT, IssueCode.ROW_LONG, IssueCode.ROW_CUT})
#: What is answered to questions about notations.
_COMMA = {"comma": True, "point": False}
_DAY_FIRST = {"day_first": True, "month_first": False}


@dataclass(frozen=True, slots=True)
class DealSheet:
    """What a file holds: its rows, and which column is which field."""

    source: FileSource
    table: Table
    columns: Mapping[str, int]
    rows: Sequence[Row]

    def heading(self, path: str) -> str:
        """Return the heading of the column of a field; empty without one."""
        if path not in self.columns:
            return ""
        return self.table.headings[self.columns[path]]


@dataclass(frozen=True, slots=True)
class Ways:
    """How rows are read: the default `currency`, and the day after which deals are skipped."""

    currency: str
    zone: ZoneInfo
    as_of: date
    answers: StoredAnswers


class Deals:
    """The won deals of a sheet, and what became of all other rows."""

    def __init__(
        self, sheet: DealSheet, ways: Ways, notations: Mapping[int, Notation]
    ) -> None:
        self.sheet = sheet
        self.ways = ways
        self.notations = notations
        path_of = {index: path for path, index in sheet.columns.items()}
        targets = [
            path_of.get(index) for index in range(len(sheet.table.headings))
        ]
        self.reader = RowReader(
            sheet.table.headings,
            targets,
            FIELDS,
            ways.answers,
            notations,
            ways.currency,
            DateRules(ways.zone, ways.as_of),
            choices=choices_without_database,
        )
        paths = {sheet.heading(path): path for path in sheet.columns}
        self.outcomes = RowOutcomes(paths)
        self.sold: dict[int, Sold] = {}
        #: Deal -> its row.
        self.row_of: dict[int, Row] = {}
        self._without_currency: list[int] = []
        self._seen: set[tuple[Cell, ...]] = set()

    def take(self, rows: Iterable[Row]) -> "Deals":
        """Read rows; returns itself."""
        for row in rows:
            deal = self._deal(row)
            if deal is None:
                continue
            if deal.deal in self.row_of:
                self.outcomes.skip(self.row_of[deal.deal].number, "twice")
            else:
                self._note_equal(row)
            self.sold[deal.deal] = deal
            self.row_of[deal.deal] = row
        self._note_currencies()
        return self

    def notation_of(self, path: str) -> Notation:
        """Return the notation of a column: as answered, else as the file shows it."""
        guessed = self.notations.get(self.sheet.columns[path], Notation())
        heading = self.sheet.heading(path)
        numbers = choice_of(self.ways.answers, f"numbers:{heading}")
        dates = choice_of(self.ways.answers, f"dates:{heading}")
        answered = Notation(_COMMA.get(numbers), _DAY_FIRST.get(dates))
        return answered.or_else(guessed)

    def _deal(self, row: Row) -> Sold | None:
        """Return the row's deal; None where it is none, which the outcomes say."""
        read = self.reader.read(row)
        if read.is_empty and not row.issues:
            self.outcomes.skip(row.number, "empty")
        elif self._is_not_won(read, row):
            self.outcomes.skip(row.number, "not_won")
        elif read.is_skipped:
            self.outcomes.skip(row.number, "answered")
        else:
            return self._won_deal(row, read)
        return None

    def _is_not_won(self, read: ReadRow, row: Row) -> bool:
        """Return whether the row says that its deal is not won; an unreadable cell says nothing."""
        if "status" not in self.sheet.columns:
            return False
        status = read.values.get("status")
        if status is not None:
            return status != "won"
        heading = self.sheet.heading("status")
        is_unreadable = any(issue.column == heading for issue in read.issues)
        return not is_unreadable and not _cuts(row)

    def _won_deal(self, row: Row, read: ReadRow) -> Sold | None:
        has_currency = _names_currency(read)
        give_currency(read, "value", self.reader, self.ways.currency)
        issues = _issues_of(read, row)
        refusing = [issue for issue in issues if self._refuses(issue)]
        if refusing:
            self.outcomes.refuse(row.number, refusing)
            return None
        deal = self._whole(row, read)
        if deal is not None:
            # Hidden rows have one remark for all of them.
            own = [
                issue
                for issue in issues
                if issue.code is not IssueCode.ROW_HIDDEN
            ]
            self.outcomes.note(row.number, own)
            if not has_currency:
                self._without_currency.append(row.number)
        return deal

    def _refuses(self, issue: Issue) -> bool:
        """Return whether an issue makes a row unreadable, or waits for an answer."""
        if issue.code is IssueCode.ROW_HIDDEN:
            return not choice_of(self.ways.answers, "hidden")
        return issue.severity is not Severity.WARNING

    def _whole(self, row: Row, read: ReadRow) -> Sold | None:
        """Return the deal if the row has a won time and a customer; a blank value counts as 0."""
        won_on, minute = self._day_and_minute(read.values.get("won_at"))
        if won_on is not None and won_on > self.ways.as_of:
            self.outcomes.skip(row.number, "later")
            return None
        lacking = self._lacking(row, read)
        if won_on is None or lacking:
            self._skip_lacking(row, lacking or "no_date")
            return None
        money = read.values.get("value")
        if not isinstance(money, Money):
            heading = self.sheet.heading("value")
            self.outcomes.note_code(
                row.number, "history.blank_value", heading, {}
            )
            currency = read.values.get("currency") or self.ways.currency
            money = Money(0, str(currency))
        return self._sold(row, read, money, won_on, minute)

    def _lacking(self, row: Row, read: ReadRow) -> str:
        """Return why the row is no whole deal, whenever it was won; empty if nothing is missing."""
        if not any(read.values.get(path) for path in CUSTOMER):
            return "no_customer"
        is_cut = read.values.get("value") is None and bool(_cuts(row))
        return "no_value" if is_cut else ""

    def _skip_lacking(self, row: Row, reason: str) -> None:
        """Skip a row that lacks a required cell; if the row was cut off, for that reason."""
        cuts = _cuts(row)
        if cuts:
            self.outcomes.refuse(row.number, cuts)
        else:
            self.outcomes.lacks(row.number, reason)

    def _sold(
        self,
        row: Row,
        read: ReadRow,
        money: Money,
        won_on: date,
        minute: int | None,
    ) -> Sold:
        def text(path: str) -> str:
            return str(read.values.get(path) or "")

        return Sold(
            deal=self._id(row, text("deal.id")),
            won_on=won_on,
            minute=minute,
            value_e4=money.amount_e4,
            currency=money.currency,
            title=text("title"),
            plan=text("plan"),
            organization=text("organization"),
            person=text("person"),
            organization_id=text("organization.id"),
            person_id=text("person.id"),
        )

    def _id(self, row: Row, text: str) -> int:
        if text.isdecimal():
            return int(text)
        # A row without a number in a file with numbers must not take the number of another one.
        return -row.number if "deal.id" in self.sheet.columns else row.number

    def _day_and_minute(self, won: object) -> tuple[date | None, int | None]:
        if isinstance(won, datetime):
            local = won.astimezone(self.ways.zone) if won.tzinfo else won
            minute = local.hour * 60 + local.minute
            return local.date(), minute
        if isinstance(won, date):
            return won, None
        return None, None

    def _note_equal(self, row: Row) -> None:
        """Note a row equal to an earlier one in all cells: two deals, or a duplicate."""
        cells = tuple(row.cells)
        if cells in self._seen:
            self.outcomes.note_code(row.number, "history.equal_row", "", {})
        self._seen.add(cells)

    def _note_currencies(self) -> None:
        """Note the amounts without a currency, where others have one that leaves it open."""
        has_column = "currency" in self.sheet.columns
        currencies = {deal.currency for deal in self.sold.values()}
        has_others = not currencies <= {self.ways.currency}
        if not has_column and not has_others:
            return
        if 0 < len(self._without_currency) < len(self.sold):
            params = {"currency": self.ways.currency}
            for number in self._without_currency:
                self.outcomes.note_code(
                    number, "history.blank_currency", "", params
                )


def _issues_of(read: ReadRow, row: Row) -> list[Issue]:
    """Return what is odd about the row as it stands in the file, and about its cells."""
    of_cells = {(issue.code, issue.column) for issue in read.issues}
    of_row = [
        issue
        for issue in row.issues
        if (issue.code, issue.column) not in of_cells
    ]
    return of_row + read.issues


def _cuts(row: Row) -> list[Issue]:
    return [issue for issue in row.issues if issue.code in _CUT]


def _names_currency(read: ReadRow) -> bool:
    if read.values.get("currency"):
        return True
    money = read.values.get("value")
    return isinstance(money, Money) and bool(money.currency)
