"""Bookings: the value of everything won, by won date, split into new, renewal, expansion, one-off and credits."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from itertools import groupby
from operator import itemgetter
from typing import Any

from turnus.contacts.billing import Billing
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange, period_start
from turnus.core.money import Money
from turnus.core.revenue.bookings import BookedPart, BookingKind, WonDeal, booked_parts, bookings_in
from turnus.core.revenue.facts import Cause, Exact, Reason
from turnus.core.revenue.runs import BookedTerm
from turnus.core.revenue.timeline import Timeline
from turnus.kit.memory import many_objects
from turnus.kit.sql import stream_rows
from turnus.reports.recurring.shape import Column, Line, Part, Parts, RevenueReport, parts_of
from turnus.reports.recurring.source import Source
from turnus.revenue.loading import counted_terms, customer_key, visible_subscriptions
from turnus.sales.models import Deal

NAME = "bookings"
_KINDS = tuple(Column(str(kind), has_parts=True) for kind in BookingKind)
COLUMNS = (*_KINDS, Column("won", has_parts=True))


def report(source: Source) -> RevenueReport:
    """Return the sums of each period; they add up to the value of all deals won in it."""
    with many_objects():
        found = _parts(source)
    by_period: dict[date, list[BookedPart]] = defaultdict(list)
    for one in _summed(found):
        by_period[period_start(one.won_on, source.params.period)].append(one)
    sums = [bookings_in(days, by_period[days.start], conversion=source.conversion) for days in source.periods]
    withheld = {one.currency: one for each in reversed(sums) for one in each.withheld}
    lines = tuple(
        Line(each.days, tuple(Money.rounded_from(amount, source.currency) for amount in (*each.by_kind.values(), each.total)))
        for each in sums
    )  # fmt: skip
    return RevenueReport(NAME, source.params, source.currency, COLUMNS, lines, tuple(withheld.values()))


def parts(source: Source, column: Column, days: DateRange) -> Parts:
    """Return the deals of a kind, each with the part of its value that belongs to it."""
    inside = [one for one in _parts(source) if one.won_on in days]
    missing = {one.currency for one in bookings_in(days, inside, conversion=source.conversion).withheld}
    found = []
    for one in inside:
        rate = source.conversion.rate(one.currency, one.won_on)
        if rate is not None and one.currency not in missing and column.code in {"won", str(one.kind)}:
            found.append(Part(one.customer, one.value_e4 * Fraction(rate), str(one.kind), one.won_on, None, one.deal))
    return parts_of(column, days, source.currency, found)


def _parts(source: Source) -> list[BookedPart]:
    """Return the parts of the deals won on the days shown; of a deal that books a term, the rest of its value is one-off."""
    span = DateRange(source.periods[0].start, source.periods[-1].end)
    deals = {row[0]: row for row in _won(source, span)}
    timelines = list(_timelines(source))
    of_terms = [one for one in booked_parts(timelines) if one.deal in deals]
    roots = Billing.load().roots()
    rest = {pk: row[3] for pk, row in deals.items()}
    for one in of_terms:
        # A term in another currency than its deal: the term's price is what was agreed.
        rest[one.deal] = rest[one.deal] - one.value_e4 if one.currency == deals[one.deal][4] else 0
    others = [
        WonDeal(pk, customer_key(row[5], row[6], roots), row[1], int(rest[pk]), row[4])
        for pk, row in deals.items()
        if rest[pk]
    ]
    chosen = source.chosen
    if chosen is None:
        return booked_parts(timelines=(), others=others) + of_terms
    own = {term.deal for one in timelines if one.subscription in chosen for term in one.terms}
    return [one for one in of_terms if one.deal in own]


def _summed(parts: Sequence[BookedPart]) -> Iterator[BookedPart]:
    """Yield one part for all of a day, a kind and a currency: each of them is converted once."""
    sums: dict[tuple[date, BookingKind, str], Exact] = defaultdict(int)
    for one in parts:
        sums[one.won_on, one.kind, one.currency] += one.value_e4
    return (BookedPart(0, 0, on, kind, value, currency) for (on, kind, currency), value in sums.items())


def _won(source: Source, span: DateRange) -> Iterator[Sequence[Any]]:
    knowledge = source.knowledge
    won = Deal.objects.present().visible_to(knowledge.user).filter(status="won", won_on__lte=knowledge.as_of)
    won = won.filter(won_on__gte=span.start, won_on__lt=span.end).order_by()
    columns = ("pk", "won_on", "pk", "value_e4", "currency", "organisation_id", "person_id")
    return stream_rows(won.values_list(*columns))


def _timelines(source: Source) -> Iterator[Timeline]:
    """Yield the booked terms of each subscription as the arithmetic of bookings takes them."""
    seen = visible_subscriptions(source.knowledge).values_list("pk", "organisation_id", "person_id", "cadence")
    roots = Billing.load().roots()
    subscriptions = {pk: (customer_key(organisation, person, roots), how) for pk, organisation, person, how in seen}
    columns = ("subscription_id", "starts_on", "ends_on", "price_e4", "currency", "deal_id", "deal__won_on")
    terms = counted_terms(source.knowledge).order_by("subscription_id", "number").values_list(*columns)
    for pk, rows in groupby(stream_rows(terms), key=itemgetter(0)):
        if pk in subscriptions:
            customer, how = subscriptions[pk]
            yield Timeline(pk, customer, tuple(_terms(rows, Cadence.parse(how))), (), (), None)


def _terms(rows: Iterator[Sequence[Any]], cadence: Cadence) -> Iterator[BookedTerm]:
    run, end, anchor = -1, None, None
    for number, (_, start, until, price, currency, deal, won_on) in enumerate(rows):
        if start != end:
            run, anchor = run + 1, start
        end = until
        if anchor is not None and until > start:
            cause = Cause(Reason.BOOKED, deal=deal)
            yield BookedTerm(
                run, number, anchor, DateRange(start, until), price, currency, cadence, cause, deal=deal, won_on=won_on
            )
