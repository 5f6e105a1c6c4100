"""Twice a month in the app: the two days of deals, of a plan, of what a person types."""

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from tests.core.test_cadence_days import deals
from tests.detection.worlds import copies, proposed, written
from tests.imports.test_imports import checked, codes, imported, verdicts
from tests.imports.test_imports import sheet as file_of
from tests.revenue.test_copies_in_files import HEADINGS
from tests.revenue.test_renewals import plan, subscribed
from tests.world import World
from turnus.accounts.viewer import Viewer
from turnus.core.cadence import TWICE_A_MONTH, Cadence
from turnus.core.records import RecordKind
from turnus.exports.subscriptions import SubscriptionRows
from turnus.fields.builtin import DEAL_PLAN
from turnus.fields.catalog import catalog
from turnus.fields.choices import choices_of
from turnus.imports.models import Import
from turnus.kit.errors import UserError
from turnus.listing.lists import ListState, RecordList
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.subscriptions.actions.pause import (
    pause_subscriptions,
    resume_subscriptions,
)

ON = date(2026, 11, 1)


def starts() -> list[str]:
    return [
        str(day)
        for day in Term.objects.order_by("number").values_list(
            "starts_on", flat=True
        )
    ]


@pytest.mark.parametrize("pair", [(1, 16), (7, 21), (10, 25), (15, 31)])
def test_an_approved_proposal_keeps_the_days_of_its_deals(
    world: World, pair: tuple[int, int]
) -> None:
    world.plan("Zweimal", cadence=TWICE_A_MONTH)
    days = deals(pair, late={5: 1})
    copies(world, days, title="Reinigung zweimal monatlich")
    written(world, proposed(world, on=ON))
    one = Subscription.objects.get()
    assert (one.cadence, str(one.next_due_on)) == (
        f"2/m:{pair[0]},{pair[1]}",
        str(date(2026, 11, pair[0])),
    )
    assert starts() == [str(day) for day in deals(pair)]


def test_a_proposal_needs_no_other_plan_where_one_gives_its_days(
    world: World,
) -> None:
    given = world.plan("Zur Monatsmitte", cadence=Cadence.parse("2/m:1,15"))
    copies(world, deals((10, 25)), title="Reinigung zweimal monatlich")
    written(world, proposed(world, on=ON))
    one = Subscription.objects.get()
    assert (one.plan, one.cadence) == (given, "2/m:10,25")


def test_copies_that_come_with_a_plan_are_due_on_the_days_that_they_show(
    world: World, tmp_path: Path
) -> None:
    plan(world, TWICE_A_MONTH)
    rows = [
        (
            "Reinigung",
            "Elbe AG",
            60,
            "Gewonnen",
            datetime(2018, day.month, day.day, 12),
            "zweimal monatlich",
        )
        for day in deals((10, 25), count=13, late={0: 1, 4: 2})
    ]
    imported(world, file_of(tmp_path / "deals.xlsx", rows, HEADINGS))
    assert Subscription.objects.get().cadence == "2/m:10,25"
    assert starts()[:4] == [
        "2018-05-10",
        "2018-05-25",
        "2018-06-10",
        "2018-06-25",
    ]


@pytest.mark.parametrize(
    ("of", "days", "stored"),
    [
        ("2/m", None, "2/m:14,29"),
        ("2/m", (10, 25), "2/m:10,25"),
        ("2/m:1,15", None, "2/m:1,15"),
        ("2/m:1,15", (5, 20), "2/m:5,20"),
    ],
    ids=["suggested", "typed", "of-the-plan", "typed-over-the-plan"],
)
def test_a_subscription_begins_on_the_days_that_are_given(
    world: World, of: str, days: tuple[int, int] | None, stored: str
) -> None:
    one = subscribed(
        world,
        of=plan(world, Cadence.parse(of)),
        start=date(2018, 8, 14),
        days=days,
    )
    assert one.cadence == stored
    assert str(one.next_due_on) == str(
        Cadence.parse(stored).due(date(2018, 8, 14), 1)
    )


def test_two_days_fit_no_other_plan(world: World) -> None:
    with pytest.raises(UserError, match="days_without_plan"):
        subscribed(world, days=(10, 25))


def test_words_mean_a_plan_although_it_gives_its_days(world: World) -> None:
    given = plan(world, Cadence.parse("2/m:10,25"))
    choices = choices_of(DEAL_PLAN, "de")
    assert choices is not None
    assert choices.find("zweimal monatlich") == given.pk
    bare = plan(world, TWICE_A_MONTH)
    choices = choices_of(DEAL_PLAN, "de")
    assert choices is not None
    assert choices.find("halbmonatlich") == bare.pk


@pytest.mark.parametrize(
    ("typed", "stored"),
    [("", "2/m"), ("10/25", "2/m:10,25"), ("15/letzter", "2/m:15,31")],
)
def test_a_plan_is_given_its_days_in_its_form(
    client: Client, world: World, typed: str, stored: str
) -> None:
    client.force_login(world.admin)
    posted = {
        "name": "Zweimal",
        "unit": "h",
        "every": "1",
        "half_month_days": typed,
    }
    assert client.post("/settings/plans/", posted).status_code == 302
    one = Plan.objects.get(name="Zweimal")
    assert one.cadence == stored
    page = client.get(f"/settings/plans/{one.pk}/").content.decode()
    assert f'value="{"/".join(map(str, one.how.days or ()))}"' in page


def test_a_form_refuses_what_names_no_two_days(
    client: Client, world: World
) -> None:
    client.force_login(world.admin)
    posted = {
        "name": "Zweimal",
        "unit": "h",
        "every": "1",
        "half_month_days": "montags",
    }
    answer = client.post("/settings/plans/", posted)
    assert "montags" in answer.content.decode()
    assert not Plan.objects.filter(name="Zweimal").exists()


