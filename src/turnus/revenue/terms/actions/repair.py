"""Repairs of terms, each part of a run: missed ones booked or skipped, open ones won."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.core.fields import Value
from turnus.core.records import RecordKind
from turnus.fields.changing import change_each, refuse_strangers
from turnus.history.actions import lock_records, locked_rows
from turnus.history.models import Event, Run
from turnus.history.tracked import StoredRow, tracked
from turnus.kit.errors import UserError
from turnus.kit.lines import one_line
from turnus.revenue.models import RenewalLine, Subscription, Term
from turnus.revenue.renewals.actions.book import renewal_deals
from turnus.revenue.rows import SubscriptionRow
from turnus.revenue.subscriptions.actions.write import locked
from turnus.revenue.terms.actions.write import UNPAID, TermPayment, set_terms
from turnus.sales.actions import insert_deals, lock_contacts_of
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules


@dataclass(frozen=True, slots=True)
class Hole:
    """A term that nothing books: one that is not stored (`term_id` None), or whose deal is gone."""

    subscription_id: int
    number: int
    starts_on: date
    ends_on: date
    price_e4: int
    currency: str
    term_id: int | None = None


@transaction.atomic
def book_holes(
    *, run: Run, holes: Sequence[Hole], by: User, at: datetime
) -> None:
    """Book each hole by a new deal, won on the term's own first day, at the term's price.

    Refused where one is filled by now.
    """
    subscriptions = _locked_with(holes, by)
    rows = renewal_deals(
        [_line(hole) for hole in holes], subscriptions, DealRules.load()
    )
    ids = insert_deals(rows=rows, by=by, at=at, run=run)
    deals = dict(zip(holes, ids, strict=True))
    _fill(run, holes, deals, at)
    payments = {}
    for hole in holes:
        if hole.term_id is not None:
            payments[hole.term_id] = TermPayment(deals[hole], hole.price_e4)
    set_terms(run, payments)


@transaction.atomic
def skip_holes(
    *, run: Run, holes: Sequence[Hole], by: User, at: datetime
) -> None:
    """Let each hole be a term that was skipped: nothing books it, and it costs nothing.

    Refused where one is filled by now.
    """
    _locked_with(holes, by)
    _fill(run, holes, {}, at)
    set_terms(
        run,
        {hole.term_id: UNPAID for hole in holes if hole.term_id is not None},
    )


@transaction.atomic
def win_terms(
    *, run: Run, terms: Collection[int], by: User, at: datetime
) -> None:
    """Win the deals of terms on the terms' own first days.

    What lies in the trash comes back; what is won already keeps its day.
    """
    _lock_subscriptions_of(terms)
    stored = Term.objects.filter(pk__in=terms)
    lock_contacts_of(
        lock_records(Deal.objects.filter(pk__in=stored.values("deal")))
    )
    found = list(stored.select_related("deal__person", "deal__organization"))
    deals = [term.deal for term in found if term.deal is not None]
    if len(deals) < len(found):
        raise UserError("renewal.moved_on")
    days = {term.deal_id: term.starts_on for term in found if term.deal_id}
    rules = DealRules.load()
    refuse_strangers(Deal.objects.filter(pk__in=days), by)
    if any(_has_trashed_contact(deal) for deal in deals):
        raise UserError("deal.contact_trashed")

    def won(row: Mapping[str, Any]) -> StoredRow:
        columns: StoredRow = {"trashed_at": None, "trashed_by_id": None}
        if row["status"] != "won":
            values: dict[str, Value | None] = {
                "status": "won",
                "won_at": days[row["id"]],
            }
            columns |= rules.settle(values, row, at)
        return columns

    in_trash = {deal.pk for deal in deals if deal.trashed_at}
    present = days.keys() - in_trash
    for action, deal_ids in (
        (Event.Action.RESTORED, in_trash),
        (Event.Action.UPDATED, present),
    ):
        change_each(
            tracked(RecordKind.DEAL),
            sorted(deal_ids),
            won,
            by=by,
            at=at,
            run=run,
            action=action,
        )


def _has_trashed_contact(deal: Deal) -> bool:
    contacts = (deal.person, deal.organization)
    return any(
        contact is not None and contact.trashed_at for contact in contacts
    )


@transaction.atomic
def skip_unbooked_terms(
    *,
    run: Run,
    terms: Collection[int],
    by: User,
    at: datetime,
    reason: str = "",
) -> None:
    """Skip terms that their deals do not book; an open deal is lost for `reason`.

    Refused where a deal was won meanwhile, for its term is paid, or the term was skipped already.
    """
    _lock_subscriptions_of(terms)
    found = Term.objects.filter(pk__in=terms)
    deals = Deal.objects.filter(pk__in=found.values("deal"))
    refuse_strangers(
        Subscription.objects.filter(pk__in=found.values("subscription")), by
    )
    refuse_strangers(deals, by)
    rows = _locked_deals(deals)
    is_paid = any(
        row["status"] == "won" and row["trashed_at"] is None for row in rows
    )
    if is_paid or found.filter(deal__isnull=True).exists():
        raise UserError("renewal.moved_on")
    rules = DealRules.load()
    open_deals = deals.filter(status="open", trashed_at__isnull=True)
    waiting = list(open_deals.values_list("pk", flat=True))
    lost: dict[str, Value | None] = {
        "status": "lost",
        "lost_reason": one_line(reason, field="reason"),
    }
    kind = tracked(RecordKind.DEAL)
    change_each(
        kind,
        waiting,
        lambda row: rules.settle(lost, row, at),
        by=by,
        at=at,
        run=run,
    )
    set_terms(run, dict.fromkeys(found.values_list("pk", flat=True), UNPAID))


def _lock_subscriptions_of(terms: Collection[int]) -> None:
    locked(
        Term.objects.filter(pk__in=terms).values_list(
            "subscription", flat=True
        )
    )


def _locked_deals(deals: QuerySet[Deal]) -> Iterable[StoredRow]:
    ids = deals.values_list("pk", flat=True)
    return locked_rows(tracked(RecordKind.DEAL), ids).values()


def _locked_with(
    holes: Sequence[Hole], by: User
) -> dict[int, SubscriptionRow]:
    """Return the columns of the subscriptions of holes, locked.

    Refused where somebody filled a hole meanwhile.
    """
    ids = {hole.subscription_id for hole in holes}
    refuse_strangers(Subscription.objects.filter(pk__in=ids), by)
    rows = locked(ids)
    terms = Term.objects.filter(subscription__in=ids)
    stored = set(terms.values_list("subscription", "number"))
    # A skipped term costs nothing.
    unbooked_prices = dict(
        terms.filter(deal__isnull=True).values_list("pk", "price_e4")
    )
    for hole in holes:
        if hole.term_id:
            is_open = unbooked_prices.get(hole.term_id) == hole.price_e4
        else:
            is_open = (hole.subscription_id, hole.number) not in stored
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


def _fill(
    run: Run, holes: Sequence[Hole], deals: Mapping[Hole, int], at: datetime
) -> None:
    """Add the terms that are not stored, paid like the ones before.

    The run remembers which, for they lie before others.
    """
    missing = [hole for hole in holes if hole.term_id is None]
    cadences = _cadences_before(missing)
    terms = [
        Term(
            subscription_id=hole.subscription_id,
            number=hole.number,
            cadence=cadences[hole],
            starts_on=hole.starts_on,
            ends_on=hole.ends_on,
            price_e4=hole.price_e4 if hole in deals else 0,
            currency=hole.currency,
            deal_id=deals.get(hole),
            run=run,
            recorded_at=at,
        )
        for hole in missing
    ]
    run.totals["filled"] = [
        term.pk for term in Term.objects.bulk_create(terms)
    ]


def _cadences_before(holes: Sequence[Hole]) -> dict[Hole, str]:
    """Return by which cadence the term before each hole is paid."""
    ids = {hole.subscription_id for hole in holes}
    terms = Term.objects.filter(subscription__in=ids).order_by("number")
    stored: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for subscription_id, number, cadence in terms.values_list(
        "subscription", "number", "cadence"
    ):
        stored[subscription_id].append((number, cadence))
    before = {}
    for hole in holes:
        own = stored[hole.subscription_id]
        earlier = [cadence for number, cadence in own if number < hole.number]
        before[hole] = earlier[-1]
    return before
