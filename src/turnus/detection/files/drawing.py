"""Bars of the page's charts, in units of the drawing; the template makes SVG of them.

The charts of the screens are drawn by a library in the browser; a page that is read
without a server, printed or sent on has none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

#: A column of a chart: its name, and its stack: tone -> amount and tooltip.
Column = tuple[str, Mapping[str, tuple[float, str]]]

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


def chart_of(columns: Sequence[Column], *, show: Callable[[float], str]) -> BarChart:
    """Return a chart of stacked bars, negative amounts below zero.

    `show` formats the amount beside a line.
    """
    frame = _frame(columns)
    bars = [
        bar
        for index, (_name, stack) in enumerate(columns)
        for bar in _bars(frame, index, stack)
    ]
    every = ceil(len(columns) / _NAMES) or 1
    names = [
        Mark(_text(frame.x(index + 0.5)), name)
        for index, (name, _) in enumerate(columns)
        if (len(columns) - 1 - index) % every == 0
    ]
    amounts = [Mark(_text(frame.y(amount)), show(amount)) for amount in frame.amounts]
    return BarChart(bars, names, amounts)


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
        return [
            self.bottom + self.step * number
            for number in range(round((self.top - self.bottom) / self.step) + 1)
        ]

    def x(self, index: float) -> float:
        return _LEFT + self.room * index

    def y(self, amount: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (self.top - amount) / (
            self.top - self.bottom
        )


def _frame(columns: Sequence[Column]) -> _Frame:
    highest, lowest = (
        max((_sum(stack, side) for _, stack in columns), default=0.0)
        for side in (1, -1)
    )
    rough = (highest + lowest) / _LINES or 1.0
    power = 10.0 ** floor(log10(rough))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return _Frame(
        len(columns),
        -ceil(lowest / step) * step,
        max(ceil(highest / step), 1) * step,
        step,
    )


def _sum(stack: Mapping[str, tuple[float, str]], side: int) -> float:
    return sum(amount * side for amount, _ in stack.values() if amount * side > 0)


def _bars(
    frame: _Frame, index: int, stack: Mapping[str, tuple[float, str]]
) -> Iterator[Bar]:
    ends = {True: 0.0, False: 0.0}
    for tone, (amount, tip) in stack.items():
        start = ends[amount > 0]
        ends[amount > 0] = end = start + amount
        high, low = frame.y(max(start, end)), frame.y(min(start, end))
        if amount:
            x, width = frame.x(index + _GAP), frame.room * (1 - 2 * _GAP)
            yield Bar(_text(x), _text(high), _text(width), _text(low - high), tone, tip)


def _text(number: float) -> str:
    return f"{number:.1f}"
