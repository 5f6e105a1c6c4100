"""Booking terms by the won deals of an import."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines, sum_e4
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import keep_totals
from turnus.history.models import Run
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import term_days
from turnus.revenue.subscriptions.actions.write import locked, write_planned
from turnus.revenue.terms.actions.write import (
    NewTerm,
    TermPayment,
    insert_terms,
    set_terms,
)
from turnus.sales.actions import trash_deals
from turnus.sales.models import Deal


class TermKey(NamedTuple):
    """A term of a subscription, whether it is stored or not."""

    subscription_id: int
    number: int


class WantedTerm(NamedTuple):
    """A term, and the deal that books it so far; None: none does."""

    subscription_id: int
    number: int
    deal_id: int | None

    @property
    def key(self) -> TermKey:
        """Which term it is."""
        return TermKey(self.subscription_id, self.number)


@dataclass(frozen=True, slots=True)
class Booked:
    """A won deal that books term `number`.

    `instead` of the deal that stood for it so far, None where none did.
    """

    deal: int
    subscription: int
    number: int
    instead: int | None = None

    @property
    def key(self) -> TermKey:
        """Which term it books."""
        return TermKey(self.subscription, self.number)


def moved_terms(wanted: Collection[WantedTerm], by: User) -> set[WantedTerm]:
    """Return those of `wanted` that cannot be booked as planned; three queries.

    Another deal books them by now, or `by` may not change what they need.
    """
    subscription_ids = {term.subscription_id for term in wanted}
    deal_ids = {term.deal_id for term in wanted if term.deal_id}
    subscriptions = Subscription.objects.present().editable_by(by)
    mine = set(
        subscriptions.filter(pk__in=subscription_ids).values_list(
            "pk", flat=True
        )
    )
    own_deals = Deal.objects.editable_by(by).filter(pk__in=deal_ids)
    mine_deals = {*own_deals.values_list("pk", flat=True), None}
    stored = Term.objects.filter(
        subscription__in=subscription_ids,
        number__in={term.number for term in wanted},
    )
    booking: dict[TermKey, int | None] = {}
    for subscription_id, number, deal_id in stored.values_list(
        "subscription", "number", "deal"
    ):
        booking[TermKey(subscription_id, number)] = deal_id
    moved = set()
    for term in wanted:
        is_mine = term.subscription_id in mine and term.deal_id in mine_deals
        if not is_mine or booking.get(term.key) != term.deal_id:
            moved.add(term)
    return moved


def book_by_deals(
    *, run: Run, booked: Sequence[Booked], by: User, at: datetime
) -> None:
    """Let won deals book terms, each at what of its value recurs.

    A deal that stood for one before goes to the trash. Where the term is the last one or a new one,
    the next costs as much. For the caller's transaction, a block of an import.
    """
    subscription_ids = {booking.subscription for booking in booked}
    refuse_strangers(Subscription.objects.filter(pk__in=subscription_ids), by)
    rows = locked(subscription_ids)
    prices = _recurring_values([booking.deal for booking in booked])
    stored = _stored_terms(booked)
    settled = [booking for booking in booked if booking.key in stored]
    _trash_replaced(settled, run=run, by=by, at=at)
    payments = {}
    for booking in settled:
        payments[stored[booking.key]] = TermPayment(
            booking.deal, prices[booking.deal]
        )
    set_terms(run, payments)
    keep_totals(run=run, totals=run.totals)
    new = [booking for booking in booked if booking.key not in stored]
    terms = [
        _new_term(each, rows[each.subscription], prices[each.deal], at)
        for each in new
    ]
    insert_terms(terms)
    write_planned(
        _subscriptions_after(booked, rows, prices), by=by, at=at, run=run
    )


def _trash_replaced(
    settled: Sequence[Booked], *, run: Run, by: User, at: datetime
) -> None:
    ids = [booking.instead for booking in settled if booking.instead]
    present = Deal.objects.filter(pk__in=ids, trashed_at=None)
    trash_deals(
        deals=present.exclude(status=Deal.Status.LOST), by=by, at=at, run=run
    )


def _subscriptions_after(
    booked: Sequence[Booked],
    rows: Mapping[int, SubscriptionRow],
    prices: Mapping[int, int],
) -> dict[int, SubscriptionChange]:
    """Return what the last of the booked terms change of their subscriptions."""
    after: dict[int, SubscriptionChange] = {}
    for booking in sorted(booked, key=lambda each: each.number):
        next_number = rows[booking.subscription]["next_number"]
        if booking.number >= next_number - 1:
            after[booking.subscription] = {
                "next_number": max(next_number, booking.number + 1),
                "price_e4": prices[booking.deal],
            }
    return after


def _stored_terms(booked: Sequence[Booked]) -> dict[TermKey, int]:
    """Return the ids of the stored ones among the terms."""
    found = Term.objects.filter(
        subscription__in={booking.subscription for booking in booked},
        number__in={booking.number for booking in booked},
    )
    ids = {}
    for pk, subscription_id, number in found.values_list(
        "pk", "subscription", "number"
    ):
        ids[TermKey(subscription_id, number)] = pk
    return ids


def _recurring_values(deal_ids: Sequence[int]) -> dict[int, int]:
    """Return what of each deal's value recurs."""
    deals = Deal.objects.filter(pk__in=deal_ids)
    values: dict[int, int] = {}
    for pk, value_e4, stored_lines in deals.values_list(
        "pk", "value_e4", "lines"
    ):
        lines = read_lines(stored_lines)
        values[pk] = sum_e4(lines, recurs=True) if lines else value_e4
    return values


def _new_term(
    booking: Booked, row: SubscriptionRow, price_e4: int, at: datetime
) -> NewTerm:
    days = term_days(row, booking.number)
    return NewTerm(
        subscription_id=booking.subscription,
        number=booking.number,
        starts_on=days.start,
        ends_on=days.end,
        price_e4=price_e4,
        currency=row["currency"],
        cadence=row["cadence"],
        deal_id=booking.deal,
        # Terms of an import have no run: one whose deal is gone for good must not look like one
        # that a file of subscriptions brought.
        run_id=None,
        recorded_at=at,
    )
