"""How a file was read is said, and can be chosen: rows, sheets, encoding, separator, headings."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from tests.imports.test_columns_left_out import csv
from tests.imports.test_imports import checked, verdicts
from tests.world import World
from turnus.cli.main import main
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices, Row
from turnus.fields.catalog import catalog
from turnus.imports.actions import (
    choose_import_columns,
    choose_reading,
    give_answers,
    request_check,
    request_import,
    start_import,
    take_back_answer,
)
from turnus.imports.models import Import
from turnus.imports.reading_words import encoding_name
from turnus.imports.rows import RowReader
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.sales.models import Deal

HEADINGS = ["Organisation", "Wert", "Status"]


def filtered(path: Path, *, sheets: dict[str, int] | None = None) -> Path:
    """A workbook of four deals, of which a filter hides the second and third."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in [
        HEADINGS,
        *([f"Kunde {number}", number, "Offen"] for number in range(1, 5)),
    ]:
        sheet.append(row)
    for number in (3, 4):
        sheet.row_dimensions[number].hidden = True
    for name, rows in (sheets or {}).items():
        other = book.create_sheet(name)
        for number in range(rows):
            other.append(["Isar AG", number, "Offen"])
    book.save(path)
    return path


def again(world: World, of: Import) -> Import:
    request_check(of=of, by=world.admin, at=world.at)
    run_pending()
    of.refresh_from_db()
    return of


