"""Answers that are refused: the page says why beside the question, and nothing entered is lost."""

from pathlib import Path

import pytest
from django.test import Client

from tests.contacts.test_contact_fields import DEAL_HEADINGS
from tests.imports.test_imports import checked, imported, sheet
from tests.imports.test_repeats import HEADINGS, ROWS
from tests.world import World
from turnus.core.fields import FieldKind
from turnus.imports.models import Import


def with_contacts_asked_about(world: World, folder: Path) -> Import:
    """Return a check that asks which organizations `Zeta` and `Doppelt AG` are."""
    world.field(FieldKind.ORGANIZATION, "Partner")
    for name in ("Zeta AG", "Doppelt AG", "Doppelt AG"):
        world.organization(name)
    rows = [("A", "X", "Zeta"), ("B", "X", "Doppelt AG")]
    headings = (*DEAL_HEADINGS, "Deal - Partner")
    return checked(world, sheet(folder / "in.xlsx", rows, headings))


def with_copies_asked_about(world: World, folder: Path) -> Import:
    """Return a check that asks what to do with deals that exist already."""
    path = sheet(folder / "month.xlsx", ROWS, HEADINGS)
    imported(world, path)
    return checked(world, path)


def refused(client: Client, of: Import, **entries: str) -> str:
    """Return the page that refuses the entries; nothing is stored."""
    sent = {name.replace("_", "-"): text for name, text in entries.items()}
    before = of.answers
    response = client.post(f"/imports/{of.pk}/answers/", sent)
    assert response.status_code == 422
    of.refresh_from_db()
    assert (of.state, of.answers) == ("checked", before)
    return response.content.decode()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "Niemand AG",
            "There is no contact called “Niemand AG”. Check the spelling.",
        ),
        (
            "Doppelt AG",
            "2 contacts are called “Doppelt AG”. Choose one from the list.",
        ),
    ],
    ids=["none", "several"],
)
def test_a_contact_that_a_name_does_not_tell_is_refused(
    world: World, english_client: Client, tmp_path: Path, name: str, words: str
) -> None:
    of = with_contacts_asked_about(world, tmp_path)
    page = refused(english_client, of, answer_0_contact=name, answer_1="skip")
    question, other = page.split("<fieldset")[1:3]
    assert words in question
    assert f'name="answer-0-contact" value="{name}"' in question
    assert '<option value="skip" selected>' in other


def test_copies_need_the_day_on_which_they_were_won(
    world: World, english_client: Client, tmp_path: Path
) -> None:
    of = with_copies_asked_about(world, tmp_path)
    page = refused(
        english_client, of, answer_0="copy", answer_0_on="", row_3="skip"
    )
    assert "Enter the day on which the copies were won." in page
    assert 'value="copy" checked' in page
    assert page.count('<option value="skip" selected>') == 1


def test_a_day_that_is_none_is_refused_and_shown_again(
    world: World, english_client: Client, tmp_path: Path
) -> None:
    of = with_copies_asked_about(world, tmp_path)
    page = refused(
        english_client, of, answer_0="copy", answer_0_on="2018-02-31"
    )
    assert "“2018-02-31” is not a date." in page
    assert 'name="answer-0-on" value="2018-02-31"' in page


def test_copies_without_a_word_about_their_day_were_won_today(
    world: World, english_client: Client, tmp_path: Path
) -> None:
    of = with_copies_asked_about(world, tmp_path)
    page = english_client.get(f"/imports/{of.pk}/").content.decode()
    assert f'name="answer-0-on" value="{world.at.date()}"' in page
    english_client.post(f"/imports/{of.pk}/answers/", {"answer-0": "copy"})
    of.refresh_from_db()
    assert of.answers["existing"]["on"] == f"{world.at.date()}"


@pytest.mark.parametrize("choice", ["map:999999", "map", "nonsense"])
def test_an_answer_that_the_question_does_not_offer_is_refused(
    world: World, english_client: Client, tmp_path: Path, choice: str
) -> None:
    of = with_copies_asked_about(world, tmp_path)
    page = refused(english_client, of, answer_0=choice)
    assert "is not a valid value here." in page


def test_a_contact_that_one_may_not_see_is_no_answer(
    world: World, english_client: Client, tmp_path: Path
) -> None:
    of = with_contacts_asked_about(world, tmp_path)
    page = refused(english_client, of, answer_0="map:999999")
    assert "This contact does not exist, or you cannot see it." in page
