"""The likeliest story of one customer's deals in one currency.

Several hypotheses are kept side by side, in order of time.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from turnus.core.detection import costs
from turnus.core.detection.beginnings import begun, born, reborn
from turnus.core.detection.facts import Copy, Said
from turnus.core.detection.gaps import cadences_shown
from turnus.core.detection.rhythm import Rhythms
from turnus.core.detection.runs import DealRun

#: Stories kept after each deal, and how much worse than the best one they may be.
_WIDTH, _WORSE = 8, 10.0
#: Deals after which another search may go on.
_MARK_EVERY = 8


class Closed(NamedTuple):
    """A run that ended, and those that had ended before."""

    run: DealRun
    before: "Closed | None"


class SearchStory(NamedTuple):
    """One reading of the history so far. `closed` are runs that ended.

    `recent` those a comeback may follow.
    """

    cost: float
    runs: tuple[DealRun, ...]
    closed: "Closed | None"
    recent: tuple[DealRun, ...]


class SearchStep:
    """A deal on its way into all stories.

    What a run becomes with it is worked out once, for stories share their runs.
    """

    def __init__(self, copy: Copy, rhythms: Rhythms) -> None:
        self.copy, self.rhythms = copy, rhythms
        self.start = begun(copy, rhythms)
        #: The run that begins with the deal as something new.
        self.new = born(self.start, copy)
        self._longer: dict[int, DealRun | None] = {}
        self._prepaid: dict[int, DealRun | None] = {}
        self._again: dict[int, DealRun] = {}
        self._over: dict[int, DealRun | None] = {}

    def longer(self, run: DealRun) -> DealRun | None:
        """Return the run with the deal; None where it cannot go on with it."""
        key = id(run)
        if key not in self._longer:
            self._longer[key] = run.continued(self.copy, self.rhythms)
        return self._longer[key]

    def again(self, run: DealRun) -> DealRun:
        """Return the run that begins with the deal as the comeback of `run`."""
        key = id(run)
        if key not in self._again:
            self._again[key] = reborn(self.start, self.copy, run)
        return self._again[key]

    def prepaid(self, run: DealRun) -> DealRun | None:
        """Return the run with the deal for several periods; None where it cannot be that."""
        key = id(run)
        if key not in self._prepaid:
            self._prepaid[key] = run.prepaid(self.copy)
        return self._prepaid[key]

    def over(self, run: DealRun) -> DealRun | None:
        """Return the run as it had ended before the deal; None where it had not."""
        key = id(run)
        if key not in self._over:
            self._over[key] = run.over(self.copy.day)
        return self._over[key]


class Search:
    """The likeliest stories of deals, best first, all runs closed.

    A search of deals that begin with those of another one goes on where they part.
    """

    def __init__(
        self,
        copies: Sequence[Copy],
        *,
        as_of: int,
        before: Iterable["Search"] = (),
    ) -> None:
        #: In order of their days.
        self.copies = tuple(copies)
        #: Uncommon cadences that they suggest, and that are tried with all of them.
        self.shown = tuple(cadences_shown(copies))
        self.marks = self._marks_in_common(before)
        beam = self._read()
        finished = [_finished(story, as_of) for story in beam]
        finished.sort(key=lambda story: story.cost)
        self.stories = tuple(finished)

    def _marks_in_common(self, others: Iterable["Search"]) -> list["_Mark"]:
        longest = [
            _Mark(0, [SearchStory(0.0, (), None, ())], Rhythms(self.shown), 0)
        ]
        for other in others:
            if other.shown == self.shown:
                common = _common_count(self.copies, other.copies)
                marks = [
                    mark for mark in other.marks if mark.deal_count <= common
                ]
                longest = max(longest, marks, key=len)
        return longest

    def _read(self) -> list[SearchStory]:
        mark = self.marks[-1]
        beam = mark.beam
        rhythms = mark.rhythms.first(mark.rhythm_count)
        for count, copy in enumerate(
            self.copies[mark.deal_count :], start=mark.deal_count + 1
        ):
            step = SearchStep(copy, rhythms)
            known = [_retired(story, copy.day) for story in beam]
            told = [each for story in known for each in _told(story, step)]
            beam = _kept(told, copy.day)
            if count % _MARK_EVERY == 0:
                self.marks.append(_Mark(count, beam, rhythms, rhythms.count))
        return beam


class _Mark(NamedTuple):
    """How far a search has come: the stories of its first deals, and the rhythms until then."""

    deal_count: int
    beam: list[SearchStory]
    rhythms: Rhythms
    rhythm_count: int


def _common_count(copies: Sequence[Copy], others: Sequence[Copy]) -> int:
    """Return with how many of the same deals both begin."""
    for count, (copy, other) in enumerate(zip(copies, others, strict=False)):
        if copy is not other:
            return count
    return min(len(copies), len(others))


def runs_in(story: SearchStory) -> Iterator[DealRun]:
    """Yield the runs of a finished story."""
    closed = story.closed
    while closed:
        yield closed.run
        closed = closed.before


def _told(story: SearchStory, step: SearchStep) -> list[SearchStory]:
    """Return the stories that go on with this deal."""
    copy = step.copy
    if copy.said is not None:
        return _obeyed(story, copy.said, step)
    told = [_single(story, copy), *_continuations(story, step)]
    if copy.value_e4 == 0:
        # A free term belongs to a subscription; none begins or begins again with it.
        return told
    told.append(_born(story, step))
    for index, run in enumerate(story.runs):
        ended = step.over(run)
        if ended is not None:
            told.append(_again(story, index, step, ended))
    for ended in story.recent:
        again = step.again(ended)
        recent = tuple(each for each in story.recent if each is not ended)
        told.append(
            SearchStory(
                story.cost + again.cost,
                (*story.runs, again),
                story.closed,
                recent,
            )
        )
    return told


def _continuations(
    story: SearchStory, step: SearchStep
) -> Iterator[SearchStory]:
    """Yield the stories in which one of the runs goes on with this deal."""
    for index, run in enumerate(story.runs):
        for longer in (step.longer(run), step.prepaid(run)):
            if longer is not None:
                yield _longer(story, index, longer)


def _obeyed(
    story: SearchStory, said: Said, step: SearchStep
) -> list[SearchStory]:
    """Return the stories that go on with a deal of which a person said something.

    It goes on with its subscription's run, however odd; where that has ended it begins one, or goes
    on with one that nobody named, and `detection` joins the two.
    """
    if said.together is None or step.copy.value_e4 <= 0:
        return [_single(story, step.copy)]
    told = [_born(story, step)]
    for index, run in enumerate(story.runs):
        if run.together not in {None, said.together}:
            continue
        longer = step.longer(run)
        if run.together is not None:
            return [
                _longer(story, index, longer)
                if longer
                else _again(story, index, step, run.ended(step.copy.day))
            ]
        if longer is not None:
            told.append(_longer(story, index, longer))
    return told


def _single(story: SearchStory, copy: Copy) -> SearchStory:
    return SearchStory(
        story.cost + costs.one_off_cost(copy),
        story.runs,
        story.closed,
        story.recent,
    )


def _born(story: SearchStory, step: SearchStep) -> SearchStory:
    return SearchStory(
        story.cost + step.new.cost,
        (*story.runs, step.new),
        story.closed,
        story.recent,
    )


def _longer(story: SearchStory, index: int, longer: DealRun) -> SearchStory:
    """Return the story with one of its runs continued."""
    before = story.runs[:index]
    run = story.runs[index]
    after = story.runs[index + 1 :]
    cost = story.cost + longer.cost - run.cost
    return SearchStory(
        cost, (*before, longer, *after), story.closed, story.recent
    )


def _again(
    story: SearchStory, index: int, step: SearchStep, ended: DealRun
) -> SearchStory:
    """Return the story with one of its runs ended, and begun again with this deal."""
    runs, run = story.runs, story.runs[index]
    again = step.again(run)
    cost = story.cost + ended.cost - run.cost + again.cost
    return SearchStory(
        cost,
        (*runs[:index], again, *runs[index + 1 :]),
        Closed(ended, story.closed),
        story.recent,
    )


def _retired(story: SearchStory, day: int) -> SearchStory:
    """Return the story with the runs ended that nothing can continue any more."""
    stale = [run for run in story.runs if run.stale_after < day]
    if not stale:
        return story
    cost, closed = story.cost, story.closed
    for run in stale:
        ended = run.ended(day)
        cost += ended.cost - run.cost
        closed = Closed(ended, closed)
    runs = tuple(run for run in story.runs if run.stale_after >= day)
    return SearchStory(cost, runs, closed, (*story.recent, *stale)[-4:])


def _finished(story: SearchStory, as_of: int) -> SearchStory:
    cost, closed = story.cost, story.closed
    for run in story.runs:
        ended = run.ended(as_of)
        cost += ended.cost - run.cost
        closed = Closed(ended, closed)
    return SearchStory(cost, (), closed, ())


def _kept(told: list[SearchStory], day: int) -> list[SearchStory]:
    """Return the best stories, of those that leave the same runs open only the best."""
    runs = {id(run): run for story in told for run in story.runs}
    overdue = {key: run.overdue_cost(day) for key, run in runs.items()}
    scored = [
        (story.cost + sum([overdue[id(run)] for run in story.runs]), index)
        for index, story in enumerate(told)
    ]
    scored.sort()
    kept: list[SearchStory] = []
    seen = set()
    limit = scored[0][0] + _WORSE
    for cost, index in scored:
        if cost > limit or len(kept) >= _WIDTH:
            break
        key = frozenset([run.key for run in told[index].runs])
        if key not in seen:
            seen.add(key)
            kept.append(told[index])
    return kept
