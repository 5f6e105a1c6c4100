"""Subscriptions from won deals whose plan is known: copies of one deal are its terms, in order (`core.revenue.chaining`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import F, Q

from turnus.accounts.models import User
from turnus.core.cadence_days import beginning, with_days_shown
from turnus.core.deal_lines import read_lines, sum_e4
from turnus.core.revenue.chaining import booked_terms
from turnus.core.revenue.runs import BookedTerm, Booking, SubscriptionFact
from turnus.fields.changing import blocks
from turnus.history.models import Run
from turnus.kit.sql import insert_rows
from turnus.revenue.actions import TERM_COLUMNS
from turnus.revenue.actions_changing import change_ids, locked
from turnus.revenue.actions_importing import insert_with_terms
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rules import due_on, term_days
from turnus.sales.models import Deal

States = Subscription.State
Deals = Sequence[Mapping[str, Any]]
#: Customer (`o` or `p` and id), folded title, plan, currency.
Line = tuple[str, int, str, int, str]
_BLOCK = 2_000
_HELD = ("pk", "organization_id", "person_id", "name_folded", "plan_id", "currency")
_DEAL = (
    "pk",
    "organization_id",
    "person_id",
    "owner_id",
    "visibility",
    "title",
    "title_folded",
    "value_e4",
    "currency",
    "won_on",
    "lines",
)


def lines_of(plans: Mapping[int, int]) -> dict[Line, Deals]:
    """Return the won deals (`plans`: deal -> plan) of which something recurs and that book no term yet, by line, the first won first."""
    lines: dict[Line, list[Mapping[str, Any]]] = {}
    for block in blocks(sorted(plans), _BLOCK):
        won = Deal.objects.present().filter(pk__in=block, status=Deal.Status.WON, term__isnull=True)
        for row in won.order_by("pk").values(*_DEAL):
            if _price_e4(row) > 0:
                line = (*_customer(row), row["title_folded"], plans[row["pk"]], row["currency"])
                lines.setdefault(line, []).append(row)
    return {
        line: sorted(deals, key=lambda row: (row["won_on"], row["pk"]))
        for line, deals in lines.items()
    }


@dataclass(frozen=True, slots=True)
class Chain:
    """Won deals of one customer, title, plan and currency, in order, and the terms that they book."""

    plan: Plan
    deals: Deals
    terms: Sequence[BookedTerm]

    def ended_on(self, on: date) -> date | None:
        """Return the end of the last term if it and its grace are over on the day `on`, else None: the customer may still renew."""
        end = self.terms[-1].days.end
        return end if end + timedelta(days=self.plan.grace) < on else None


def new_chains(lines: Mapping[Line, Deals], *, by: User) -> list[Chain]:
    """Return what lines of won deals would begin, those left out that a subscription here stands for already.

    The first deal of a customer, title, plan and currency books term 0; later ones book the following terms, or begin a new stretch if
    they come later than the grace.
    """
    held, known = _held(lines, by), _plans(lines)
    return [
        Chain(known[line[3]], deals, _terms(deals, known[line[3]]))
        for line, deals in lines.items()
        if line not in held
    ]


def begin_chains(chains: Sequence[Chain], *, by: User, at: datetime, on: date, run: Run) -> int:
    """Begin the subscriptions of chains and return how many; in bulk, for the caller's transaction.

    One whose last term and grace are over on the day `on` has ended.
    """
    # Terms of an import have no run: one whose deal is gone for good must not look like one that a file of subscriptions brought.
    of_run = None if run.kind == Run.Kind.IMPORT else run.pk
    columns = [_columns(one, one.ended_on(on)) for one in chains]
    told = [
        [
            (
                number,
                term.days.start,
                term.days.end,
                term.price_e4,
                row["cadence"],
                term.deal,
                of_run,
            )
            for number, term in enumerate(one.terms)
        ]
        for one, row in zip(chains, columns, strict=True)
    ]
    return len(insert_with_terms(columns=columns, terms=told, by=by, at=at, run=run))


def begin_from_copies(
    *, lines: Mapping[Line, Deals], by: User, at: datetime, on: date, run: Run
) -> tuple[int, int]:
    """Begin subscriptions from lines of won deals that an import brought; in bulk, for the caller's transaction.

    Where a subscription stands for them already, they book its next terms if they were won within the grace of their due days.
    Returns how many subscriptions began, and how many terms of others were booked.
    """
    held, known = _held(lines, by), _plans(lines)
    going_on = {ids[0]: lines[line] for line, ids in held.items() if len(ids) == 1}
    booked = sum(
        _go_on(block, going_on, known, by=by, at=at, run=run)
        for block in blocks(sorted(going_on), _BLOCK)
    )
    return begin_chains(new_chains(lines, by=by), by=by, at=at, on=on, run=run), booked


def free_deals(*, run: Run) -> None:
    """Let the deals of an import that was taken back book no terms any more; for the caller's transaction."""
    ours = Term.objects.filter(
        deal__trashed_at__isnull=False, deal__origin="import", deal__origin_id=str(run.pk)
    )
    # A term that others build on stays: nothing may be missing in between.
    ours.filter(
        Q(subscription__trashed_at__isnull=False) | Q(number__gte=F("subscription__next_number"))
    ).delete()


