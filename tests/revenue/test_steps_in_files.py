"""What a file says happened to a subscription: other plans, pauses, skipped terms, ends."""

from datetime import date
from pathlib import Path

from tests.revenue.test_revenue_reports import AUTUMN
from tests.revenue.test_subscription_files import (
    CARE,
    brought,
    changed,
    step,
    terms,
)
from tests.revenue.worlds import plan, report, shown
from tests.world import World
from turnus.reports.recurring.life import stretches_of
from turnus.revenue.models import Subscription


def test_a_change_of_plan_holds_from_its_day_on(
    world: World, tmp_path: Path
) -> None:
    yearly = plan(world, "1y")
    brought(
        world,
        tmp_path,
        CARE,
        (None, None, "1y", 960, None, None, "Planwechsel", date(2018, 10, 10)),
    )
    one = Subscription.objects.get()
    assert (one.plan, one.next_due_on, terms()) == (
        yearly,
        date(2019, 10, 10),
        ["08-31 100", "09-30 100", "10-10 960"],
    )
    found = report(world, "mrr", days=AUTUMN, split="plan")
    assert shown(found, "mrr") == [
        "08: €100.00",
        "09: €100.00",
        "10: €80.00",
        "11: €80.00",
    ]
    parts = [f"part:{each.pk}" for each in (plan(world), yearly)]
    assert shown(found, *parts)[1:3] == [
        "09: €100.00 €0.00",
        "10: €0.00 €80.00",
    ]


def test_the_days_of_its_life_that_a_file_brought_are_booked(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE, step("Ausgelassen", date(2018, 9, 30)))
    one = Subscription.objects.get()
    terms = list(one.terms.order_by("-number").select_related("deal", "run"))
    assert [
        str(each.what)
        for each in stretches_of(one, terms, [], on=world.at.date())
    ] == [
        "booked",
        "skipped",
        "booked",
    ]


def test_skipped_terms_of_a_file_are_no_revenue(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE, step("Ausgelassen", date(2018, 9, 30)))
    assert shown(report(world, "mrr", days=AUTUMN), "mrr") == [
        "08: €100.00",
        "09: €0.00",
        "10: €100.00",
        "11: €100.00",
    ]


def test_pauses_and_ends_hold_as_if_somebody_had_clicked_them(
    world: World, tmp_path: Path
) -> None:
    brought(
        world,
        tmp_path,
        CARE,
        step("Pause", date(2018, 9, 30)),
        changed(name="Lizenz", last=date(2018, 10, 15)),
        changed(name="Hosting", last=date(9999, 12, 31)),
    )
    assert dict(Subscription.objects.values_list("name", "state")) == {
        "Wartung": "paused",
        "Lizenz": "ended",
        "Hosting": "active",
    }
    assert list(
        Subscription.objects.order_by("pk").values_list("paused_on", "end_on")
    ) == [
        (date(2018, 9, 30), None),
        (None, date(2018, 10, 16)),
        (None, None),
    ]
