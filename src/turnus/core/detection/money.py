"""Recurring revenue of detected chains: subscriptions as the rest of the house counts them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.core.customers import CustomerKey
from turnus.core.detection import costs
from turnus.core.detection.facts import Chain, Detection, Sold
from turnus.core.money import Rates
from turnus.core.revenue.conversion import Conversion, Withheld
from turnus.core.revenue.movements import Ledger, ledger_of
from turnus.core.revenue.mrr import Recurring, recurring_on
from turnus.core.revenue.runs import Booking, SubscriptionFact
from turnus.core.revenue.timeline import Timeline, timeline_of
from turnus.core.revenue.waterfall import Waterfall, periods_between, waterfall


@dataclass(frozen=True, slots=True)
class Revenue:
    """What the chains come to: their timelines in the chains' order, what moved, and the months.

    The months go from the first deal's to that of today.
    """

    timelines: tuple[Timeline, ...]
    ledger: Ledger
    months: tuple[Waterfall, ...]
    today: Recurring
    withheld: tuple[Withheld, ...]


def revenue_of(
    detection: Detection,
    sold: Iterable[Sold],
    *,
    conversion: Conversion,
    as_of: date,
    first: date,
) -> Revenue:
    """Return the recurring revenue as known on `as_of`, by month from that of `first` on.

    The period a deal pays for is the one it was given in its chain; forgotten copies keep the price
    before them.
    """
    by_deal = {deal.deal: deal for deal in sold}
    facts = [
        fact_of(number, chain, by_deal)
        for number, chain in enumerate(detection.chains)
    ]
    timelines = tuple(timeline_of(fact, as_of=as_of) for fact in facts)
    segments = [
        segment for timeline in timelines for segment in timeline.segments
    ]
    ledger = ledger_of(segments, conversion=conversion, until=as_of)
    months = waterfall(ledger, periods_between(first, as_of))
    today = recurring_on(as_of, segments, conversion=conversion)
    return Revenue(timelines, ledger, tuple(months), today, ledger.withheld)


def fixed_rates(currency: str, rates: Mapping[str, Decimal]) -> Conversion:
    """Return the conversion into `currency`; each other currency has one rate on all days."""
    return Conversion(
        Rates(
            currency,
            {
                code: [(date.min, rate)]
                for code, rate in rates.items()
                if code != currency
            },
        ),
        currency,
    )


def fact_of(
    number: int, chain: Chain, by_deal: Mapping[int, Sold]
) -> SubscriptionFact:
    """Return a chain as a subscription whose deals say which periods they pay for."""
    bookings = [
        Booking(
            each.deal,
            by_deal[each.deal].won_on,
            by_deal[each.deal].value_e4,
            starts_on=each.starts_on,
            cadence=each.cadence,
        )
        for each in chain.paid
    ]
    bookings += [
        Booking(deal, by_deal[deal].won_on, by_deal[deal].value_e4)
        for deal in chain.credits
    ]
    return SubscriptionFact(
        number,
        CustomerKey(chain.customer),
        chain.currency,
        chain.paid[0].cadence,
        bookings,
        bridged_copies=costs.MOST_MISSING,
    )
