"""Imports: the workflow of the help page, verdicts row by row, questions."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings

from tests.world import World
from turnus.accounts.models import User
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices
from turnus.imports.actions import (
    choose_import_columns,
    choose_reading,
    give_answers,
    keep_upload,
    request_check,
    request_import,
    start_import,
)
from turnus.imports.checking import check
from turnus.imports.models import Import
from turnus.imports.plan_storage import unpack
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.sales.models import Deal, Stage

GERMAN = (
    "Deal - Status",
    "Deal - Kontakt",
    "Deal - Organisation",
    "Deal - Wert",
    "Deal - Abo",
    "Deal - Phase",
    "Deal - Gewonnen am",
    "Deal - Besitzer",
)
WON = (
    "Gewonnen",
    "Eva Böhm",
    "Elbe Solar GmbH",
    490,
    "jährlich",
    "Qualifiziert",
    datetime(2018, 10, 1, 9, 30),
    "Alice",
)


def sheet(
    path: Path, rows: Sequence[Sequence[Any]], headings: Sequence[str] = GERMAN
) -> Path:
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in [headings, *rows]:
        book.active.append(list(row))
        for cell in book.active[book.active.max_row]:
            cell.data_type = "s" if cell.data_type == "f" else cell.data_type
    book.save(path)
    return path


def changed(**changes: Any) -> tuple[Any, ...]:
    names = (
        "status",
        "person",
        "organization",
        "value",
        "plan",
        "stage",
        "won",
        "owner",
    )
    return tuple(
        changes.get(name, value)
        for name, value in zip(names, WON, strict=True)
    )


def checked(
    world: World,
    path: Path,
    *,
    answers: dict[str, Any] | None = None,
    kind: RecordKind = RecordKind.DEAL,
    by: User | None = None,
    block_rows: int | None = None,
    **options: Any,
) -> Import:
    of = start_import(
        by=by or world.admin, at=world.at, kind=kind, path=path, name=path.name
    )
    choose_import_columns(
        of=of, by=by or world.admin, columns=of.columns, **options
    )
    if answers:
        give_answers(of=of, by=by or world.admin, answers=answers)
    request_check(of=of, by=by or world.admin, at=world.at)
    if block_rows:
        check(of, at=world.at, block_rows=block_rows)
    run_pending()
    of.refresh_from_db()
    return of


def imported(world: World, path: Path, **options: Any) -> Import:
    of = checked(world, path, **options)
    assert of.questions == [] or not of.totals.get("question"), of.questions
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    of.refresh_from_db()
    assert of.state == Import.State.DONE, list(
        Job.objects.values_list("error", flat=True)
    )
    return of


def verdicts(of: Import) -> list[str]:
    return [
        str(row.verdict)
        for block in of.blocks.order_by("number")
        for row in unpack(block.rows)
    ]


def codes(of: Import) -> list[str]:
    return [
        str(issue.code)
        for block in of.blocks.all()
        for row in unpack(block.rows)
        for issue in row.issues
    ]


@pytest.mark.parametrize(
    ("row", "verdict", "code"),
    [
        (WON, "new", ""),
        (changed(status=None), "question", "row.status_not_said"),
        (changed(status=None, won=None), "new", ""),
        (changed(status="gewonnen "), "new", ""),
        (changed(status="Won"), "new", ""),
        (changed(status="Storniert"), "problem", "row.status_unknown"),
        (
            changed(person=None, organization=None),
            "problem",
            "row.contact_missing",
        ),
        (changed(organization=None), "new", ""),
        (changed(person=None), "new", ""),
        (changed(value="1.234,50 €"), "new", ""),
        (changed(value="abc"), "problem", "row.number_invalid"),
        (changed(value=None), "new", ""),
        (changed(value=-490), "new", ""),
        (changed(won="31.02.2018"), "problem", "row.date_invalid"),
        (changed(won="14/11/2018"), "new", ""),
        (changed(won=43418), "new", ""),
        (changed(won=datetime(2099, 1, 1)), "new", "row.date_in_future"),
        (changed(plan="vierteljährlich"), "question", "row.option_unknown"),
        (changed(stage="Gibt es nicht"), "question", "row.stage_unknown"),
        (changed(owner="Unbekannt"), "question", "row.owner_unknown"),
        (changed(status="Offen"), "new", "row.won_time_ignored"),
        (changed(status="Verloren", won=None), "new", ""),
        (changed(organization='=HYPERLINK("http://x")'), "new", ""),
        (changed(person="x" * 300), "problem", "row.too_long"),
        (changed(value="1e400"), "problem", "row.number_invalid"),
        (changed(value="#REF!"), "problem", "row.error_cell"),
        (changed(value=10**14), "problem", "row.out_of_range"),
    ],
)
def test_each_row_gets_its_verdict(
    world: World, tmp_path: Path, row: Sequence[Any], verdict: str, code: str
) -> None:
    world.field()
    of = checked(world, sheet(tmp_path / "rows.xlsx", [row]))
    assert (verdicts(of), codes(of)) == ([verdict], [code] if code else [])


def test_blank_rows_are_skipped_and_an_unknown_column_is_left_out(
    world: World, tmp_path: Path
) -> None:
    world.field()
    of = checked(
        world,
        sheet(
            tmp_path / "rows.xlsx",
            [(*WON, "ok"), (*[None] * 8, "leer")],
            (*GERMAN, "Erwartet"),
        ),
    )
    assert (of.columns[-1], verdicts(of)) == (None, ["new", "skip"])


def test_a_blank_or_missing_won_time_is_the_day_of_the_import(
    world: World, tmp_path: Path
) -> None:
    world.field()
    imported(
        world,
        sheet(
            tmp_path / "blank.xlsx",
            [changed(won=None, value=1), changed(value=2)],
        ),
    )
    assert dict(Deal.objects.values_list("value_e4", "won_on")) == {
        10_000: date(2018, 11, 14),
        20_000: date(2018, 10, 1),
    }
    without = [name for name in GERMAN if name != "Deal - Gewonnen am"]
    imported(
        world,
        sheet(
            tmp_path / "missing.xlsx",
            [(*changed(value=3)[:6], "Alice")],
            without,
        ),
    )
    imported(
        world,
        sheet(tmp_path / "given.xlsx", [changed(won=None, value=4)]),
        on=date(2018, 11, 1),
    )
    assert Deal.objects.get(value_e4=30_000).won_on == date(2018, 11, 14)
    assert Deal.objects.get(value_e4=40_000).won_on == date(2018, 11, 1)


@pytest.mark.parametrize(
    ("answer", "count", "days"),
    [
        (
            {"do": "copy", "on": "2018-11-01"},
            2,
            [date(2018, 10, 1), date(2018, 11, 1)],
        ),
        ({"do": "add"}, 2, [date(2018, 10, 1), date(2018, 10, 1)]),
        ({"do": "update"}, 1, [date(2018, 10, 1)]),
    ],
    ids=["copy", "add", "update"],
)
def test_won_deals_that_are_still_there_are_asked_about(
    world: World, tmp_path: Path, answer: Any, count: int, days: list[date]
) -> None:
    world.field()
    path = sheet(tmp_path / "won.xlsx", [WON])
    imported(world, path)
    assert [one["key"] for one in checked(world, path).questions] == [
        "existing"
    ]
    of = checked(world, path, answers={"existing": answer})
    if answer["do"] == "update":
        assert verdicts(of) == ["same"]
        with pytest.raises(UserError, match="nothing_to_do"):
            request_import(of=of, by=world.admin, at=world.at)
    else:
        imported(world, path, answers={"existing": answer})
    assert (
        Deal.objects.count(),
        sorted(Deal.objects.values_list("won_on", flat=True)),
    ) == (
        count,
        days,
    )


def test_unknown_words_are_mapped_created_or_skipped(
    world: World, tmp_path: Path
) -> None:
    field = world.field()
    key = f"custom.{field.key}"
    rows = [
        changed(plan="quartalsweise"),
        changed(stage="Neu hier", value=1),
        changed(owner="Weg", value=2),
        changed(owner="Chef", value=3),
    ]
    answers = {
        f"{key}:quartalsweise": {"do": "create"},
        "stage:Neu hier": {"do": "create"},
        "owner:Weg": {"do": "skip"},
        "owner:Chef": {"do": "map", "to": world.bob.pk},
    }
    of = imported(world, sheet(tmp_path / "words.xlsx", rows), answers=answers)
    assert verdicts(of) == ["new", "new", "skip", "new"]
    assert Deal.objects.get(value_e4=4_900_000).custom[
        field.key
    ] == world.option(field, "quartalsweise")
    assert Deal.objects.get(value_e4=10_000).stage == Stage.objects.get(
        name="Neu hier"
    )
    assert Deal.objects.get(value_e4=30_000).owner == world.bob


def test_open_questions_hold_the_import_up(
    world: World, tmp_path: Path
) -> None:
    of = checked(
        world, sheet(tmp_path / "ask.csv.xlsx", [changed(owner="Weg")])
    )
    with pytest.raises(UserError, match="questions_open"):
        request_import(of=of, by=world.admin, at=world.at)


def test_what_is_ambiguous_in_a_whole_column_is_asked_once(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "us.csv").write_text(
        "Status,Organization,Value,Won time\nWon,A,1.234,03/04/2018\nWon,B,5.678,04/05/2018\n"
    )
    of = checked(world, tmp_path / "us.csv")
    assert sorted(one["key"] for one in of.questions) == [
        "dates:Won time",
        "numbers:Value",
    ]
    imported(
        world,
        tmp_path / "us.csv",
        answers={
            "dates:Won time": {"do": "month_first"},
            "numbers:Value": {"do": "point"},
        },
    )
    assert sorted(Deal.objects.values_list("value_e4", "won_on")) == [
        (12_340, date(2018, 3, 4)),
        (56_780, date(2018, 4, 5)),
    ]


def test_columns_are_remembered_and_checked(
    world: World, tmp_path: Path
) -> None:
    path = sheet(
        tmp_path / "own.xlsx",
        [("Elbe AG", 5, "x")],
        ("Käufer", "Zahl", "Notiz"),
    )
    of = start_import(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        path=path,
        name="own.xlsx",
    )
    assert of.columns == [None, None, None]
    for columns, code in (
        ([None] * 3, "columns_none"),
        (["value", "value", None], "column_twice"),
        (["value"], "columns_unknown"),
        (["nope", None, None], "columns_unknown"),
    ):
        with pytest.raises(UserError, match=code):
            choose_import_columns(of=of, by=world.admin, columns=columns)
    choose_import_columns(
        of=of, by=world.admin, columns=["organization", "value", None]
    )
    again = start_import(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        path=path,
        name="own.xlsx",
    )
    assert again.columns == ["organization", "value", None]


def test_another_sheet_can_be_taken(world: World, tmp_path: Path) -> None:
    path = sheet(tmp_path / "two.xlsx", [WON])
    book = openpyxl.load_workbook(path)
    book.create_sheet("Zwei").append(["Titel", "Organisation"])
    book["Zwei"].append(["A", "B"])
    book.save(path)
    of = start_import(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        path=path,
        name="two.xlsx",
    )
    choose_reading(of=of, by=world.admin, choices=ReadingChoices(sheet="Zwei"))
    assert of.columns == ["title", "organization"]


def test_only_those_who_may_import_do(world: World, tmp_path: Path) -> None:
    path = sheet(tmp_path / "own.xlsx", [WON])
    with pytest.raises(UserError, match="denied"):
        start_import(
            by=world.alice,
            at=world.at,
            kind=RecordKind.DEAL,
            path=path,
            name="x",
        )
    world.alice.permissions = world.bob.permissions = ["import"]
    of = start_import(
        by=world.alice, at=world.at, kind=RecordKind.DEAL, path=path, name="x"
    )
    with pytest.raises(UserError, match="denied"):
        request_check(of=of, by=world.bob, at=world.at)


def test_an_upload_is_kept_and_bounded(world: World) -> None:
    path = keep_upload([b"abc", b"def"], name="x.csv", limit_bytes=10)
    assert (path.read_bytes(), path.parent) == (
        b"abcdef",
        Path(settings.DATA_DIR) / "uploads",
    )
    with pytest.raises(UserError, match="too_large"):
        keep_upload([b"x" * 20], name="x.csv", limit_bytes=10)


def test_a_file_that_breaks_off_leaves_no_plan(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "broken.csv"
    path.write_text(
        "Titel,Organisation\n" + "a,b\n" * 60 + f"a,{'b' * 200_000}\n"
    )
    of = checked(world, path)
    assert (of.state, of.error["code"], of.blocks.count()) == (
        "failed",
        "sheet.cell_too_long",
        0,
    )


def test_a_custom_field_of_any_kind_is_imported(
    world: World, tmp_path: Path
) -> None:
    kinds = {
        FieldKind.DATE: "24.12.2018",
        FieldKind.NUMBER: "1,5",
        FieldKind.TEXT: "x",
        FieldKind.OPTIONS: "jährlich, monatlich",
        FieldKind.TIME_RANGE: "9:00 - 10:00",
    }
    for kind in kinds:
        world.field(kind, str(kind))
    headings = ("Organisation", *(f"Deal - {kind}" for kind in kinds))
    imported(
        world,
        sheet(
            tmp_path / "custom.xlsx", [("Elbe AG", *kinds.values())], headings
        ),
    )
    assert len(Deal.objects.get().custom) == 6
