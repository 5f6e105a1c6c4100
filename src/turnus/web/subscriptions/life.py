"""The bar of a subscription's life: where each stretch of days lies, and how high it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from turnus.reports.recurring.life import Span, Stretch

#: Height of the bar and of its lowest stretch, in pixels; the years stand below.
_HEIGHT, _LOWEST = 56, 16
_YEARS_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Piece:
    """One stretch as it is drawn; `last` is its last day."""

    stretch: Stretch
    last: date
    x: str
    width: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class Bar:
    """All pieces, where today is (empty: outside), and the years with where they begin."""

    pieces: Sequence[Piece]
    today: str
    years: Sequence[tuple[int, str]]

    @property
    def spans(self) -> list[Span]:
        """What the colors mean: the kinds of days that it shows."""
        shown = {one.stretch.what for one in self.pieces}
        return [one for one in Span if one in shown]


def bar_of(stretches: Sequence[Stretch], on: date) -> Bar | None:
    """Return the bar; None where there is nothing to draw."""
    if not stretches:
        return None
    first, days = stretches[0].start, (stretches[-1].end - stretches[0].start).days
    highest = max(one.mrr_e4 for one in stretches)

    def place(day: date) -> str:
        return f"{(day - first).days * 100 / days:.3f}%"

    def piece(one: Stretch) -> Piece:
        rise = (_HEIGHT - _LOWEST) * one.mrr_e4 // highest if highest else 0
        height = 4 if one.what in {Span.PAUSED, Span.GAP, Span.SKIPPED} else _LOWEST + rise
        width = f"{(one.end - one.start).days * 100 / days:.3f}%"
        return Piece(
            one, one.end - timedelta(days=1), place(one.start), width, _HEIGHT - height, height
        )

    last = stretches[-1].end
    years = [
        date(year, 1, 1) for year in range(first.year + 1, last.year + 1) if date(year, 1, 1) < last
    ]
    step = -(-len(years) // _YEARS_SHOWN) or 1
    today = place(on) if first <= on <= last else ""
    return Bar(
        [piece(one) for one in stretches], today, [(one.year, place(one)) for one in years[::step]]
    )
