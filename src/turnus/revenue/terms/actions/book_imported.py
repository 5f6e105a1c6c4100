"""Booking terms by the won deals of an import."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines, sum_e4
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import keep_totals
from turnus.history.models import Run
from turnus.kit.sql import insert_rows
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rules import term_days
from turnus.revenue.subscriptions.actions.write import change_ids, locked
from turnus.revenue.terms.actions.write import TERM_COLUMNS, set_terms
from turnus.sales.actions import trash_deals
from turnus.sales.models import Deal


@dataclass(frozen=True, slots=True)
class Booked:
    """A won deal that books term `number`; `instead` of the deal that stood for it so far, None where none did."""

    deal: int
    subscription: int
    number: int
    instead: int | None = None


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
