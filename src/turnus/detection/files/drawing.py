"""Bars of the page's charts, in units of the drawing; the template makes SVG of them.

The charts of the screens are drawn by a library in the browser; a page that is read
without a server, printed or sent on has none.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10


@dataclass(frozen=True, slots=True)
class BarPart:
    """A part of a column: its tone, its amount, and what is said of it."""

    tone: str
    amount: float
    tip: str


@dataclass(frozen=True, slots=True)
class BarColumn:
    """A column of a chart, with its parts from zero outward."""

    name: str
    parts: Sequence[BarPart]


_WIDTH, _HEIGHT = 960, 260
_LEFT, _RIGHT, _TOP, _BOTTOM = 72, 30, 10, 24
#: Free share on each side of a column; most names below the axis; most lines across.
_GAP, _NAMES, _LINES = 0.12, 12, 4


@dataclass(frozen=True, slots=True)
class Bar:
    """A rectangle; numbers are text, so that no language puts commas into them."""

    x: str
    y: str
    width: str
    height: str
    tone: str
    tip: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A place on an axis, and what is written there."""

    at: str
    text: str


@dataclass(frozen=True, slots=True)
class BarChart:
    """Bars, names below them, amounts of the lines across."""

    bars: Sequence[Bar]
    names: Sequence[Mark]
    amounts: Sequence[Mark]


def chart_of(
    columns: Sequence[BarColumn], *, show: Callable[[float], str]
) -> BarChart:
    """Return a chart of stacked bars, negative amounts below zero.

    `show` formats the amount beside a line.
    """
    frame = _frame(columns)
    bars: list[Bar] = []
    for index, column in enumerate(columns):
        bars += _bars(frame, index, column)
    names = list(_names(frame, columns))
    amounts = [
        Mark(_text(frame.y(amount)), show(amount)) for amount in frame.amounts
    ]
    return BarChart(bars, names, amounts)


def _names(frame: "_Frame", columns: Sequence[BarColumn]) -> Iterator[Mark]:
    """Yield as many names as there is room for, that of the last column among them."""
    every = ceil(len(columns) / _NAMES) or 1
    last = len(columns) - 1
    for index, column in enumerate(columns):
        if (last - index) % every == 0:
            middle = frame.x(index + 0.5)
            yield Mark(_text(middle), column.name)


@dataclass(frozen=True, slots=True)
class _Frame:
    """From amounts to the drawing."""

    count: int
    bottom: float
    top: float
    step: float

    @property
    def room(self) -> float:
        return (_WIDTH - _LEFT - _RIGHT) / max(self.count, 1)

    @property
    def amounts(self) -> list[float]:
        step_count = round(self.height / self.step)
        return [
            self.bottom + self.step * number
            for number in range(step_count + 1)
        ]

    @property
    def height(self) -> float:
        return self.top - self.bottom

    def x(self, index: float) -> float:
        return _LEFT + self.room * index

    def y(self, amount: float) -> float:
        drawn_height = _HEIGHT - _TOP - _BOTTOM
        share = (self.top - amount) / self.height
        return _TOP + drawn_height * share


def _frame(columns: Sequence[BarColumn]) -> _Frame:
    highest = max((_above_zero(column) for column in columns), default=0.0)
    lowest = max((_below_zero(column) for column in columns), default=0.0)
    step = _step((highest + lowest) / _LINES or 1.0)
    steps_up = max(ceil(highest / step), 1)
    steps_down = ceil(lowest / step)
    return _Frame(len(columns), -steps_down * step, steps_up * step, step)


def _step(least: float) -> float:
    """Return the next round number: 1, 2 or 5 with zeros."""
    power = 10.0 ** floor(log10(least))
    steps = [power, 2 * power, 5 * power, 10 * power]
    return next(step for step in steps if step >= least)


def _above_zero(column: BarColumn) -> float:
    return sum(part.amount for part in column.parts if part.amount > 0)


def _below_zero(column: BarColumn) -> float:
    return sum(-part.amount for part in column.parts if part.amount < 0)


def _bars(frame: _Frame, index: int, column: BarColumn) -> Iterator[Bar]:
    x = _text(frame.x(index + _GAP))
    width = _text(frame.room * (1 - 2 * _GAP))
    top = bottom = 0.0
    for part in column.parts:
        if part.amount > 0:
            start = top
            top += part.amount
            yield _bar(frame, x, width, part, start)
        elif part.amount < 0:
            bottom += part.amount
            yield _bar(frame, x, width, part, bottom)


def _bar(
    frame: _Frame, x: str, width: str, part: BarPart, lower: float
) -> Bar:
    """Return the rectangle of a part that begins at the amount `lower`."""
    high = frame.y(lower + abs(part.amount))
    low = frame.y(lower)
    return Bar(x, _text(high), width, _text(low - high), part.tone, part.tip)


def _text(number: float) -> str:
    return f"{number:.1f}"
