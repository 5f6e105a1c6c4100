"""The pieces of a reading: its lines, their stretches between pauses, and single purchases."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from turnus.core.detection import costs
from turnus.core.detection.beginnings import begun, born, reborn
from turnus.core.detection.facts import Copy
from turnus.core.detection.rhythm import Rhythms
from turnus.core.detection.runs import DealRun, places_of


@dataclass(frozen=True, slots=True, eq=False)
class LinePiece:
    """Deals that the likeliest reading takes together: a line, or a single purchase."""

    #: In order of their days.
    copies: tuple[Copy, ...]
    #: None for a single purchase, several for a line with pauses; in order of their days.
    runs: tuple[DealRun, ...]

    @property
    def first(self) -> Copy:
        """Its first deal."""
        return self.copies[0]


@dataclass(frozen=True, slots=True)
class ReadingChange:
    """Another reading of some pieces, and by how much it costs more."""

    margin: float
    deals: tuple[int, ...]
    #: Deals in none of these do not recur.
    runs: tuple[DealRun, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LineStretch:
    """The deals of a piece between two pauses, as if nothing had been before them."""

    piece: LinePiece
    copies: tuple[Copy, ...]
    #: None for a single purchase.
    run: DealRun | None
    #: How much more a comeback costs than beginning as something new; mostly less.
    comeback_cost: float = 0.0
    #: The runs of its piece before and after it.
    before: tuple[DealRun, ...] = ()
    after: tuple[DealRun, ...] = ()

    @property
    def cost(self) -> float:
        """What it costs in the likeliest reading, if it begins as something new."""
        if self.run is None:
            return costs.one_off_cost(self.copies[0])
        return self.run.cost

    @property
    def first(self) -> Copy:
        """Its first deal."""
        return self.copies[0]

    @property
    def last(self) -> Copy:
        """Its last deal."""
        return self.copies[-1]


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
        own.sort(key=_position)
        line.sort(key=_beginning)
        pieces.append(LinePiece(tuple(own), tuple(line)))
    pieces += [LinePiece((copy,), ()) for copy in copy_of.values()]
    return sorted(pieces, key=lambda piece: piece.first.position)


def stretches_of(piece: LinePiece) -> list[LineStretch]:
    """Return the stretches of a piece: one, but for its pauses."""
    if not piece.runs:
        return [LineStretch(piece, piece.copies, None)]
    if len(piece.runs) == 1:
        return [LineStretch(piece, piece.copies, piece.runs[0])]
    copy_of = {copy.deal: copy for copy in piece.copies}
    stretches = []
    for number, run in enumerate(piece.runs):
        copies = [copy_of[place.deal] for place in places_of(run)]
        copies.sort(key=_position)
        first = copies[0]
        extra = 0.0
        if number:
            start = begun(first, Rhythms())
            again = reborn(start, first, piece.runs[number - 1])
            extra = again.cost - born(start, first).cost
        stretches.append(
            LineStretch(
                piece,
                tuple(copies),
                _as_part(run, first.deal, -extra),
                extra,
                piece.runs[:number],
                piece.runs[number + 1 :],
            )
        )
    return stretches


def put_back(
    change: ReadingChange, stretches: Sequence[LineStretch]
) -> Iterator[ReadingChange]:
    """Yield what a change of stretches is for their whole pieces.

    Nothing where what comes back would have nothing to come back to.
    """
    for stretch in stretches:
        if stretch.before or stretch.after:
            whole = _put_back(change, stretch)
            if whole is None:
                return
            change = whole
    yield change


def _put_back(
    change: ReadingChange, stretch: LineStretch
) -> ReadingChange | None:
    runs = list(change.runs)
    margin = change.margin
    number_of = {
        place.deal: number
        for number, run in enumerate(runs)
        for place in places_of(run)
    }
    begins_with = number_of.get(stretch.first.deal)
    ends_with = number_of.get(stretch.last.deal)
    if begins_with is None or ends_with is None:
        return None
    if stretch.before:
        run = runs[begins_with]
        if _first_deal(run) == stretch.first.deal:
            line = stretch.before[0].origin.line
            runs = [
                _as_part(each, line)
                if each.origin.line == run.origin.line
                else each
                for each in runs
            ]
            runs[begins_with] = _as_part(run, line, stretch.comeback_cost)
        else:
            margin -= stretch.comeback_cost
    line = runs[ends_with].origin.line
    before = [
        run for run in stretch.before if _first_deal(run) not in number_of
    ]
    after = [
        _as_part(run, line)
        for run in stretch.after
        if _first_deal(run) not in number_of
    ]
    deals = {*change.deals, *(copy.deal for copy in stretch.piece.copies)}
    return ReadingChange(
        margin, tuple(sorted(deals)), (*before, *runs, *after)
    )


def _as_part(run: DealRun, line: int, cost: float = 0.0) -> DealRun:
    """Return the run as a part of a line, at so much more cost."""
    return run.dearer(cost, run.title, run.origin._replace(line=line))


def _first_deal(run: DealRun) -> int:
    *_later, first = places_of(run)
    return first.deal


def pauses_cut(piece: LinePiece) -> Iterator[ReadingChange]:
    """Yield the changes that end a line at a pause: what comes after is another one."""
    deals = tuple(copy.deal for copy in piece.copies)
    for stretch in stretches_of(piece):
        if stretch.before and stretch.run is not None:
            line = stretch.first.deal
            after = [_as_part(run, line) for run in stretch.after]
            yield ReadingChange(
                -stretch.comeback_cost,
                deals,
                (*stretch.before, stretch.run, *after),
            )


def _position(copy: Copy) -> int:
    return copy.position


def _beginning(run: DealRun) -> tuple[int, int]:
    return run.origin.began_on, min(place.deal for place in places_of(run))
