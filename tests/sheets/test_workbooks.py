"""Workbooks: what a person sees is what is read, whatever their size and origin."""

import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from tests.sheets.workbook_files import (
    MAIN,
    inline,
    merged,
    row,
    sheet,
    workbook,
)
from turnus.core.issues import IssueCode
from turnus.core.tables import ReadingChoices, Table, UnreadCell
from turnus.sheets.errors import SheetError
from turnus.sheets.reading import inspect, read

ERROR, FORMULA = IssueCode.ERROR_CELL, IssueCode.FORMULA_WITHOUT_RESULT


def opened(path: Path, **choices: Any) -> Table:
    return read(inspect(path, ReadingChoices(**choices)))


def cells(path: Path) -> list[list[Any]]:
    return [list(one.cells) for one in opened(path).rows]


def only_cell(path: Path, cell: str, **parts: str) -> Any:
    workbook(
        path,
        sheet(row(inline("a"), inline("b")) + row(cell, inline("x"))),
        **parts,
    )  # type: ignore[arg-type]
    return cells(path)[0][0]


def number(value: int) -> str:
    return f"<c><v>{value}</v></c>"


# Texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Hosting_x000D_\nJanuar", "Hosting\nJanuar"),
        ("Cr_x000d_", "Cr\n"),
        ("_x005F_x000D_", "_x000D_"),
        ("a_x0007_b", "ab"),
        ("a_x0000_b", "ab"),
        ("a_x0009_b", "a\tb"),
        ("_xD83D__xDE00_", "\U0001f600"),
        ("x_x12_", "x_x12_"),
        ("_x000G_", "_x000G_"),
        ("_xD83D_", "\ufffd"),
    ],
)
@pytest.mark.parametrize("kind", ["inline", "shared", "result"])
def test_escapes_in_texts_are_decoded(
    tmp_path: Path, kind: str, text: str, expected: str
) -> None:
    cell = {
        "inline": inline(text),
        "shared": '<c t="s"><v>0</v></c>',
        "result": f'<c t="str"><f>A1</f><v>{text}</v></c>',
    }[kind]
    texts = f"<si><t>{text}</t></si>"
    assert only_cell(tmp_path / "a.xlsx", cell, texts=texts) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<t>a&#13;&#10;b&#13;c</t>", "a\nb\nc"),
        (
            "<r><t>fett</t></r><r><rPr><b/></rPr><t xml:space='preserve'> dünn</t></r>",
            "fett dünn",
        ),
        (
            "<t>漢字</t><rPh sb='0' eb='2'><t>かんじ</t></rPh><phoneticPr fontId='1'/>",
            "漢字",
        ),
        ("<t/>", None),
        ("", None),
        ("<t>&lt;&amp;&quot;</t>", '<&"'),
        ("<t><![CDATA[a</row>b]]></t>", "a</row>b"),
        ("<t>a<!-- nothing -->b</t>", "ab"),
    ],
)
def test_texts_are_joined_from_their_runs(
    tmp_path: Path, content: str, expected: str | None
) -> None:
    assert (
        only_cell(
            tmp_path / "a.xlsx", f'<c t="inlineStr"><is>{content}</is></c>'
        )
        == expected
    )
    assert (
        only_cell(
            tmp_path / "a.xlsx",
            '<c t="s"><v>0</v></c>',
            texts=f"<si>{content}</si>",
        )
        == expected
    )


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ('<c t="b"><v>1</v></c>', True),
        ('<c t="b"><v>0</v></c>', False),
        ('<c t="d"><v>2018-11-14</v></c>', date(2018, 11, 14)),
        (
            '<c t="d"><v>2018-11-14T09:30:00</v></c>',
            datetime(2018, 11, 14, 9, 30),
        ),
        ('<c t="d"><v>09:30:00</v></c>', time(9, 30)),
        ('<c t="d"><v>2018-11-14T09:30:00Z</v></c>', "2018-11-14T09:30:00Z"),
        ('<c t="d"><v>bald</v></c>', "bald"),
        ('<c t="future"><v>text</v></c>', "text"),
        ("<c/>", None),
        ('<c s="0"/>', None),
        ("<c><v/></c>", None),
        ("<c><v>5</v><extLst/></c>", 5),
        ("<c><extLst/></c>", None),
        ('<c t="str"><is><t>a</t></is></c>', "a"),
    ],
)
def test_cells_of_every_type_are_read(
    tmp_path: Path, cell: str, expected: object
) -> None:
    assert only_cell(tmp_path / "a.xlsx", cell) == expected


