"""The one shape in which rows enter and leave: headings, and rows that are read lazily, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal

from turnus.core.issues import Issue, IssueCode


@dataclass(frozen=True, slots=True)
class FormattedNumber:
    """A number whose cell shows a person more than its digits.

    0.5 shown as 50 %, 1200.5 shown as CHF 1,200.50, 1067 shown as 01067, 12.5 shown as 12.5k.
    """

    number: Decimal
    #: Whether the format shows hundred times the number and a per cent sign.
    is_percent: bool = False
    #: ISO code of the currency in the format, or its sign where that names none; empty without one.
    currency: str = ""
    #: Digits before the decimal mark that are shown at least: 5 for the format `00000`, else 0.
    least_digits: int = 0
    #: Letters that the format puts behind a number as it stands, such as the k of `0.0"k"`.
    suffix: str = ""
    #: Whether its workbook counts days from 1904: as a day, the number is 1462 days later than
    #: elsewhere.
    counts_from_1904: bool = False


@dataclass(frozen=True, slots=True)
class UnreadCell:
    """A cell that is not blank to a person, and from which no value can be read.

    `code` says why: a formula without a stored result, a spreadsheet error, bytes of another
    encoding. `text` is what stands there, as far as it can be shown.
    """

    code: IssueCode
    text: str


Cell = (
    str
    | int
    | float
    | Decimal
    | bool
    | date
    | datetime
    | time
    | FormattedNumber
    | UnreadCell
    | None
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of cells.

    `number` is the row's number as the spreadsheet shows it (the heading usually is row 1).
    `issues` say what is odd about the row as it stands in the file, before any field is read.
    """

    number: int
    cells: Sequence[Cell]
    issues: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadingChoices:
    """How a person wants a file to be read; None leaves each to what the file shows."""

    sheet: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    #: Number of the row that holds the headings, as the spreadsheet shows it.
    heading_row: int | None = None
    #: Whether rows that the spreadsheet hides are read as the others are.
    reads_hidden_rows: bool | None = None
    #: Whether lines of totals are read as the others are.
    reads_totals: bool | None = None


@dataclass(slots=True)
class FileReading:
    """How a file was read, to be said before anything is written.

    What concerns rows is complete once the rows have been read to the end.
    """

    #: Empty for workbooks, as is the delimiter.
    encoding: str = ""
    delimiter: str = ""
    #: Up to three words with letters outside ASCII, which show whether the encoding is right.
    encoding_samples: tuple[str, ...] = ()
    #: Whether something in the file speaks against the encoding: a person has to confirm it.
    is_encoding_doubtful: bool = False
    heading_row: int = 1
    #: Rows with content above the headings, which are no rows of the table.
    rows_above: int = 0
    #: Names of the other sheets that hold cells, and which of all sheets are hidden.
    other_sheets: tuple[str, ...] = ()
    hidden_sheets: tuple[str, ...] = ()
    #: Headings of the columns that the spreadsheet hides.
    hidden_columns: tuple[str, ...] = ()
    #: Numbers of the rows that the spreadsheet hides, and of those taken for lines of totals.
    hidden_rows: list[int] = field(default_factory=list)
    total_rows: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Table:
    """A sheet: its name, its headings, made distinct, and its rows, to be read once."""

    name: str
    headings: tuple[str, ...]
    rows: Iterable[Row]
    #: How many rows there are if that is known without reading them.
    row_count: int | None = None
    reading: FileReading = field(default_factory=FileReading)
