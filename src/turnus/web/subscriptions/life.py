"""The bar of a subscription's life: where each stretch of days lies, and how high it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext_lazy

from turnus.kit import formats
from turnus.reports.recurring.life import Span, Stretch

#: Height of the bar and of its lowest stretch, in pixels; the years stand below.
_HEIGHT, _LOWEST = 56, 16
#: Height of days on which nothing is paid.
_FLAT = 4
_UNPAID = {Span.PAUSED, Span.GAP, Span.SKIPPED}
_YEARS_SHOWN = 8
_DAY = timedelta(days=1)
_SENTENCES = {
    Span.PAUSED: gettext_lazy("%(first)s – %(last)s: paused"),
    Span.GAP: gettext_lazy("%(first)s – %(last)s: nothing booked"),
    Span.SKIPPED: gettext_lazy("%(first)s – %(last)s: skipped"),
    Span.BOOKED: gettext_lazy(
        "%(first)s – %(last)s: %(price)s per term, booked"
    ),
    Span.WAITING: gettext_lazy(
        "%(first)s – %(last)s: %(price)s per term, a deal is open"
    ),
    Span.DUE: gettext_lazy(
        "%(first)s – %(last)s: %(price)s per term, overdue"
    ),
    Span.PLANNED: gettext_lazy(
        "%(first)s – %(last)s: %(price)s per term, planned"
    ),
}
_NAMES = {
    Span.BOOKED: gettext_lazy("booked"),
    Span.WAITING: gettext_lazy("a deal is open"),
    Span.SKIPPED: gettext_lazy("skipped"),
    Span.PAUSED: gettext_lazy("paused"),
    Span.GAP: gettext_lazy("nothing booked"),
    Span.DUE: gettext_lazy("overdue"),
    Span.PLANNED: gettext_lazy("planned"),
}


@dataclass(frozen=True, slots=True)
class LifePiece:
    """One stretch as it is drawn, and in words."""

    what: Span
    words: str
    x: str
    width: str
    y: int
    height: int


@dataclass(frozen=True, slots=True)
class LifeBar:
    """All pieces, where today is (empty: outside), and the years with where they begin."""

    pieces: Sequence[LifePiece]
    today: str
    years: Sequence[tuple[int, str]]

    @property
    def spans(self) -> list[tuple[Span, str]]:
        """What the colors mean: the kinds of days that it shows, with their names."""
        shown = {piece.what for piece in self.pieces}
        return [(what, str(_NAMES[what])) for what in Span if what in shown]


def bar_of(
    stretches: Sequence[Stretch], on: date, language: str
) -> LifeBar | None:
    """Return the bar; None where there is nothing to draw."""
    if not stretches:
        return None
    drawing = _BarDrawing(stretches, language)
    is_inside = drawing.first <= on <= drawing.last
    return LifeBar(
        pieces=[drawing.piece(stretch) for stretch in stretches],
        today=drawing.place(on) if is_inside else "",
        years=drawing.years(),
    )


class _BarDrawing:
    """The scale of a bar, and the language of its words."""

    def __init__(self, stretches: Sequence[Stretch], language: str) -> None:
        self.first = stretches[0].start
        self.last = stretches[-1].end
        self.highest = max(stretch.mrr_e4 for stretch in stretches)
        self.language = language

    def place(self, day: date) -> str:
        """Return where a day lies."""
        return self._per_cent(day - self.first)

    def piece(self, stretch: Stretch) -> LifePiece:
        height = self._height(stretch)
        return LifePiece(
            what=stretch.what,
            words=self._words(stretch),
            x=self.place(stretch.start),
            width=self._per_cent(stretch.end - stretch.start),
            y=_HEIGHT - height,
            height=height,
        )

    def years(self) -> list[tuple[int, str]]:
        """Return the years that begin in the bar, so many that their names have room."""
        starts = [
            date(year, 1, 1)
            for year in range(self.first.year + 1, self.last.year + 1)
        ]
        inside = [start for start in starts if start < self.last]
        step = -(-len(inside) // _YEARS_SHOWN) or 1
        return [(start.year, self.place(start)) for start in inside[::step]]

    def _height(self, stretch: Stretch) -> int:
        if stretch.what in _UNPAID:
            return _FLAT
        if not self.highest:
            return _LOWEST
        return _LOWEST + (_HEIGHT - _LOWEST) * stretch.mrr_e4 // self.highest

    def _words(self, stretch: Stretch) -> str:
        words = {
            "first": formats.day(stretch.start, self.language),
            "last": formats.day(stretch.end - _DAY, self.language),
        }
        price = stretch.price
        if price is not None:
            words["price"] = formats.money(
                price.amount_e4, price.currency, self.language
            )
        return str(_SENTENCES[stretch.what]) % words

    def _per_cent(self, days: timedelta) -> str:
        whole = self.last - self.first
        return f"{days.days * 100 / whole.days:.3f}%"
