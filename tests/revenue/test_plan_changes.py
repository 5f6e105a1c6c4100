"""Another plan from a day on: earlier terms, due days, reports, and undo."""

from datetime import date
from typing import Any

import pytest

from tests.revenue.test_life import terms
from tests.revenue.test_renewals import EVERYTHING, plan, renewed, subscribed
from tests.revenue.worlds import report, shown, source
from tests.world import World
from turnus.core.cadence import MONTHLY, QUARTERLY, TWICE_A_MONTH, YEARLY
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.core.revenue.waterfall import WaterfallLine as Class
from turnus.core.revenue.waterfall import waterfall
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.reports.catalog import REPORTS
from turnus.reports.recurring.part_names import NamedPart, named_parts
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import change_price
from turnus.revenue.subscriptions.actions.pause import pause_subscriptions
from turnus.revenue.subscriptions.actions.stretch import (
    change_plan,
    change_price_now,
)
from turnus.revenue.subscriptions.past import pasts_of

AUTUMN = DateRange(date(2018, 9, 1), date(2018, 12, 1))


def changed(
    world: World, day: date | None = None, price: int = 960, **values: Any
) -> Run:
    yearly = values.pop("plan", None) or plan(world, YEARLY)
    given = {
        "by": world.alice,
        "at": world.at,
        "price": Money.of(price, "EUR"),
        **values,
    }
    return change_plan(
        subscriptions=EVERYTHING(), plan=yearly, on=day, **given
    )


def moved(world: World, code: str, month: int) -> NamedPart:
    from_ = source(world, days=AUTUMN)
    found = REPORTS["movements"].opened(
        from_,
        report(world, "movements", days=AUTUMN),
        code=code,
        start=date(2018, month, 1),
    )
    assert found is not None
    (part,) = named_parts(found.groups[0], from_.viewer)
    return part


def test_with_the_next_term_the_terms_before_keep_their_cadence(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 10))
    changed(world)
    renewed(world, date(2018, 10, 10))
    assert terms() == ["0 2018-09-10 2018-10-10", "1 2018-10-10 2019-10-10"]
    assert list(
        Term.objects.order_by("number").values_list("cadence", "price_e4")
    ) == [
        ("1m", 1_000_000),
        ("1y", 9_600_000),
    ]
    codes = ("opening", "new", "contraction", "closing")
    assert shown(report(world, "movements", days=AUTUMN), *codes)[:2] == [
        "09: €0.00 €100.00 €0.00 €100.00",
        "10: €100.00 €0.00 -€20.00 €80.00",
    ]


def test_at_once_the_running_term_is_cut_and_the_new_one_is_due(
    world: World,
) -> None:
    one = subscribed(world, start=date(2018, 9, 10))
    changed(world, date(2018, 9, 20))
    one.refresh_from_db()
    assert (one.next_due_on, one.plan.cadence, one.next_number) == (
        date(2018, 9, 20),
        "1y",
        1,
    )
    assert terms() == ["0 2018-09-10 2018-09-20"]
    renewed(world, date(2018, 9, 20))
    assert terms() == ["0 2018-09-10 2018-09-20", "1 2018-09-20 2019-09-20"]


@pytest.mark.parametrize(
    "day",
    [date(2018, 9, 20), date(2018, 10, 10)],
    ids=["inside", "the due day"],
)
def test_the_movement_says_other_plan_and_names_deal_and_event(
    world: World, day: date
) -> None:
    subscribed(world, start=date(2018, 9, 10))
    changed(world, day)
    renewed(world, day)
    part = moved(world, "contraction", day.month)
    assert (part.on, part.what, part.deal_title, part.event_by) == (
        day,
        "plan_changed",
        "Abo",
        world.alice.name,
    )
    assert part.event_at == world.at


def test_a_plan_with_the_same_cadence_is_another_plan_too(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 10))
    changed(world, date(2018, 9, 20), price=150, plan=plan(world))
    renewed(world, date(2018, 9, 20))
    assert moved(world, "expansion", 9).what == "plan_changed"


def test_other_days_of_the_month_are_no_other_plan(world: World) -> None:
    subscribed(world, plan(world, TWICE_A_MONTH), start=date(2018, 9, 1))
    changed(
        world, date(2018, 9, 10), price=100, plan=plan(world, TWICE_A_MONTH)
    )
    renewed(world, date(2018, 9, 10))
    assert [
        str(one) for one in Term.objects.values_list("cadence", flat=True)
    ] == [
        "2/m:1,15",
        "2/m:10,25",
    ]
    assert "plan_changed" not in {
        str(leg.kind)
        for each in source(world).ledger.movements
        for leg in each.legs
    }


@pytest.mark.parametrize(
    "day",
    [
        date(2018, 9, 10),
        date(2018, 9, 9),
        date(2018, 10, 11),
        date(2018, 10, 5),
        None,
    ],
    ids=[
        "first day",
        "before",
        "after the due day",
        "after the end",
        "nothing due",
    ],
)
def test_days_on_which_no_plan_can_change(
    world: World, day: date | None
) -> None:
    subscribed(world, start=date(2018, 9, 10))
    if day is None or day == date(2018, 10, 5):
        cancel_subscriptions(
            subscriptions=EVERYTHING(),
            by=world.alice,
            at=world.at,
            on=date(2018, 9, 10),
            ends_on=date(2018, 10, 1),
        )
    with pytest.raises(UserError, match="no_plan_change"):
        changed(world, day)
    assert terms() == ["0 2018-09-10 2018-10-10"]


