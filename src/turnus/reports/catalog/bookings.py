"""Bookings: the value of everything won, by won date, and what each part of it is."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction

from django.utils.translation import gettext_lazy

from turnus.core.calendar import DateRange, period_start
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.bookings import (
    BookedPart,
    BookingKind,
    Bookings,
    bookings_in,
)
from turnus.core.revenue.conversion import Withheld
from turnus.kit.memory import many_objects
from turnus.reports.cards import cards_of_last_line
from turnus.reports.charts import ChartKind, chart_of_columns
from turnus.reports.definition import Definition
from turnus.reports.recurring.booked import booked_deals
from turnus.reports.recurring.comparing import same_days_before
from turnus.reports.recurring.components import money
from turnus.reports.recurring.source import PARAMETERS, Source
from turnus.reports.recurring.splits import split_paths
from turnus.reports.shape import Cell, Column, Group, Line, Part, Report

NAME = "bookings"
_KINDS = (
    Column(str(BookingKind.NEW), gettext_lazy("New"), has_parts=True),
    Column(str(BookingKind.RENEWAL), gettext_lazy("Renewal"), has_parts=True),
    Column(
        str(BookingKind.EXPANSION), gettext_lazy("Expansion"), has_parts=True
    ),
    Column(str(BookingKind.ONE_OFF), gettext_lazy("One-off"), has_parts=True),
    Column(str(BookingKind.NEGATIVE), gettext_lazy("Credits"), has_parts=True),
)
COLUMNS = (*_KINDS, Column("won", gettext_lazy("All won"), has_parts=True))


def report(source: Source) -> Report:
    """Return the sums of each period; they add up to the value of all deals won in it."""
    with many_objects():
        found = booked_deals(source)
    by_period: dict[date, list[BookedPart]] = defaultdict(list)
    by_part: dict[str | None, dict[date, list[BookedPart]]] = {None: by_period}
    for part, booked in found.summed():
        start = period_start(booked.won_on, source.params.period)
        by_period[start].append(booked)
        if source.params.split:
            by_part.setdefault(part, defaultdict(list))[start].append(booked)
    totals = [
        _sums(source, days, by_period[days.start]) for days in source.periods
    ]
    missing = [_withheld_currencies(sums) for sums in totals]
    rows = {part: _rows(source, own, missing) for part, own in by_part.items()}
    lines = source.lines(rows, may_change=False)
    withheld = _earliest_withheld(totals)
    return Report(
        NAME, source.params, source.currency, COLUMNS, lines, withheld
    )


def _withheld_currencies(sums: Bookings) -> set[str]:
    return {withheld.currency for withheld in sums.withheld}


def _earliest_withheld(totals: Sequence[Bookings]) -> tuple[Withheld, ...]:
    """Return of each currency the earliest day of which its rate is missing."""
    earliest: dict[str, Withheld] = {}
    for sums in reversed(totals):
        for withheld in sums.withheld:
            earliest[withheld.currency] = withheld
    return tuple(earliest.values())


def _rows(
    source: Source,
    booked: Mapping[date, list[BookedPart]],
    missing: Sequence[set[str]],
) -> list[tuple[Cell, ...]]:
    """Return the cells of each period, without the currencies that are `missing` in it."""
    rows: list[tuple[Cell, ...]] = []
    for days, missing_currencies in zip(source.periods, missing, strict=True):
        in_period = booked[days.start]
        converted = [
            part
            for part in in_period
            if part.currency not in missing_currencies
        ]
        sums = _sums(source, days, converted)
        rows.append(_cells(source, sums))
    return rows


def parts(source: Source, column: Column, line: Line) -> tuple[Group, ...]:
    """Return the deals of a kind, each with the part of its value that belongs to it."""
    booked = booked_deals(source)
    inside = [part for part in booked.parts if part.won_on in line.days]
    sums = _sums(source, line.days, inside)
    missing = _withheld_currencies(sums)
    found = []
    for part in inside:
        is_of_column = column.code in {"won", str(part.kind)}
        is_of_line = (
            line.part is None or booked.part_of(part.deal) == line.part
        )
        if part.currency in missing or not (is_of_column and is_of_line):
            continue
        rate = source.conversion.rate(part.currency, part.won_on)
        if rate is None:
            continue
        amount = part.value_e4 * Fraction(rate)
        subscription = booked.subscriptions.get(part.deal)
        found.append(_part(part, amount, subscription))
    return (money(column.code, source, found),)


def _part(
    booked: BookedPart, amount: Fraction, subscription: int | None
) -> Part:
    return Part(
        booked.customer,
        amount,
        str(booked.kind),
        booked.won_on,
        subscription,
        booked.deal,
        is_of_deal=True,
    )


def _sums(
    source: Source, days: DateRange, parts: Iterable[BookedPart]
) -> Bookings:
    return bookings_in(days, parts, conversion=source.conversion)


def _cells(source: Source, sums: Bookings) -> tuple[Money, ...]:
    amounts = (*sums.by_kind.values(), sums.total)
    return tuple(
        Money.rounded_from(amount, source.currency) for amount in amounts
    )


REPORT = Definition(
    name=NAME,
    title=gettext_lazy("Bookings"),
    tab=gettext_lazy("Bookings"),
    help=gettext_lazy(
        "The value of all deals won in each period: new, renewal, expansion, or one-off."
    ),
    position=50,
    record_kind=RecordKind.SUBSCRIPTION,
    parameters=PARAMETERS,
    source=Source,
    report=report,
    splits=split_paths,
    parts=parts,
    before=same_days_before(report),
    cards=cards_of_last_line({"new", "renewal", "expansion", "won"}),
    chart=chart_of_columns(
        ChartKind.STACK, {str(kind) for kind in BookingKind}
    ),
)
