"""Lines of totals are no rows; customers with such names are."""

from pathlib import Path

import openpyxl
import pytest

from tests.sheets.files import noted, opened
from turnus.core.issues import IssueCode
from turnus.core.tables import Row, UnreadCell
from turnus.sheets.reading import inspect, read
from turnus.sheets.totals import Totals, TotalsKind

DEALS = (
    "Titel;Organisation;Wert;Währung;Status;Gewonnen am\n"
    "A;Org 1;100;EUR;gewonnen;01.01.2026\n"
    "B;Org 2;200,50;EUR;gewonnen;02.01.2026\n"
)
TOTALS = [
    ";Summe;300,50;EUR;;",
    "Gesamt;;;;;",
    "Gesamtsumme:;;300,50 €;;;",
    ";;Zwischensumme;;;",
    "TOTAL;;300.50;;;",
    "Total:;;999;EUR;;",
    "Subtotal;;1;;;",
    "Grand total;;1;EUR;;",
    "Summe Januar 2026;;300,50;;;",
    "Summe (2 Deals);;300,50;;;",
    "Summe netto;2 Deals;300,50;EUR;;",
    "Total général;;1;;;",
    ";;300,50;;;",
    ";;300,50;EUR;;",
    "Insgesamt;;;;;",
    "Sous-total;;1;;;",
    "Teilergebnis;;1;;;",
    ";Summa;300,50;;;",
    ";Összesen;300,50;EUR;;",
    "Yhteensä;;300,50;;;",
    ";Итого:;300,50;;;",
    ";Toplam;300,50;;;",
    "Anzahl: 2;;;;;",
    "2 Datensätze;;;;;",
    "2 Organisationen;;;;;",
    ";Rows: 2;;;;",
]
ROWS = [
    "C;Total;300,50;EUR;gewonnen;03.01.2026",
    "C;Total Energies SE;300,50;EUR;offen;",
    "Total;Org 3;300,50;EUR;;",
    "C;Summe GmbH;1;EUR;offen;",
    ";;77;EUR;;",
    "Gesamtkonzept;;300,50;;;",
    ";Summer School;300,50;EUR;;",
    ";Totalausfall AG;300,50;EUR;;",
    "C;Org 3;300,50;;;",
    "C;Celkem s.r.o.;300,50;EUR;offen;",
    ";20 Personen Bistro;5;EUR;;",
    ";Kontakte 7 GmbH;5;EUR;;",
]


@pytest.mark.parametrize("line", TOTALS)
@pytest.mark.parametrize(
    "below", ["", "C;Org 3;5;EUR;offen;\n"], ids=["last", "amid"]
)
def test_a_line_of_totals_is_left_out_and_listed(
    tmp_path: Path, line: str, below: str
) -> None:
    table = opened(tmp_path / "a.csv", f"{DEALS}{line}\n{below}")
    assert [row.number for row in table.rows] == (
        [2, 3, 5] if below else [2, 3]
    )
    assert table.reading.total_rows == [4]


@pytest.mark.parametrize("line", ROWS)
def test_what_only_looks_like_one_stays_a_row(
    tmp_path: Path, line: str
) -> None:
    table = opened(tmp_path / "a.csv", f"{DEALS}{line}\n")
    assert ([row.number for row in table.rows], table.reading.total_rows) == (
        [2, 3, 4],
        [],
    )


def test_totals_of_sections_and_of_all_are_found_without_a_word(
    tmp_path: Path,
) -> None:
    deals = [
        "A;X;1.000,50",
        "B;Y;2",
        ";;1.002,50",
        "C;X;3",
        "D;Y;4",
        ";;7",
        ";;1.009,50",
    ]
    text = "\n".join(["Titel;Organisation;Wert", *deals, ""])
    table = opened(tmp_path / "a.csv", text)
    assert [row.cells[0] for row in table.rows] == ["A", "B", "C", "D"]
    assert table.reading.total_rows == [4, 7, 8]


def test_in_a_table_of_names_and_figures_the_sum_decides(
    tmp_path: Path,
) -> None:
    table = opened(
        tmp_path / "a.csv",
        "Organisation;Wert\nA;100\nTotal;50\nB;200\nTotal;350\n",
    )
    rows = list(table.rows)
    assert [row.cells[0] for row in rows] == ["A", "Total", "B"]
    assert (noted(rows), table.reading.total_rows) == (
        {3: [("row.total", "warning")]},
        [5],
    )


def test_totals_of_groups_are_found_by_their_sums(tmp_path: Path) -> None:
    groups = (
        "A;Org 1;100\nB;Org 1;50\n;Org 1 Ergebnis;150\n"
        "C;Org 2;7\n;Org 2 Ergebnis;7\n;Gesamtergebnis;157\n"
    )
    table = opened(
        tmp_path / "a.csv",
        f"Titel;Organisation;Wert\n{groups};Trust Total;30\n",
    )
    assert [row.number for row in table.rows] == [2, 3, 5, 8]
    assert table.reading.total_rows == [4, 6, 7]


def test_a_record_with_such_a_name_and_nothing_but_a_number_is_noted(
    tmp_path: Path,
) -> None:
    table = opened(tmp_path / "a.csv", "ID;Name\n3;Org 1\n4;Org 2\n5;Summe\n")
    rows = list(table.rows)
    assert (len(rows), noted(rows), table.reading.total_rows) == (
        3,
        {4: [("row.total", "warning")]},
        [],
    )


def test_a_person_may_want_them_read(tmp_path: Path) -> None:
    table = opened(
        tmp_path / "a.csv", f"{DEALS};Summe;300,50;EUR;;\n", reads_totals=True
    )
    rows = list(table.rows)
    assert (
        [row.number for row in rows],
        noted(rows),
        table.reading.total_rows,
    ) == (
        [2, 3, 4],
        {},
        [4],
    )


def test_one_column_of_words_has_no_totals(tmp_path: Path) -> None:
    assert (
        len(list(opened(tmp_path / "a.csv", "Plan\nGesamt\nSumme\n").rows))
        == 2
    )


def test_the_totals_of_a_workbook_are_found(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (
        ["Titel", "Wert", "Status"],
        ["A", 100.1, "won"],
        ["B", 200.2, "won"],
        [None, 300.3, None],
    ):
        book.active.append(row)  # type: ignore[union-attr]  # a new workbook has a sheet
    book.save(tmp_path / "a.xlsx")
    table = read(inspect(tmp_path / "a.xlsx"))
    assert ([row.number for row in table.rows], table.reading.total_rows) == (
        [2, 3],
        [4],
    )


def test_a_formula_over_the_column_makes_a_line_of_totals() -> None:
    rows = [Row(2, ["A", 100, "won", "x"]), Row(3, ["B", 200, "won", "y"])]
    formula = UnreadCell(IssueCode.FORMULA_WITHOUT_RESULT, "=SUM(B2:B3)")
    totals = Totals(rows)
    assert [totals.kind_of(row) for row in rows] == [
        TotalsKind.ORDINARY,
        TotalsKind.ORDINARY,
    ]
    assert (
        totals.kind_of(Row(4, ["Total", formula, None, None]))
        is TotalsKind.TOTAL
    )
