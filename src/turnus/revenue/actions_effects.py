"""What the won deals of an import do to subscriptions that are here: book a term, end one, take something off its price; and back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines, sum_e4
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import keep_totals
from turnus.history.models import Run
from turnus.kit.sql import insert_rows
from turnus.revenue.actions import TERM_COLUMNS, end_columns
from turnus.revenue.actions_changing import change_ids, locked
from turnus.revenue.actions_repairing import set_terms
from turnus.revenue.actions_undoing import terms_back
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rules import due_on, term_days
from turnus.sales.actions import trash_deals
from turnus.sales.models import Deal


@dataclass(frozen=True, slots=True)
class Booked:
    """A won deal that books term `number`; `instead` of the deal that stood for it so far, None where none did."""

    deal: int
    subscription: int
    number: int
    instead: int | None = None


@dataclass(frozen=True, slots=True)
class Credited:
    """A negative won deal that takes `price_e4` (positive) back from a subscription whose next term is `number`; `ends`: all of it."""

    subscription: int
    number: int
    price_e4: int
    ends: bool
    reason: str = ""


def moved_terms(
    wanted: Collection[tuple[int, int, int | None]], by: User
) -> set[tuple[int, int, int | None]]:
    """Return those of `wanted` (subscription, number, deal) that cannot be booked as planned: another deal books them by now, or `by` may not.

    Three queries.
    """
    subscriptions = {one for one, _number, _deal in wanted}
    mine = set(
        Subscription.objects.editable_by(by)
        .filter(pk__in=subscriptions, trashed_at=None)
        .values_list("pk", flat=True)
    )
    deals = {deal for _one, _number, deal in wanted if deal}
    own = set(Deal.objects.editable_by(by).filter(pk__in=deals).values_list("pk", flat=True))
    stored = Term.objects.filter(
        subscription__in=subscriptions, number__in={number for _, number, _ in wanted}
    )
    booked = {
        (one, number): deal
        for one, number, deal in stored.values_list("subscription", "number", "deal")
    }
    return {
        (one, number, deal)
        for one, number, deal in wanted
        if one not in mine
        or booked.get((one, number)) != deal
        or (deal is not None and deal not in own)
    }


def moved_subscriptions(wanted: Collection[tuple[int, int]], by: User) -> set[tuple[int, int]]:
    """Return those of `wanted` (subscription, number of its next term) that have moved on, stopped, or that `by` may not change; one query."""
    mine = Subscription.objects.present().editable_by(by).filter(pk__in={one for one, _ in wanted})
    running = mine.filter(state=Subscription.State.ACTIVE, end_on=None)
    return set(wanted) - set(running.values_list("pk", "next_number"))


def book_by_deals(*, run: Run, booked: Sequence[Booked], by: User, at: datetime) -> None:
    """Let won deals book terms, each at what of its value recurs; a deal that stood for one before goes to the trash.

    For the caller's transaction, a block of an import. Where the term is the last one or a new one, the next costs as much.
    """
    refuse_strangers(Subscription.objects.filter(pk__in={one.subscription for one in booked}), by)
    rows = locked({one.subscription for one in booked})
    prices = _prices([one.deal for one in booked])
    stored = _stored(booked)
    here = {
        one: stored[one.subscription, one.number]
        for one in booked
        if (one.subscription, one.number) in stored
    }
    before = Deal.objects.filter(
        pk__in=[one.instead for one in here if one.instead], trashed_at=None
    )
    trash_deals(deals=before.exclude(status=Deal.Status.LOST), by=by, at=at, run=run)
    set_terms(run, {term: (one.deal, prices[one.deal]) for one, term in here.items()})
    keep_totals(run=run, totals=run.totals)
    new = [one for one in booked if one not in here]
    # Terms of an import have no run: one whose deal is gone for good must not look like one that a file of subscriptions brought.
    insert_rows(
        Term,
        TERM_COLUMNS,
        [_cells(one, rows[one.subscription], prices[one.deal], at) for one in new],
    )
    after: dict[int, dict[str, Any]] = {}
    for one in sorted(booked, key=lambda each: each.number):
        row = rows[one.subscription]
        if one.number >= row["next_number"] - 1:
            number = max(row["next_number"], one.number + 1)
            after[one.subscription] = {"next_number": number, "price_e4": prices[one.deal]}
    change_ids(after, lambda row: after[row["id"]], by=by, at=at, run=run)


def credit_subscriptions(
    *, run: Run, credited: Sequence[Credited], by: User, at: datetime, on: date
) -> None:
    """End subscriptions with what is paid, or take something off their prices from the next terms on; for the caller's transaction."""
    refuse_strangers(Subscription.objects.filter(pk__in={one.subscription for one in credited}), by)
    own: dict[int, list[Credited]] = {}
    for one in credited:
        own.setdefault(one.subscription, []).append(one)

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        price = row["price_e4"] - sum(one.price_e4 for one in own[row["id"]] if not one.ends)
        ending = next((one for one in own[row["id"]] if one.ends), None)
        if ending is None:
            return {"price_e4": max(price, 0)}
        end = end_columns(row, due_on(row, row["next_number"]), on=on)
        return {"price_e4": max(price, 0), "end_reason": ending.reason.strip()[:255], **end}

    change_ids(own, rule, by=by, at=at, run=run)


def give_terms_back(*, run: Run) -> None:
    """Give the terms that an import's deals took over the deals and prices that they had; for the caller's transaction."""
    terms_back(run)


def _stored(booked: Sequence[Booked]) -> dict[tuple[int, int], int]:
    found = Term.objects.filter(
        Q(subscription__in={one.subscription for one in booked})
        & Q(number__in={one.number for one in booked})
    )
    return {
        (one, number): pk for pk, one, number in found.values_list("pk", "subscription", "number")
    }


def _prices(deals: Sequence[int]) -> dict[int, int]:
    """Return what of each deal's value recurs."""
    prices: dict[int, int] = {}
    for pk, value, held in Deal.objects.filter(pk__in=deals).values_list("pk", "value_e4", "lines"):
        lines = read_lines(held)
        prices[pk] = sum_e4(lines, recurs=True) if lines else value
    return prices


def _cells(one: Booked, row: Mapping[str, Any], price_e4: int, at: datetime) -> tuple[Any, ...]:
    days = term_days(row, one.number)
    paid = (price_e4, row["currency"], row["cadence"])
    return one.subscription, one.number, days.start, days.end, *paid, one.deal, None, at
