"""Law: what was put into a workbook is what is read, whoever wrote it in whatever way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.sheets.workbook_files import sheet, workbook
from turnus.core.issues import IssueCode
from turnus.core.tables import (
    Cell,
    FormattedNumber,
    ReadingChoices,
    Table,
    UnreadCell,
)
from turnus.sheets.columns import column_letters
from turnus.sheets.reading import inspect, read

many = settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
#: Cell styles by their number; the first is General.
FORMATS = [
    "dd.mm.yyyy",
    "yyyy-mm-dd hh:mm:ss",
    "hh:mm:ss",
    "0.00%",
    "[$CHF] #,##0.00",
    "000000",
    "#,##0.00;[Red]-#,##0.00",
]
DAY, MOMENT, CLOCK, PERCENT, FRANCS, ZEROS, PLAIN = range(1, len(FORMATS) + 1)
EPOCH = datetime(1899, 12, 30)
COLUMNS = 4


@dataclass(frozen=True)
class Written:
    """A cell: its type, its style, what stands in it, and what a person sees."""

    kind: str
    content: str
    seen: Cell
    style: int = 0

    def xml(self, reference: str) -> str:
        kind = f' t="{self.kind}"' if self.kind else ""
        return f'<c{reference} s="{self.style}"{kind}>{self.content}</c>'


def value(text: object) -> str:
    return f"<v>{text}</v>"


def text_cell(text: str, way: str) -> Written:
    """Write a text in one of the ways that programs have."""
    seen = text or None
    stored = escape(text.replace("_x", "_x005F_x"))
    if way == "escaped":
        stored = "".join(
            f"_x{ord(letter):04X}_" if ord(letter) < 0x10000 else letter
            for letter in text
        )
    if way == "result":
        return Written("str", f"<f>A1</f><v>{stored}</v>", seen)
    if way == "shared":
        return Written("s", stored, seen)
    if way == "runs":
        half = len(text) // 2
        runs = [
            escape(piece.replace("_x", "_x005F_x"))
            for piece in (text[:half], text[half:])
        ]
        # Where an escape would begin anew at the seam, one run has to do.
        if "_" in text:
            runs = [stored]
        pieces = "".join(
            f'<r><rPr><b/></rPr><t xml:space="preserve">{run}</t></r>'
            for run in runs
        )
        return Written(
            "inlineStr",
            f'<is>{pieces}<rPh sb="0" eb="1"><t>hint</t></rPh></is>',
            seen,
        )
    return Written(
        "inlineStr", f'<is><t xml:space="preserve">{stored}</t></is>', seen
    )


def day_cell(day: date) -> Written:
    serial = (day - EPOCH.date()).days
    return Written("", value(serial), day, DAY)


def moment_cell(moment: datetime) -> Written:
    return Written(
        "", value((moment - EPOCH) / timedelta(days=1)), moment, MOMENT
    )


def clock_cell(clock: time) -> Written:
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return Written("n", value(seconds / 86_400), clock, CLOCK)


def zeros_cell(number: int) -> Written:
    seen = (
        number
        if number > 99_999
        else FormattedNumber(Decimal(number), least_digits=6)
    )
    return Written("", value(number), seen, ZEROS)


# XML knows no carriage returns, and no control characters; a final apostrophe or space is a text
# like any other.
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn", "Co")),
    max_size=12,
) | st.sampled_from(
    [
        "_x000D_",
        "a_x0041_",
        "_x",
        "a\nb",
        "<&>",
        "14.11.2018",
        "0012",
        " x ",
        "💶",
        "'=1",
    ]
)
moments = st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 31)).map(
    lambda at: at.replace(microsecond=0)
)
wholes = st.integers(-(10**15), 10**15)
reals = st.floats(-(10**9), 10**9, allow_nan=False).filter(
    lambda number: not number.is_integer()
)
cents = st.decimals(-(10**6), 10**6, places=2).map(float).map(repr)
CELLS: st.SearchStrategy[Written | None] = st.one_of(
    st.none(),
    st.builds(
        text_cell,
        texts,
        st.sampled_from(["inline", "shared", "runs", "result", "escaped"]),
    ),
    wholes.map(lambda number: Written("", value(number), number)),
    reals.map(lambda number: Written("n", value(repr(number)), number, PLAIN)),
    st.dates(date(1901, 1, 1), date(2099, 12, 31)).map(day_cell),
    moments.map(moment_cell),
    moments.map(lambda at: clock_cell(at.time())),
    cents.map(
        lambda text: Written(
            "",
            value(text),
            FormattedNumber(Decimal(_plain(text)), is_percent=True),
            PERCENT,
        )
    ),
    cents.map(
        lambda text: Written(
            "",
            value(text),
            FormattedNumber(Decimal(_plain(text)), currency="CHF"),
            FRANCS,
        )
    ),
    st.integers(0, 10**9).map(zeros_cell),
    st.booleans().map(lambda truth: Written("b", value(int(truth)), truth)),
    st.sampled_from(["#N/A", "#REF!", "#SPILL!"]).map(
        lambda text: Written(
            "e", value(text), UnreadCell(IssueCode.ERROR_CELL, text)
        )
    ),
    st.sampled_from(["<f>B2*2</f>", "<f>B2*2</f><v/>"]).map(
        lambda content: Written(
            "", content, UnreadCell(IssueCode.FORMULA_WITHOUT_RESULT, "=B2*2")
        )
    ),
)


def _plain(text: str) -> str:
    """Return a number as the reader gives it: whole ones without decimals."""
    number = float(text)
    return str(int(number)) if number.is_integer() else text


@dataclass(frozen=True)
class Grid:
    """A sheet to write: rows, hidden rows, a merged range, and the way its program writes."""

    rows: Sequence[Sequence[Written | None]]
    hidden: frozenset[int]
    #: Top, left, bottom, right of a merged range, as indexes of rows and columns.
    merged: tuple[int, int, int, int]
    names_cells: bool
    skips_blanks: bool

    def write(self, path: Path) -> Path:
        shared: list[str] = []
        lines = [
            self._row(number, cells, shared)
            for number, cells in enumerate(self.rows, 2)
        ]
        headings = "".join(
            f'<c r="{"ABCD"[n]}1" t="inlineStr"><is><t>h{n}</t></is></c>'
            for n in range(COLUMNS)
        )
        top, left, bottom, right = self.merged
        area = f"{column_letters(left + 1)}{top + 2}:{column_letters(right + 1)}{bottom + 2}"
        behind = (
            ""
            if (top, left) == (bottom, right)
            else f'<mergeCells><mergeCell ref="{area}"/></mergeCells>'
        )
        texts = "".join(
            f'<si><t xml:space="preserve">{text}</t><phoneticPr fontId="1"/></si>'
            for text in shared
        )
        xml = sheet(
            f'<row r="1">{headings}</row>' + "".join(lines), behind=behind
        )
        return workbook(path, xml, formats=FORMATS, texts=texts)

    def _row(
        self, number: int, cells: Sequence[Written | None], shared: list[str]
    ) -> str:
        xml = []
        for column, cell in enumerate(cells):
            reference = (
                f' r="{column_letters(column + 1)}{number}"'
                if self.names_cells
                else ""
            )
            if cell is None:
                # Only a named cell may be left out.
                xml.append(
                    ""
                    if self.skips_blanks and self.names_cells
                    else f"<c{reference}/>"
                )
            elif cell.kind == "s":
                shared.append(cell.content)
                xml.append(
                    Written("s", value(len(shared) - 1), None).xml(reference)
                )
            else:
                xml.append(cell.xml(reference))
        hidden = ' hidden="1"' if number in self.hidden else ""
        return f'<row r="{number}"{hidden}>{"".join(xml)}</row>'

    def seen(self) -> list[tuple[int, list[Cell], set[str]]]:
        """Return number, cells and notes of each row, as a person sees them."""
        top, left, bottom, right = self.merged
        values = [
            [cell.seen if cell else None for cell in cells]
            for cells in self.rows
        ]
        shown = []
        for index, cells in enumerate(values):
            if all(cell is None for cell in cells):
                continue
            notes = {"row.hidden"} if index + 2 in self.hidden else set()
            filled = list(cells)
            if top <= index <= bottom and values[top][left] is not None:
                filled[left : right + 1] = [values[top][left]] * (
                    right + 1 - left
                )
                is_first_alone = index == top and left == right
                notes |= set() if is_first_alone else {"row.cell_merged"}
            shown.append((index + 2, filled, notes))
        return shown


def opened(path: Path) -> Table:
    """Open a file whose rows are random: none of them is a line of totals."""
    return read(
        inspect(path, ReadingChoices(heading_row=1, reads_totals=True))
    )


@st.composite
def grids(draw: st.DrawFn) -> Grid:
    rows = draw(
        st.lists(
            st.lists(CELLS, min_size=COLUMNS, max_size=COLUMNS),
            min_size=1,
            max_size=6,
        )
    )
    top, bottom = sorted(
        (
            draw(st.integers(0, len(rows) - 1)),
            draw(st.integers(0, len(rows) - 1)),
        )
    )
    left, right = sorted(
        (draw(st.integers(0, COLUMNS - 1)), draw(st.integers(0, COLUMNS - 1)))
    )
    hidden = draw(st.frozensets(st.integers(2, len(rows) + 1)))
    return Grid(
        rows,
        hidden,
        (top, left, bottom, right),
        draw(st.booleans()),
        draw(st.booleans()),
    )


@pytest.mark.parametrize(
    "block", [7, 16 * 1024], ids=["byte by byte", "at once"]
)
def test_a_workbook_is_read_as_a_person_sees_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr("turnus.sheets.workbook_parts._BLOCK", block)

    @many
    @given(grids())
    def law(grid: Grid) -> None:
        table = opened(grid.write(tmp_path / "a.xlsx"))
        found = [
            (
                row.number,
                list(row.cells),
                {str(issue.code) for issue in row.issues},
            )
            for row in table.rows
        ]
        assert [_typed(row) for row in found] == [
            _typed(row) for row in grid.seen()
        ]
        assert table.reading.hidden_rows == [
            number
            for number, _cells, notes in grid.seen()
            if "row.hidden" in notes
        ]

    law()


def _typed(
    row: tuple[int, list[Cell], set[str]],
) -> tuple[int, list[tuple[type, Cell]], set[str]]:
    """Return the row with the types of its cells: True equals 1, a moment may equal a day."""
    number, cells, notes = row
    return number, [(type(cell), cell) for cell in cells], notes


def test_ordinary_cells_are_what_another_library_reads(tmp_path: Path) -> None:
    plain = st.one_of(
        st.none(),
        texts.filter(_is_alike),
        wholes,
        reals,
        moments,
        st.booleans(),
    )

    @many
    @given(
        st.lists(
            st.lists(plain, min_size=3, max_size=3), min_size=1, max_size=5
        )
    )
    def law(rows: list[list[Any]]) -> None:
        book = openpyxl.Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.append(["a", "b", "c"])
        for row in rows:
            sheet.append([None if cell is None else cell for cell in row])
        for line in sheet.iter_rows(min_row=2):
            for cell in line:
                cell.data_type = (
                    "s" if isinstance(cell.value, str) else cell.data_type
                )
        book.save(tmp_path / "a.xlsx")
        theirs = openpyxl.load_workbook(
            tmp_path / "a.xlsx", data_only=True
        ).active
        assert theirs is not None
        expected = [
            [_rounded(cell) for cell in line]
            for line in theirs.iter_rows(min_row=2, values_only=True)
        ]
        found = [list(row.cells) for row in opened(tmp_path / "a.xlsx").rows]
        assert found == [
            line for line in expected if any(cell is not None for cell in line)
        ]

    law()


def _is_alike(text: str) -> bool:
    """Return whether the other library keeps a text: it does not decode escapes."""
    return "_x" not in text and bool(text)


def _rounded(cell: Any) -> Any:
    return (
        cell.replace(microsecond=0)
        + timedelta(seconds=round(cell.microsecond / 10**6))
        if isinstance(cell, datetime)
        else cell
    )
