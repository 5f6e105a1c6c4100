"""Other ways to read the pieces of a history, and what each costs more than the likeliest.

The search keeps few stories, and of a long history all of them soon agree on what happened
years ago. So what could be otherwise is read once more when the answer is there, one change
at a time: two pieces as one line, a line cut where it is odd, a deal of it on its own, few
deals as single purchases, another rhythm. The difference in cost is how likely it is.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from turnus.core.cadence import Cadence
from turnus.core.detection import costs
from turnus.core.detection.beginnings import begun, born
from turnus.core.detection.facts import Copy
from turnus.core.detection.gaps import cadences_shown
from turnus.core.detection.rhythm import Rhythms
from turnus.core.detection.runs import DealRun, RhythmReading, places_of
from turnus.core.detection.titles import likeness

#: Readings that cost this much more are not worth a thought: one in 400.
FAR = 6.0
#: A title that is another's but for a typing error.
_TYPING_ERROR = 0.9
#: Deals of a piece of which each may be a purchase of its own.
_FEW = 3
#: Seams of one line that are tried.
_MOST_SEAMS = 3
#: A piece may go on with one of so many before it.
_MOST_EARLIER = 3
#: A seam that costs more is odd: another contact, title or price.
_REGULAR_SEAM = 2.0
#: Periods after the last deal in which the next one is due, whatever its day.
_NEXT_PERIOD = 0.4, 1.6
#: Less is no difference.
_NOTICEABLE = 0.05


@dataclass(frozen=True, slots=True, eq=False)
class LinePiece:
    """Deals that the likeliest reading takes together: a line, or a single purchase."""

    #: In order of their days.
    copies: tuple[Copy, ...]
    #: None for a single purchase, several for a line with pauses.
    runs: tuple[DealRun, ...]

    @property
    def cost(self) -> float:
        """What it costs in the likeliest reading."""
        if not self.runs:
            return costs.one_off_cost(self.copies[0])
        return sum(run.cost for run in self.runs)

    @property
    def run(self) -> DealRun | None:
        """Its only run; None if it has none, or pauses."""
        return self.runs[0] if len(self.runs) == 1 else None

    @property
    def first(self) -> Copy:
        """Its first deal."""
        return self.copies[0]

    @property
    def last(self) -> Copy:
        """Its last deal."""
        return self.copies[-1]


@dataclass(frozen=True, slots=True)
class ReadingChange:
    """Another reading of some pieces, and by how much it costs more."""

    margin: float
    deals: tuple[int, ...]
    #: Deals in none of these do not recur.
    runs: tuple[DealRun, ...]


@dataclass(frozen=True, slots=True)
class SettledReading:
    """The likeliest reading, its other readings, and the deals that the search read otherwise."""

    pieces: tuple[LinePiece, ...]
    changes: tuple[ReadingChange, ...]
    changed: frozenset[int]


def pieces_of(
    copies: Sequence[Copy], runs: Iterable[DealRun]
) -> list[LinePiece]:
    """Return the pieces of a reading: its lines, and each other deal on its own."""
    copy_of = {copy.deal: copy for copy in copies}
    runs_of: dict[object, list[DealRun]] = defaultdict(list)
    for run in runs:
        runs_of[run.origin.line].append(run)
    pieces = []
    for line in runs_of.values():
        own = [
            copy_of.pop(place.deal) for run in line for place in places_of(run)
        ]
        own.sort(key=lambda copy: copy.position)
        pieces.append(LinePiece(tuple(own), tuple(line)))
    pieces += [LinePiece((copy,), ()) for copy in copy_of.values()]
    return sorted(pieces, key=lambda piece: piece.first.position)


def settled_reading(
    pieces: Sequence[LinePiece], *, as_of: int
) -> SettledReading:
    """Return the reading after all changes that make it likelier, and what is left in doubt."""
    best = list(pieces)
    changed: set[int] = set()
    while True:
        changes = _changes_of(best, as_of)
        likeliest = min(changes, key=_by_margin, default=None)
        if likeliest is None or likeliest.margin > -_NOTICEABLE:
            return SettledReading(
                tuple(best), tuple(changes), frozenset(changed)
            )
        best = _changed(best, likeliest)
        changed.update(likeliest.deals)


def _changed(
    pieces: Sequence[LinePiece], change: ReadingChange
) -> list[LinePiece]:
    gone = set(change.deals)
    copies: list[Copy] = []
    kept: list[LinePiece] = []
    for piece in pieces:
        if gone.isdisjoint(copy.deal for copy in piece.copies):
            kept.append(piece)
        else:
            copies += piece.copies
    copies.sort(key=lambda copy: copy.position)
    return sorted(
        [*kept, *pieces_of(copies, change.runs)],
        key=lambda piece: piece.first.position,
    )


def _by_margin(change: ReadingChange) -> tuple[float, tuple[int, ...]]:
    return change.margin, change.deals


def _changes_of(
    pieces: Sequence[LinePiece], as_of: int
) -> list[ReadingChange]:
    """Return what could be otherwise in a reading, one change at a time."""
    worth = [piece for piece in pieces if piece.first.value_e4 > 0]
    changes: list[ReadingChange] = []
    for piece in worth:
        changes += _changes_within(piece, as_of)
    for number, later in enumerate(worth):
        for earlier in _earlier(worth[:number], later):
            changes += _joined(earlier, later, as_of)
    return [change for change in changes if change.margin < FAR]


def _changes_within(piece: LinePiece, as_of: int) -> Iterator[ReadingChange]:
    run = piece.run
    if run is None or any(copy.said for copy in piece.copies):
        return
    if len(piece.copies) == 1:
        return
    yield from _other_rhythms(piece, run)
    yield from _read_again(piece, as_of)
    if len(piece.copies) <= _FEW:
        yield _apart(piece)
    rhythms = Rhythms(cadences_shown(piece.copies))
    for place in _seams(piece):
        yield from _cut(piece, place, rhythms, as_of)
        for single in {place - 1, place}:
            yield from _without(piece, single, rhythms, as_of)


def _other_rhythms(piece: LinePiece, run: DealRun) -> Iterator[ReadingChange]:
    best = run.readings[0]
    known = {best.rhythm.bare}
    for reading in run.readings[1:]:
        if reading.rhythm.bare not in known:
            known.add(reading.rhythm.bare)
            others = [each for each in run.readings if each is not reading]
            yield ReadingChange(
                reading.cost - best.cost,
                _deals(piece.copies),
                (_read_as(run, [reading, *others]),),
            )


def _read_again(piece: LinePiece, as_of: int) -> Iterator[ReadingChange]:
    """Yield the rhythm that the deals show on their own, if it is likelier."""
    shown = cadences_shown(piece.copies)
    run = _line(piece.copies, Rhythms(shown), piece.cost) if shown else None
    if run is not None:
        run = run.ended(as_of)
        if run.cost < piece.cost - _NOTICEABLE:
            yield ReadingChange(
                run.cost - piece.cost, _deals(piece.copies), (run,)
            )


def _apart(piece: LinePiece) -> ReadingChange:
    """Return the change that makes each deal of a piece a purchase of its own."""
    cost = sum(costs.one_off_cost(copy) for copy in piece.copies)
    return ReadingChange(cost - piece.cost, _deals(piece.copies), ())


def _seams(piece: LinePiece) -> list[int]:
    """Return the places of the oddest deals of a piece, which another thing may begin with."""
    odd: list[tuple[float, int]] = []
    for place, (before, copy) in enumerate(pairwise(piece.copies), start=1):
        cost = _seam_cost(before, copy)
        if cost > _REGULAR_SEAM:
            odd.append((-cost, place))
    gaps = sorted(
        copy.day - before.day for before, copy in pairwise(piece.copies)
    )
    # Two terms may be entered on one day.
    usual = max(gaps[len(piece.copies) // 2 - 1], 1)
    for place, (before, copy) in enumerate(pairwise(piece.copies), start=1):
        if copy.day - before.day > 1.6 * usual:
            odd.append((-(copy.day - before.day) / usual, place))
    odd.append((0, 1))
    odd.append((0, len(piece.copies) - 1))
    odd.sort()
    return list(dict.fromkeys(place for _cost, place in odd))[:_MOST_SEAMS]


def _are_alike(title: str, other: str) -> bool:
    """Return whether two titles may name one thing; one that names nothing may be any."""
    return not title or not other or likeness(title, other) >= _TYPING_ERROR


def _seam_cost(before: Copy, copy: Copy) -> float:
    cost = 0.0
    if before.value_e4 > 0 and copy.value_e4 > 0:
        cost += costs.price_cost(before.value_e4, copy.value_e4)
    if before.title and copy.title:
        cost += costs.title_cost(likeness(before.title, copy.title))
    if before.contact and copy.contact and before.contact != copy.contact:
        cost += costs.OTHER_CONTACT
    return cost


def _cut(
    piece: LinePiece, place: int, rhythms: Rhythms, as_of: int
) -> Iterator[ReadingChange]:
    """Yield the change that ends a line before a deal, which begins another."""
    limit = piece.cost + FAR
    earlier = _line(piece.copies[:place], rhythms, limit)
    later = _line(piece.copies[place:], rhythms, limit)
    if earlier is None or later is None:
        return
    earlier, later = earlier.ended(as_of), later.ended(as_of)
    runs: list[DealRun] = []
    cost = 0.0
    for copies, run in (
        (piece.copies[:place], earlier),
        (piece.copies[place:], later),
    ):
        single = costs.one_off_cost(copies[0])
        if len(copies) == 1 and single < run.cost:
            cost += single
        else:
            cost += run.cost
            runs.append(run)
    yield ReadingChange(cost - piece.cost, _deals(piece.copies), tuple(runs))


def _without(
    piece: LinePiece, place: int, rhythms: Rhythms, as_of: int
) -> Iterator[ReadingChange]:
    """Yield the change that makes one deal of a line a single purchase beside it."""
    rest = (*piece.copies[:place], *piece.copies[place + 1 :])
    if len(rest) < 2:
        return
    run = _line(rest, rhythms, piece.cost + FAR)
    if run is not None:
        run = run.ended(as_of)
        cost = run.cost + costs.one_off_cost(piece.copies[place])
        yield ReadingChange(cost - piece.cost, _deals(piece.copies), (run,))


def _earlier(pieces: Sequence[LinePiece], later: LinePiece) -> list[LinePiece]:
    """Return the pieces that a later one most likely goes on with."""
    seams: list[tuple[float, int, LinePiece]] = []
    for piece in pieces:
        before = piece.last
        if later.first.position < piece.last.position:
            before = [
                c for c in piece.copies if c.position < later.first.position
            ][-1]
        if not _are_alike(before.title, later.first.title):
            continue
        cost = _seam_cost(before, later.first)
        seams.append((cost, later.first.position - before.position, piece))
    seams.sort(key=lambda each: each[:2])
    return [piece for _cost, _far, piece in seams[:_MOST_EARLIER]]


def _joined(
    earlier: LinePiece, later: LinePiece, as_of: int
) -> Iterator[ReadingChange]:
    """Yield the change that takes two pieces as one line."""
    copies = sorted(
        (*earlier.copies, *later.copies), key=lambda copy: copy.position
    )
    if any(copy.said for copy in copies):
        return
    now = earlier.cost + later.cost
    run = _line(copies, Rhythms(cadences_shown(copies)), now + FAR)
    if run is not None:
        run = run.ended(as_of)
        yield ReadingChange(run.cost - now, _deals(copies), (run,))
    if later.run is not None and earlier.last.position < later.first.position:
        yield from _on_another_day(earlier, later, later.run)


def _on_another_day(
    earlier: LinePiece, later: LinePiece, run: DealRun
) -> Iterator[ReadingChange]:
    """Yield the change that takes a piece as the one before it, due on other days."""
    rhythm = run.readings[0].rhythm
    days = later.first.day - earlier.last.day
    least, most = _NEXT_PERIOD
    if not least * rhythm.period <= days <= most * rhythm.period:
        return
    now = earlier.cost + later.cost
    before = _line(earlier.copies, Rhythms([rhythm.bare]), now + FAR)
    before = before and _with_cadence(before, rhythm.bare)
    if before is None:
        return
    # It does not begin as something new, nor is there a choice of rhythms.
    first = later.first
    new_line = (
        costs.BIRTH
        + costs.FRESH_PRICE
        + (costs.FRESH_TITLE if first.title else 0)
    )
    new_line += costs.habitual_cadence_cost(first, rhythm.bare)
    moved = costs.DUE_DAY_MOVES + _seam_cost(earlier.last, first)
    joined = _following(run, before, moved - new_line)
    yield ReadingChange(
        joined.cost - now, _deals((*earlier.copies, *later.copies)), (joined,)
    )


def _line(
    copies: Sequence[Copy], rhythms: Rhythms, limit: float
) -> DealRun | None:
    """Return the deals as one line; None if that cannot be, or costs more than `limit`."""
    first = copies[0]
    if first.value_e4 <= 0:
        return None
    return _continued(
        born(begun(first, rhythms), first), copies, rhythms, limit
    )


def _continued(
    run: DealRun, copies: Sequence[Copy], rhythms: Rhythms, limit: float
) -> DealRun | None:
    for copy in copies[1:]:
        ways = [run.continued(copy, rhythms), run.prepaid(copy)]
        possible = [
            way for way in ways if way is not None and way.cost <= limit
        ]
        if not possible:
            return None
        run = min(possible, key=lambda way: way.cost)
    return run


def _deals(copies: Iterable[Copy]) -> tuple[int, ...]:
    return tuple(copy.deal for copy in copies)


def _read_as(run: DealRun, readings: list[RhythmReading]) -> DealRun:
    """Return the run with these readings of its rhythm, the likeliest first."""
    return DealRun(
        readings,
        run.price_e4,
        run.title,
        run.copy_count,
        run.together,
        run.base,
        run.contact,
        run.origin,
    )


def _with_cadence(run: DealRun, cadence: Cadence) -> DealRun | None:
    """Return the run with the readings of one cadence only; None where it has none."""
    readings = [each for each in run.readings if each.rhythm.bare == cadence]
    return _read_as(run, readings) if readings else None


def _following(run: DealRun, earlier: DealRun, cost: float) -> DealRun:
    """Return the run as a part of `earlier`, which costs as much more."""
    place = earlier.readings[0].place
    for each in reversed(list(places_of(run))):
        place = each._replace(before=place)
    best = run.readings[0]._replace(place=place)
    joined = _read_as(run, [best])
    joined.base += earlier.cost + cost
    joined.cost += earlier.cost + cost
    joined.copy_count += earlier.copy_count
    joined.origin = earlier.origin
    return joined
