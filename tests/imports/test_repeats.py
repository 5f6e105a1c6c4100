"""Deals that are here already: one question for all, answered for all or row by row."""

import json
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import checked, imported, sheet, verdicts
from tests.world import World
from turnus.cli.main import main
from turnus.core.money import Money
from turnus.imports.actions import request_import
from turnus.imports.models import Import
from turnus.imports.plan import PlannedRow
from turnus.imports.plan_storage import unpack
from turnus.jobs.worker import run_pending
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.sales.models import Deal, Stage

HEADINGS = (
    "Titel",
    "Organisation",
    "Wert",
    "Status",
    "Gewonnen am",
    "Verloren am",
)
ROWS = [
    ("Wartung", "Elbe AG", 100, "gewonnen", date(2018, 10, 1), None),
    ("Hosting", "Elbe AG", 100, "gewonnen", None, None),
    ("Angebot", "Elbe AG", 200, "offen", None, None),
    ("Umzug", "Spree AG", 300, "verloren", None, date(2018, 9, 1)),
    ("Anfrage", "Spree AG", 0, "verloren", None, None),
]


def rows_of(of: Import) -> list[PlannedRow]:
    return [
        row
        for block in of.blocks.order_by("number")
        for row in unpack(block.rows)
    ]


def later(
    world: World, path: Path, *, days: int = 3, **options: Any
) -> Import:
    with clock.standing_at(world.at + timedelta(days=days)):
        return checked(world, path, **options)


def test_every_deal_of_the_same_file_is_asked_about_by_row(
    world: World, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "month.xlsx", ROWS, HEADINGS)
    imported(world, path)
    of = later(world, path)
    assert verdicts(of) == ["question"] * 5
    assert [
        (one["key"], one["count"], one["rows"]) for one in of.questions
    ] == [("existing", 5, [2, 3, 4, 5, 6])]
    held = {deal.title: deal.pk for deal in Deal.objects.all()}
    told = [
        [(str(one.code), one.params) for one in row.issues]
        for row in rows_of(of)
    ]
    assert told == [
        [("row.record_here", {"id": held[row[0]], "title": row[0]})]
        for row in ROWS
    ]


def test_the_same_file_changes_nothing_if_the_deals_are_updated(
    world: World, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "month.xlsx", ROWS, HEADINGS)
    imported(world, path)
    Deal.objects.update(stage=Stage.objects.latest("position"))
    before = list(Deal.objects.order_by("pk").values())
    of = later(world, path, answers={"existing": {"do": "update"}})
    assert verdicts(of) == ["same"] * 5
    assert list(Deal.objects.order_by("pk").values()) == before


def test_a_deal_that_has_moved_on_still_repeats_the_same_file(
    world: World, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "month.xlsx", ROWS[2:3], HEADINGS)
    imported(world, path)
    Deal.objects.update(status="won", won_at=world.at, won_on=world.at.date())
    assert verdicts(later(world, path)) == ["question"]


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        (("Angebot", "Elbe AG", 200, "offen", None, None), "question"),
        (("ANGEBOT", "ELBE AG", "200,00", "Open", None, None), "question"),
        (("Angebot 2", "Elbe AG", 200, "offen", None, None), "new"),
        (("Angebot", "Elbe AG", 201, "offen", None, None), "new"),
        (("Angebot", "Spree AG", 200, "offen", None, None), "new"),
        (("Angebot", "Elbe AG", 200, "gewonnen", None, None), "new"),
        (
            ("Umzug", "Spree AG", 300, "verloren", None, date(2018, 9, 1)),
            "question",
        ),
        (
            ("Umzug", "Spree AG", 300, "verloren", None, date(2018, 9, 2)),
            "new",
        ),
        (("Umzug", "Spree AG", 300, "verloren", None, None), "question"),
        (
            ("Anderes", "Elbe AG", 100, "gewonnen", date(2018, 10, 1), None),
            "question",
        ),
        (
            ("Wartung", "Elbe AG", 100, "gewonnen", date(2018, 11, 1), None),
            "new",
        ),
    ],
    ids=str,
)
def test_a_row_of_another_file_repeats_what_is_the_same_deal(
    world: World, tmp_path: Path, row: tuple[Any, ...], verdict: str
) -> None:
    imported(world, sheet(tmp_path / "first.xlsx", ROWS, HEADINGS))
    assert verdicts(
        later(world, sheet(tmp_path / "second.xlsx", [row], HEADINGS))
    ) == [verdict]


