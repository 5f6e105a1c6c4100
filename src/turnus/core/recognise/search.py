"""The likeliest story of one customer's deals in one currency: several hypotheses side by side, in order of time (metrics 4.2)."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from turnus.core.recognise import costs
from turnus.core.recognise.facts import Copy, Said
from turnus.core.recognise.rhythm import Rhythms
from turnus.core.recognise.runs import Run, begun, born, reborn

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


def stories(copies: Sequence[Copy], *, as_of: int) -> list[Story]:
    """Return the likeliest stories of `copies`, which are in order of their days, best first, all runs closed."""
    rhythms = Rhythms()
    beam = [Story(0.0, (), None, ())]
    for copy in copies:
        start = begun(copy, rhythms)
        told = [each for story in beam for each in _told(_retired(story, copy.day), copy, start=start, rhythms=rhythms)]
        beam = _kept(told, copy.day)
    beam = [_finished(story, as_of) for story in beam]
    return sorted(beam, key=lambda story: story.cost)


def runs_in(story: Story) -> Iterator[Run]:
    """Yield the runs of a finished story."""
    closed = story.closed
    while closed:
        yield closed.run
        closed = closed.before


def _told(story: Story, copy: Copy, *, start: Run, rhythms: Rhythms) -> list[Story]:
    """Return the stories that go on with this deal."""
    if copy.said is not None:
        return _obeyed(story, copy, copy.said, start=start, rhythms=rhythms)
    single = _single(story, copy)
    if copy.value_e4 <= 0:
        return [single]
    told = [single, _born(story, copy, start)]
    for index, run in enumerate(story.runs):
        longer = run.continued(copy, rhythms)
        if longer is not None:
            told.append(_longer(story, index, longer))
        if copy.day > run.quiet_until:
            told.append(_again(story, index, copy, start))
    for ended in story.recent:
        again = reborn(start, copy, ended)
        recent = tuple(each for each in story.recent if each is not ended)
        told.append(Story(story.cost + again.cost, (*story.runs, again), story.closed, recent))
    return told


def _obeyed(story: Story, copy: Copy, said: Said, *, start: Run, rhythms: Rhythms) -> list[Story]:
    """Return the stories that go on with a deal of which a person said something.

    It goes on with its subscription's run, however odd; where that has ended it begins one, or goes on with one that nobody named, and
    `recognition` joins the two.
    """
    if said.together is None or copy.value_e4 <= 0:
        return [_single(story, copy)]
    told = [_born(story, copy, start)]
    for index, run in enumerate(story.runs):
        if run.together not in {None, said.together}:
            continue
        longer = run.continued(copy, rhythms)
        if run.together is not None:
            return [_longer(story, index, longer) if longer else _again(story, index, copy, start)]
        if longer is not None:
            told.append(_longer(story, index, longer))
    return told


def _single(story: Story, copy: Copy) -> Story:
    return Story(story.cost + costs.one_off_cost(copy), story.runs, story.closed, story.recent)


def _born(story: Story, copy: Copy, start: Run) -> Story:
    new = born(start, copy)
    return Story(story.cost + new.cost, (*story.runs, new), story.closed, story.recent)


def _longer(story: Story, index: int, longer: Run) -> Story:
    """Return the story with one of its runs continued."""
    runs, cost = story.runs, story.cost + longer.cost - story.runs[index].cost
    return Story(cost, (*runs[:index], longer, *runs[index + 1 :]), story.closed, story.recent)


def _again(story: Story, index: int, copy: Copy, start: Run) -> Story:
    """Return the story with one of its runs ended, and begun again with this deal."""
    runs, run = story.runs, story.runs[index]
    ended, again = run.ended(copy.day), reborn(start, copy, run)
    cost = story.cost + ended.cost - run.cost + again.cost
    return Story(cost, (*runs[:index], again, *runs[index + 1 :]), Closed(ended, story.closed), story.recent)


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
    scored = [
        (story.cost + sum([run.overdue_cost(day) for run in story.runs]), index) for index, story in enumerate(told)
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