# Formulas and errors

UNCALCULATED = '<calcPr fullCalcOnLoad="1"/>'


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<c><f>B2*2</f></c>", UnreadCell(FORMULA, "=B2*2")),
        ("<c><f>B2*2</f><v/></c>", UnreadCell(FORMULA, "=B2*2")),
        ('<c><f t="shared" si="0"/></c>', UnreadCell(FORMULA, "=…")),
        ('<c t="str"><f>B2</f></c>', UnreadCell(FORMULA, "=B2")),
        ('<c t="str"><f>B2</f><v></v></c>', None),
        ('<c t="str"><f>B2</f><v>x</v></c>', "x"),
        ("<c><f>B2</f><v>0</v></c>", 0),
        ('<c t="b"><f>B2</f><v>1</v></c>', True),
        ('<c t="e"><f>B2</f><v>#REF!</v></c>', UnreadCell(ERROR, "#REF!")),
        ('<c t="e"><v>#N/A</v></c>', UnreadCell(ERROR, "#N/A")),
    ],
)
def test_a_formula_without_a_result_and_an_error_are_no_blanks(
    tmp_path: Path, cell: str, expected: object
) -> None:
    assert only_cell(tmp_path / "a.xlsx", cell) == expected


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("<c><f>B2*2</f><v>0</v></c>", UnreadCell(FORMULA, "=B2*2")),
        ('<c t="str"><f>B2</f><v></v></c>', UnreadCell(FORMULA, "=B2")),
        ("<c><f>B2*2</f><v>200</v></c>", 200),
        ("<c><v>0</v></c>", 0),
    ],
)
def test_a_zero_is_no_result_where_formulas_have_still_to_be_worked_out(
    tmp_path: Path, cell: str, expected: object
) -> None:
    assert (
        only_cell(tmp_path / "a.xlsx", cell, properties=UNCALCULATED)
        == expected
    )


def test_an_error_in_the_headings_is_a_heading(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx",
        sheet(
            row('<c t="e"><v>#REF!</v></c>', inline("b"))
            + row(inline("1"), inline("2"))
        ),
    )
    assert opened(path).headings == ("#REF!", "b")


def test_an_error_cell_does_not_hide_merged_headings(tmp_path: Path) -> None:
    rows = row(inline("a"), "<c/>", inline("c")) + row(
        inline("1"), '<c t="e"><v>#N/A</v></c>'
    )
    path = workbook(tmp_path / "a.xlsx", sheet(rows, behind=merged("A1:B1")))
    with pytest.raises(SheetError, match=r"sheet\.merged_headings"):
        opened(path)


# Merged cells


def notes(
    path: Path, **choices: Any
) -> dict[int, list[tuple[str, str | None]]]:
    return {
        one.number: [(str(issue.code), issue.column) for issue in one.issues]
        for one in opened(path, **choices).rows
    }


# Hidden rows, columns, sheets

HIDDEN_ROW = f'<row r="3" hidden="1">{inline("secret")}{number(2)}</row>'
FILTERED = (
    row(inline("a"), inline("b"))
    + row(inline("x"), number(1))
    + HIDDEN_ROW
    + row(inline("y"), number(3))
)


def test_hidden_rows_are_read_with_a_note(tmp_path: Path) -> None:
    table = opened(workbook(tmp_path / "a.xlsx", sheet(FILTERED)))
    assert [one.number for one in table.rows if one.issues] == [3]
    assert table.reading.hidden_rows == [3]


def test_hidden_rows_are_left_out_if_a_person_says_so(tmp_path: Path) -> None:
    table = opened(
        workbook(tmp_path / "a.xlsx", sheet(FILTERED)), reads_hidden_rows=False
    )
    assert [one.cells[0] for one in table.rows] == ["x", "y"]
    assert table.reading.hidden_rows == [3]


@pytest.mark.parametrize(
    "hidden", ['hidden="1"', 'hidden="true"', 'width="0"']
)
def test_hidden_columns_are_named(tmp_path: Path, hidden: str) -> None:
    columns = f'<cols><col min="1" max="1" width="9"/><col min="2" max="16384" {hidden}/></cols>'
    table = opened(
        workbook(tmp_path / "a.xlsx", sheet(FILTERED, before=columns))
    )
    assert table.reading.hidden_columns == ("b",)


