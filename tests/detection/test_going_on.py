"""Later copies of existing subscriptions: what fits is booked, the rest starts another."""

from datetime import UTC, date, datetime

import pytest

from tests.detection.worlds import (
    copies,
    months,
    only,
    proposed,
    read,
    written,
)
from tests.revenue.worlds import report
from tests.world import World
from turnus.core.cadence import MONTHLY, YEARLY
from turnus.core.calendar import DateRange
from turnus.detection import actions_answering as answering
from turnus.detection.actions_approval import (
    missing_plans,
    to_write,
    undo_proposal,
)
from turnus.detection.cadence_names import COMMON
from turnus.revenue.models import Plan, Subscription, Term
from turnus.sales.models import Deal


@pytest.fixture
def here(world: World) -> Subscription:
    """A monthly subscription that was detected in nine copies: due next on 10 October."""
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 9))
    written(world, proposed(world))
    return Subscription.objects.get()


def mrr(world: World) -> int:
    """The MRR of the last month, in ten-thousandths."""
    found = report(
        world, "mrr", days=DateRange(date(2018, 11, 1), date(2018, 11, 15))
    )
    return int(found.lines[-1].cells[0].amount_e4)


def test_a_copy_of_another_cadence_ends_the_subscription_and_begins_another(
    world: World, here: Subscription
) -> None:
    world.plan("Abo jährlich", cadence=YEARLY)
    copies(world, [date(2018, 10, 10)], organization=here.organization_id)
    written(world, proposed(world))
    (yearly,) = copies(
        world,
        [date(2018, 11, 10)],
        amount=1200,
        organization=here.organization_id,
    )
    proposal = proposed(world)
    assert read(only(proposal)).lines[0].subscription == here.pk
    proposal = written(world, proposal)
    here.refresh_from_db()
    assert (here.state, here.end_on, here.terms.count()) == (
        "ended",
        date(2018, 11, 10),
        10,
    )
    other = Subscription.objects.exclude(pk=here.pk).get()
    assert (other.plan.cadence, other.state, other.terms.get().deal_id) == (
        "1y",
        "active",
        yearly,
    )
    assert mrr(world) == 1_000_000
    undo_proposal(proposal=proposal, by=world.alice, at=world.at)
    here.refresh_from_db()
    assert (here.state, here.end_on, here.next_due_on) == (
        "active",
        None,
        date(2018, 11, 10),
    )


def test_what_is_proposed_of_a_later_copy_is_what_comes_on_top(
    world: World, here: Subscription
) -> None:
    before = mrr(world)
    days = months(date(2018, 1, 10), 11)
    copies(world, [days[10]], amount=150, organization=here.organization_id)
    proposal = written(world, proposed(world))
    assert list(
        here.terms.filter(number__gte=9).values_list(
            "price_e4", "deal__won_on"
        )
    ) == [
        (1_000_000, None),
        (1_500_000, days[10]),
    ]
    assert mrr(world) - before == int(proposal.months["2018-11"])


def test_a_negative_deal_ends_no_subscription_that_is_here_but_is_asked_about(
    world: World, here: Subscription
) -> None:
    new, back = (
        copies(world, [date(2018, 10, 10)], organization=here.organization_id)[
            0
        ],
        world.deal(
            title="Wartung",
            status="won",
            won_at=date(2018, 10, 12),
            amount=-100,
            organization=here.organization_id,
        ),
    )
    history = only(proposed(world))
    assert (
        read(history).lines[0].deals,
        [one.deal for one in read(history).questions],
    ) == (
        (new,),
        [back.pk],
    )
    answering.call_single(
        history=history, deals=[back.pk], by=world.alice, at=world.at
    )
    assert not read(history).questions


def test_a_subscription_beside_one_that_is_here_has_its_plan_if_there_is_no_other(
    world: World,
) -> None:
    plan = world.plan(cadence=MONTHLY)
    firm = world.organization("Elbe GmbH").pk
    copies(world, months(date(2018, 1, 31), 7), organization=firm, title="Abo")
    world.subscription(plan, start=date(2018, 8, 31), organization=firm)
    copies(world, [date(2018, 10, 31)], organization=firm, title="Abo")
    Plan.objects.update(cadence="1y")
    proposal = proposed(world)
    assert missing_plans(to_write(proposal, only_sure=False)) == []
    written(world, proposal)
    assert [one.plan for one in Subscription.objects.all()] == [plan, plan]


def test_a_deal_that_was_confirmed_with_others_goes_on_with_their_subscription(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    deals = copies(world, months(date(2018, 1, 10), 10))
    answering.confirm(
        history=only(proposed(world)), by=world.alice, at=world.at
    )
    written(
        world, proposed(world, deals=Deal.objects.filter(pk__in=deals[:9]))
    )
    (line,) = read(only(proposed(world))).lines
    assert (line.deals, line.subscription) == (
        (deals[9],),
        Subscription.objects.get().pk,
    )


def test_what_was_imported_twice_is_no_copy_once_the_other_one_is_booked(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    firm = world.organization("Elbe GmbH").pk
    at = [
        datetime(day.year, day.month, day.day, 9, tzinfo=UTC)
        for day in months(date(2018, 1, 10), 10)
    ]
    first = copies(world, at, organization=firm)
    # Not all of them, which would be two subscriptions at one price.
    second = copies(world, at[6:8], organization=firm)
    proposal = proposed(world)
    assert set(read(only(proposal)).doubles) == set(second)
    written(world, proposal)
    again = only(proposed(world))
    assert (
        again.subscription_count,
        set(read(again).doubles),
        Term.objects.count(),
    ) == (
        0,
        set(second),
        len(first),
    )


def test_a_deal_inside_booked_time_is_listed_and_not_proposed(
    world: World, here: Subscription
) -> None:
    (late,) = copies(
        world, [date(2018, 8, 12)], organization=here.organization_id
    )
    history = only(proposed(world))
    assert (read(history).inside, history.subscription_count) == ((late,), 0)
    answering.call_single(
        history=history, deals=[late], by=world.alice, at=world.at
    )
    assert (read(history).inside, read(history).single) == ((), (late,))


def test_what_an_approved_reading_left_is_read_anew_only_with_something_later(
    world: World,
) -> None:
    for cadence in COMMON:
        world.plan(str(cadence), cadence=cadence)
    firm = world.organization("Elbe GmbH").pk
    copies(
        world,
        [date(2018, 1, 25)],
        organization=firm,
        amount=261,
        title="Dienst B",
    )
    copies(
        world,
        [date(2018, 2, 5)],
        organization=firm,
        amount=6262,
        title="Dienst C",
    )
    copies(
        world,
        [date(2018, 3, 9)],
        organization=firm,
        amount=261,
        title="Dienst B",
    )
    copies(
        world,
        [date(2018, 4, 9)],
        organization=firm,
        amount=169,
        title="Dienst B",
    )
    proposal = proposed(world)
    left = read(only(proposal)).single
    assert left
    written(world, proposal)
    again = only(proposed(world))
    assert (
        again.subscription_count,
        again.question_count,
        read(again).single,
    ) == (
        0,
        0,
        left,
    )
    answering.call_recurring(
        history=again,
        deals=[left[0]],
        cadence=YEARLY,
        by=world.alice,
        at=world.at,
    )
    assert again.subscription_count == 1


def test_a_plan_that_is_out_of_use_is_missing(world: World) -> None:
    world.plan(cadence=MONTHLY)
    Plan.objects.update(is_active=False)
    copies(world, months(date(2018, 1, 10), 9))
    assert missing_plans(to_write(proposed(world), only_sure=False)) == [
        MONTHLY
    ]
