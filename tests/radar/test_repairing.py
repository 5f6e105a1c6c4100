"""Repairing findings: what the preview says is what happens; undo restores what was there."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.properties.files import few, taken_back, without_time
from tests.revenue.worlds import TODAY, booked, report, shown
from tests.world import World
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.radar.actions import repair
from turnus.radar.findings import Action, Finding, FindingKind
from turnus.radar.queries import findings
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.terms.actions.settle import settle_deals
from turnus.sales.actions import lose_deals, reopen_deals, trash_deals
from turnus.sales.models import Deal

#: What may have happened to a term.
FATES = ("won", "won", "missing", "gone", "trashed", "lost", "open")


def put_right(world: World, found: list[Finding], action: Action) -> Run:
    return repair(
        found=found,
        action=action,
        by=world.admin,
        at=world.at,
        on=TODAY,
        title="Radar",
    )


def broken(world: World, fates: list[str]) -> Subscription:
    """A monthly subscription from May on, its terms booked or not; the worker has looked at it."""
    prices = [
        None if fate == "missing" and 0 < number < len(fates) - 1 else 100
        for number, fate in enumerate(fates)
    ]
    one = booked(world, world.organization(), "2018-05-01", prices)
    at = {"by": world.admin, "at": world.at}
    for number, fate in enumerate(fates):
        deal = Deal.objects.filter(term__subscription=one, term__number=number)
        if fate == "gone":
            deal.delete()
        elif fate == "trashed":
            trash_deals(deals=deal, **at)
        elif fate == "lost":
            lose_deals(deals=deal, **at)
        elif fate == "open":
            reopen_deals(deals=deal, **at)
    settle_deals(**at)
    return one


def state() -> list[Any]:
    """Everything that counts: present deals and subscriptions, and terms without their ids."""
    terms = Term.objects.order_by("subscription", "number").values_list(
        "subscription", "number", "starts_on", "ends_on", "price_e4", "deal"
    )
    Subscription.objects.update(
        name_folded="", mrr_e4=0
    )  # the builder leaves out what follows from other columns
    rows = [
        without_time(row)
        for model in (Deal, Subscription)
        for row in model.objects.present().order_by("pk").values()
    ]
    return [*rows, *terms]


fates = st.lists(st.sampled_from(FATES), min_size=2, max_size=6)


@pytest.mark.parametrize("action", [Action.BOOK, Action.SKIP])
def test_after_repairing_everything_nothing_is_found_and_undo_restores(
    world: World, action: Action
) -> None:
    carried_out: list[int] = []

    @few
    @given(st.lists(fates, min_size=1, max_size=3))
    def law(subscriptions: list[list[str]]) -> None:
        def body() -> None:
            for one in subscriptions:
                broken(world, one)
            before, found = state(), findings(world.admin, on=TODAY)
            if not found:
                return
            run = put_right(world, found, action)
            carried_out.append(run.pk)
            assert findings(world.admin, on=TODAY) == []
            result = undo_renewals(run=run, by=world.admin, at=world.at)
            assert (result.conflicts, state()) == ([], before)
            assert findings(world.admin, on=TODAY) == found

        taken_back(body)

    law()
    assert carried_out


def test_every_gap_is_booked_on_its_own_day_at_its_own_price(
    world: World,
) -> None:
    broken(world, ["won", "missing", "gone", "trashed", "lost", "open", "won"])
    found = findings(world.admin, on=TODAY)
    assert {one.kind for one in found} == {
        FindingKind.NUMBER,
        FindingKind.GONE,
        FindingKind.TRASHED,
        FindingKind.LOST,
        FindingKind.OPEN,
    }
    put_right(world, found, Action.BOOK)
    terms = Term.objects.order_by("number").select_related("deal")
    booked_on = [
        (term.deal.status, term.deal.won_on, term.price_e4)
        for term in terms
        if term.deal
    ]
    assert booked_on == [
        ("won", date(2018, month, 1), 1_000_000) for month in range(5, 12)
    ]


def test_missed_terms_are_booked_as_the_finding_says(world: World) -> None:
    broken(world, ["won", "won"])
    (found,) = findings(world.admin, on=TODAY)
    run = put_right(world, [found], Action.BOOK)
    made = Deal.objects.filter(term__run=run)
    assert (made.count(), sum(deal.value_e4 for deal in made)) == (
        found.count,
        found.money.amount_e4,
    )
    assert (
        made.order_by("won_on").values_list("won_on", flat=True)[0] == found.on
    )


def test_an_open_deal_that_is_left_out_is_lost_and_ends_nothing(
    world: World,
) -> None:
    one = broken(world, ["won"] * 6 + ["open"])
    Term.objects.filter(number=6).update(starts_on=date(2018, 10, 20))
    put_right(world, findings(world.admin, on=TODAY), Action.SKIP)
    assert Deal.objects.filter(status="lost").count() == 1
    term = Term.objects.get(number=6)
    one.refresh_from_db()
    assert (term.deal, term.price_e4, one.state) == (None, 0, "active")


@pytest.mark.parametrize("action", [Action.TRASH, Action.END])
def test_a_second_subscription_goes_or_ends_and_comes_back(
    world: World, action: Action
) -> None:
    first = booked(
        world, world.organization(), "2018-05-01", [100] * 7, name="Abo"
    )
    second = booked(
        world, first.organization, "2018-06-01", [100] * 6, name="Abo"
    )
    before, found = state(), findings(world.admin, on=TODAY)
    run = put_right(world, found, action)
    second.refresh_from_db()
    assert (second.trashed_at is not None, second.end_on) == (
        (True, None) if action is Action.TRASH else (False, date(2018, 12, 1))
    )
    assert findings(world.admin, on=TODAY) == []
    undo_renewals(run=run, by=world.admin, at=world.at)
    assert state() == before


def test_a_deal_too_many_goes_to_the_trash_and_comes_back(
    world: World,
) -> None:
    one = booked(world, world.organization(), "2018-05-01", [100] * 7)
    copy = world.deal(
        title="Abo",
        amount=100,
        status="won",
        won_at=date(2018, 7, 2),
        organization=one.organization_id,
    )
    before = state()
    run = put_right(world, findings(world.admin, on=TODAY), Action.TRASH)
    assert (
        Deal.objects.present().filter(pk=copy.pk).exists(),
        findings(world.admin, on=TODAY),
    ) == (False, [])
    undo_renewals(run=run, by=world.admin, at=world.at)
    assert state() == before


def test_what_does_not_fit_one_finding_is_done_about_none(
    world: World,
) -> None:
    broken(world, ["won", "gone", "won", "won", "won", "won", "won"])
    for found in (findings(world.admin, on=TODAY), []):
        with pytest.raises(UserError, match="does_not_fit"):
            put_right(world, found, Action.TRASH)
    with pytest.raises(UserError, match="denied"):
        repair(
            found=findings(world.charlie, on=TODAY),
            action=Action.BOOK,
            by=world.charlie,
            at=world.at,
            on=TODAY,
            title="",
        )


def test_a_deal_whose_contact_lies_in_the_trash_does_not_come_back_alone(
    world: World,
) -> None:
    one = broken(world, ["won", "trashed", "won", "won", "won", "won", "won"])
    type(one.organization).objects.update(trashed_at=world.at)
    with pytest.raises(UserError, match="contact_trashed"):
        put_right(world, findings(world.admin, on=TODAY), Action.BOOK)


def test_a_term_that_fills_a_gap_counts_in_the_reports(world: World) -> None:
    booked(world, world.organization(), "2018-01-31", [100, 100, None, 100])
    put_right(
        world,
        [
            one
            for one in findings(world.admin, on=TODAY)
            if one.kind is FindingKind.NUMBER
        ],
        Action.BOOK,
    )
    assert shown(report(world, "mrr"), "mrr")[1:4] == [
        "02: €100.00",
        "03: €100.00",
        "04: €100.00",
    ]


def test_a_term_that_was_put_in_is_paid_like_the_one_before(
    world: World,
) -> None:
    one = broken(world, ["won", "missing", "won"])
    put_right(world, findings(world.admin, on=TODAY), Action.BOOK)
    assert set(one.terms.values_list("cadence", flat=True)) == {"1m"}
