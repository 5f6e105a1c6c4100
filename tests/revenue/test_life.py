"""The life of a subscription: ends, deals won late or lost, new prices, skipped terms."""

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.revenue.test_renewals import (
    EVERYTHING,
    plan,
    renewed,
    subscribed,
    tick,
    won_days,
)
from tests.world import World
from turnus.core.cadence import YEARLY
from turnus.core.money import Money
from turnus.history.models import Run
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, RenewalLine, Subscription, Term
from turnus.revenue.renewals.actions.book import (
    book_block,
    finish_renewals,
    give_up_renewals,
)
from turnus.revenue.renewals.actions.plan import (
    change_lines,
    plan_renewals,
    request_renewals,
)
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import change_price
from turnus.revenue.subscriptions.actions.pause import (
    pause_subscriptions,
    resume_subscriptions,
)
from turnus.revenue.subscriptions.actions.prices import (
    PriceRise,
    preview_prices,
)
from turnus.revenue.subscriptions.actions.start import (
    NewSubscription,
    start_subscription,
)
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.sales import actions as sales
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules


def on(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)


def opening(world: World, **values: Any) -> Plan:
    return plan(world, renewal_way="open", days_before=10, **values)


def terms() -> list[str]:
    return [
        f"{one.number} {one.starts_on} {one.ends_on}"
        for one in Term.objects.order_by("subscription", "number")
    ]


def planned(world: World, until: str) -> Run:
    run = plan_renewals(
        by=world.admin,
        at=world.at,
        subscriptions=EVERYTHING(),
        until=date.fromisoformat(until),
        title="",
    )
    assert run is not None
    return run


def carried_out(world: World, run: Run) -> Run:
    request_renewals(run=run, by=world.admin, at=world.at)
    run_pending()
    run.refresh_from_db()
    return run


@pytest.mark.parametrize(
    ("won", "expected"),
    [
        (
            date(2018, 10, 5),
            ["1 2018-10-01 2018-11-01", "2 2018-11-01 2018-12-01"],
        ),
        (
            date(2018, 9, 25),
            ["1 2018-10-01 2018-11-01", "2 2018-11-01 2018-12-01"],
        ),
        (
            date(2018, 10, 28),
            ["1 2018-10-28 2018-11-28", "2 2018-11-28 2018-12-28"],
        ),
    ],
    ids=["within grace", "early", "late"],
)
def test_a_renewal_won_late_begins_a_new_stretch(
    world: World, won: date, expected: list[str]
) -> None:
    subscribed(world, opening(world), start=date(2018, 9, 1))
    tick(on("2018-09-24"))
    sales.win_deals(
        deals=Deal.objects.filter(status="open"),
        by=world.alice,
        at=world.at,
        won=won,
    )
    for day in ("2018-11-20", "2018-11-21"):
        tick(on(day))
    assert terms()[1:3] == expected


def test_terms_opened_ahead_follow_one_that_is_won_late(world: World) -> None:
    subscribed(world, opening(world), start=date(2018, 9, 1))
    tick(on("2018-10-25"))
    first = Deal.objects.get(term__number=1)
    sales.win_deals(
        deals=Deal.objects.filter(pk=first.pk),
        by=world.alice,
        at=world.at,
        won=date(2018, 10, 28),
    )
    tick(on("2018-10-29"))
    assert terms()[1:] == [
        "1 2018-10-28 2018-11-28",
        "2 2018-11-28 2018-12-28",
    ]


def test_a_lost_renewal_ends_the_subscription_on_its_due_day(
    world: World,
) -> None:
    one = subscribed(world, opening(world), start=date(2018, 9, 1))
    tick(on("2018-10-25"))
    sales.lose_deals(
        deals=Deal.objects.filter(status="open"),
        by=world.alice,
        at=world.at,
        reason="Zu teuer",
    )
    tick(on("2018-10-26"))
    one.refresh_from_db()
    assert (one.state, one.end_on, one.end_reason, terms()) == (
        "ended",
        date(2018, 10, 1),
        "Zu teuer",
        ["0 2018-09-01 2018-10-01"],
    )
    resume_subscriptions(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        resumes_on=date(2018, 12, 1),
    )
    tick(on("2018-12-02"))
    assert terms()[1:] == ["1 2018-12-01 2019-01-01"]


def test_a_deal_in_the_trash_or_reopened_is_not_booked_again(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 1))
    subscribed(world, start=date(2018, 9, 1))
    tick(on("2018-10-02"))
    trashed, reopened = (
        Deal.objects.filter(pk=one.pk)
        for one in Deal.objects.filter(term__number=1)
    )
    sales.trash_deals(deals=trashed, by=world.alice, at=world.at)
    sales.reopen_deals(deals=reopened, by=world.alice, at=world.at)
    tick(on("2018-10-20"))
    assert Deal.objects.count() == 4