def test_a_price_below_nothing_or_in_another_currency_is_refused(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 10))
    for price, code in (
        (Money.of(-1, "EUR"), "negative"),
        (Money.of(1, "CHF"), "other_currency"),
    ):
        with pytest.raises(UserError, match=code):
            change_plan(
                subscriptions=EVERYTHING(),
                by=world.alice,
                at=world.at,
                plan=plan(world),
                price=price,
            )


def test_split_by_plan_a_term_belongs_to_the_plan_of_its_time(
    world: World,
) -> None:
    monthly, yearly = plan(world), plan(world, YEARLY)
    subscribed(world, monthly, start=date(2018, 9, 10))
    changed(world, plan=yearly, price=1200)
    renewed(world, date(2018, 10, 10))
    found = report(world, "mrr", days=AUTUMN, split="plan")
    names = [str(one.heading) for one in found.columns[:-1]]
    cells = [
        [cell.amount for cell in line.cells if isinstance(cell, Money)][
            : len(names)
        ]
        for line in found.lines
    ]
    assert (names, cells) == (
        [monthly.name, yearly.name],
        [[100, 0], [0, 100], [0, 100]],
    )
    from_ = source(world, days=AUTUMN, split="plan")
    moved_on = [
        waterfall(from_.ledger, from_.periods, from_.matching(str(one.pk)))[
            1
        ].lines
        for one in (monthly, yearly)
    ]
    assert [
        each[Class.TRANSFER_OUT] + each[Class.TRANSFER_IN] for each in moved_on
    ] == [
        -1_000_000,
        1_000_000,
    ]


def test_a_plan_agreed_for_later_holds_as_soon_as_another_stretch_begins(
    world: World,
) -> None:
    monthly, quarterly, yearly = (
        plan(world),
        plan(world, QUARTERLY),
        plan(world, YEARLY),
    )
    one = subscribed(world, monthly, start=date(2018, 9, 10))
    changed(world, plan=quarterly)
    changed(world, plan=yearly)
    change_price_now(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        price=Money.of(600, "EUR"),
        on=date(2018, 9, 20),
    )
    past = pasts_of(EVERYTHING())[one.pk]
    assert [
        past.plan_on(date(2018, 9, day), yearly.pk) for day in (10, 19, 20)
    ] == [
        monthly.pk,
        monthly.pk,
        yearly.pk,
    ]


@pytest.mark.parametrize(
    "day", [None, date(2018, 9, 20)], ids=["next term", "at once"]
)
def test_taken_back_it_is_as_before(world: World, day: date | None) -> None:
    subscribed(world, start=date(2018, 9, 10))
    columns = (
        "plan_id",
        "cadence",
        "price_e4",
        "anchor_on",
        "anchor_number",
        "next_number",
        "next_due_on",
        "mrr_e4",
    )
    before = Subscription.objects.values_list(*columns).get()
    run = changed(world, day)
    undo_renewals(run=run, by=world.alice, at=world.at)
    assert Subscription.objects.values_list(*columns).get() == before
    assert terms() == ["0 2018-09-10 2018-10-10"]
    renewed(world, date(2018, 10, 10))
    assert {
        str(leg.kind)
        for each in source(world).ledger.movements
        for leg in each.legs
    } == {"started"}


@pytest.mark.parametrize(
    ("after", "code"),
    [
        (lambda world: renewed(world, date(2018, 9, 20)), "undo_later_first"),
        (
            lambda world: change_price(
                subscriptions=EVERYTHING(),
                by=world.alice,
                at=world.at,
                price=Money.of(1, "EUR"),
            ),
            "undo_new_stretch",
        ),
        (
            lambda world: pause_subscriptions(
                subscriptions=EVERYTHING(),
                by=world.alice,
                at=world.at,
                pauses_on=date(2018, 9, 25),
            ),
            "undo_new_stretch",
        ),
    ],
    ids=["booked", "another price", "paused"],
)
def test_what_something_builds_on_stays(
    world: World, after: Any, code: str
) -> None:
    subscribed(world, start=date(2018, 9, 10))
    run = changed(world, date(2018, 9, 20))
    after(world)
    with pytest.raises(UserError, match=code):
        undo_renewals(run=run, by=world.alice, at=world.at)
    assert terms()[0] == "0 2018-09-10 2018-09-20"


def test_a_plan_is_changed_and_taken_back_on_the_page(world: World) -> None:
    one = subscribed(world, start=date(2018, 11, 10))
    yearly = plan(world, YEARLY)
    client = world.client(world.alice)
    posted = {
        "action": "plan",
        "plan": yearly.pk,
        "price": "960",
        "on": "2018-11-12",
    }
    page = client.post(
        f"/subscriptions/{one.pk}/change/", posted, follow=True
    ).content.decode()
    run = Run.objects.get(kind="subscriptions")
    assert f"/renewals/{run.pk}/" in page
    assert Subscription.objects.get().plan == yearly
    client.post(f"/renewals/{run.pk}/", {"action": "undo"})
    assert Subscription.objects.get().plan.cadence == str(MONTHLY)