def test_rows_are_answered_one_by_one(world: World, tmp_path: Path) -> None:
    path = sheet(tmp_path / "month.xlsx", ROWS, HEADINGS)
    imported(world, path)
    rows = {"2": "copy", "3": "update", "4": "skip", "5": {"do": "add"}}
    assert verdicts(
        later(world, path, answers={"existing": {"rows": rows}})
    ) == [
        "new",
        "same",
        "skip",
        "new",
        "question",
    ]
    answer = {"do": "skip", "on": "2018-11-20", "rows": rows}
    of = later(world, path, answers={"existing": answer})
    assert verdicts(of) == ["new", "same", "skip", "new", "skip"]
    assert rows_of(of)[0].columns["won_on"] == date(2018, 11, 20)


def test_a_row_is_paired_with_the_deal_of_its_title_first(
    world: World, tmp_path: Path
) -> None:
    pair = [
        ("Hosting", "Elbe AG", 100, "gewonnen", date(2018, 10, 1), None),
        ROWS[0],
    ]
    imported(world, sheet(tmp_path / "first.xlsx", pair, HEADINGS))
    renamed = ("Anderes", *pair[0][1:])
    of = checked(
        world, sheet(tmp_path / "second.xlsx", [renamed, ROWS[0]], HEADINGS)
    )
    assert [row.issues[0].params["title"] for row in rows_of(of)] == [
        "Hosting",
        "Wartung",
    ]


def exported(world: World, *days: datetime) -> list[int]:
    return [
        world.deal(
            title=f"Abo {day.month}",
            status="won",
            won_at=day,
            value=Money.of(9, "EUR"),
        ).pk
        for day in days
    ]


IDS = ("Deal - ID", "Status", "Gewonnen am")


def test_a_copy_never_moves_a_day_that_was_changed_in_the_file(
    world: World, tmp_path: Path
) -> None:
    september, october = exported(
        world, datetime(2018, 9, 1, 9, 30), datetime(2018, 10, 5, 16, 0)
    )
    blank = exported(world, datetime(2018, 10, 7, 8, 0))[0]
    rows = [
        (september, "Gewonnen", datetime(2018, 9, 1, 9, 30)),
        (october, "Gewonnen", datetime(2018, 11, 5, 16, 0)),
        (blank, "Gewonnen", None),
    ]
    path = sheet(tmp_path / "edited.xlsx", rows, IDS)
    of = checked(
        world, path, answers={"existing": {"do": "copy", "on": "2018-11-01"}}
    )
    days = [row.columns["won_on"] for row in rows_of(of)]
    assert (verdicts(of), days) == (
        ["new"] * 3,
        [date(2018, 11, 1), date(2018, 11, 5), date(2018, 11, 1)],
    )


def test_a_blank_won_time_that_is_added_again_is_the_day_of_the_import(
    world: World, tmp_path: Path
) -> None:
    blank = exported(world, datetime(2018, 10, 7, 8, 0))[0]
    imported(
        world,
        sheet(tmp_path / "in.xlsx", [(blank, "Gewonnen", None)], IDS),
        answers={"existing": {"do": "add"}},
    )
    copy = Deal.objects.exclude(pk=blank).get()
    assert (copy.title, copy.won_on, copy.first_won_at) == (
        "Abo 10",
        date(2018, 11, 14),
        copy.won_at,
    )


def test_two_rows_that_say_the_same_are_noted_and_can_be_left_out(
    world: World, tmp_path: Path
) -> None:
    rows = [
        ROWS[0],
        ROWS[2],
        ROWS[0],
        ("Wartung", "Elbe AG", 101, *ROWS[0][3:]),
    ]
    path = sheet(tmp_path / "twice.xlsx", rows, HEADINGS)
    of = checked(world, path)
    told = [
        [(str(one.code), one.params["row"]) for one in row.issues]
        for row in rows_of(of)
    ]
    assert (verdicts(of), told) == (
        ["new"] * 4,
        [[], [], [("row.twice", 2)], []],
    )
    of = checked(world, path, answers={"existing": {"rows": {"4": "skip"}}})
    assert verdicts(of) == ["new", "new", "skip", "new"]


def test_a_day_that_is_none_is_said(world: World, tmp_path: Path) -> None:
    of = checked(
        world,
        sheet(tmp_path / "in.xlsx", ROWS[:1], HEADINGS),
        answers={"existing": {"do": "copy", "on": "x"}},
    )
    assert (of.state, of.error) == (
        "failed",
        {"code": "day.invalid", "params": {"day": "x"}},
    )


