"""Currencies without a rate are left out of a report only in the periods that need the rate.

A report that looks at several periods is made in pieces: periods that leave out the same
currencies stand in one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, timedelta
from itertools import groupby

from turnus.core.calendar import DateRange, add_months
from turnus.core.money import Money
from turnus.core.revenue.conversion import Withheld
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Cell, Column, Group, Line, Report, Unit

#: The days that the figures of a period need; the second argument is the last day of facts.
Needs = Callable[[DateRange, date], Sequence[DateRange]]
ReportOf = Callable[[Source], Report]
PartsOf = Callable[[Source, Column, Line], tuple[Group, ...]]

_DAY = timedelta(days=1)
#: Retention looks back so many months from the end of a period, lifetime value at six before it.
_RETENTION_MONTHS = 12


def at_the_end(days: DateRange, as_of: date) -> Sequence[DateRange]:
    """Return what a state needs: the last day of the period, or today."""
    last = min(days.last_day, as_of)
    return [DateRange(last, last + _DAY)]


def from_opening(days: DateRange, _as_of: date) -> Sequence[DateRange]:
    """Return what movements need: the period, and the day before it, for the opening."""
    return [DateRange(days.start - _DAY, days.end)]


def a_year_back(days: DateRange, _as_of: date) -> Sequence[DateRange]:
    """Return what retention needs: the period and the twelve months before it."""
    return [
        DateRange(add_months(days.start, -_RETENTION_MONTHS) - _DAY, days.end)
    ]


def in_pieces(report: ReportOf, needs: Needs) -> ReportOf:
    """Return `report` with each period leaving out only the currencies whose rates it lacks."""

    def made(source: Source) -> Report:
        if not source.unrated:
            return report(source)
        pieces = [
            _marked(
                report(source.without(currencies).over(*periods)), currencies
            )
            for currencies, periods in _alike(source, needs)
        ]
        return _joined(pieces, source)

    return made


def of_the_line(parts: PartsOf) -> PartsOf:
    """Return `parts` of a source that leaves out what the line leaves out."""

    def opened(
        source: Source, column: Column, line: Line
    ) -> tuple[Group, ...]:
        if not source.unrated:
            return parts(source, column, line)
        return parts(source.without(frozenset(line.without)), column, line)

    return opened


def _alike(
    source: Source, needs: Needs
) -> Iterator[tuple[frozenset[str], list[DateRange]]]:
    """Yield the periods shown in runs that leave out the same currencies."""

    def without(days: DateRange) -> frozenset[str]:
        return source.withheld_on(needs(days, source.as_of))

    for currencies, periods in groupby(source.periods, key=without):
        yield currencies, list(periods)


def _marked(report: Report, currencies: frozenset[str]) -> Report:
    without = tuple(sorted(currencies))
    return replace(
        report,
        lines=tuple(replace(line, without=without) for line in report.lines),
    )


def _joined(pieces: Sequence[Report], source: Source) -> Report:
    """Return one report of all pieces; a column that a piece does not have holds nothing there."""
    columns = _all_columns(pieces)
    lines = [
        replace(
            line, cells=_aligned(line, piece.columns, columns, source.currency)
        )
        for piece in pieces
        for line in piece.lines
    ]
    left_out = {currency for line in lines for currency in line.without}
    withheld = tuple(
        Withheld(currency, source.unrated_since(currency))
        for currency in sorted(left_out)
    )
    return replace(
        pieces[0], columns=columns, lines=tuple(lines), withheld=withheld
    )


def _all_columns(pieces: Sequence[Report]) -> tuple[Column, ...]:
    """Return the columns of all pieces, each behind the one that it stands behind in its piece."""
    columns: list[Column] = []
    for piece in pieces:
        position = 0
        for column in piece.columns:
            if column in columns:
                position = columns.index(column) + 1
            else:
                columns.insert(position, column)
                position += 1
    return tuple(columns)


def _aligned(
    line: Line, own: Sequence[Column], columns: Sequence[Column], currency: str
) -> tuple[Cell, ...]:
    cells = dict(zip(own, line.cells, strict=True))
    return tuple(
        cells[column] if column in cells else _nothing(column, currency)
        for column in columns
    )


def _nothing(column: Column, currency: str) -> Cell:
    """Return what stands in a column that does not concern a line.

    What is committed is known of today only.
    """
    if column.code == "committed":
        return None
    if column.unit is Unit.MONEY:
        return Money(0, currency)
    return 0 if column.unit is Unit.COUNT else None
