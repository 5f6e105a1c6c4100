"""The likeliest story of one customer's deals in one currency: several hypotheses side by side, in order of time (metrics 4.2)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from turnus.core.detection import costs
from turnus.core.detection.facts import Copy, Said
from turnus.core.detection.rhythm import Rhythms
from turnus.core.detection.runs import Run, begun, born, reborn

#: Stories kept after each deal, and how much worse than the best one they may be.
_WIDTH, _WORSE = 8, 10.0


class Closed(NamedTuple):
    """A run that ended, and those that had ended before."""

    run: Run
    before: "Closed | None"


class Story(NamedTuple):
    """One reading of the history so far. `closed` are runs that ended; `recent` those a comeback may follow."""

    cost: float
    runs: tuple[Run, ...]
    closed: "Closed | None"
    recent: tuple[Run, ...]


class Step:
    """A deal on its way into all stories: what a run becomes with it is worked out once, for stories share their runs."""

    def __init__(self, copy: Copy, rhythms: Rhythms) -> None:
        self.copy, self.rhythms = copy, rhythms
        self.start = begun(copy, rhythms)
        #: The run that begins with the deal as something new.
        self.new = born(self.start, copy)
        self._longer: dict[int, Run | None] = {}
        self._again: dict[int, Run] = {}

    def longer(self, run: Run) -> Run | None:
        """Return the run with the deal; None where it cannot go on with it."""
        key = id(run)
        if key not in self._longer:
            self._longer[key] = run.continued(self.copy, self.rhythms)
        return self._longer[key]

    def again(self, run: Run) -> Run:
        """Return the run that begins with the deal as the comeback of `run`."""
        key = id(run)
        if key not in self._again:
            self._again[key] = reborn(self.start, self.copy, run)
        return self._again[key]


def stories(copies: Sequence[Copy], *, as_of: int) -> list[Story]:
    """Return the likeliest stories of `copies`, which are in order of their days, best first, all runs closed."""
    rhythms = Rhythms()
    beam = [Story(0.0, (), None, ())]
    for copy in copies:
        step, known = Step(copy, rhythms), [_retired(story, copy.day) for story in beam]
        beam = _kept([each for story in known for each in _told(story, step)], copy.day)
    beam = [_finished(story, as_of) for story in beam]
    return sorted(beam, key=lambda story: story.cost)


def runs_in(story: Story) -> Iterator[Run]:
    """Yield the runs of a finished story."""
    closed = story.closed
    while closed:
        yield closed.run
        closed = closed.before


def _told(story: Story, step: Step) -> list[Story]:
    """Return the stories that go on with this deal."""
    copy = step.copy
    if copy.said is not None:
        return _obeyed(story, copy.said, step)
    if copy.value_e4 <= 0:
        return [_single(story, copy)]
    told = [_single(story, copy), _born(story, step)]
    for index, run in enumerate(story.runs):
        longer = step.longer(run)
        if longer is not None:
            told.append(_longer(story, index, longer))
        if copy.day > run.quiet_until:
            told.append(_again(story, index, step))
    for ended in story.recent:
        again = step.again(ended)
        recent = tuple(each for each in story.recent if each is not ended)
        told.append(Story(story.cost + again.cost, (*story.runs, again), story.closed, recent))
    return told


def _obeyed(story: Story, said: Said, step: Step) -> list[Story]:
    """Return the stories that go on with a deal of which a person said something.

    It goes on with its subscription's run, however odd; where that has ended it begins one, or goes on with one that nobody named, and
    `detection` joins the two.
    """
    if said.together is None or step.copy.value_e4 <= 0:
        return [_single(story, step.copy)]
    told = [_born(story, step)]
    for index, run in enumerate(story.runs):
        if run.together not in {None, said.together}:
            continue
        longer = step.longer(run)
        if run.together is not None:
            return [_longer(story, index, longer) if longer else _again(story, index, step)]
        if longer is not None:
            told.append(_longer(story, index, longer))
    return told


def _single(story: Story, copy: Copy) -> Story:
    return Story(story.cost + costs.one_off_cost(copy), story.runs, story.closed, story.recent)


def _born(story: Story, step: Step) -> Story:
    return Story(story.cost + step.new.cost, (*story.runs, step.new), story.closed, story.recent)


def _longer(story: Story, index: int, longer: Run) -> Story:
    """Return the story with one of its runs continued."""
    runs, cost = story.runs, story.cost + longer.cost - story.runs[index].cost
    return Story(cost, (*runs[:index], longer, *runs[index + 1 :]), story.closed, story.recent)


def _again(story: Story, index: int, step: Step) -> Story:
    """Return the story with one of its runs ended, and begun again with this deal."""
    runs, run = story.runs, story.runs[index]
    ended, again = run.ended(step.copy.day), step.again(run)
    cost = story.cost + ended.cost - run.cost + again.cost
    return Story(
        cost, (*runs[:index], again, *runs[index + 1 :]), Closed(ended, story.closed), story.recent
    )


def _retired(story: Story, day: int) -> Story:
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
    return Story(cost, runs, closed, (*story.recent, *stale)[-4:])


def _finished(story: Story, as_of: int) -> Story:
    cost, closed = story.cost, story.closed
    for run in story.runs:
        ended = run.ended(as_of)
        cost += ended.cost - run.cost
        closed = Closed(ended, closed)
    return Story(cost, (), closed, ())


def _kept(told: list[Story], day: int) -> list[Story]:
    """Return the best stories, of those that leave the same runs open only the best."""
    runs = {id(run): run for story in told for run in story.runs}
    overdue = {key: run.overdue_cost(day) for key, run in runs.items()}
    scored = [
        (story.cost + sum([overdue[id(run)] for run in story.runs]), index)
        for index, story in enumerate(told)
    ]
    scored.sort()
    kept: list[Story] = []
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
