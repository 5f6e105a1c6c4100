"""A customer's history as lanes on a scale of days, one lane for each subscription."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from turnus.core.detection.facts import Paid, Sold
from turnus.detection.reading import DetectedLine, Reading

#: Colors that the style sheet knows for lines; more lines begin again with the first.
_TONES = 6
_YEARS_SHOWN = 10
#: The name of a year that begins so near to today, in per cent, would run into that of today.
_ROOM_FOR_TODAY = 8


@dataclass(frozen=True, slots=True)
class Dot:
    """A deal on its day; without a deal a period that nobody entered."""

    x: str
    sold: Sold | None
    on: date


@dataclass(frozen=True, slots=True)
class Lane:
    """The dots of a line, its ends, and its color; 0 for what does not recur."""

    line: DetectedLine | None
    tone: int
    dots: Sequence[Dot]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class Picture:
    """All lanes, the years with where they begin, and where today is."""

    lanes: Sequence[Lane]
    years: Sequence[tuple[int, str]]
    today: str


@dataclass(frozen=True, slots=True)
class _Scale:
    """The days from the first deal's on, as per cent of the picture's width."""

    first: date
    day_count: int

    def place(self, day: date) -> float:
        # A little room on both sides: no dot is cut.
        days = max((day - self.first).days, 0)
        return 1 + days * 98 / self.day_count

    def x(self, day: date) -> str:
        return f"{self.place(day):.2f}%"


def tone_of(number: int) -> int:
    """Return the color of line `number` (the first is 0)."""
    return number % _TONES + 1


def picture_of(reading: Reading, sold: Sequence[Sold], on: date) -> Picture:
    """Return the lanes of a history up to the day `on`."""
    by_deal = {deal.deal: deal for deal in sold}
    scale = _scale(sold, on)
    drawn = [
        _lane(line, tone_of(number), by_deal, scale)
        for number, line in enumerate(reading.lines)
    ]
    lanes = [lane for lane in drawn if lane is not None]
    loose = _loose_lane(reading, by_deal, scale)
    if loose is not None:
        lanes.append(loose)
    return Picture(lanes, _years(scale, on), scale.x(on))


def _scale(sold: Sequence[Sold], on: date) -> _Scale:
    days = [deal.won_on for deal in sold] or [on]
    first = min(days)
    last = max(on, *days)
    return _Scale(first, max((last - first).days, 1))


def _years(scale: _Scale, on: date) -> list[tuple[int, str]]:
    years = [
        date(year, 1, 1) for year in range(scale.first.year + 1, on.year + 1)
    ]
    step = -(-len(years) // _YEARS_SHOWN) or 1
    until = scale.place(on) - _ROOM_FOR_TODAY
    return [
        (day.year, scale.x(day))
        for day in years[::step]
        if scale.place(day) < until
    ]


def _lane(
    line: DetectedLine, tone: int, by_deal: Mapping[int, Sold], scale: _Scale
) -> Lane | None:
    """Return a line's lane; None where none of its deals is here any more."""
    dots: list[Dot] = []
    before: Paid | None = None
    for paid in line.paid:
        if before is not None:
            missing = _days_between(before, paid)
            dots += [Dot(scale.x(day), None, day) for day in missing]
        sold = by_deal.get(paid.deal)
        if sold is not None:
            dots.append(_dot(sold, scale))
        before = paid
    if not dots:
        return None
    return Lane(line, tone, dots, dots[0].x, dots[-1].x)


def _days_between(before: Paid, after: Paid) -> Iterator[date]:
    """Yield the due days between two deals of a line for which there is none."""
    count = before.cadence.number_on(before.starts_on, after.starts_on) or 1
    for number in range(1, count):
        yield before.cadence.due(before.starts_on, number)


def _loose_lane(
    reading: Reading, by_deal: Mapping[int, Sold], scale: _Scale
) -> Lane | None:
    """Return the lane of what does not recur; None where everything does."""
    ids = (*reading.loose, *reading.credits)
    loose = [by_deal[deal] for deal in ids if deal in by_deal]
    if not loose:
        return None
    loose.sort(key=lambda deal: deal.won_on)
    dots = [_dot(deal, scale) for deal in loose]
    return Lane(None, 0, dots, dots[0].x, dots[0].x)


def _dot(sold: Sold, scale: _Scale) -> Dot:
    return Dot(scale.x(sold.won_on), sold, sold.won_on)
