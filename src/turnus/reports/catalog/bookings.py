"""Bookings: the value of everything won, by won date, split into new, renewal, expansion, one-off and credits."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.db.models import CharField, Min, Value
from django.utils.translation import gettext_lazy

from turnus.contacts.billing import Billing
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange, period_start
from turnus.core.customers import CustomerKey
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.bookings import (
    BookedPart,
    BookingKind,
    Bookings,
    WonDeal,
    booked_parts,
    bookings_in,
)
from turnus.core.revenue.facts import Cause, Exact, Reason
from turnus.core.revenue.runs import BookedTerm
from turnus.core.revenue.timeline import Timeline
from turnus.fields.catalog import catalog
from turnus.kit.memory import many_objects
from turnus.kit.sql import stream_rows
from turnus.listing.expressions import part_of, place_of
from turnus.reports.cards import cards_of_last_line
from turnus.reports.charts import ChartKind, chart_of_columns
from turnus.reports.definition import Definition
from turnus.reports.recurring.comparing import same_days_before
from turnus.reports.recurring.components import money
from turnus.reports.recurring.source import PARAMETERS, Source, split_paths
from turnus.reports.shape import Cell, Column, Group, Line, Part, Report
from turnus.revenue.loading import counted_terms, visible_subscriptions
from turnus.sales.models import Deal

NAME = "bookings"
_KINDS = (
    Column(str(BookingKind.NEW), gettext_lazy("New"), has_parts=True),
    Column(str(BookingKind.RENEWAL), gettext_lazy("Renewal"), has_parts=True),
    Column(str(BookingKind.EXPANSION), gettext_lazy("Expansion"), has_parts=True),
    Column(str(BookingKind.ONE_OFF), gettext_lazy("One-off"), has_parts=True),
    Column(str(BookingKind.NEGATIVE), gettext_lazy("Credits"), has_parts=True),
)
COLUMNS = (*_KINDS, Column("won", gettext_lazy("All won"), has_parts=True))


def report(source: Source) -> Report:
    """Return the sums of each period; they add up to the value of all deals won in it."""
    with many_objects():
        found = _booked(source)
    by_period: dict[date, list[BookedPart]] = defaultdict(list)
    by_part: dict[str | None, dict[date, list[BookedPart]]] = {None: by_period}
    for part, booked in found.summed():
        start = period_start(booked.won_on, source.params.period)
        by_period[start].append(booked)
        if source.params.split:
            by_part.setdefault(part, defaultdict(list))[start].append(booked)
    whole = [_sums(source, days, by_period[days.start]) for days in source.periods]
    missing = [{one.currency for one in sums.withheld} for sums in whole]
    rows = {part: _rows(source, own, missing) for part, own in by_part.items()}
    withheld = {one.currency: one for sums in reversed(whole) for one in sums.withheld}
    lines = source.lines(rows, may_change=False)
    return Report(NAME, source.params, source.currency, COLUMNS, lines, tuple(withheld.values()))


def _rows(
    source: Source, booked: Mapping[date, list[BookedPart]], missing: Sequence[set[str]]
) -> list[tuple[Cell, ...]]:
    """Return the cells of each period, without the currencies that are `missing` in it."""
    rows: list[tuple[Cell, ...]] = []
    for days, without in zip(source.periods, missing, strict=True):
        converted = [one for one in booked[days.start] if one.currency not in without]
        rows.append(_cells(source, _sums(source, days, converted)))
    return rows


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the deals of a kind, each with the part of its value that belongs to it."""
    booked = _booked(source)
    inside = [one for one in booked.parts if one.won_on in line.days]
    missing = {one.currency for one in _sums(source, line.days, inside).withheld}
    found = []
    for one in inside:
        is_of_column = column.code in {"won", str(one.kind)}
        is_of_line = line.part is None or booked.part_of(one.deal) == line.part
        if is_of_column and is_of_line and one.currency not in missing:
            rate = source.conversion.rate(one.currency, one.won_on)
            if rate is not None:
                subscription = booked.subscriptions.get(one.deal)
                found.append(_part(one, one.value_e4 * Fraction(rate), subscription))
    return (money(column.code, source, found),)