def test_a_subscription_is_given_its_days_in_its_form(
    client: Client, world: World
) -> None:
    client.force_login(world.admin)
    posted = {
        "name": "Reinigung",
        "organization": "Elbe GmbH",
        "plan": str(plan(world, TWICE_A_MONTH).pk),
        "price": "60",
        "price_currency": "EUR",
        "starts_on": "2018-08-14",
        "half_month_days": "15/31",
    }
    assert client.post("/subscriptions/new/", posted).status_code == 302
    assert Subscription.objects.get().cadence == "2/m:15,31"


SOLD = (
    "Kunde",
    "Abonnement",
    "Plan",
    "Preis",
    "Beginn",
    "Tage",
    "Zeile",
    "Gültig ab",
)
CLEANING = (
    "Elbe AG",
    "Reinigung",
    "zweimal monatlich",
    60,
    date(2018, 8, 10),
    "10/25",
    None,
    None,
)


def brought(world: World, folder: Path, *rows: tuple[Any, ...]) -> Import:
    plan(world, TWICE_A_MONTH)
    return imported(
        world,
        file_of(folder / "abos.xlsx", rows, SOLD),
        kind=RecordKind.SUBSCRIPTION,
    )


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("10/25", "2/m:10,25"),
        ("15 + 31", "2/m:15,31"),
        ("15/letzter", "2/m:15,31"),
        (None, "2/m:10,25"),
    ],
)
def test_a_file_of_subscriptions_says_the_two_days(
    world: World, tmp_path: Path, typed: str, stored: str
) -> None:
    brought(world, tmp_path, (*CLEANING[:5], typed, None, None))
    assert Subscription.objects.get().cadence == stored


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ((*CLEANING[:5], "montags", None, None), "row.days_invalid"),
        (
            (*CLEANING[:5], datetime(2018, 10, 25), None, None),
            "row.days_invalid",
        ),
        ((*CLEANING[:2], "monatlich", *CLEANING[3:]), "row.days_without_plan"),
    ],
    ids=["no-days", "made-a-date-by-a-spreadsheet", "another-plan"],
)
def test_days_that_are_none_are_a_problem_of_the_row(
    world: World, tmp_path: Path, row: tuple[Any, ...], code: str
) -> None:
    plan(world, TWICE_A_MONTH)
    plan(world)
    of = checked(
        world,
        file_of(tmp_path / "abos.xlsx", [row], SOLD),
        kind=RecordKind.SUBSCRIPTION,
    )
    assert (verdicts(of), codes(of)) == (["problem"], [code])


def test_another_plan_later_has_its_own_days(
    world: World, tmp_path: Path
) -> None:
    later = (
        None,
        None,
        "zweimal monatlich",
        70,
        None,
        "5/20",
        "Planwechsel",
        date(2018, 9, 25),
    )
    brought(world, tmp_path, CLEANING, later)
    assert Subscription.objects.get().cadence == "2/m:5,20"
    assert starts() == [
        "2018-08-10",
        "2018-08-25",
        "2018-09-10",
        "2018-09-25",
        "2018-10-05",
        "2018-10-20",
        "2018-11-05",
    ]


def test_the_two_days_leave_and_come_back(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CLEANING)
    viewer = Viewer(world.admin, date(2018, 11, 14), world.at.tzinfo, "de")
    table = SubscriptionRows(
        RecordList(
            RecordKind.SUBSCRIPTION,
            catalog(RecordKind.SUBSCRIPTION),
            ListState(),
            viewer,
        )
    )
    ((row,),) = table.groups()
    headings = table.headings()
    assert (
        dict(zip(headings, row, strict=True))["Abonnement - Tage des Monats"]
        == "10 + 25"
    )
    again = checked(
        world,
        file_of(tmp_path / "again.xlsx", [row], headings),
        kind=RecordKind.SUBSCRIPTION,
    )
    assert (verdicts(again), codes(again)) == (
        ["same"],
        ["row.subscription_here"],
    )


@pytest.mark.parametrize(
    ("of", "days", "due"),
    [
        ("2/m", None, "2018-10-29"),
        ("2/m:1,15", None, "2018-10-15"),
        ("2/m", (10, 25), "2018-10-25"),
    ],
    ids=["suggested-anew", "given-by-the-plan", "typed"],
)
def test_after_a_pause_the_two_days_are_suggested_anew_unless_they_were_given(
    world: World, of: str, days: tuple[int, int] | None, due: str
) -> None:
    one = subscribed(
        world,
        of=plan(world, Cadence.parse(of)),
        start=date(2018, 8, 1),
        days=days,
    )
    everything = Subscription.objects.all()
    pause_subscriptions(
        subscriptions=everything,
        by=world.admin,
        at=world.at,
        pauses_on=date(2018, 8, 20),
    )
    resume_subscriptions(
        subscriptions=everything,
        by=world.admin,
        at=world.at,
        resumes_on=date(2018, 10, 14),
    )
    one.refresh_from_db()
    assert [str(one.how.due(one.anchor_on, number)) for number in (0, 1)] == [
        "2018-10-14",
        due,
    ]


def test_a_file_that_says_no_days_suggests_them_anew_after_a_pause(
    world: World, tmp_path: Path
) -> None:
    first = (*CLEANING[:4], date(2018, 8, 1), None, None, None)
    pause = (*[None] * 6, "Pause", date(2018, 8, 20))
    resumed = (*[None] * 6, "Fortsetzung", date(2018, 10, 14))
    brought(world, tmp_path, first, pause, resumed)
    assert starts() == [
        "2018-08-01",
        "2018-08-15",
        "2018-10-14",
        "2018-10-29",
        "2018-11-14",
    ]
