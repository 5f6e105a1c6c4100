"""What was won on some days, and what each part of its value is; read by the million."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from itertools import groupby, starmap
from operator import itemgetter
from typing import NamedTuple

from django.db.models import CharField, Min, QuerySet, Value

from turnus.contacts.billing import Billing
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.customers import CustomerKey
from turnus.core.records import RecordKind
from turnus.core.revenue.bookings import (
    BookedPart,
    BookingKind,
    WonDeal,
    booked_parts,
)
from turnus.core.revenue.facts import Cause, Exact, Reason
from turnus.core.revenue.runs import BookedTerm
from turnus.core.revenue.timeline import Timeline
from turnus.fields.catalog import catalog
from turnus.kit.sql import stream_rows
from turnus.listing.expressions import part_of, place_of
from turnus.reports.recurring.source import Source
from turnus.revenue.models import Term
from turnus.revenue.scope import counted_terms, visible_subscriptions
from turnus.sales.models import Deal

#: What stands for the part where there is no split, or where deals do not have its field.
_NO_PART = Value("", output_field=CharField())
#: One for all: bookings name their deal by themselves.
_BOOKED = Cause(Reason.BOOKED)
_cadence = lru_cache(maxsize=1_000)(Cadence.parse)


class WonRow(NamedTuple):
    """A won deal as it is read."""

    deal: int
    won_on: date
    value_e4: int
    currency: str
    organization_id: int | None
    person_id: int | None
    part: str | int | None


class PayerRow(NamedTuple):
    """Of a subscription: who pays it, how often, and its part of the split."""

    customer: CustomerKey
    cadence: str
    part: str


class SummedKey(NamedTuple):
    """What parts of deals have in common that can be converted together."""

    part: str
    on: date
    kind: BookingKind
    currency: str


@dataclass(frozen=True, slots=True)
class BookedDeals:
    """The parts of deals; and of each deal its subscription, if any, and its part of the split."""

    parts: Sequence[BookedPart]
    #: Deal -> subscription.
    subscriptions: Mapping[int, int]
    part_of_subscription: Mapping[int, str]
    #: Of the deals that belong to no subscription.
    part_of_deal: Mapping[int, str]

    def part_of(self, deal: int) -> str:
        """Return the part of the split that a deal belongs to."""
        subscription = self.subscriptions.get(deal)
        if subscription is None:
            return self.part_of_deal[deal]
        return self.part_of_subscription[subscription]

    def summed(self) -> Iterator[tuple[str, BookedPart]]:
        """Yield one part for all that can be converted together, with its part of the split."""
        is_split = any(self.part_of_subscription.values()) or any(
            self.part_of_deal.values()
        )
        sums: dict[SummedKey, Exact] = defaultdict(int)
        for booked in self.parts:
            part = self.part_of(booked.deal) if is_split else ""
            key = SummedKey(part, booked.won_on, booked.kind, booked.currency)
            sums[key] += booked.value_e4
        for key, value in sums.items():
            summed = BookedPart(
                0, CustomerKey(0), key.on, key.kind, value, key.currency
            )
            yield key.part, summed


def booked_deals(source: Source) -> BookedDeals:
    """Return the parts of the deals won on the days shown.

    Of a deal that books a term, the rest of its value is one-off.
    """
    span = DateRange(source.periods[0].start, source.periods[-1].end)
    deals = {row.deal: row for row in _won(source, span)}
    billing = Billing.load(source.viewer.user)
    payers = _payers(source, billing)
    timelines = list(_timelines(source, payers, span, deals))
    subscriptions = _subscriptions_of(timelines, deals)
    of_terms = booked_parts(timelines)
    others = _one_off(of_terms, deals, billing)
    parts = booked_parts(timelines=(), others=others) + of_terms
    chosen = source.chosen
    if chosen is not None:
        parts = [
            part for part in parts if subscriptions.get(part.deal) in chosen
        ]
    then = source.parts_then(RecordKind.DEAL)
    return BookedDeals(
        parts,
        subscriptions,
        part_of_subscription={pk: payer.part for pk, payer in payers.items()},
        part_of_deal={
            pk: _text(then.get(pk, row.part)) for pk, row in deals.items()
        },
    )


def _won(source: Source, span: DateRange) -> Iterator[WonRow]:
    """Yield the deals won on these days, as far as the day that is asked for knows of them.

    What splits subscriptions splits deals without one by the same field, where they have it.
    """
    viewer = source.viewer
    path = source.params.split
    fields = catalog(RecordKind.DEAL)
    part = (
        part_of(place_of(path, fields, viewer=viewer.user))
        if path in fields
        else _NO_PART
    )
    deals = Deal.objects.present().visible_to(viewer.user)
    won = deals.filter(status="won", won_on__lte=viewer.as_of)
    shown = won.filter(won_on__gte=span.start, won_on__lt=span.end).annotate(
        part=part
    )
    columns = (
        "pk",
        "won_on",
        "value_e4",
        "currency",
        "organization_id",
        "person_id",
        "part",
    )
    return starmap(WonRow, stream_rows(shown.order_by().values_list(*columns)))


def _payers(source: Source, billing: Billing) -> Mapping[int, PayerRow]:
    """Return who pays each subscription, how often, and its part of the split."""
    part = _NO_PART if source.part is None else source.part
    seen = visible_subscriptions(source.viewer).annotate(part=part).order_by()
    columns = ("pk", "organization_id", "person_id", "cadence", "part")
    then = source.parts_then(RecordKind.SUBSCRIPTION)
    payers = {}
    for pk, organization, person, cadence, own_part in stream_rows(
        seen.values_list(*columns)
    ):
        customer = billing.key_of(organization, person)
        payers[pk] = PayerRow(customer, cadence, _text(then.get(pk, own_part)))
    return payers


def _text(part: str | int | None) -> str:
    return "" if part is None else str(part)


def _subscriptions_of(
    timelines: Sequence[Timeline], deals: Mapping[int, WonRow]
) -> Mapping[int, int]:
    """Return the subscription of each deal that books a term."""
    found = {}
    for timeline in timelines:
        for term in timeline.terms:
            if term.deal and term.deal in deals:
                found[term.deal] = timeline.subscription
    return found


def _one_off(
    of_terms: Sequence[BookedPart],
    deals: Mapping[int, WonRow],
    billing: Billing,
) -> list[WonDeal]:
    """Return what the deals are worth beside the terms that they book."""
    rest: dict[int, Exact] = {pk: row.value_e4 for pk, row in deals.items()}
    for booked in of_terms:
        if booked.currency == deals[booked.deal].currency:
            rest[booked.deal] -= booked.value_e4
        else:
            # A term in another currency than its deal: the term's price is what was agreed.
            rest[booked.deal] = 0
    found = []
    for pk, row in deals.items():
        if rest[pk]:
            customer = billing.key_of(row.organization_id, row.person_id)
            found.append(
                WonDeal(pk, customer, row.won_on, int(rest[pk]), row.currency)
            )
    return found


#: Subscription, first day, end, price, currency and deal of a term, as the query has them.
_TermRow = tuple[int, date, date, int, str, int | None]


def _timelines(
    source: Source,
    payers: Mapping[int, PayerRow],
    span: DateRange,
    deals: Mapping[int, WonRow],
) -> Iterator[Timeline]:
    """Yield the terms of each subscription as the arithmetic of bookings takes them.

    Only those of `deals` are booked.
    """
    columns = (
        "subscription_id",
        "starts_on",
        "ends_on",
        "price_e4",
        "currency",
        "deal_id",
    )
    terms = _needed_terms(source, span).order_by("subscription_id", "number")
    rows = stream_rows(terms.values_list(*columns))
    for subscription, own in groupby(rows, key=itemgetter(0)):
        payer = payers.get(subscription)
        if payer is not None:
            booked = tuple(_terms(own, _cadence(payer.cadence), deals))
            yield Timeline(subscription, payer.customer, booked, (), (), None)


def _needed_terms(source: Source, span: DateRange) -> QuerySet[Term]:
    """Return the terms that bookings of these days depend on.

    What a term is depends on what ran when it began: terms that ended before the earliest of
    those won are not read.
    """
    counted = counted_terms(source.viewer)
    if not Deal.objects.filter(status="won", won_on__lt=span.start).exists():
        return counted
    inside = counted.filter(
        deal__won_on__gte=span.start, deal__won_on__lt=span.end
    )
    first = inside.aggregate(first=Min("starts_on"))["first"]
    if first is None:  # nothing recurring was won in the span
        return Term.objects.none()
    return counted.filter(ends_on__gte=first)


def _terms(
    rows: Iterable[_TermRow], cadence: Cadence, deals: Mapping[int, WonRow]
) -> Iterator[BookedTerm]:
    """Yield a subscription's terms; a new run begins where one does not follow the one before.

    Rows are unpacked as they come: an object for each of a million would be felt.
    """
    run = -1
    anchor = last_end = date.min
    for number, (
        _subscription,
        start,
        end,
        price_e4,
        currency,
        deal,
    ) in enumerate(rows):
        if start != last_end:
            run += 1
            anchor = start
        last_end = end
        won = None if deal is None else deals.get(deal)
        yield BookedTerm(
            run,
            number,
            anchor,
            DateRange(start, end),
            price_e4,
            currency,
            cadence,
            _BOOKED,
            deal=deal,
            won_on=None if won is None else won.won_on,
        )