def _part(booked: BookedPart, amount: Fraction, subscription: int | None) -> Part:
    return Part(
        booked.customer,
        amount,
        str(booked.kind),
        booked.won_on,
        subscription,
        booked.deal,
        is_of_deal=True,
    )


def _sums(source: Source, days: DateRange, parts: Iterable[BookedPart]) -> Bookings:
    return bookings_in(days, parts, conversion=source.conversion)


def _cells(source: Source, sums: Bookings) -> tuple[Money, ...]:
    return tuple(
        Money.rounded_from(amount, source.currency)
        for amount in (*sums.by_kind.values(), sums.total)
    )


@dataclass(frozen=True, slots=True)
class _Booked:
    """The parts of deals, and of each deal the subscription that it belongs to, if any, and its part of the split."""

    parts: Sequence[BookedPart]
    subscriptions: Mapping[int, int]
    #: Of subscriptions, and of the deals that belong to none.
    part_of_subscription: Mapping[int, str]
    part_of_deal: Mapping[int, str]

    def part_of(self, deal: int) -> str:
        """Return the part of the split that a deal belongs to."""
        own = self.subscriptions.get(deal)
        return self.part_of_deal[deal] if own is None else self.part_of_subscription[own]

    def summed(self) -> Iterator[tuple[str, BookedPart]]:
        """Yield one part for all of a day, a kind, a currency and a part of the split: each of them is converted once."""
        sums: dict[tuple[str, date, BookingKind, str], Exact] = defaultdict(int)
        is_split = any(self.part_of_subscription.values()) or any(self.part_of_deal.values())
        for one in self.parts:
            sums[
                self.part_of(one.deal) if is_split else "", one.won_on, one.kind, one.currency
            ] += one.value_e4
        for (part, on, kind, currency), value in sums.items():
            yield part, BookedPart(0, CustomerKey(0), on, kind, value, currency)


def _booked(source: Source) -> _Booked:
    """Return the parts of the deals won on the days shown; of a deal that books a term, the rest of its value is one-off."""
    span = DateRange(source.periods[0].start, source.periods[-1].end)
    deals = {row[0]: row for row in _won(source, span)}
    billing = Billing.load(source.viewer.user)
    subscriptions = _subscriptions(source, billing)
    timelines = list(
        _timelines(source, subscriptions, span, {pk: row[1] for pk, row in deals.items()})
    )
    own = {
        term.deal: one.subscription
        for one in timelines
        for term in one.terms
        if term.deal and term.deal in deals
    }
    of_terms = booked_parts(timelines)
    rest = {pk: row[2] for pk, row in deals.items()}
    for one in of_terms:
        # A term in another currency than its deal: the term's price is what was agreed.
        rest[one.deal] = rest[one.deal] - one.value_e4 if one.currency == deals[one.deal][3] else 0
    others = [
        WonDeal(pk, billing.key_of(row[4], row[5]), row[1], int(rest[pk]), row[3])
        for pk, row in deals.items()
        if rest[pk]
    ]
    found, chosen = booked_parts(timelines=(), others=others) + of_terms, source.chosen
    if chosen is not None:
        found = [one for one in found if own.get(one.deal) in chosen]
    part_of_subscription = {pk: part for pk, (_, _, part) in subscriptions.items()}
    then = source.parts_then(RecordKind.DEAL)
    return _Booked(
        found,
        own,
        part_of_subscription,
        {pk: _text(then.get(pk, row[6])) for pk, row in deals.items()},
    )


