"""A subscription's past as a spreadsheet tells it: a start and steps -> terms, and back again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
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
            self.plan = plan.continuing(self.counted_by, self.anchor_on, step.on)
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


def story_of(past: Past, *, is_active: bool) -> Story:
    """Return the story that tells a past.

    `past_of` of it has the same terms on the same days, and the same due days from now on. Terms
    that are missing among `past.terms` were not booked: nothing is paid in their days.
    `is_active`: neither paused nor ended.
    """
    paid = [term for term in past.terms if not term.is_skipped]
    first = paid[0] if paid else past
    plan = first.plan
    begins_with_term = bool(paid) and paid[0].days.start == past.started_on
    if not begins_with_term:
        plan = plan.bare.anchored(past.started_on)
    writer = _StoryWriter(past, plan, first.price_e4)
    for term in paid:
        writer.tell(term)
    writer.finish(is_active=is_active)
    return Story(
        plan=plan,
        started_on=past.started_on,
        price_e4=first.price_e4,
        steps=tuple(writer.steps),
        booked_until=writer.end,
        end_on=past.end_on,
    )


class _StoryWriter:
    """A story while it is written: what `past_of` would know after the steps so far."""

    def __init__(self, past: Past, plan: PaidBy, price_e4: int) -> None:
        self.past = past
        self.plan = plan
        self.price_e4 = price_e4
        self.steps: list[Step] = []
        self.anchor_on = past.started_on
        self.anchor_number = 0
        self.number = 0
        #: First day that nothing is told of yet.
        self.end = past.started_on
        #: The number of the last term told, in the past's own count.
        self.last_number = -1
        is_first_stretch = past.anchor_on == past.started_on and past.anchor_number == 0
        #: Whether the present stretch is not the first one, and not told yet.
        self.begins_again = not is_first_stretch

    def due(self, number: int) -> date:
        number_in_stretch = number - self.anchor_number
        return self.plan.cadence.due(self.anchor_on, number_in_stretch)

    def tell(self, term: PastTerm) -> None:
        """Tell a booked term, and first what lies between it and the one before."""
        if self.begins_again and term.number >= self.past.anchor_number:
            self._begin_present(term.price_e4, term.plan)
        skipped_days = self._skipped_until(term)
        if skipped_days is None:
            self._begin(term.days.start, term.price_e4, term.plan)
        else:
            self._skip(skipped_days)
            self._change_price(term.days.start, term.price_e4)
        self.number += 1
        self.end = term.days.end
        self.last_number = term.number

    def finish(self, *, is_active: bool) -> None:
        """Tell what stopped it, and what holds for the terms to come."""
        past = self.past
        if self.begins_again and self._present_has_begun():
            self._begin_present(past.price_e4, past.plan)
        stopped_on = self._stopped_on()
        if stopped_on is not None:
            self._stop(stopped_on)
        elif is_active:
            self._skip(self._skipped_last())
            due = self.due(self.number)
            if past.end_on is None or due < past.end_on:
                self._change_price(due, past.price_e4)

    def _present_has_begun(self) -> bool:
        """Return whether the present stretch began before an end, and not after a pause."""
        past = self.past
        if past.end_on is not None and past.anchor_on >= past.end_on:
            return False
        return past.paused_on is None or past.anchor_on <= past.paused_on

    def _stop(self, on: date) -> None:
        past = self.past
        self.steps.append(Step(StepKind.PAUSE, on))
        if not past.plan.is_like(self.plan):  # agreed for later, and paused before
            change_on = max(on, past.anchor_on)
            self.steps.append(Step(StepKind.PLAN, change_on, None, past.plan))
        self._change_price(on, past.price_e4)

    def _stopped_on(self) -> date | None:
        """Return the day from which on nothing is paid.

        None if it goes on, or ends where the last term does.
        """
        if self.past.paused_on is not None:
            # Terms that were booked beyond the pause are paid all the same.
            return max(self.past.paused_on, self.end)
        goes_on_until = self.due(self.number)
        if self.past.end_on is not None:
            goes_on_until = min(goes_on_until, self.past.end_on)
        return self.end if self.end < goes_on_until else None

    def _skipped_until(self, term: PastTerm) -> list[date] | None:
        """Return the due days of the terms skipped before `term`.

        None if it does not go on in the stretch.
        """
        if not term.plan.is_like(self.plan) or self.end != self.due(self.number):
            return None
        skipped_count = 0
        has_gap = term.days.start > self.end
        if has_gap:
            skipped_count = term.number - self.last_number - 1
        skipped_days = [self.due(self.number + n) for n in range(skipped_count)]
        next_due = self.due(self.number + skipped_count)
        return skipped_days if next_due == term.days.start else None

    def _skipped_last(self) -> list[date]:
        """Return the due days of the terms skipped since the last one that was booked."""
        skipped = {term.number for term in self.past.terms if term.is_skipped}
        days: list[date] = []
        next_number = self.last_number + 1
        while next_number + len(days) in skipped:
            due = self.due(self.number + len(days))
            days.append(due)
        return days

    def _skip(self, days: Sequence[date]) -> None:
        self.steps += [Step(StepKind.SKIP, day) for day in days]
        self.number += len(days)

    def _begin_present(self, price_e4: int, plan: PaidBy) -> None:
        self._begin(self.past.anchor_on, price_e4, plan)
        self.begins_again = False
        self.last_number = self.past.anchor_number - 1

    def _begin(self, on: date, price_e4: int, plan: PaidBy) -> None:
        """Begin a stretch: after a pause, by another plan, or at another price inside a term."""
        is_paused = self.end < on
        has_other_plan = not plan.is_like(self.plan)
        price = None if price_e4 == self.price_e4 else price_e4
        if is_paused:
            self.steps.append(Step(StepKind.PAUSE, self.end))
        if has_other_plan:
            changed_on = self._changed_on(on, plan)
            self.steps.append(Step(StepKind.PLAN, changed_on, price, plan))
            if is_paused:
                self.steps.append(Step(StepKind.RESUME, on))
        else:
            is_inside_term = not is_paused and on < self.due(self.number)
            is_price_change = price is not None and is_inside_term
            kind = StepKind.PRICE if is_price_change else StepKind.RESUME
            self.steps.append(Step(kind, on, price))
        self.anchor_on = on
        self.anchor_number = self.number
        self.end = on
        self.plan = plan
        self.price_e4 = price_e4

    def _changed_on(self, on: date, plan: PaidBy) -> date:
        """Return the day of the pause before `on` from which the plan has its two days.

        `on` for all other plans.
        """
        bare_plan = plan.bare
        day = on
        while day >= self.end:
            if bare_plan.anchored(day) == plan:
                return day
            day -= timedelta(days=1)
        return on

    def _change_price(self, on: date, price_e4: int) -> None:
        if price_e4 != self.price_e4:
            self.steps.append(Step(StepKind.PRICE, on, price_e4))
            self.price_e4 = price_e4
