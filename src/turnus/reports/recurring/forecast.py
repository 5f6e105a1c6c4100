"""The next twelve months: MRR that is committed, overdue, expected to renew; and the churn that is known already."""

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.forecast import Outlook, coming_month_ends, outlook
from turnus.reports.recurring.shape import Column, Line, Part, Parts, RevenueReport, parts_of
from turnus.reports.recurring.source import Source

NAME = "forecast"
COLUMNS = (
    Column("committed", has_parts=True), Column("overdue", has_parts=True), Column("expected", has_parts=True),
    Column("total", has_parts=True), Column("scheduled_churn", has_parts=True),
)  # fmt: skip


def report(source: Source) -> RevenueReport:
    """Return a line for the end of this month and of each of the eleven after it."""
    days = coming_month_ends(source.as_of)
    found = outlook(_coming(source), as_of=source.as_of, days=days, conversion=source.conversion)
    lines = tuple(Line(_span(source, index), _cells(one)) for index, one in enumerate(found))
    withheld = found[0].withheld if found else ()
    return RevenueReport(NAME, source.params, source.currency, COLUMNS, lines, withheld)


def parts(source: Source, column: Column, days: DateRange) -> Parts:
    """Return the subscriptions behind a cell."""
    ends = [day for day in coming_month_ends(source.as_of) if day <= days.last_day]
    own: dict[int, list[Segment]] = defaultdict(list)
    for one in _coming(source):
        own[one.subscription].append(one)
    found = []
    for subscription, segments in own.items():
        ahead = outlook(segments, as_of=source.as_of, days=ends, conversion=source.conversion)[-1]
        amount: Fraction = getattr(ahead, column.code)
        if amount:
            last = segments[-1]
            found.append(Part(last.customer, amount, "", last.end, subscription, last.cause.deal))
    return parts_of(column, days, source.currency, found)


def _coming(source: Source) -> list[Segment]:
    """Return what the filter leaves of what still runs or has not begun."""
    matching, today = source.matching(), source.as_of
    withheld = {one.currency for one in source.ledger.withheld}
    return [
        one
        for one in source.segments
        if (one.end is None or one.end > today) and (matching is None or matching(one)) and one.currency not in withheld
    ]


def _span(source: Source, index: int) -> DateRange:
    ends = [source.as_of - timedelta(days=1), *coming_month_ends(source.as_of)]
    return DateRange(ends[index] + timedelta(days=1), ends[index + 1] + timedelta(days=1))


def _cells(one: Outlook) -> tuple[Money, ...]:
    amounts = (one.committed, one.overdue, one.expected, one.total, one.scheduled_churn)
    return tuple(Money.rounded_from(amount, one.currency) for amount in amounts)
