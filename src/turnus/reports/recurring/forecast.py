"""The next twelve months: MRR that is committed, overdue, expected to renew; and the churn that is known already."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.forecast import Outlook, coming_month_ends, outlook
from turnus.reports.recurring.shape import Column, Line, Part, Parts, RevenueReport, parts_of
from turnus.reports.recurring.source import Source
from turnus.revenue.loading import visible_subscriptions

NAME = "forecast"
COLUMNS = (
    Column("committed", has_parts=True), Column("overdue", has_parts=True), Column("expected", has_parts=True),
    Column("total", has_parts=True), Column("scheduled_churn", has_parts=True),
)  # fmt: skip


def report(source: Source) -> RevenueReport:
    """Return a line for the end of this month and of each of the eleven after it."""
    days = coming_month_ends(source.as_of)
    ends, by_subscription = _known_ends(source), _by_subscription(source)
    open_ended = [one for pk, own in by_subscription.items() if pk not in ends for one in own]
    found = outlook(open_ended, as_of=source.as_of, days=days, conversion=source.conversion)
    ending = [_until(source, own, days, ends[pk]) for pk, own in by_subscription.items() if pk in ends]
    lines = tuple(
        Line(_span(source, index), _cells([one, *(each[index] for each in ending)])) for index, one in enumerate(found)
    )
    return RevenueReport(NAME, source.params, source.currency, COLUMNS, lines, source.ledger.withheld)


def parts(source: Source, column: Column, days: DateRange) -> Parts:
    """Return the subscriptions behind a cell."""
    month_ends = [day for day in coming_month_ends(source.as_of) if day <= days.last_day]
    ends = _known_ends(source)
    found = []
    for pk, own in _by_subscription(source).items():
        ahead = _until(source, own, month_ends, ends.get(pk))[-1]
        amount: Fraction = getattr(ahead, column.code)
        if amount:
            last = own[-1]
            found.append(Part(last.customer, amount, "", last.end, pk, last.cause.deal))
    return parts_of(column, days, source.currency, found)


def _known_ends(source: Source) -> dict[int, date]:
    """Return the days on which subscriptions are known to end that renew until then; one query."""
    ending = visible_subscriptions(source.knowledge).filter(end_on__gt=source.as_of)
    return {pk: end for pk, end in ending.values_list("pk", "end_on") if end is not None}


def _by_subscription(source: Source) -> dict[int, list[Segment]]:
    own: dict[int, list[Segment]] = defaultdict(list)
    for one in _coming(source):
        own[one.subscription].append(one)
    return own


def _until(source: Source, own: Sequence[Segment], days: Sequence[date], end: date | None) -> list[Outlook]:
    """Return the outlook of one subscription; what is expected to renew ends with it, and is then known to end."""
    found = outlook(own, as_of=source.as_of, days=days, conversion=source.conversion)
    if end is None or own[-1].ended_by:
        return found
    result, lost = [], False
    for one in found:
        gone = one.expected + one.overdue if one.day >= end else Fraction(0)
        churn = one.scheduled_churn + (gone if not lost else 0)
        lost = lost or bool(gone)
        result.append(
            replace(one, expected=Fraction(0), overdue=Fraction(0), scheduled_churn=churn) if one.day >= end else one
        )
    return result


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


def _cells(outlooks: Sequence[Outlook]) -> tuple[Money, ...]:
    amounts = (sum((getattr(one, column.code) for one in outlooks), Fraction(0)) for column in COLUMNS)
    return tuple(Money.rounded_from(amount, outlooks[0].currency) for amount in amounts)