def test_the_check_page_answers_for_single_rows(
    world: World, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "month.xlsx", ROWS, HEADINGS)
    imported(world, path)
    of = checked(world, path)
    client = world.client(world.admin)
    page = client.get(f"/imports/{of.pk}/").content.decode()
    assert "5 Deals dieser Datei gibt es schon (Zeilen 2, 3, 4, 5, 6)" in page
    assert page.count('form="row-answers" name="row-') == 5
    client.post(
        f"/imports/{of.pk}/answers/",
        {
            "answer-0": "update",
            "row-2": "skip",
            "row-3": "",
            "row-4": "nonsense",
        },
    )
    run_pending()
    of.refresh_from_db()
    assert (of.answers["existing"], verdicts(of)) == (
        {"do": "update", "rows": {"2": "skip"}},
        ["skip", "same", "same", "same", "same"],
    )
    page = client.get(f"/imports/{of.pk}/").content.decode()
    assert '<form id="row-answers"' in page
    assert '<option value="skip" selected>' in page
    client.post(f"/imports/{of.pk}/answers/", {"row-2": ""})
    run_pending()
    assert Import.objects.get(pk=of.pk).answers["existing"] == {
        "do": "update",
        "rows": {},
    }


@pytest.mark.parametrize("number", ["²", "x", ""])
def test_an_answer_for_what_is_no_number_of_a_row_is_none(
    world: World, tmp_path: Path, number: str
) -> None:
    path = sheet(tmp_path / "month.xlsx", ROWS, HEADINGS)
    imported(world, path)
    of = later(world, path, answers={"existing": {"rows": {number: "skip"}}})
    assert verdicts(of) == ["question"] * 5
    world.client(world.admin).post(
        f"/imports/{of.pk}/answers/",
        {"answer-0": "update", f"row-{number}": "skip"},
    )
    run_pending()
    assert verdicts(of) == ["same"] * 5


def test_deals_that_one_may_not_see_are_not_here(
    world: World, tmp_path: Path
) -> None:
    organization = world.organization("Elbe AG")
    values = {
        "title": "Angebot",
        "amount": 200,
        "organization": organization.pk,
        "visibility": "owner",
    }
    world.deal(world.charlie, **values)
    world.alice.permissions = ["import"]
    world.alice.save()
    path = sheet(tmp_path / "in.xlsx", [ROWS[2]], HEADINGS)
    assert verdicts(checked(world, path, by=world.alice)) == ["new"]
    with pytest.raises(UserError, match="import"):
        checked(world, path, by=world.bob)


def test_who_gets_a_new_status_is_stamped_when_the_import_is_carried_out(
    world: World, tmp_path: Path
) -> None:
    deal = world.deal(title="Angebot")
    headings = ("Deal - ID", "Titel", "Organisation", "Status")
    rows = [
        (deal.pk, None, None, "gewonnen"),
        (None, "Neu", "Elbe AG", "gewonnen"),
        (None, "Weg", "Elbe AG", "verloren"),
    ]
    of = checked(world, sheet(tmp_path / "in.xlsx", rows, headings))
    assert [row.is_stamped for row in rows_of(of)] == [True] * 3
    the_day_after = world.at + timedelta(days=1)
    with clock.standing_at(the_day_after):
        request_import(of=of, by=world.admin, at=the_day_after)
        run_pending()
    moment = the_day_after.replace(microsecond=0)
    stamps = ("won_at", "won_on", "lost_at", "lost_on", "first_won_at")
    won, lost = (
        (moment, moment.date(), None, None, moment),
        (None, None, moment, moment.date(), None),
    )
    assert list(Deal.objects.order_by("pk").values_list(*stamps)) == [
        won,
        won,
        lost,
    ]


def test_a_stamped_deal_comes_back_from_its_export_unchanged(
    world: World, tmp_path: Path
) -> None:
    imported(world, sheet(tmp_path / "in.xlsx", ROWS, HEADINGS))
    before = list(Deal.objects.order_by("pk").values())
    for ending in ("csv", "xlsx"):
        file, report = tmp_path / f"out.{ending}", tmp_path / "report.json"
        columns = "id,title,organization,value,status,won_at,lost_at"
        assert (
            main(
                [
                    "export",
                    "--columns",
                    columns,
                    "-o",
                    str(file),
                    "--lang",
                    "de",
                ]
            )
            == 0
        )
        answers = tmp_path / "answers.json"
        answers.write_text('{"existing": {"do": "update"}}')
        main(
            [
                "import",
                str(file),
                "--answers",
                str(answers),
                "--report",
                str(report),
            ]
        )
        assert {
            row["verdict"] for row in json.loads(report.read_text())["rows"]
        } == {"same"}
    assert list(Deal.objects.order_by("pk").values()) == before