def test_hidden_rows_are_asked_about(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = filtered(tmp_path / "deals.xlsx")
    assert main(["import", str(path)]) == 1
    assert "hides 2 rows (rows 3, 4)" in capsys.readouterr().out
    assert Deal.objects.count() == 0


@pytest.mark.parametrize(("answer", "count"), [("read", 4), ("leave-out", 2)])
def test_they_are_read_or_left_out_as_was_said(
    world: World, tmp_path: Path, answer: str, count: int
) -> None:
    assert (
        main(
            [
                "import",
                str(filtered(tmp_path / "deals.xlsx")),
                "--hidden",
                answer,
            ]
        )
        == 0
    )
    assert Deal.objects.count() == count


def test_the_answer_may_stand_in_a_file_and_be_taken_back(
    world: World, tmp_path: Path
) -> None:
    of = checked(
        world,
        filtered(tmp_path / "deals.xlsx"),
        answers={"hidden": {"do": "leave_out"}},
    )
    assert verdicts(of) == ["new", "new"]
    assert of.reading["hidden_rows"] == {"count": 2, "first": [3, 4]}
    take_back_answer(of=of, by=world.admin, key="hidden")
    assert verdicts(again(world, of)) == ["new", "question", "question", "new"]


def test_another_sheet_with_rows_keeps_the_import_back_until_one_is_named(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = filtered(tmp_path / "deals.xlsx", sheets={"Mehr": 2})
    assert main(["import", str(path), "--hidden", "read"]) == 1
    assert "there are also rows in “Mehr”" in capsys.readouterr().out
    assert Deal.objects.count() == 0
    assert (
        main(["import", str(path), "--hidden", "read", "--sheet", "Sheet"])
        == 0
    )
    assert Deal.objects.count() == 4


def test_a_hidden_sheet_is_named_once_and_holds_nothing_back(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "deals.xlsx"
    book = openpyxl.Workbook()
    for sheet in (book.active, book.create_sheet("Alt")):
        sheet.append(["Organisation", "Wert", "Status"])
        sheet.append(["Elbe AG", 5, "Offen"])
    book["Alt"].sheet_state = "hidden"
    book.save(path)
    assert main(["import", str(path)]) == 0
    assert capsys.readouterr().out.count("“Alt”") == 1


def test_no_way_in_leaves_out_a_sheet_that_nobody_spoke_of(
    world: World, tmp_path: Path
) -> None:
    of = checked(
        world,
        filtered(tmp_path / "deals.xlsx", sheets={"Mehr": 2}),
        answers={"hidden": {"do": "read"}},
    )
    with pytest.raises(UserError, match="sheets_unsaid"):
        request_import(of=of, by=world.admin, at=world.at)


def test_choices_that_no_file_can_be_read_with_are_refused(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, csv(tmp_path))
    for choices, code in (
        (ReadingChoices(encoding="klingon"), "encoding_unknown"),
        (ReadingChoices(delimiter=";;"), "delimiter_unknown"),
        (ReadingChoices(heading_row=0), "heading_row_invalid"),
    ):
        with pytest.raises(UserError, match=code):
            choose_reading(of=of, by=world.admin, choices=choices)


def test_what_the_row_carries_from_its_file_decides_with_the_rest(
    world: World,
) -> None:
    reader = RowReader(
        HEADINGS,
        ["organization", "value", "status"],
        catalog(RecordKind.DEAL),
        {},
        {},
        "EUR",
    )
    for severity, has_problem in (
        (Severity.PROBLEM, True),
        (Severity.WARNING, False),
    ):
        issue = Issue(
            IssueCode.ROW_SHORT, severity, params={"found": 1, "expected": 3}
        )
        read = reader.read(Row(7, ["Elbe AG", None, None], (issue,)))
        assert ([one.row for one in read.issues], read.has_problem) == (
            [7],
            has_problem,
        )


def test_a_row_with_nothing_but_a_problem_is_not_skipped_as_empty(
    world: World,
) -> None:
    reader = RowReader(
        HEADINGS,
        ["organization", "value", "status"],
        catalog(RecordKind.DEAL),
        {},
        {},
        "EUR",
    )
    assert not reader.read(
        Row(7, [None, None, None], (Issue(IssueCode.ROW_LONG),))
    ).is_empty
    assert reader.read(
        Row(
            7,
            [None, None, None],
            (Issue(IssueCode.ROW_SHORT, Severity.WARNING),),
        )
    ).is_empty


@pytest.mark.parametrize(
    ("encoding", "name"),
    [
        ("cp1252", "Windows-1252"),
        ("mac_roman", "Macintosh (MacRoman)"),
        ("utf-8-sig", "UTF-8"),
        ("", ""),
        ("hz", "hz"),
    ],
)
def test_encodings_have_the_names_that_people_know(
    encoding: str, name: str
) -> None:
    assert encoding_name(encoding) == name


def test_the_check_page_says_how_the_file_was_read(
    world: World, tmp_path: Path
) -> None:
    of = checked(
        world,
        filtered(tmp_path / "deals.xlsx", sheets={"Mehr": 2}),
        answers={"hidden": {"do": "read"}},
    )
    page = world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()
    for words in (
        "4 Zeilen, 3 Spalten",
        "2 ausgeblendete Zeilen dabei",
        "überspringen",
        "Zeilen, die die Tabelle ausblendet",
    ):
        assert words in page


def test_hidden_rows_are_left_out_from_the_line_under_the_title(
    world: World, tmp_path: Path
) -> None:
    of = checked(
        world,
        filtered(tmp_path / "deals.xlsx"),
        answers={"hidden": {"do": "read"}},
    )
    client = world.client(world.admin)
    client.post(f"/imports/{of.pk}/answers/change/", {"hidden": "leave_out"})
    run_pending()
    of.refresh_from_db()
    assert verdicts(of) == ["new", "new"]
    client.post(f"/imports/{of.pk}/answers/change/", {"forget": "hidden"})
    run_pending()
    of.refresh_from_db()
    assert (of.answers, of.totals["question"]) == ({}, 2)


def test_the_page_of_columns_confirms_the_sheet_it_shows(
    world: World, tmp_path: Path
) -> None:
    path = filtered(tmp_path / "deals.xlsx", sheets={"Mehr": 2})
    of = start_import(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        path=path,
        name="deals.xlsx",
    )
    posted = {
        "sheet": "Sheet",
        **{f"column-{number}": path for number, path in enumerate(of.columns)},
    }
    world.client(world.admin).post(f"/imports/{of.pk}/columns/", posted)
    of.refresh_from_db()
    assert (of.state, of.unsaid_sheets) == ("checking", [])
    run_pending()


def test_another_sheet_is_shown_before_anything_is_checked(
    world: World, tmp_path: Path
) -> None:
    path = filtered(tmp_path / "deals.xlsx", sheets={"Mehr": 2})
    of = start_import(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        path=path,
        name="deals.xlsx",
    )
    posted = {
        "sheet": "Mehr",
        **{f"column-{number}": path for number, path in enumerate(of.columns)},
    }
    world.client(world.admin).post(f"/imports/{of.pk}/columns/", posted)
    of.refresh_from_db()
    assert (of.state, of.sheet, of.headings[0]) == (
        "columns",
        "Mehr",
        "Isar AG",
    )


def test_rows_with_questions_show_what_they_are_about(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, filtered(tmp_path / "deals.xlsx"))
    page = (
        world.client(world.admin)
        .get(f"/imports/{of.pk}/?verdict=question")
        .content.decode()
    )
    assert "Kunde 2" in page
    assert "Kunde 1" not in page


def test_the_report_says_how_the_file_was_read(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(
        [
            "import",
            str(filtered(tmp_path / "deals.xlsx")),
            "--hidden",
            "read",
            "--dry-run",
            "--json",
        ]
    )
    report: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert report["reading"]["hidden_rows"] == {"count": 2, "first": [3, 4]}
    assert report["reading"]["choices"] == {"reads_hidden_rows": True}
    assert (report["is_complete"], report["notes"]["row.hidden"]["count"]) == (
        True,
        2,
    )


@pytest.mark.parametrize("key", ["hidden", "totals", "encoding", "status"])
def test_an_answer_that_the_question_does_not_have_is_refused(
    world: World, tmp_path: Path, key: str
) -> None:
    of = checked(world, filtered(tmp_path / "deals.xlsx"))
    with pytest.raises(UserError, match="answer_unknown"):
        give_answers(of=of, by=world.admin, answers={key: {"do": "perhaps"}})


def test_a_plan_is_not_carried_out_once_the_file_is_to_be_read_otherwise(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, filtered(tmp_path / "deals.xlsx"))
    for reads_hidden_rows, row_count in ((True, 4), (False, 2)):
        choose_reading(
            of=of,
            by=world.admin,
            choices=ReadingChoices(reads_hidden_rows=reads_hidden_rows),
        )
        with pytest.raises(UserError, match=r"import\.wrong_state"):
            request_import(of=of, by=world.admin, at=world.at)
        assert len(verdicts(again(world, of))) == row_count


def test_who_chooses_a_reading_overwrites_nothing_that_another_tab_did_meanwhile(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, filtered(tmp_path / "deals.xlsx"))
    stale = Import.objects.select_related("run__by").get(pk=of.pk)
    choose_import_columns(
        of=of, by=world.admin, columns=[*of.columns[:-1], None]
    )
    again(world, of)
    choices = ReadingChoices(reads_hidden_rows=True)
    with pytest.raises(UserError, match=r"database\.collision"):
        choose_reading(of=stale, by=world.admin, choices=choices)
    now = Import.objects.select_related("run__by").get(pk=of.pk)
    assert (now.state, now.totals, now.columns, now.choices) == (
        "checked",
        of.totals,
        of.columns,
        {},
    )
    choose_reading(of=now, by=world.admin, choices=choices)
    assert Import.objects.filter(
        pk=of.pk, state="columns", choices={"reads_hidden_rows": True}
    ).exists()
