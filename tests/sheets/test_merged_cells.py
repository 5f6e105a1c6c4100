"""Merged cells: one value in every row and column that they cover, also an error."""

from pathlib import Path
from typing import Any

import pytest

from tests.sheets.test_workbooks import ERROR, cells, notes, number, opened
from tests.sheets.workbook_files import inline, merged, row, sheet, workbook
from turnus.core.tables import UnreadCell
from turnus.sheets.errors import SheetError


def test_merged_cells_have_one_value_in_every_row(tmp_path: Path) -> None:
    rows = row(inline("Titel"), inline("Status"), inline("Wert")) + row(
        inline("a"), inline("won"), number(1)
    )
    rows += (
        row(inline("b"), "<c/>", number(2))
        + row(inline("c"), inline("hidden below"), number(3))
        + row(inline("d"))
    )
    path = workbook(tmp_path / "a.xlsx", sheet(rows, behind=merged("B2:B4")))
    assert cells(path) == [
        ["a", "won", 1],
        ["b", "won", 2],
        ["c", "won", 3],
        ["d", None, None],
    ]
    assert notes(path) == {
        2: [],
        3: [("row.cell_merged", "Status")],
        4: [("row.cell_merged", "Status")],
        5: [],
    }


def test_cells_merged_across_have_their_value_in_every_column(
    tmp_path: Path,
) -> None:
    rows = (
        row(inline("a"), inline("b"), inline("c"))
        + row(inline("x"), "<c/>", inline("z"))
        + row("<c/>", "<c/>", inline("y"))
    )
    path = workbook(
        tmp_path / "a.xlsx",
        sheet(rows, behind=merged("A2:B3", "C3:XFD3", "nonsense")),
    )
    assert cells(path) == [["x", "x", "z"], ["x", "x", "y"]]
    assert notes(path) == {
        2: [("row.cell_merged", "b")],
        3: [("row.cell_merged", "a")],
    }


def test_rows_that_are_only_parts_of_higher_ones_are_no_rows(
    tmp_path: Path,
) -> None:
    rows = (
        row(inline("a"), inline("b"))
        + row("<c/>", "<c/>")
        + row(inline("x"), inline("y"))
        + row("<c/>", "<c/>")
    )
    path = workbook(
        tmp_path / "a.xlsx",
        sheet(rows, behind=merged("A1:A2", "B1:B2", "A3:A4", "B3:B4")),
    )
    assert (cells(path), notes(path)) == ([["x", "y"]], {3: []})


def test_headings_in_two_lines_are_refused(tmp_path: Path) -> None:
    rows = (
        row(inline("a"), inline("b"))
        + row("<c/>", inline("under b"))
        + row(inline("x"), inline("y"))
    )
    path = workbook(tmp_path / "a.xlsx", sheet(rows, behind=merged("A1:A2")))
    with pytest.raises(SheetError, match=r"sheet\.merged_headings"):
        cells(path)


def test_a_merged_error_is_an_error_in_every_row(tmp_path: Path) -> None:
    rows = (
        row(inline("a"), inline("b"))
        + row('<c t="e"><v>#N/A</v></c>', number(1))
        + row("<c/>", number(2))
    )
    path = workbook(tmp_path / "a.xlsx", sheet(rows, behind=merged("A2:A3")))
    assert [one[0] for one in cells(path)] == [UnreadCell(ERROR, "#N/A")] * 2


@pytest.mark.parametrize(
    "choices", [{"reads_hidden_rows": False}, {"reads_totals": False}]
)
def test_a_merged_value_stays_where_its_first_row_is_left_out(
    tmp_path: Path, choices: dict[str, Any]
) -> None:
    rows = (
        row(inline("Titel"), inline("Status"))
        + f'<row hidden="1">{inline("a")}{inline("won")}</row>'
    )
    rows += row(inline("b"), "<c/>") + row(inline("c"), "<c/>")
    path = workbook(tmp_path / "a.xlsx", sheet(rows, behind=merged("B2:B4")))
    assert [list(one.cells) for one in opened(path, **choices).rows][-2:] == [
        ["b", "won"],
        ["c", "won"],
    ]
