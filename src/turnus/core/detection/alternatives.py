"""Other ways to read the pieces of a history, and what each costs more than the likeliest.

The search keeps few stories, and of a long history all of them soon agree on what happened
years ago. So what could be otherwise is read once more when the answer is there, one change
at a time: two pieces as one line, a line cut where it is odd, a deal of it on its own, few
deals as single purchases, another rhythm. The difference in cost is how likely it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from math import inf

from turnus.core.cadence import Cadence
from turnus.core.detection import costs
from turnus.core.detection.beginnings import begun, born, reborn
from turnus.core.detection.exchanges import exchanges
from turnus.core.detection.facts import Copy
from turnus.core.detection.gaps import cadences_shown
from turnus.core.detection.lines import PieceReader, line_of, seam_cost
from turnus.core.detection.pieces import (
    LinePiece,
    LineStretch,
    ReadingChange,
    pauses_cut,
    pieces_of,
    put_back,
    stretches_of,
)
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


@dataclass(frozen=True, slots=True)
class SettledReading:
    """The likeliest reading, its other readings, and the deals that the search read otherwise."""

    pieces: tuple[LinePiece, ...]
    changes: tuple[ReadingChange, ...]
    changed: frozenset[int]


def settled_reading(
    pieces: Sequence[LinePiece],
    *,
    as_of: int,
    repeats: Sequence[Copy] = (),
) -> SettledReading:
    """Return the reading after all changes that make it likelier, and what is left in doubt.

    `repeats` are deals that were left out as entered twice.
    """
    best = list(pieces)
    changed: set[int] = set()
    while True:
        changes = _changes_of(best, as_of)
        likeliest = min(changes, key=_by_margin, default=None)
        if likeliest is None or likeliest.margin > -_NOTICEABLE:
            changes += _counted_repeats(best, repeats, as_of)
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
    stretches: list[LineStretch] = []
    for piece in worth:
        own = stretches_of(piece)
        stretches += own
        if len(own) > 1 and not _has_an_answer(piece.copies):
            changes += pauses_cut(piece)
    for stretch in stretches:
        for change in _changes_within(stretch, as_of):
            changes += put_back(change, [stretch])
    changes += _changes_between(stretches, as_of)
    return [change for change in changes if change.margin < FAR]


def _changes_between(
    stretches: Sequence[LineStretch], as_of: int
) -> Iterator[ReadingChange]:
    """Yield the changes of two pieces: as one line, or each as the other's end."""
    ordered = sorted(stretches, key=lambda each: each.first.position)
    for number, later in enumerate(ordered):
        for earlier in _earlier(ordered[:number], later):
            for change in _joined(earlier, later, as_of):
                yield from put_back(change, [earlier, later])
    for first, second in permutations(ordered, 2):
        for change in exchanges(first, second, as_of):
            yield from put_back(change, [first, second])


def _has_an_answer(copies: Iterable[Copy]) -> bool:
    return any(copy.said for copy in copies)


def _changes_within(piece: LineStretch, as_of: int) -> Iterator[ReadingChange]:
    run = piece.run
    if run is None or len(piece.copies) == 1 or _has_an_answer(piece.copies):
        return
    yield from _other_rhythms(piece, run)
    yield from _read_again(piece, as_of)
    if len(piece.copies) <= _FEW:
        yield _apart(piece)
    rhythms = Rhythms(cadences_shown(piece.copies))
    lines = PieceReader(piece.copies, rhythms, limit=piece.cost + FAR)
    for place in _seams(piece):
        yield from _cut(piece, place, lines, as_of)
        for single in {place - 1, place}:
            yield from _without(piece, single, lines, as_of)


def _other_rhythms(
    piece: LineStretch, run: DealRun
) -> Iterator[ReadingChange]:
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


def _read_again(piece: LineStretch, as_of: int) -> Iterator[ReadingChange]:
    """Yield the rhythm that the deals show on their own, if it is likelier."""
    shown = cadences_shown(piece.copies)
    run = line_of(piece.copies, Rhythms(shown), piece.cost) if shown else None
    if run is not None:
        run = run.ended(as_of)
        if run.cost < piece.cost - _NOTICEABLE:
            yield ReadingChange(
                run.cost - piece.cost, _deals(piece.copies), (run,)
            )


def _apart(piece: LineStretch) -> ReadingChange:
    """Return the change that makes each deal of a piece a purchase of its own."""
    cost = sum(costs.one_off_cost(copy) for copy in piece.copies)
    return ReadingChange(cost - piece.cost, _deals(piece.copies), ())


def _seams(piece: LineStretch) -> list[int]:
    """Return the places of the oddest deals of a piece, which another thing may begin with."""
    odd: list[tuple[float, int]] = []
    for place, (before, copy) in enumerate(pairwise(piece.copies), start=1):
        cost = seam_cost(before, copy)
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


def _cut(
    piece: LineStretch, place: int, lines: PieceReader, as_of: int
) -> Iterator[ReadingChange]:
    """Yield the change that ends a line before a deal, which begins another."""
    earlier = lines.beginning(place)
    if earlier is None:
        return
    first = _part_of(piece, piece.copies[:place], earlier.ended(as_of))
    most = inf
    if place < len(piece.copies) - 1:
        most = _most(piece) - first.cost
    later = lines.ending(place, most=most)
    if later is None:
        return
    second = _part_of(piece, piece.copies[place:], later.ended(as_of))
    cost = first.cost + second.cost
    runs = tuple(part.run for part in (first, second) if part.run is not None)
    yield ReadingChange(cost - piece.cost, _deals(piece.copies), runs)


