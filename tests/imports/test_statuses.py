"""Without a status column, won times and stages of other programs tell it as a person answers."""

from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_columns_left_out import csv
from tests.imports.test_imports import checked, codes, imported, verdicts
from tests.world import World
from turnus.imports.statuses import status_of_stage
from turnus.sales.models import Deal

DATED = "Organisation;Wert;Gewonnen am\nElbe AG;5;2018-10-01\nOder AG;6;\n"
STAGED = """Titel;Organisation;Wert;Phase
A;Elbe AG;5;closedwon
B;Oder AG;6;Closed Lost
C;Isar AG;7;
"""


def test_won_times_without_a_status_are_asked_about(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, csv(tmp_path, DATED))
    assert verdicts(of) == ["question", "new"]
    assert [
        (one["key"], one["options"], one["rows"]) for one in of.questions
    ] == [("status", ["dated", "won", "open"], [2])]


@pytest.mark.parametrize(
    ("answer", "statuses"),
    [
        ("dated", ["won", "open"]),
        ("won", ["won", "won"]),
        ("open", ["open", "open"]),
    ],
)
def test_the_answer_holds_for_all_rows(
    world: World, tmp_path: Path, answer: str, statuses: list[str]
) -> None:
    imported(world, csv(tmp_path, DATED), answers={"status": {"do": answer}})
    assert (
        list(Deal.objects.order_by("pk").values_list("status", flat=True))
        == statuses
    )


def test_a_status_that_is_asked_about_is_not_called_open(
    world: World, tmp_path: Path
) -> None:
    assert checked(world, csv(tmp_path, DATED)).totals["missing"] == []
    assert (
        checked(
            world, csv(tmp_path, DATED), answers={"status": {"do": "dated"}}
        ).totals["missing"]
        == []
    )
    assert checked(
        world, csv(tmp_path, "Organisation;Wert\nElbe AG;5\n")
    ).totals["missing"] == ["status"]


def test_a_won_time_that_is_left_out_says_so(
    world: World, tmp_path: Path
) -> None:
    assert codes(
        checked(
            world, csv(tmp_path, DATED), answers={"status": {"do": "open"}}
        )
    ) == ["row.won_time_ignored"]


def test_a_blank_status_beside_a_won_time_is_asked_about_too(
    world: World, tmp_path: Path
) -> None:
    text = "Organisation;Status;Gewonnen am\nElbe AG;;2018-10-01\nOder AG;Offen;\n"
    assert verdicts(checked(world, csv(tmp_path, text))) == ["question", "new"]


def test_stages_that_say_how_a_deal_ended_are_no_stages(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, csv(tmp_path, STAGED))
    assert [(one["key"], one["options"]) for one in of.questions] == [
        ("status", ["stage", "open"])
    ]
    of = imported(
        world, csv(tmp_path, STAGED), answers={"status": {"do": "stage"}}
    )
    assert list(
        Deal.objects.order_by("title").values_list("status", flat=True)
    ) == [
        "won",
        "lost",
        "open",
    ]
    assert of.totals["notes"]["row.status_from_stage"]["rows"] == [2, 3]


def test_as_open_deals_their_stages_are_unknown_words(
    world: World, tmp_path: Path
) -> None:
    of = checked(
        world, csv(tmp_path, STAGED), answers={"status": {"do": "open"}}
    )
    assert [one["key"] for one in of.questions] == [
        "stage:closedwon",
        "stage:Closed Lost",
    ]


def test_an_update_by_its_id_keeps_its_status(
    world: World, tmp_path: Path
) -> None:
    deal = world.deal(title="Abo", status="won", won_at=world.at, amount=5)
    text = f"ID;Titel;Gewonnen am\n{deal.pk};Abo;2018-10-01\n"
    of = checked(world, csv(tmp_path, text))
    assert [one["key"] for one in of.questions] != ["status"]


@pytest.mark.parametrize(
    ("closed", "status", "expected"),
    [
        ("2018-10-01", "Offen", "2018-10-01"),
        ("2019-02-01", "", "2019-02-01"),
        ("2018-10-01", "Gewonnen", "None"),
    ],
)
def test_the_close_date_of_an_open_deal_is_the_expected_one(
    world: World, tmp_path: Path, closed: str, status: str, expected: str
) -> None:
    text = f"Organisation;Wert;Status;Deal closed on\nElbe AG;5;{status};{closed}\n"
    imported(world, csv(tmp_path, text))
    assert str(Deal.objects.get().expected_close_on) == expected


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Closed Won", "won"),
        ("closedlost", "lost"),
        ("Abgeschlossen (gewonnen)", "won"),
        ("Angebot", None),
        ("", None),
    ],
)
def test_words_of_other_programs(word: str, status: Any) -> None:
    assert status_of_stage(word) == status
