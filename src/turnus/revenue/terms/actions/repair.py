"""Repairs of terms, each part of a run: missed ones booked or skipped, open ones won."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.fields.changing import change_each, refuse_strangers
from turnus.history.actions import locked_rows
from turnus.history.models import Event, Run
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.kit.lines import one_line
from turnus.revenue.models import RenewalLine, Subscription, Term
from turnus.revenue.renewals.actions.book import renewal_deals
from turnus.revenue.subscriptions.actions.write import locked
from turnus.revenue.terms.actions.write import set_terms
from turnus.sales.actions import insert_deals
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules


@dataclass(frozen=True, slots=True)
class Hole:
    """A term that nothing books: one that is not there at all (`term_id` None), or one whose deal is gone."""

    subscription_id: int
    number: int
    starts_on: date
    ends_on: date
    price_e4: int
    currency: str
    term_id: int | None = None


@transaction.atomic
def book_holes(*, run: Run, holes: Sequence[Hole], by: User, at: datetime) -> None:
    """Book each hole by a new deal, won on the term's own first day, at the term's price; refused where one is filled by now."""
    rows = renewal_deals([_line(one) for one in holes], _locked_with(holes, by), DealRules.load())
    ids = insert_deals(rows=rows, by=by, at=at, run=run)
    deals = dict(zip(holes, ids, strict=True))
    _fill(run, [one for one in holes if one.term_id is None], deals, at)
    set_terms(
        run, {one.term_id: (deals[one], one.price_e4) for one in holes if one.term_id is not None}
    )


@transaction.atomic
def win_terms(*, run: Run, terms: Collection[int], by: User, at: datetime) -> None:
    """Win the deals of terms on the terms' own first days; what lies in the trash comes back, what is won already keeps its day."""
    _lock_subscriptions_of(terms)
    found = list(
        Term.objects.filter(pk__in=terms).select_related("deal__person", "deal__organization")
    )
    if any(term.deal_id is None for term in found):
        raise UserError("renewal.moved_on")
    days, rules = {term.deal_id: term.starts_on for term in found if term.deal_id}, DealRules.load()
    refuse_strangers(Deal.objects.filter(pk__in=days), by)
    if any(
        contact.trashed_at
        for term in found
        if term.deal
        for contact in (term.deal.person, term.deal.organization)
        if contact
    ):
        raise UserError("deal.contact_trashed")

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        back = {"trashed_at": None, "trashed_by_id": None}
        if row["status"] == "won":
            return back
        return {**back, **rules.settle({"status": "won", "won_at": days[row["id"]]}, row, at)}

    in_trash = {term.deal.pk for term in found if term.deal and term.deal.trashed_at}
    for ids, action in (
        (in_trash, Event.Action.RESTORED),
        (days.keys() - in_trash, Event.Action.UPDATED),
    ):
        change_each(
            tracked(RecordKind.DEAL), sorted(ids), rule, by=by, at=at, run=run, action=action
        )


@transaction.atomic
def skip_holes(*, run: Run, holes: Sequence[Hole], by: User, at: datetime) -> None:
    """Let each hole be a term that was left out on purpose: nothing books it, and it costs nothing; refused where one is filled by now."""
    _locked_with(holes, by)
    _fill(run, [one for one in holes if one.term_id is None], {}, at)
    set_terms(run, {one.term_id: (None, 0) for one in holes if one.term_id is not None})


@transaction.atomic
def skip_unbooked_terms(
    *, run: Run, terms: Collection[int], by: User, at: datetime, reason: str = ""
) -> None:
    """Let terms go that their deals do not book: they are left out on purpose, and an open deal is lost for `reason`.

    Refused where a deal was won meanwhile, for its term is paid, or the term was left out already.
    """
    _lock_subscriptions_of(terms)
    found = Term.objects.filter(pk__in=terms)
    deals = Deal.objects.filter(pk__in=found.values("deal"))
    refuse_strangers(Subscription.objects.filter(pk__in=found.values("subscription")), by)
    refuse_strangers(deals, by)
    is_paid = any(
        row["status"] == "won" and row["trashed_at"] is None for row in _locked_deals(deals)
    )
    if is_paid or found.filter(deal__isnull=True).exists():
        raise UserError("renewal.moved_on")
    rules = DealRules.load()
    waiting = list(
        deals.filter(status="open", trashed_at__isnull=True).values_list("pk", flat=True)
    )
    lost = {"status": "lost", "lost_reason": one_line(reason, field="reason")}
    change_each(
        tracked(RecordKind.DEAL),
        waiting,
        lambda row: rules.settle(lost, row, at),
        by=by,
        at=at,
        run=run,
    )
    set_terms(run, dict.fromkeys(found.values_list("pk", flat=True), (None, 0)))


def _lock_subscriptions_of(terms: Collection[int]) -> None:
    locked(Term.objects.filter(pk__in=terms).values_list("subscription", flat=True))


def _locked_deals(deals: QuerySet[Deal]) -> Iterable[Mapping[str, Any]]:
    return locked_rows(tracked(RecordKind.DEAL), deals.values_list("pk", flat=True)).values()


def _locked_with(holes: Sequence[Hole], by: User) -> dict[int, dict[str, Any]]:
    """Return the columns of the subscriptions of holes, locked; refused where somebody filled one meanwhile."""
    ids = {one.subscription_id for one in holes}
    refuse_strangers(Subscription.objects.filter(pk__in=ids), by)
    rows = locked(ids)
    terms = Term.objects.filter(subscription__in=ids)
    here = set(terms.values_list("subscription", "number"))
    prices = dict(
        terms.filter(deal__isnull=True).values_list("pk", "price_e4")
    )  # left out on purpose: nothing
    for one in holes:
        is_there = (one.subscription_id, one.number) in here
        is_open = prices.get(one.term_id) == one.price_e4 if one.term_id else not is_there
        if not is_open:
            raise UserError("renewal.moved_on")
    return rows


def _line(hole: Hole) -> RenewalLine:
    return RenewalLine(
        subscription_id=hole.subscription_id,
        number=hole.number,
        starts_on=hole.starts_on,
        ends_on=hole.ends_on,
        won_on=hole.starts_on,
        price_e4=hole.price_e4,
        currency=hole.currency,
    )


def _fill(run: Run, holes: Sequence[Hole], deals: Mapping[Hole, int], at: datetime) -> None:
    """Add the terms that are not there, paid like the ones before; the run remembers which, for they lie before others."""
    cadences = _cadences_before(holes)
    terms = [
        Term(
            subscription_id=one.subscription_id,
            number=one.number,
            cadence=cadences[one],
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            price_e4=one.price_e4 if one in deals else 0,
            currency=one.currency,
            deal_id=deals.get(one),
            run=run,
            recorded_at=at,
        )
        for one in holes
    ]
    run.totals["filled"] = [term.pk for term in Term.objects.bulk_create(terms)]


def _cadences_before(holes: Sequence[Hole]) -> dict[Hole, str]:
    held: dict[int, list[tuple[int, str]]] = defaultdict(list)
    terms = Term.objects.filter(subscription__in={one.subscription_id for one in holes}).order_by(
        "number"
    )
    for subscription, number, cadence in terms.values_list("subscription", "number", "cadence"):
        held[subscription].append((number, cadence))
    return {
        one: [cadence for number, cadence in held[one.subscription_id] if number < one.number][-1]
        for one in holes
    }