def test_what_fell_due_before_an_end_is_booked_although_the_server_was_down(
    world: World,
) -> None:
    one = subscribed(world, start=date(2018, 1, 1), ends_on=date(2018, 4, 1))
    tick(on("2019-01-01"))
    tick(on("2019-01-02"))
    one.refresh_from_db()
    assert (won_days(), one.state) == (
        ["2018-01-01", "2018-02-01", "2018-03-01"],
        "ended",
    )


def test_the_first_term_ends_with_the_subscription(world: World) -> None:
    subscribed(
        world,
        plan(world, YEARLY),
        start=date(2018, 1, 1),
        ends_on=date(2018, 4, 1),
    )
    assert terms() == ["0 2018-01-01 2018-04-01"]


def test_an_agreed_end_survives_a_pause(world: World) -> None:
    one = subscribed(world, start=date(2018, 1, 1), ends_on=date(2019, 1, 1))
    pause_subscriptions(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        pauses_on=date(2018, 1, 10),
    )
    resume_subscriptions(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        resumes_on=date(2018, 3, 1),
    )
    one.refresh_from_db()
    assert one.end_on == date(2019, 1, 1)


@pytest.mark.parametrize("change", ["price", "end", "anchor", "trash"])
def test_a_line_whose_preview_does_not_hold_is_refused(
    world: World, change: str
) -> None:
    one = subscribed(world, plan(world, YEARLY), start=date(2017, 9, 1))
    run = planned(world, "2018-11-14")
    if change == "price":
        change_price(
            subscriptions=EVERYTHING(),
            by=world.alice,
            at=world.at,
            price=Money.of(120, "EUR"),
        )
    if change == "end":
        cancel_subscriptions(
            subscriptions=EVERYTHING(),
            by=world.alice,
            at=world.at,
            on=date(2018, 9, 1),
            ends_on=date(2019, 1, 1),
        )
    if change == "anchor":
        EVERYTHING().update(anchor_on=date(2017, 9, 2))
    if change == "trash":
        EVERYTHING().update(trashed_at=world.at)
    carried_out(world, run)
    one.refresh_from_db()
    assert (Term.objects.count(), run.totals["lines_refused"]) == (1, 1)
    assert one.price == Money.of(120 if change == "price" else 100, "EUR")


def test_a_price_of_a_line_holds_across_blocks(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 1))
    run = planned(world, "2018-11-14")
    change_lines(
        run=run,
        by=world.admin,
        prices={line.pk: 1_100_000 for line in run.renewal_lines.all()},
    )
    request_renewals(run=run, by=world.admin, at=world.at)
    rules = DealRules.load()
    for position in range(2):
        book_block(run, rules=rules, at=world.at, first=position, size=1)
    finish_renewals(run, at=world.at)
    prices = Term.objects.values_list("price_e4", flat=True)
    assert list(prices) == [1_000_000, 1_100_000, 1_100_000]
    with pytest.raises(UserError, match="wrong_state"):
        change_lines(run=run, by=world.admin, prices={})


def test_a_price_below_nothing_is_refused(world: World) -> None:
    subscribed(world, start=date(2018, 9, 1))
    with pytest.raises(UserError, match="negative"):
        change_lines(
            run=planned(world, "2018-11-14"), by=world.admin, prices={1: -1}
        )
    with pytest.raises(UserError, match="negative"):
        preview_prices(
            subscriptions=EVERYTHING(),
            by=world.alice,
            rise=PriceRise(amount_e4=-9_000_000),
        )


def test_a_run_that_was_taken_back_is_not_finished_again(world: World) -> None:
    subscribed(world, start=date(2018, 9, 1))
    run = carried_out(world, planned(world, "2018-11-14"))
    undo_renewals(run=run, by=world.admin, at=world.at)
    finish_renewals(run, at=world.at)
    run.refresh_from_db()
    assert run.state == "undone"


def test_a_run_that_failed_in_the_middle_can_be_taken_back(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 1))
    run = carried_out(world, planned(world, "2018-11-14"))
    Run.objects.filter(pk=run.pk).update(state="running")
    give_up_renewals(run, at=world.at)
    undo_renewals(run=run, by=world.admin, at=world.at)
    assert terms() == ["0 2018-09-01 2018-10-01"]