def _won(source: Source, span: DateRange) -> Iterator[Sequence[Any]]:
    viewer, path, fields = source.viewer, source.params.split, catalog(RecordKind.DEAL)
    # What splits subscriptions splits deals without one by the same field, where they have it: owner, customer, currency.
    part: Any = _NOTHING
    if path in fields:
        part = part_of(place_of(path, fields, viewer=viewer.user))
    won = (
        Deal.objects.present()
        .visible_to(viewer.user)
        .filter(status="won", won_on__lte=viewer.as_of)
    )
    columns = ("pk", "won_on", "value_e4", "currency", "organization_id", "person_id", "part")
    shown = won.filter(won_on__gte=span.start, won_on__lt=span.end).annotate(part=part)
    return stream_rows(shown.order_by().values_list(*columns))


_NOTHING = Value("", output_field=CharField())
_Subscriptions = Mapping[int, tuple[CustomerKey, str, str]]


def _subscriptions(source: Source, billing: Billing) -> _Subscriptions:
    """Return the customer, the cadence and the part of the split of each subscription."""
    part = source.part if source.part is not None else _NOTHING
    seen = visible_subscriptions(source.viewer).annotate(part=part)
    rows = stream_rows(
        seen.order_by().values_list("pk", "organization_id", "person_id", "cadence", "part")
    )
    then = source.parts_then(RecordKind.SUBSCRIPTION)
    return {
        pk: (billing.key_of(organization, person), how, _text(then.get(pk, key)))
        for pk, organization, person, how, key in rows
    }


def _text(key: Any) -> str:
    return "" if key is None else str(key)


def _timelines(
    source: Source, subscriptions: _Subscriptions, span: DateRange, won: Mapping[int, date]
) -> Iterator[Timeline]:
    """Yield the terms of each subscription as the arithmetic of bookings takes them; only those `won` in `span` are booked.

    What a term is depends on what ran when it began: terms that ended before the earliest of those won are not read.
    """
    counted = counted_terms(source.viewer)
    if Deal.objects.filter(status="won", won_on__lt=span.start).exists():
        inside = counted.filter(deal__won_on__gte=span.start, deal__won_on__lt=span.end)
        first = inside.aggregate(first=Min("starts_on"))["first"]
        if first is None:
            return  # nothing recurring was won in the span
        counted = counted.filter(ends_on__gte=first)
    columns = ("subscription_id", "starts_on", "ends_on", "price_e4", "currency", "deal_id")
    terms = counted.order_by("subscription_id", "number").values_list(*columns)
    for pk, rows in groupby(stream_rows(terms), key=itemgetter(0)):
        if pk in subscriptions:
            customer, how, _ = subscriptions[pk]
            yield Timeline(pk, customer, tuple(_terms(rows, _cadence(how), won)), (), (), None)


#: One for all: bookings name their deal by themselves.
_BOOKED = Cause(Reason.BOOKED)
_cadence = lru_cache(maxsize=1_000)(Cadence.parse)


def _terms(
    rows: Iterator[Sequence[Any]], cadence: Cadence, won: Mapping[int, date]
) -> Iterator[BookedTerm]:
    run, end, anchor = -1, None, None
    for number, (_, start, until, price, currency, deal) in enumerate(rows):
        if start != end:
            run, anchor = run + 1, start
        end = until
        if anchor is not None:
            days, won_on = DateRange(start, until), won.get(deal)
            yield BookedTerm(
                run,
                number,
                anchor,
                days,
                price,
                currency,
                cadence,
                _BOOKED,
                deal=deal,
                won_on=won_on,
            )


REPORT = Definition(
    name=NAME,
    title=gettext_lazy("Bookings"),
    tab=gettext_lazy("Bookings"),
    help=gettext_lazy("The value of all deals won in each period, by what each part of it is."),
    position=50,
    record_kind=RecordKind.SUBSCRIPTION,
    parameters=PARAMETERS,
    source=Source,
    report=report,
    splits=split_paths,
    parts=parts,
    before=same_days_before(report),
    cards=cards_of_last_line({"new", "renewal", "expansion", "won"}),
    chart=chart_of_columns(ChartKind.STACK, {str(kind) for kind in BookingKind}),
)
