"""Renewal deals that were opened ahead: another price, canceling, and taking both back."""

from datetime import date
from typing import Any

import pytest

from tests.radar.test_repairing import broken, state
from tests.revenue.worlds import TODAY
from tests.world import World
from turnus.core.deal_lines import DealLine
from turnus.core.money import Money
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.inbox import cancel_waiting, price_waiting
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.sales.actions import win_deals
from turnus.sales.actions_lines import set_deal_lines
from turnus.sales.models import Deal

PAID = ["won"] * 5


def waiting(world: World, *fates: str) -> Term:
    """The first term whose deal is open, of a monthly subscription at 100 since May."""
    broken(world, [*PAID, *(fates or ("open",))])
    return (
        Term.objects.select_related("subscription")
        .filter(deal__status="open")
        .order_by("number")[0]
    )


def priced(world: World, term: Term, price: str = "120 EUR") -> Run:
    amount, currency = price.split()
    return price_waiting(
        term=term,
        price=Money.of(amount, currency),
        by=world.alice,
        at=world.at,
    )


def canceled(world: World, term: Term) -> Run:
    return cancel_waiting(
        term=term, by=world.alice, at=world.at, on=TODAY, reason=" zu teuer "
    )


def prices() -> tuple[list[int], list[int], int]:
    """Of the last two terms, of their deals, of the subscription; in whole euros."""
    terms = list(
        Term.objects.order_by("-number")[:2].values_list(
            "price_e4", "deal__value_e4"
        )
    )[::-1]
    held = Subscription.objects.get().price_e4
    return (
        [one // 10_000 for one, _ in terms],
        [(one or 0) // 10_000 for _, one in terms],
        held // 10_000,
    )


def test_another_price_holds_from_the_waiting_term_on(world: World) -> None:
    priced(world, waiting(world))
    assert prices() == ([100, 120], [100, 120], 120)


def test_later_deals_that_wait_follow_unless_they_have_a_price_of_their_own(
    world: World,
) -> None:
    term = waiting(world, "open", "open")
    priced(world, term)
    assert prices() == ([120, 120], [120, 120], 120)
    priced(world, Term.objects.get(number=6), "150 EUR")
    priced(world, Term.objects.get(pk=term.pk), "90 EUR")
    assert prices() == ([90, 150], [90, 150], 150)


def test_what_recurs_of_a_deals_lines_shares_the_price_and_the_rest_stays(
    world: World,
) -> None:
    term = waiting(world)
    lines = [
        DealLine("Einrichtung", 500_000),
        DealLine("A", 600_000, recurs=True),
        DealLine("B", 400_000, recurs=True),
    ]
    set_deal_lines(
        deals=Deal.objects.filter(pk=term.deal_id),
        by=world.alice,
        at=world.at,
        lines=lines,
    )
    priced(world, term)
    deal = Deal.objects.get(pk=term.deal_id)
    assert (deal.value_e4, [one["amount_e4"] for one in deal.lines or ()]) == (
        1_700_000,
        [500_000, 720_000, 480_000],
    )


def test_canceling_ends_it_with_the_paid_term_and_loses_the_deals(
    world: World,
) -> None:
    term = waiting(world, "open", "open")
    canceled(world, term)
    one = Subscription.objects.get()
    assert (one.state, one.end_on, one.end_reason, one.next_due_on) == (
        "ended",
        date(2018, 10, 1),
        "zu teuer",
        None,
    )
    lost = (
        Deal.objects.filter(pk=term.deal_id)
        .values_list("status", "lost_reason")
        .get()
    )
    assert (lost, Deal.objects.filter(status="lost").count()) == (
        ("lost", "zu teuer"),
        2,
    )


def test_what_was_paid_after_the_waiting_term_stays_paid(world: World) -> None:
    canceled(world, waiting(world, "open", "won"))
    assert Subscription.objects.get().end_on == date(2018, 12, 1)


@pytest.mark.parametrize("act", [priced, canceled])
def test_taken_back_it_is_as_before(world: World, act: Any) -> None:
    term = waiting(world, "open", "open")
    before = state()
    undo_renewals(run=act(world, term), by=world.alice, at=world.at)
    assert state() == before


@pytest.mark.parametrize("act", [priced, canceled])
def test_a_deal_that_is_won_by_now_waits_no_more(
    world: World, act: Any
) -> None:
    term = waiting(world)
    win_deals(
        deals=Deal.objects.filter(pk=term.deal_id), by=world.alice, at=world.at
    )
    with pytest.raises(UserError, match="moved_on"):
        act(world, term)


@pytest.mark.parametrize(
    ("price", "code"),
    [("-1 EUR", "price_negative"), ("5 CHF", "other_currency")],
)
def test_a_price_that_cannot_be_is_refused(
    world: World, price: str, code: str
) -> None:
    with pytest.raises(UserError, match=code):
        priced(world, waiting(world), price)


@pytest.mark.parametrize(
    ("action", "given"),
    [("price", {"price": "120"}), ("cancel", {"reason": "Umzug"})],
)
def test_the_inbox_offers_both_and_takes_them_back(
    world: World, action: str, given: dict[str, str]
) -> None:
    term, client = waiting(world), world.client(world.alice)
    page = client.get("/renewals/").content.decode()
    assert all(f'data-key="{key}"' in page for key in "aspc")
    before = state()
    assert (
        client.post(
            "/renewals/one/", {"term": term.pk, "action": action, **given}
        ).status_code
        == 302
    )
    assert state() != before
    client.post(
        f"/renewals/{Run.objects.latest('pk').pk}/", {"action": "undo"}
    )
    assert state() == before
    stranger = world.client(world.charlie).post(
        "/renewals/one/", {"term": term.pk, "action": action, **given}
    )
    assert stranger.status_code == 403