def _go_on(
    ids: Sequence[int],
    deals: Mapping[int, Deals],
    known: Mapping[int, Plan],
    *,
    by: User,
    at: datetime,
    run: Run,
) -> int:
    """Let deals book the next terms of subscriptions that are here, at their own values; return how many terms."""
    terms: list[tuple[Any, ...]] = []
    after: dict[int, dict[str, Any]] = {}
    for pk, row in locked(ids).items():
        number, grace = row["next_number"], timedelta(days=known[row["plan_id"]].grace)
        for deal in deals[pk]:
            start = due_on(row, number)
            is_over = row["end_on"] is not None and start >= row["end_on"]
            if is_over or abs(deal["won_on"] - start) > grace:
                continue
            price = _price_e4(deal)
            paid = (price, row["currency"], row["cadence"])
            terms.append(
                (pk, number, start, term_days(row, number).end, *paid, deal["pk"], None, at)
            )
            number += 1
            after[pk] = {"next_number": number, "price_e4": price}
    insert_rows(Term, TERM_COLUMNS, terms)
    change_ids(after, lambda row: after[row["id"]], by=by, at=at, run=run)
    return len(terms)


def _held(lines: Mapping[Line, Deals], by: User) -> dict[Line, list[int]]:
    """Return the subscriptions that stand for lines already; of those that `by` may change and that run, the ids. Two queries for each block."""
    held: dict[Line, list[int]] = {}
    for kind, column in (("o", "organization_id"), ("p", "person_id")):
        for block in blocks({line[1] for line in lines if line[0] == kind}, _BLOCK):
            found = Subscription.objects.present().filter(**{f"{column}__in": block})
            running = set(
                found.editable_by(by).filter(state=States.ACTIVE).values_list("pk", flat=True)
            )
            for row in found.order_by("pk").values(*_HELD):
                line = (*_customer(row), row["name_folded"], row["plan_id"], row["currency"])
                if line[0] == kind and line in lines:
                    held.setdefault(line, []).extend([row["pk"]] if row["pk"] in running else [])
    return held


def _plans(lines: Mapping[Line, Deals]) -> dict[int, Plan]:
    return {plan.pk: plan for plan in Plan.objects.filter(pk__in={line[3] for line in lines})}


def _customer(row: Mapping[str, Any]) -> tuple[str, int]:
    return ("o", row["organization_id"]) if row["organization_id"] else ("p", row["person_id"])


def _price_e4(row: Mapping[str, Any]) -> int:
    """Return what of the deal's value recurs."""
    lines = read_lines(row["lines"])
    return sum_e4(lines, recurs=True) if lines else int(row["value_e4"])


def _terms(deals: Deals, plan: Plan) -> list[BookedTerm]:
    bookings = [Booking(row["pk"], row["won_on"], _price_e4(row)) for row in deals]
    cadence = with_days_shown(plan.how, [row["won_on"] for row in deals])
    if cadence.days and len(bookings) > 1:
        bookings[0] = replace(bookings[0], starts_on=beginning(cadence.days, bookings[0].won_on))
    fact = SubscriptionFact(0, 0, deals[0]["currency"], cadence, bookings, grace_days=plan.grace)
    found, _due = booked_terms(fact, as_of=date.max)
    return [term for term in found if term.deal is not None]


def _columns(chain: Chain, ended_on: date | None) -> dict[str, Any]:
    first, term, last = chain.terms[0], chain.terms[-1], chain.deals[-1]
    return {
        **{
            key: last[key]
            for key in ("organization_id", "person_id", "owner_id", "visibility", "currency")
        },
        "name": last["title"],
        "plan_id": chain.plan.pk,
        "cadence": str(term.cadence),
        "price_e4": term.price_e4,
        "state": States.ACTIVE if ended_on is None else States.ENDED,
        "started_on": first.days.start,
        "anchor_on": term.anchor,
        "anchor_number": len(chain.terms) - 1 - term.number,
        "next_number": len(chain.terms),
        "end_on": ended_on,
        "paused_on": None,
    }
