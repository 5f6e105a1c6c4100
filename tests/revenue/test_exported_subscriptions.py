"""Exported subscriptions bring everything back into an empty instance, and only what one sees."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.revenue.test_revenue_reports import AUTUMN, story
from tests.revenue.test_subscription_files import NEW
from tests.revenue.worlds import booked, plan, report, shown, source
from tests.world import World
from turnus.accounts.viewer import Viewer
from turnus.cli.main import main
from turnus.contacts.models import Organization, Person
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.exports.subscriptions import SubscriptionRows
from turnus.fields.catalog import catalog
from turnus.history.models import Event
from turnus.listing.lists import ListState, RecordList
from turnus.revenue.models import Subscription, Term
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.pause import (
    pause_subscriptions,
    resume_subscriptions,
)
from turnus.revenue.subscriptions.actions.stretch import (
    change_plan,
    change_price_now,
)
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.sales.models import Deal


def lived(world: World) -> None:
    """Subscriptions to which everything happened that can happen."""
    names = (
        "pause",
        "resumed",
        "now",
        "canceled",
        "skipped",
        "other plan",
        "other plan at once",
    )
    lives = {
        name: booked(
            world,
            world.organization(name),
            "2018-06-15",
            [100, 110, 110, 110, 110, 110],
        )
        for name in names
    }
    by, at = world.admin, world.at
    life = {
        name: Subscription.objects.filter(pk=one.pk)
        for name, one in lives.items()
    }
    pause_subscriptions(
        subscriptions=life["pause"], by=by, at=at, pauses_on=date(2018, 11, 20)
    )
    pause_subscriptions(
        subscriptions=life["resumed"],
        by=by,
        at=at,
        pauses_on=date(2018, 8, 20),
    )
    resume_subscriptions(
        subscriptions=life["resumed"],
        by=by,
        at=at,
        resumes_on=date(2018, 11, 30),
    )
    change_price_now(
        subscriptions=life["now"],
        by=by,
        at=at,
        price=lives["now"].price,
        on=date(2018, 11, 20),
    )
    cancel_subscriptions(
        subscriptions=life["canceled"],
        by=by,
        at=at,
        on=date(2018, 11, 14),
        ends_on=date(2018, 10, 1),
    )
    skip_terms(subscriptions=life["skipped"], by=by, at=at)
    price, quarterly = Money.of(300, "EUR"), plan(world, "3m")
    change_plan(
        subscriptions=life["other plan"],
        by=by,
        at=at,
        plan=quarterly,
        price=price,
    )
    change_plan(
        subscriptions=life["other plan at once"],
        by=by,
        at=at,
        plan=quarterly,
        price=price,
        on=date(2018, 11, 20),
    )
    pause_subscriptions(
        subscriptions=life["other plan at once"],
        by=by,
        at=at,
        pauses_on=date(2018, 12, 20),
    )
    Deal.objects.filter(
        organization=lives["skipped"].organization, won_on=date(2018, 8, 15)
    ).update(trashed_at=world.at)


def state_of_things(world: World) -> Any:
    mrr = [
        shown(report(world, name, days=AUTUMN), code)
        for name, code in (
            ("mrr", "mrr"),
            ("mrr", "customers"),
            ("movements", "closing"),
        )
    ]
    by_plan = report(world, "mrr", days=AUTUMN, split="plan")
    mrr.append(shown(by_plan, *(one.code for one in by_plan.columns)))
    columns = (
        "name",
        "plan",
        "cadence",
        "state",
        "price_e4",
        "currency",
        "next_due_on",
        "paused_on",
        "end_on",
        "started_on",
    )
    return mrr, sorted(map(repr, Subscription.objects.values_list(*columns)))


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_an_export_brings_everything_back_into_an_empty_instance(
    world: World, tmp_path: Path, ending: str
) -> None:
    story(world)
    lived(world)
    before, file = state_of_things(world), tmp_path / f"all.{ending}"
    assert main(["subscriptions", "export", str(file), "--lang", "de"]) == 0
    for model in (Term, Subscription, Deal, Person, Organization):
        model.objects.all().delete()
    Event.objects.all().delete()
    (tmp_path / "answers.json").write_text(json.dumps(NEW))
    assert (
        main(
            [
                "subscriptions",
                "import",
                str(file),
                "--answers",
                str(tmp_path / "answers.json"),
            ]
        )
        == 0
    )
    assert state_of_things(world) == before


def test_an_export_says_only_what_one_may_see(
    world: World, tmp_path: Path
) -> None:
    one = booked(world, world.organization("Geheim"), "2018-06-15", [100])
    Subscription.objects.filter(pk=one.pk).update(visibility="owner")
    viewer = Viewer(
        world.charlie, date(2018, 11, 14), source(world).viewer.zone, "de"
    )
    records = RecordList(
        RecordKind.SUBSCRIPTION,
        catalog(RecordKind.SUBSCRIPTION),
        ListState(),
        viewer,
    )
    assert list(SubscriptionRows(records).groups()) == []
