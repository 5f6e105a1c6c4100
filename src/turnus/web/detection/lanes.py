"""A customer's history as lanes on a scale of days, one lane for each subscription."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from turnus.core.detection.facts import Paid, Sold
from turnus.detection.reading import DetectedLine, Reading

#: Colors that the style sheet knows for lines; more lines begin again with the first.
_TONES = 6
_YEARS_SHOWN = 10


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
    """All lanes, and the years with where they begin."""

    lanes: Sequence[Lane]
    years: Sequence[tuple[int, str]]


def tone_of(number: int) -> int:
    """Return the color of line `number` (the first is 0)."""
    return number % _TONES + 1


def picture_of(reading: Reading, sold: Sequence[Sold], on: date) -> Picture:
    """Return the lanes of a history up to the day `on`."""
    known = {one.deal: one for one in sold}
    days = [one.won_on for one in sold] or [on]
    first, whole = min(days), max((max(on, *days) - min(days)).days, 1)

    def place(day: date) -> str:
        # A little room on both sides: no dot is cut.
        return f"{1 + max(day - first, timedelta()).days * 98 / whole:.2f}%"

    drawn = [
        _lane(line, tone_of(number), known, place)
        for number, line in enumerate(reading.lines)
    ]
    lanes = [one for one in drawn if one is not None]
    loose = sorted(
        (known[one] for one in (*reading.loose, *reading.credits) if one in known),
        key=lambda one: one.won_on,
    )
    if loose:
        dots = [Dot(place(one.won_on), one, one.won_on) for one in loose]
        lanes.append(Lane(None, 0, dots, dots[0].x, dots[0].x))
    years = [date(year, 1, 1) for year in range(first.year + 1, on.year + 1)]
    step = -(-len(years) // _YEARS_SHOWN) or 1
    return Picture(lanes, [(one.year, place(one)) for one in years[::step]])


def _lane(
    line: DetectedLine,
    tone: int,
    known: Mapping[int, Sold],
    place: Callable[[date], str],
) -> Lane | None:
    """Return a line's lane; None where none of its deals is here any more."""
    dots: list[Dot] = []
    for number, paid in enumerate(line.paid):
        dots += [
            Dot(place(day), None, day)
            for day in _missing(line.paid[number - 1 : number + 1])
        ]
        sold = known.get(paid.deal)
        dots += [] if sold is None else [Dot(place(sold.won_on), sold, sold.won_on)]
    return Lane(line, tone, dots, dots[0].x, dots[-1].x) if dots else None


def _missing(pair: Sequence[Paid]) -> Iterator[date]:
    """Yield the due days between two deals of a line for which there is none."""
    if len(pair) == 2:
        one, other = pair
        for number in range(
            1, one.cadence.number_on(one.starts_on, other.starts_on) or 1
        ):
            yield one.cadence.due(one.starts_on, number)