def test_taking_back_leaves_no_gap_before_a_deal_that_stays(
    world: World,
) -> None:
    one = subscribed(world, start=date(2018, 8, 1))
    run = carried_out(world, planned(world, "2018-11-14"))
    last = Deal.objects.filter(term__number=2)
    sales.update_deals(
        deals=last, by=world.alice, at=world.at, values={"title": "Geändert"}
    )
    result = undo_renewals(run=run, by=world.admin, at=world.at)
    one.refresh_from_db()
    assert (
        len(terms()),
        one.next_number,
        result.trashed,
        len(result.conflicts),
    ) == (
        3,
        3,
        1,
        2,
    )


def test_a_run_before_a_new_stretch_is_not_taken_back(world: World) -> None:
    subscribed(world, start=date(2018, 9, 1))
    run = carried_out(world, planned(world, "2018-10-14"))
    pause_subscriptions(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        pauses_on=date(2018, 10, 10),
    )
    resume_subscriptions(
        subscriptions=EVERYTHING(),
        by=world.alice,
        at=world.at,
        resumes_on=date(2018, 11, 1),
    )
    with pytest.raises(UserError, match="new_stretch"):
        undo_renewals(run=run, by=world.admin, at=world.at)


def test_taking_back_costs_as_many_queries_for_many_as_for_few(
    world: World,
) -> None:
    counts = []
    for many in (2, 12):
        for _ in range(many):
            subscribed(world, start=date(2018, 10, 20))
        run = carried_out(world, planned(world, "2018-11-25"))
        with CaptureQueriesContext(
            connection,
        ) as asked:
            undo_renewals(run=run, by=world.admin, at=world.at)
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_the_clock_plans_nothing_twice_while_a_run_is_being_booked(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 1))
    tick(on("2018-10-01"))
    Job.objects.filter(name="revenue.renew").update(
        state="running", lease_until=on("2019-01-01")
    )
    tick(on("2018-11-01"))
    assert Run.objects.filter(kind="renewal").count() == 1


def test_a_term_that_is_left_out_is_neither_booked_nor_due_again(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 1))
    run = skip_terms(subscriptions=EVERYTHING(), by=world.alice, at=world.at)
    renewed(world, date(2018, 11, 14))
    assert won_days() == ["2018-09-01", "2018-11-01"]
    assert (
        Term.objects.get(number=1).deal,
        Term.objects.get(number=1).price_e4,
        run.totals,
    ) == (
        None,
        0,
        {"skipped": 1},
    )
    with pytest.raises(UserError, match="later_first"):
        undo_renewals(run=run, by=world.alice, at=world.at)


def test_leaving_out_can_be_taken_back(world: World) -> None:
    subscribed(world, start=date(2018, 9, 1))
    before = Subscription.objects.values().get()
    run = skip_terms(subscriptions=EVERYTHING(), by=world.alice, at=world.at)
    undo_renewals(run=run, by=world.alice, at=world.at)
    assert Subscription.objects.values().get() == before
    assert len(terms()) == 1


def test_a_deal_in_the_trash_and_a_hidden_customer_begin_nothing(
    world: World,
) -> None:
    deal = world.deal(status="won")
    sales.trash_deals(deals=Deal.objects.all(), by=world.alice, at=world.at)
    new = NewSubscription(
        plan=plan(world), price=Money.of(1, "EUR"), starts_on=date(2018, 1, 1)
    )
    with pytest.raises(UserError, match="not_won"):
        start_subscription(by=world.alice, at=world.at, new=new, deal=deal)
    hidden = world.organization(visibility="owner")
    new = NewSubscription(
        plan=new.plan,
        price=new.price,
        starts_on=new.starts_on,
        organization=hidden,
    )
    with pytest.raises(UserError, match="contact"):
        start_subscription(by=world.charlie, at=world.at, new=new)


def test_a_renewal_copies_the_deal_of_the_latest_term_not_the_latest_deal(
    world: World,
) -> None:
    subscribed(world, start=date(2018, 9, 1))
    later = world.deal(title="Später eingegeben", status="won")
    Term.objects.update(number=1)
    Term.objects.create(
        subscription=Subscription.objects.get(),
        number=0,
        starts_on=date(2018, 8, 1),
        ends_on=date(2018, 9, 1),
        price_e4=1,
        currency="EUR",
        cadence="1m",
        deal=later,
        recorded_at=world.at,
    )
    EVERYTHING().update(anchor_number=1, next_number=2)
    renewed(world, date(2018, 10, 1))
    assert RenewalLine.objects.get().deal.title == "Abo"  # type: ignore[union-attr]