def _table(name: str) -> str:
    return sheet(row(inline(name)) + row(inline("x")))


def test_the_first_visible_sheet_with_cells_is_read(tmp_path: Path) -> None:
    sheets = {
        "Old": _table("old"),
        "Blank": sheet(row("<c/>")),
        "Deals": _table("new"),
        "More": _table("more"),
    }
    path = workbook(
        tmp_path / "a.xlsx",
        sheets,
        states={"Old": "hidden", "More": "veryHidden"},
    )
    table = opened(path)
    assert (table.name, table.headings) == ("Deals", ("new",))
    assert table.reading.other_sheets == ("Old", "More")
    assert table.reading.hidden_sheets == ("Old", "More")
    assert opened(path, sheet="Old").headings == ("old",)


def test_a_workbook_without_a_visible_table_gives_its_hidden_one(
    tmp_path: Path,
) -> None:
    sheets = {"Blank": sheet(""), "Deals": _table("new")}
    path = workbook(tmp_path / "a.xlsx", sheets, states={"Deals": "hidden"})
    assert opened(path).name == "Deals"
    with pytest.raises(SheetError, match=r"sheet\.empty"):
        opened(path, sheet="Blank")


def test_a_workbook_without_cells_is_empty(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match=r"sheet\.empty"):
        opened(workbook(tmp_path / "a.xlsx", sheet(row("<c/>"))))


# What programs write differently


def test_rows_and_cells_may_stand_anywhere(tmp_path: Path) -> None:
    rows = (
        '<row r="2"><c r="B2" t="inlineStr"><is><t>b</t></is></c>'
        '<c r="A2" t="inlineStr"><is><t>a</t></is></c></row>'
    )
    rows += '<row r="5"><c r="C5"><v>3</v></c><c r="B5"><v>2</v></c></row>'
    rows += "<row><c><v>1</v></c></row>"
    path = workbook(tmp_path / "a.xlsx", sheet(rows.replace('"C5"', '"A5"')))
    assert opened(path).headings == ("a", "b")
    assert [(one.number, list(one.cells)) for one in opened(path).rows] == [
        (5, [3, 2]),
        (6, [1, None]),
    ]


@pytest.mark.parametrize(
    "namespace", [MAIN, "http://purl.oclc.org/ooxml/spreadsheetml/main"]
)
@pytest.mark.parametrize("prefix", ["", "x:"])
def test_elements_may_have_any_namespace_and_prefix(
    tmp_path: Path, namespace: str, prefix: str
) -> None:
    declared = f'xmlns:x="{namespace}"' if prefix else f'xmlns="{namespace}"'
    cell = f'<{prefix}c t="inlineStr"><{prefix}is><{prefix}t>a</{prefix}t></{prefix}is></{prefix}c>'
    rows = f"<{prefix}row>{cell}</{prefix}row>" * 2
    table = f"<{prefix}sheetData>{rows}</{prefix}sheetData>"
    xml = f"<{prefix}worksheet {declared}>{table}</{prefix}worksheet>"
    assert cells(workbook(tmp_path / "a.xlsx", xml)) == [["a"]]


def test_parts_may_be_named_with_backslashes_and_in_any_case(
    tmp_path: Path,
) -> None:
    path = workbook(tmp_path / "a.xlsx", _table("a"))
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(
                name.replace("/", "\\").replace("sheet1", "SHEET1"), part
            )
    assert cells(path) == [["x"]]


def test_a_sheet_in_utf_16_is_read_with_its_merged_cells(
    tmp_path: Path,
) -> None:
    rows = (
        row(inline("ä"), inline("b"))
        + row(inline("x"), number(1))
        + row("<c/>", number(2))
    )
    path = workbook(tmp_path / "a.xlsx", "x")
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["xl/worksheets/sheet1.xml"] = (
        '<?xml version="1.0" encoding="UTF-16"?>'
        + sheet(rows, behind=merged("A2:A3"))
    ).encode("utf-16")
    with zipfile.ZipFile(path, "w") as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    assert (opened(path).headings, cells(path)) == (
        ("ä", "b"),
        [["x", 1], ["x", 2]],
    )


