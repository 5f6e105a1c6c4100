"""A subscription's past as a file tells it: steps -> terms (`story_writing` is the way back)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from operator import attrgetter
from typing import NamedTuple

from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange


class StepKind(StrEnum):
    """What happens on a day."""

    #: From then on it costs something else; a running term ends there, a new stretch begins.
    PRICE = "price"
    #: From then on it is paid by another plan; a new stretch begins, and a running term ends there.
    PLAN = "plan"
    #: Nothing is due and nothing counts from then on.
    PAUSE = "pause"
    #: A new stretch begins, whose due days are counted from this day.
    RESUME = "resume"
    #: The term that begins then is skipped.
    SKIP = "skip"


class Refusal(StrEnum):
    """Why a step cannot be."""

    BEFORE_START = "before_start"
    AFTER_END = "after_end"
    PAUSED_ALREADY = "paused_already"
    #: It asks for the first day of a term, and no term begins then.
    NO_TERM_BEGINS = "no_term_begins"
    #: The terms up to there are not booked.
    NOT_BOOKED = "not_booked"


@dataclass(frozen=True, slots=True)
class PaidBy:
    """A plan: its cadence, and `key`, which tells plans of one cadence apart."""

    key: int
    cadence: Cadence

    def anchored(self, on: date) -> "PaidBy":
        """Return the plan as of a stretch that begins on `on`: twice a month on two days."""
        cadence = self.cadence.anchored(on)
        return replace(self, cadence=cadence)

    def anew(self, anchor: date, on: date) -> "PaidBy":
        """Return the plan as it is agreed for a stretch that begins on `on` (`Cadence.anew`)."""
        cadence = self.cadence.anew(anchor, on)
        return replace(self, cadence=cadence)

    def continuing(self, before: Cadence, anchor: date, on: date) -> "PaidBy":
        """Return the plan as a stretch has it that begins on `on` (`Cadence.continuing`)."""
        cadence = self.cadence.continuing(before, anchor, on)
        return replace(self, cadence=cadence)

    def is_like(self, other: "PaidBy") -> bool:
        """Return whether they are the same plan on the same two days of the month.

        A clipped day follows from where a stretch begins.
        """
        if self.key != other.key:
            return False
        own_cadence = replace(self.cadence, day=None)
        other_cadence = replace(other.cadence, day=None)
        return own_cadence == other_cadence

    @property
    def bare(self) -> "PaidBy":
        """The plan as its name says it, without what followed from a stretch's first day."""
        return replace(self, cadence=self.cadence.bare)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens on the day `on`.

    `price_e4` is None where the price stays, `plan` is that of a change of plan.
    """

    kind: StepKind
    on: date
    price_e4: int | None = None
    plan: PaidBy | None = None


@dataclass(frozen=True, slots=True)
class PastTerm:
    """Term `number`, the days it covers and how it is paid; a skipped one costs nothing."""

    number: int
    days: DateRange
    price_e4: int
    plan: PaidBy
    is_skipped: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """What a spreadsheet says: `plan` and `price_e4` are those of the first term.

    Terms that begin before `booked_until` are booked. `end_on` is the first day that is not
    covered, None for open-ended.
    """

    plan: PaidBy
    started_on: date
    price_e4: int
    steps: Sequence[Step]
    booked_until: date
    end_on: date | None = None

    @property
    def most_terms(self) -> int:
        """How many terms it can have at most, whatever was paused or skipped."""
        count = 0
        start = self.started_on
        cadence = self.plan.cadence
        for step in sorted(self.steps, key=attrgetter("on")):
            if step.plan is None:
                continue
            count += _most_terms_between(start, step.on, cadence)
            start = step.on
            cadence = step.plan.cadence
        return count + _most_terms_between(start, self.booked_until, cadence)


def _most_terms_between(start: date, end: date, cadence: Cadence) -> int:
    last_number = cadence.number_on(start, end) or 0
    return last_number + 1


class RefusedStep(NamedTuple):
    """The position of a step that cannot be, and why."""

    position: int
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Past:
    """What is stored: the present plan and stretch, the terms in order, and what stopped it.

    `next_number` is the term that is next, `price_e4` what it costs. `refused` are the steps that
    cannot be, in order of their days.
    """

    plan: PaidBy
    started_on: date
    terms: Sequence[PastTerm]
    anchor_on: date
    anchor_number: int
    next_number: int
    price_e4: int
    paused_on: date | None = None
    end_on: date | None = None
    refused: Sequence[RefusedStep] = ()


def past_of(story: Story) -> Past:
    """Return the past that a story tells; steps that cannot be change nothing and are named."""
    replay = _Replay(story)
    refused = []
    positions = range(len(story.steps))
    by_day = sorted(positions, key=lambda position: story.steps[position].on)
    for position in by_day:
        step = story.steps[position]
        replay.book(until=step.on)
        refusal = replay.take(step)
        if refusal is not None:
            refused.append(RefusedStep(position, refusal))
    replay.book(until=date.max)
    return Past(
        plan=replay.plan,
        started_on=story.started_on,
        terms=tuple(replay.terms),
        anchor_on=replay.anchor_on,
        anchor_number=replay.anchor_number,
        next_number=replay.number,
        price_e4=replay.price_e4,
        paused_on=replay.paused_on,
        end_on=story.end_on,
        refused=tuple(refused),
    )


class _Replay:
    """A past while its story is replayed."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.terms: list[PastTerm] = []
        self.anchor_on = story.started_on
        self.anchor_number = 0
        self.number = 0
        self.plan = story.plan.anchored(story.started_on)
        self.price_e4 = story.price_e4
        #: By which due days are counted from the anchor: that of the plan, until it changes in a
        #: pause.
        self.counted_by = self.plan.cadence
        #: Whether the two days of twice a month were stated, not suggested by the first day.
        self.has_own_days = story.plan.cadence.days is not None
        self.paused_on: date | None = None

    def due(self, number: int) -> date:
        number_in_stretch = number - self.anchor_number
        return self.plan.cadence.due(self.anchor_on, number_in_stretch)

    def is_due(self, on: date) -> bool:
        return self.due(self.number) == on

    def book(self, *, until: date) -> None:
        """Book the terms that begin before `until`, as far as terms are booked at all."""
        if self.paused_on is not None:
            return
        end_on = self.story.end_on or date.max
        end = min(until, self.story.booked_until, end_on)
        while self.due(self.number) < end:
            self._add(self.price_e4)

    def take(self, step: Step) -> Refusal | None:
        """Let a step happen; everything before its day is booked."""
        end_on = self.story.end_on
        if step.on < self.story.started_on:
            return Refusal.BEFORE_START
        if end_on is not None and step.on >= end_on:
            return Refusal.AFTER_END
        takers = {
            StepKind.PRICE: self._change_price,
            StepKind.PLAN: self._change_plan,
            StepKind.PAUSE: self._pause,
            StepKind.RESUME: self._resume,
            StepKind.SKIP: self._skip,
        }
        take = takers[step.kind]
        return take(step)

    def _change_price(self, step: Step) -> Refusal | None:
        is_paused = self.paused_on is not None
        if not is_paused and not self.is_due(step.on):
            if self._is_beyond(step.on):
                return Refusal.NOT_BOOKED
            self._begin(step.on)
        self._set_price(step)
        return None

    def _change_plan(self, step: Step) -> Refusal | None:
        """Let another plan hold; in a pause, it holds for the stretch that begins after it."""
        plan = step.plan
        assert plan is not None  # noqa: S101 (what a change of plan is)
        self.has_own_days = plan.cadence.days is not None
        if self.paused_on is not None:
            self.plan = plan.continuing(
                self.counted_by, self.anchor_on, step.on
            )
            self._set_price(step)
            return None
        if not self.is_due(step.on) and self._is_beyond(step.on):
            return Refusal.NOT_BOOKED
        self._begin(step.on, plan)
        self._set_price(step)
        return None

    def _is_beyond(self, on: date) -> bool:
        if not self.terms:
            return True
        last = self.terms[-1]
        return last.days.end <= on

    def _pause(self, step: Step) -> Refusal | None:
        if self.paused_on is not None:
            return Refusal.PAUSED_ALREADY
        self._cut(step.on)
        self.paused_on = step.on
        return None

    def _resume(self, step: Step) -> Refusal | None:
        self._begin(step.on)
        self._set_price(step)
        self.paused_on = None
        return None

    def _skip(self, step: Step) -> Refusal | None:
        is_paused = self.paused_on is not None
        if is_paused or not self.is_due(step.on):
            return Refusal.NO_TERM_BEGINS
        self._add(0, is_skipped=True)
        return None

    def _add(self, price_e4: int, *, is_skipped: bool = False) -> None:
        start = self.due(self.number)
        end = self.due(self.number + 1)
        if self.story.end_on is not None:
            end = min(end, self.story.end_on)
        days = DateRange(start, end)
        term = PastTerm(self.number, days, price_e4, self.plan, is_skipped)
        self.terms.append(term)
        self.number += 1

    def _begin(self, on: date, plan: PaidBy | None = None) -> None:
        """Begin a stretch: by `plan`, or by the plan that holds.

        On a due day it goes on with the count of the one before.
        """
        self._cut(on)
        if plan is None:
            plan = self.plan
            if not self.has_own_days:
                plan = plan.anew(self.anchor_on, on)
        self.plan = plan.continuing(self.counted_by, self.anchor_on, on)
        self.counted_by = self.plan.cadence
        self.anchor_on = on
        self.anchor_number = self.number

    def _cut(self, on: date) -> None:
        if not self.terms:
            return
        last = self.terms[-1]
        if last.days.end > on:
            days = DateRange(last.days.start, on)
            self.terms[-1] = replace(last, days=days)

    def _set_price(self, step: Step) -> None:
        if step.price_e4 is not None:
            self.price_e4 = step.price_e4