def _part_of(
    piece: LineStretch, copies: tuple[Copy, ...], run: DealRun
) -> LineStretch:
    """Return deals of a piece as a run; one alone may be a single purchase."""
    is_single = len(copies) == 1 and costs.one_off_cost(copies[0]) < run.cost
    return LineStretch(piece.piece, copies, None if is_single else run)


def _most(piece: LineStretch) -> float:
    """Return what another reading may cost that is worth a thought.

    What comes back at a cost of its own may save that.
    """
    return piece.cost + FAR + max(piece.comeback_cost, 0.0)


def _without(
    piece: LineStretch, place: int, lines: PieceReader, as_of: int
) -> Iterator[ReadingChange]:
    """Yield the change that makes one deal of a line a single purchase beside it."""
    if len(piece.copies) <= 2:
        return
    single = costs.one_off_cost(piece.copies[place])
    run = lines.without(place, most=_most(piece) - single)
    if run is not None:
        run = run.ended(as_of)
        cost = run.cost + single
        yield ReadingChange(cost - piece.cost, _deals(piece.copies), (run,))


def _earlier(
    pieces: Sequence[LineStretch], later: LineStretch
) -> list[LineStretch]:
    """Return the pieces that a later one most likely goes on with."""
    seams: list[tuple[float, int, LineStretch]] = []
    for piece in pieces:
        before = piece.last
        if later.first.position < piece.last.position:
            before = [
                c for c in piece.copies if c.position < later.first.position
            ][-1]
        if not _are_alike(before.title, later.first.title):
            continue
        cost = seam_cost(before, later.first)
        seams.append((cost, later.first.position - before.position, piece))
    seams.sort(key=lambda each: each[:2])
    return [piece for _cost, _far, piece in seams[:_MOST_EARLIER]]


def _joined(
    earlier: LineStretch, later: LineStretch, as_of: int
) -> Iterator[ReadingChange]:
    """Yield the change that takes two pieces as one line."""
    copies = sorted(
        (*earlier.copies, *later.copies), key=lambda copy: copy.position
    )
    if any(copy.said for copy in copies):
        return
    now = earlier.cost + later.cost
    run = line_of(copies, Rhythms(cadences_shown(copies)), now + FAR)
    if run is not None:
        run = run.ended(as_of)
        yield ReadingChange(run.cost - now, _deals(copies), (run,))
    if later.run is not None and earlier.last.position < later.first.position:
        yield from _on_another_day(earlier, later, later.run)
        yield from _come_back(earlier, later, later.run)


def _on_another_day(
    earlier: LineStretch, later: LineStretch, run: DealRun
) -> Iterator[ReadingChange]:
    """Yield the change that takes a piece as the one before it, due on other days."""
    rhythm = run.readings[0].rhythm
    days = later.first.day - earlier.last.day
    least, most = _NEXT_PERIOD
    if not least * rhythm.period <= days <= most * rhythm.period:
        return
    now = earlier.cost + later.cost
    before = line_of(earlier.copies, Rhythms([rhythm.bare]), now + FAR)
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
    moved = costs.DUE_DAY_MOVES + seam_cost(earlier.last, first)
    joined = _following(run, before, moved - new_line)
    yield ReadingChange(
        joined.cost - now, _deals((*earlier.copies, *later.copies)), (joined,)
    )


def _come_back(
    earlier: LineStretch, later: LineStretch, run: DealRun
) -> Iterator[ReadingChange]:
    """Yield the change that takes a piece as the comeback of an earlier one that had ended."""
    ended, first = earlier.run, later.first
    if ended is None or earlier.after or later.before:
        return
    over = ended.over(first.day)
    if over is None or not (ended.title and first.title):
        return
    start = begun(first, Rhythms())
    cost = reborn(start, first, ended).cost - born(start, first).cost
    line = ended.origin.line
    again = run.dearer(cost, run.title, run.origin._replace(line=line))
    yield ReadingChange(
        cost, _deals((*earlier.copies, *later.copies)), (ended, again)
    )


def _counted_repeats(
    pieces: Sequence[LinePiece], repeats: Sequence[Copy], as_of: int
) -> list[ReadingChange]:
    """Return the changes that count deals for a period that were left out as entered twice."""
    changes: list[ReadingChange] = []
    for repeat in repeats:
        for piece in pieces:
            for stretch in stretches_of(piece):
                if stretch.run and _repeats_one_of(stretch, repeat):
                    changes += _with_repeat(stretch, repeat, as_of)
    return [change for change in changes if change.margin < FAR]


def _repeats_one_of(stretch: LineStretch, repeat: Copy) -> bool:
    return any(
        copy.day == repeat.day
        and copy.value_e4 == repeat.value_e4
        and copy.title == repeat.title
        and copy.contact == repeat.contact
        for copy in stretch.copies
    )


def _with_repeat(
    stretch: LineStretch, repeat: Copy, as_of: int
) -> Iterator[ReadingChange]:
    now = stretch.cost + costs.ENTERED_TWICE
    copies = sorted((*stretch.copies, repeat), key=lambda copy: copy.position)
    run = line_of(copies, Rhythms(cadences_shown(stretch.copies)), now + FAR)
    if run is not None:
        run = run.ended(as_of)
        # Nothing is counted without a person's answer.
        margin = max(run.cost - now, 0.0)
        change = ReadingChange(margin, _deals(copies), (run,))
        yield from put_back(change, [stretch])


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
