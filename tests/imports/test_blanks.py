"""A blank that becomes a value is noted where other rows fill the column in, else not."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.imports.test_columns_left_out import csv
from tests.imports.test_imports import checked, codes
from tests.world import World
from turnus.core.records import RecordKind
from turnus.imports.models import Import
from turnus.imports.plan import BLOCK_ROWS

HEADINGS = "Organisation;Wert;Währung;Status;Gewonnen am;Phase;Besitzer"
WON = {
    "organization": "Elbe AG",
    "value": "5",
    "currency": "EUR",
    "status": "Gewonnen",
    "won": "2018-10-01",
}


def line(**changes: str) -> str:
    values = {**WON, "stage": "", "owner": "", **changes}
    return ";".join(values.values())


def check(world: World, folder: Path, *lines: str) -> Import:
    return checked(world, csv(folder, "\n".join([HEADINGS, *lines, ""])))


def notes(of: Import) -> Mapping[str, list[int]]:
    return {code: note["rows"] for code, note in of.totals["notes"].items()}


@pytest.mark.parametrize(
    ("blank", "code"),
    [
        ({"value": ""}, "row.blank_value"),
        ({"currency": ""}, "row.blank_currency"),
        ({"status": "", "won": ""}, "row.blank_status"),
        ({"won": ""}, "row.blank_won_time"),
    ],
    ids=["value", "currency", "status", "won-time"],
)
def test_a_blank_among_filled_ones_is_noted(
    world: World, tmp_path: Path, blank: Mapping[str, str], code: str
) -> None:
    of = check(
        world,
        tmp_path,
        line(),
        line(organization="Oder AG", **blank),
        line(organization="Isar AG"),
    )
    assert notes(of) == {code: [3]}
    assert of.totals["warning"] == 1


@pytest.mark.parametrize(
    "column", ["value", "currency", "won", "stage", "owner"]
)
def test_a_column_blank_throughout_is_not(
    world: World, tmp_path: Path, column: str
) -> None:
    of = check(
        world,
        tmp_path,
        line(**{column: ""}),
        line(**{"organization": "Oder AG", column: ""}),
    )
    assert codes(of) == []


def test_stage_and_owner_are_noted_alike(world: World, tmp_path: Path) -> None:
    filled = line(stage="Qualifiziert", owner="Alice")
    of = check(world, tmp_path, filled, line(organization="Oder AG"))
    assert notes(of) == {"row.blank_owner": [3], "row.blank_stage": [3]}


def test_only_won_deals_miss_a_won_time(world: World, tmp_path: Path) -> None:
    of = check(
        world,
        tmp_path,
        line(),
        line(organization="Oder AG", status="Offen", won=""),
    )
    assert codes(of) == []


def test_an_amount_that_names_its_currency_misses_none(
    world: World, tmp_path: Path
) -> None:
    of = check(
        world,
        tmp_path,
        line(),
        line(organization="Oder AG", value="7 EUR", currency=""),
    )
    assert codes(of) == []


def test_amounts_of_a_column_without_currencies_are_noted_where_others_name_theirs(
    world: World, tmp_path: Path
) -> None:
    text = "Organisation;Wert;Status\nElbe AG;5 CHF;Offen\nOder AG;6;Offen\n"
    assert notes(checked(world, csv(tmp_path, text), answers={})) == {
        "row.blank_currency": [3]
    }


def test_where_all_name_the_companys_currency_a_blank_leaves_nothing_open(
    world: World, tmp_path: Path
) -> None:
    text = "Organisation;Wert;Status\nElbe AG;5 €;Offen\nOder AG;6;Offen\n"
    assert notes(checked(world, csv(tmp_path, text))) == {}


def test_rows_are_noted_also_if_the_first_filled_one_comes_in_a_later_block(
    world: World, tmp_path: Path
) -> None:
    blank = [
        line(organization=f"Nr. {number}", won="")
        for number in range(BLOCK_ROWS)
    ]
    of = check(world, tmp_path, *blank, line(organization="Oder AG"))
    assert of.totals["notes"]["row.blank_won_time"] == {
        "count": BLOCK_ROWS,
        "rows": [2, 3, 4, 5, 6],
        "params": {},
    }
    assert (of.totals["warning"], set(codes(of))) == (
        BLOCK_ROWS,
        {"row.blank_won_time"},
    )
    assert [
        block.counts.get("warning") for block in of.blocks.order_by("number")
    ] == [
        BLOCK_ROWS,
        None,
    ]


def test_an_update_leaves_blank_cells_as_they_are_and_notes_nothing(
    world: World, tmp_path: Path
) -> None:
    deal = world.deal(title="Abo", amount=100)
    text = f"ID;Titel;Organisation;Wert\n{deal.pk};Abo;;\n;Neu;Elbe AG;5\n"
    of = checked(world, csv(tmp_path, text))
    assert codes(of) == []


def test_subscriptions_say_that_they_count_as_paid_until_today(
    world: World, tmp_path: Path
) -> None:
    world.plan("Monatlich")
    text = (
        "Organisation;Plan;Preis;Beginn;Bezahlt bis\nElbe AG;Monatlich;5;2018-01-01;2018-03-31\n"
        "Oder AG;Monatlich;5;2018-01-01;\n"
    )
    of = checked(world, csv(tmp_path, text), kind=RecordKind.SUBSCRIPTION)
    assert notes(of) == {"row.blank_paid_until": [3]}
