"""Renewals: each term is booked once, on its own day, whatever happens; a run can be undone."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.world import World
from turnus.core.cadence import MONTHLY, TWICE_A_MONTH, YEARLY, Cadence
from turnus.core.money import Money
from turnus.history.models import Run
from turnus.jobs.actions import enqueue
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, RenewalLine, Subscription, Term
from turnus.revenue.plans.actions import PlanValues, save_plan
from turnus.revenue.renewals.actions.plan import (
    change_lines,
    plan_renewals,
    request_renewals,
)
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.pause import (
    pause_subscriptions,
    resume_subscriptions,
)
from turnus.revenue.subscriptions.actions.start import (
    NewSubscription,
    start_subscription,
)
from turnus.sales import actions as sales
from turnus.sales.models import Deal

EVERYTHING = Subscription.objects.all


def plan(world: World, cadence: Cadence = MONTHLY, **values: Any) -> Plan:
    return save_plan(
        by=world.admin,
        values=PlanValues(
            name=f"Plan {Plan.objects.count()}", cadence=cadence, **values
        ),
    )


def subscribed(
    world: World,
    of: Plan | None = None,
    start: date = date(2018, 8, 31),
    **values: Any,
) -> Subscription:
    deal = world.deal(title="Abo", status="won", won_at=start, amount=100)
    new = NewSubscription(
        plan=of or plan(world),
        price=Money.of(100, "EUR"),
        starts_on=start,
        **values,
    )
    return start_subscription(by=world.alice, at=world.at, new=new, deal=deal)


def renewed(world: World, until: date) -> Run | None:
    run = plan_renewals(
        by=world.admin,
        at=world.at,
        subscriptions=EVERYTHING(),
        until=until,
        title="Test",
    )
    if run is not None:
        request_renewals(run=run, by=world.admin, at=world.at)
        run_pending()
        run.refresh_from_db()
    return run


def won_days() -> list[str]:
    return [
        str(day)
        for day in Deal.objects.present()
        .order_by("won_on")
        .values_list("won_on", flat=True)
    ]


@pytest.mark.parametrize(
    ("cadence", "days"),
    [
        (MONTHLY, ["2018-08-31", "2018-09-30", "2018-10-31"]),
        (
            TWICE_A_MONTH,
            [
                "2018-08-31",
                "2018-09-15",
                "2018-09-30",
                "2018-10-15",
                "2018-10-31",
            ],
        ),
        (YEARLY, ["2018-08-31"]),
    ],
    ids=str,
)
def test_every_missed_term_is_booked_on_its_own_day(
    world: World, cadence: Cadence, days: list[str]
) -> None:
    subscribed(world, plan(world, cadence))
    renewed(world, date(2018, 11, 14))
    assert won_days() == days
    assert renewed(world, date(2018, 11, 14)) is None
    assert list(Term.objects.values_list("number", flat=True)) == list(
        range(len(days))
    )


def test_a_renewal_is_like_the_deal_before_it(world: World) -> None:
    first = Deal.objects.get(term__subscription=subscribed(world))
    run = renewed(world, date(2018, 9, 30))
    deal = Deal.objects.exclude(pk=first.pk).get()
    assert (deal.title, deal.organization, deal.owner, deal.value) == (
        first.title,
        first.organization,
        world.alice,
        first.value,
    )
    assert (
        deal.origin,
        deal.term.run,
        run and run.totals["lines_booked"],
    ) == (
        "renewal",
        run,
        1,
    )


def test_a_title_goes_forward_as_the_titles_before_it_did(
    world: World,
) -> None:
    first = Deal.objects.get(term__subscription=subscribed(world))
    renewed(world, date(2018, 9, 30))
    second = Deal.objects.exclude(pk=first.pk).get()
    for deal, title in (
        (first, "Abo 2019, Rate 1"),
        (second, "Abo 2019, Rate 2"),
    ):
        Deal.objects.filter(pk=deal.pk).update(title=title)
    renewed(world, date(2018, 11, 30))
    titles = Deal.objects.order_by("won_at").values_list("title", flat=True)
    assert list(titles) == [
        f"Abo 2019, Rate {number}" for number in (1, 2, 3, 4)
    ]


def test_the_same_term_planned_in_two_windows_is_booked_once(
    world: World,
) -> None:
    subscribed(world)
    runs = [
        plan_renewals(
            by=world.admin,
            at=world.at,
            subscriptions=EVERYTHING(),
            until=date(2018, 11, 14),
            title="",
        )
        for _ in range(2)
    ]
    for run in runs:
        assert run is not None
        request_renewals(run=run, by=world.admin, at=world.at)
    run_pending()
    assert won_days() == ["2018-08-31", "2018-09-30", "2018-10-31"]
    assert RenewalLine.objects.filter(state="refused").count() == 2


def test_a_run_is_carried_out_once(world: World) -> None:
    subscribed(world)
    run = renewed(world, date(2018, 9, 30))
    assert run is not None
    with pytest.raises(UserError, match="wrong_state"):
        request_renewals(run=run, by=world.admin, at=world.at)


def test_lines_are_left_out_or_get_another_price(world: World) -> None:
    subscribed(world)
    other = subscribed(world)
    run = plan_renewals(
        by=world.admin,
        at=world.at,
        subscriptions=EVERYTHING(),
        until=date(2018, 9, 30),
        title="",
    )
    assert run is not None
    skipped, dearer = run.renewal_lines.all()
    change_lines(
        run=run,
        by=world.admin,
        skip=[skipped.pk],
        prices={dearer.pk: 1_100_000},
    )
    request_renewals(run=run, by=world.admin, at=world.at)
    run_pending()
    other.refresh_from_db()
    assert (Deal.objects.count(), other.price_e4, other.next_number) == (
        3,
        1_100_000,
        2,
    )


def test_a_run_can_be_taken_back_and_made_again(world: World) -> None:
    subscription = subscribed(world)
    run = renewed(world, date(2018, 11, 14))
    assert run is not None
    with pytest.raises(UserError, match="unknown"):
        undo_renewals(run=run, by=world.charlie, at=world.at)
    assert undo_renewals(run=run, by=world.admin, at=world.at).conflicts == []
    subscription.refresh_from_db()
    assert (
        won_days(),
        subscription.next_number,
        subscription.next_due_on,
    ) == (
        ["2018-08-31"],
        1,
        date(2018, 9, 30),
    )
    renewed(world, date(2018, 11, 14))
    assert won_days() == ["2018-08-31", "2018-09-30", "2018-10-31"]


def test_taking_back_leaves_a_changed_deal_and_its_term(world: World) -> None:
    subscription = subscribed(world)
    run = renewed(world, date(2018, 9, 30))
    assert run is not None
    deal = Deal.objects.get(term__run=run)
    sales.update_deals(
        deals=Deal.objects.filter(pk=deal.pk),
        by=world.alice,
        at=world.at,
        values={"title": "Geändert"},
    )
    assert (
        len(undo_renewals(run=run, by=world.admin, at=world.at).conflicts) == 1
    )
    subscription.refresh_from_db()
    assert (
        subscription.next_number,
        Term.objects.filter(deal=deal).exists(),
    ) == (
        2,
        True,
    )


def test_a_run_that_others_build_on_is_not_taken_back(world: World) -> None:
    subscribed(world)
    first = renewed(world, date(2018, 9, 30))
    renewed(world, date(2018, 10, 31))
    assert first is not None
    with pytest.raises(UserError, match="later_first"):
        undo_renewals(run=first, by=world.admin, at=world.at)


def tick(at: datetime) -> None:
    with clock.standing_at(at):
        enqueue("revenue.tick", at=at, unique_key=f"test:{at}")
        run_pending()


def test_a_server_that_was_down_for_a_year_catches_up(world: World) -> None:
    subscribed(world, start=date(2018, 10, 31))
    tick(datetime(2019, 10, 31, 12, tzinfo=UTC))
    tick(datetime(2019, 10, 31, 13, tzinfo=UTC))
    assert len(won_days()) == 13
    assert won_days()[4:6] == ["2019-02-28", "2019-03-31"]


def test_a_plan_may_open_a_deal_ahead_or_only_remind(world: World) -> None:
    stage = world.pipeline.stages.last()
    subscribed(
        world,
        plan(world, renewal_way="open", days_before=20, stage=stage),
        start=date(2018, 11, 1),
    )
    subscribed(
        world, plan(world, renewal_way="remind"), start=date(2018, 10, 1)
    )
    tick(datetime(2018, 11, 12, 12, tzinfo=UTC))
    opened = Deal.objects.get(status="open")
    assert (opened.stage, opened.expected_close_on, opened.term.number) == (
        stage,
        date(2018, 12, 1),
        1,
    )
    assert Deal.objects.count() == 3


def test_canceled_and_paused_subscriptions_are_not_renewed(
    world: World,
) -> None:
    canceled, paused = subscribed(world), subscribed(world)
    cancel_subscriptions(
        subscriptions=EVERYTHING().filter(pk=canceled.pk),
        by=world.alice,
        at=world.at,
        on=date(2018, 9, 1),
        ends_on=None,
    )
    pause_subscriptions(
        subscriptions=EVERYTHING().filter(pk=paused.pk),
        by=world.alice,
        at=world.at,
        pauses_on=date(2018, 9, 10),
    )
    assert renewed(world, date(2018, 11, 14)) is None
    canceled.refresh_from_db()
    assert (
        canceled.end_on,
        canceled.next_due_on,
        Term.objects.get(subscription=paused).ends_on,
    ) == (
        date(2018, 9, 30),
        None,
        date(2018, 9, 10),
    )
    tick(datetime(2018, 10, 1, tzinfo=UTC))
    canceled.refresh_from_db()
    assert (canceled.state, canceled.mrr_e4) == ("ended", 0)


def test_a_resumed_subscription_begins_a_new_stretch(world: World) -> None:
    paused = subscribed(world)
    one = EVERYTHING().filter(pk=paused.pk)
    pause_subscriptions(
        subscriptions=one,
        by=world.alice,
        at=world.at,
        pauses_on=date(2018, 9, 10),
    )
    with pytest.raises(UserError, match="before_stop"):
        resume_subscriptions(
            subscriptions=one,
            by=world.alice,
            at=world.at,
            resumes_on=date(2018, 9, 1),
        )
    resume_subscriptions(
        subscriptions=one,
        by=world.alice,
        at=world.at,
        resumes_on=date(2018, 10, 12),
    )
    renewed(world, date(2018, 11, 14))
    assert won_days() == ["2018-08-31", "2018-10-12", "2018-11-12"]


def test_a_worker_that_dies_in_the_middle_books_nothing_twice(
    world: World,
) -> None:
    for _ in range(3):
        subscribed(world)
    run = plan_renewals(
        by=world.admin,
        at=world.at,
        subscriptions=EVERYTHING(),
        until=date(2018, 11, 14),
        title="",
    )
    assert run is not None
    request_renewals(run=run, by=world.admin, at=world.at)
    Job.objects.filter(name="revenue.renew").update(
        state="running",
        token="dead",
        attempts=1,
        lease_until=world.at - timedelta(hours=1),
    )
    run_pending()
    assert (Deal.objects.count(), Term.objects.count()) == (9, 9)


@pytest.mark.parametrize(
    ("values", "code"),
    [({"status": "open"}, "not_won"), ({"status": "won"}, "deal_taken")],
)
def test_only_a_won_deal_that_books_nothing_yet_begins_a_subscription(
    world: World, values: dict[str, Any], code: str
) -> None:
    deal = world.deal(**values)
    new = NewSubscription(
        plan=plan(world), price=Money.of(1, "EUR"), starts_on=date(2018, 1, 1)
    )
    with pytest.raises(UserError, match=code):
        for _ in range(2):
            start_subscription(by=world.alice, at=world.at, new=new, deal=deal)
