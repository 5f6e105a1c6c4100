"""The page of a check: what it says of questions, answers and rows."""

from pathlib import Path

from tests.imports.test_imports import checked, sheet
from tests.world import World
from turnus.imports.actions import give_answers

HEADINGS = (
    "Deal - Titel",
    "Deal - Status",
    "Deal - Organisation",
    "Deal - Wert",
    "Deal - Phase",
    "Deal - Gewonnen am",
)
WON = ("Abo", "Gewonnen", "Elbe AG", 99, None, "05.10.2018")


def shown(world: World, folder: Path, *rows: tuple[object, ...]) -> str:
    of = checked(world, sheet(folder / "deals.xlsx", rows, HEADINGS))
    return world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()


def test_one_row_is_a_row_and_two_are_rows(
    world: World, tmp_path: Path
) -> None:
    one = ("Abo", "Offen", "Elbe AG", 99, "Einmal", None)
    two = ("Abo", "Offen", "Isar AG", 99, "Zweimal", None)
    page = shown(world, tmp_path, one, two, two)
    assert "Phase: „Einmal“ ist unbekannt (1 Zeile)." in page
    assert "Phase: „Zweimal“ ist unbekannt (2 Zeilen)." in page
    words = " ".join(page.split())
    assert "> Zeile 2 <" in words
    assert "> Zeilen 3, 4 <" in words


def test_number_keys_answer_the_first_question_that_has_choices(
    world: World, tmp_path: Path
) -> None:
    won = world.deal(
        title="Abo",
        organization=world.organization("Elbe AG").pk,
        status="won",
        amount=99,
    )
    assert won.won_on is not None
    here = ("Abo", "Gewonnen", "Elbe AG", 99, None, won.won_on.isoformat())
    page = shown(
        world, tmp_path, here, ("Neu", "Offen", "Isar AG", 5, "Nirgends", None)
    )
    assert [f'data-page-key="{key}"' in page for key in range(1, 6)] == [
        True,
        True,
        True,
        True,
        False,
    ]
    # Beside the tabs, and in the overview of all keys.
    assert page.count("<kbd>1</kbd>–<kbd>4</kbd>") == 2


def test_an_answer_says_its_day_as_a_person_writes_it(
    world: World, tmp_path: Path
) -> None:
    world.deal(
        title="Abo",
        organization=world.organization("Elbe AG").pk,
        status="won",
        amount=99,
    )
    of = checked(world, sheet(tmp_path / "deals.xlsx", [WON], HEADINGS))
    give_answers(
        of=of,
        by=world.admin,
        answers={"existing": {"do": "copy", "on": "2018-11-14"}},
    )
    page = world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()
    assert "gewonnen am 14.11.2018" in page


def test_a_customer_who_is_the_title_stands_there_once(
    world: World, tmp_path: Path
) -> None:
    world.organization("Elbe AG")
    page = shown(world, tmp_path, (None, "Offen", "Elbe AG", 99, None, None))
    assert page.count("Elbe AG") == 1