def test_the_last_row_that_a_sheet_names_is_how_many_there_may_be(
    tmp_path: Path,
) -> None:
    table = opened(
        workbook(
            tmp_path / "a.xlsx",
            sheet(FILTERED, before='<dimension ref="A1:B4"/>'),
        )
    )
    assert table.row_count == 3
    assert (
        opened(workbook(tmp_path / "a.xlsx", sheet(FILTERED))).row_count
        is None
    )


def test_more_rows_than_a_block_are_read_one_by_one(tmp_path: Path) -> None:
    rows = row(inline("n"), inline("s")) + "".join(
        row(number(one), inline("wie alle")) for one in range(5000)
    )
    path = workbook(
        tmp_path / "a.xlsx",
        sheet(rows, behind=merged("B2:B5001") + "<pageMargins/>" * 5000),
    )
    assert cells(path) == [[one, "wie alle"] for one in range(5000)]


# What no program writes

ENTITIES = '<!DOCTYPE worksheet [<!ENTITY a "x"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    ("parts", "code"),
    [
        ({"sheets": ENTITIES + sheet(row(inline("a")))}, "sheet.broken"),
        (
            {"sheets": sheet(row(inline("a"))).replace("</row>", "")},
            "sheet.broken",
        ),
        ({"sheets": sheet(row('<c t="s"><v>7</v></c>'))}, "sheet.broken"),
        ({"sheets": sheet(row('<c t="s"><v>x</v></c>'))}, "sheet.broken"),
        (
            {"sheets": sheet('<row r="x"><c><v>1</v></c></row>')},
            "sheet.broken",
        ),
        (
            {"sheets": sheet('<row><c r="ZZZZ1"><v>1</v></c></row>')},
            "sheet.broken",
        ),
        (
            {"sheets": sheet('<row><c r="1"><v>1</v></c></row>')},
            "sheet.broken",
        ),
        ({"sheets": sheet(row(inline("x" * 200_000)))}, "sheet.cell_too_long"),
        (
            {
                "sheets": sheet(row('<c t="s"><v>0</v></c>')),
                "texts": f"<si><t>{'x' * 200_000}</t></si>",
            },
            "sheet.cell_too_long",
        ),
        ({"sheets": {}}, "sheet.empty"),
    ],
    ids=[
        "entities",
        "cut",
        "no such text",
        "no number of a text",
        "no row",
        "no column",
        "no letters",
        "long cell",
        "long shared text",
        "no sheets",
    ],
)
def test_what_is_broken_or_hostile_is_refused(
    tmp_path: Path, parts: dict[str, Any], code: str
) -> None:
    path = workbook(tmp_path / "a.xlsx", **parts)
    with pytest.raises(SheetError) as error:
        cells(path)
    assert error.value.code == code


def test_a_row_without_an_end_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnus.sheets.workbook_parts.MAX_ELEMENT", 100_000)
    with pytest.raises(SheetError, match=r"sheet\.bomb"):
        cells(workbook(tmp_path / "a.xlsx", sheet(row(*["<c/>"] * 50_000))))


@pytest.mark.parametrize(
    ("names", "code", "format_"),
    [
        (["content.xml", "mimetype"], "sheet.other_workbook", "ODS"),
        (["xl/workbook.bin"], "sheet.other_workbook", "XLSB"),
        (["Index/Document.iwa"], "sheet.numbers", ""),
        (["word/document.xml"], "sheet.not_a_table", "DOCX"),
        (["Tabelle1.html"], "sheet.archive", "ZIP"),
    ],
)
def test_workbooks_of_other_programs_are_named(
    tmp_path: Path, names: list[str], code: str, format_: str
) -> None:
    with zipfile.ZipFile(tmp_path / "a.ods", "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    with pytest.raises(SheetError) as error:
        inspect(tmp_path / "a.ods")
    assert (error.value.code, error.value.params["format"]) == (code, format_)


def test_damage_behind_the_rows_is_noticed(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "a.xlsx", sheet(FILTERED, behind="<pageMargins/>" * 20_000)
    )
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as archive:
        part = archive.getinfo("xl/worksheets/sheet1.xml")
    content[part.header_offset + 70 + part.compress_size // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(SheetError, match=r"sheet\.broken"):
        cells(path)
