"""A subscription's past as a spreadsheet tells it: a beginning and steps (price, plan, pause, resume, skip) -> terms, and back again."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from operator import itemgetter

from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange


class StepKind(StrEnum):
    """What happens on a day."""

    #: From then on it costs something else; inside a term, that one ends there and a new stretch begins.
    PRICE = "price"
    #: From then on it is paid by another plan; a new stretch begins, and a running term ends there.
    PLAN = "plan"
    #: Nothing is due and nothing counts from then on.
    PAUSE = "pause"
    #: A new stretch begins, whose due days are counted from this day.
    RESUME = "resume"
    #: The term that begins then is left out.
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
        """Return the plan as a stretch that begins on the day `on` has it: twice a month on two days."""
        return replace(self, cadence=self.cadence.anchored(on))

    def anew(self, anchor: date, on: date) -> "PaidBy":
        """Return the plan as it is agreed for a stretch that begins on `on` (`Cadence.anew`)."""
        return replace(self, cadence=self.cadence.anew(anchor, on))

    def continuing(self, before: Cadence, anchor: date, on: date) -> "PaidBy":
        """Return the plan as a stretch has it that begins on `on` (`Cadence.continuing`)."""
        return replace(self, cadence=self.cadence.continuing(before, anchor, on))

    def is_like(self, other: "PaidBy") -> bool:
        """Return whether they are the same plan on the same two days of the month; a clipped day follows from where a stretch begins."""
        own, others = (
            replace(each, cadence=replace(each.cadence, day=None)) for each in (self, other)
        )
        return own == others

    @property
    def bare(self) -> "PaidBy":
        """The plan as its name says it, without what followed from the day on which a stretch began."""
        return replace(self, cadence=self.cadence.bare)


@dataclass(frozen=True, slots=True)
class Step:
    """Something that happens on the day `on`; `price_e4` is None where the price stays, `plan` is that of a change of plan."""

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
    """What a spreadsheet says: `plan` and `price_e4` are those of the first term; terms that begin before `booked_until` are booked.

    `end_on` is the first day that is not covered, None for open-ended.
    """

    plan: PaidBy
    started_on: date
    price_e4: int
    steps: Sequence[Step]
    booked_until: date
    end_on: date | None = None

    @property
    def most_terms(self) -> int:
        """How many terms it can have at most, whatever was paused or left out."""
        changes = [(one.on, one.plan) for one in self.steps if one.plan is not None]
        begun = [(self.started_on, self.plan), *sorted(changes, key=itemgetter(0))]
        ends = [*(on for on, _plan in begun[1:]), self.booked_until]
        stretches = [
            plan.cadence.number_on(on, end) for (on, plan), end in zip(begun, ends, strict=True)
        ]
        return sum(1 + (number or 0) for number in stretches)


@dataclass(frozen=True, slots=True)
class Past:
    """What is stored: the present plan, the terms in order, the present stretch, the term that is next and its price, what stopped it.

    `refused` are the positions of steps that cannot be, in order of their days.
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
    refused: Sequence[tuple[int, Refusal]] = ()


def past_of(story: Story) -> Past:
    """Return the past that a story tells; steps that cannot be are left out and named."""
    told = _Told(story)
    refused = []
    for position, step in sorted(enumerate(story.steps), key=lambda pair: pair[1].on):
        told.book(until=step.on)
        refusal = told.take(step)
        if refusal is not None:
            refused.append((position, refusal))
    told.book(until=date.max)
    return Past(
        told.plan,
        story.started_on,
        tuple(told.terms),
        told.anchor_on,
        told.anchor_number,
        told.number,
        told.price_e4,
        told.paused_on,
        story.end_on,
        tuple(refused),
    )


class _Told:
    """A past while it is told."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.terms: list[PastTerm] = []
        self.anchor_on, self.anchor_number, self.number = story.started_on, 0, 0
        self.plan, self.price_e4 = story.plan.anchored(story.started_on), story.price_e4
        #: By which due days are counted from the anchor: that of the plan, until the plan changes in a pause.
        self.counted_by = self.plan.cadence
        #: Whether the two days of twice a month were given, not suggested by the first day.
        self.has_given_days = story.plan.cadence.days is not None
        self.paused_on: date | None = None

    def due(self, number: int) -> date:
        return self.plan.cadence.due(self.anchor_on, number - self.anchor_number)

    def book(self, *, until: date) -> None:
        """Book the terms that begin before `until`, as far as terms are booked at all."""
        last = min(until, self.story.booked_until, self.story.end_on or date.max)
        while self.paused_on is None and self.due(self.number) < last:
            self._add(self.price_e4)

    def take(self, step: Step) -> Refusal | None:
        """Let a step happen; everything before its day is booked."""
        if step.on < self.story.started_on:
            return Refusal.BEFORE_START
        if self.story.end_on is not None and step.on >= self.story.end_on:
            return Refusal.AFTER_END
        taking = {
            StepKind.PRICE: self._price,
            StepKind.PLAN: self._change,
            StepKind.PAUSE: self._pause,
            StepKind.SKIP: self._skip,
        }
        return taking.get(step.kind, self._resume)(step)

    def _price(self, step: Step) -> Refusal | None:
        if self.paused_on is None and self.due(self.number) != step.on:
            if self._is_beyond(step.on):
                return Refusal.NOT_BOOKED
            self._begin(step.on)
        self._cost(step)
        return None

    def _change(self, step: Step) -> Refusal | None:
        """Let another plan hold; in a pause, it holds for the stretch that begins after it."""
        assert step.plan is not None  # noqa: S101 (what a change of plan is)
        self.has_given_days = step.plan.cadence.days is not None
        if self.paused_on is None:
            if self.due(self.number) != step.on and self._is_beyond(step.on):
                return Refusal.NOT_BOOKED
            self._begin(step.on, step.plan)
        else:
            self.plan = step.plan.continuing(self.counted_by, self.anchor_on, step.on)
        self._cost(step)
        return None

    def _is_beyond(self, on: date) -> bool:
        return not self.terms or self.terms[-1].days.end <= on

    def _pause(self, step: Step) -> Refusal | None:
        if self.paused_on is not None:
            return Refusal.PAUSED_ALREADY
        self._cut(step.on)
        self.paused_on = step.on
        return None

    def _resume(self, step: Step) -> None:
        self._begin(step.on)
        self._cost(step)
        self.paused_on = None

    def _skip(self, step: Step) -> Refusal | None:
        if self.paused_on is not None or self.due(self.number) != step.on:
            return Refusal.NO_TERM_BEGINS
        self._add(0, is_skipped=True)
        return None

    def _add(self, price_e4: int, *, is_skipped: bool = False) -> None:
        start, end = self.due(self.number), self.due(self.number + 1)
        days = DateRange(start, min(end, self.story.end_on or end))
        self.terms.append(PastTerm(self.number, days, price_e4, self.plan, is_skipped))
        self.number += 1

    def _begin(self, on: date, plan: PaidBy | None = None) -> None:
        """Begin a stretch: by `plan`, or by the plan that holds. On a due day it goes on with the count of the one before."""
        self._cut(on)
        if plan is None:
            plan = self.plan if self.has_given_days else self.plan.anew(self.anchor_on, on)
        self.plan = plan.continuing(self.counted_by, self.anchor_on, on)
        self.counted_by = self.plan.cadence
        self.anchor_on, self.anchor_number = on, self.number

    def _cut(self, on: date) -> None:
        if self.terms and self.terms[-1].days.end > on:
            self.terms[-1] = replace(self.terms[-1], days=DateRange(self.terms[-1].days.start, on))

    def _cost(self, step: Step) -> None:
        self.price_e4 = self.price_e4 if step.price_e4 is None else step.price_e4


def story_of(past: Past, *, is_active: bool) -> Story:
    """Return the story that tells a past: `past_of` of it has the same terms on the same days, and the same due days from now on.

    Terms that are missing among `past.terms` were not booked: nothing is paid in their days. `is_active`: neither paused nor ended.
    """
    paid = [term for term in past.terms if not term.is_skipped]
    plan, price = (paid[0].plan, paid[0].price_e4) if paid else (past.plan, past.price_e4)
    if not paid or paid[0].days.start != past.started_on:
        plan = plan.bare.anchored(past.started_on)
    telling = _Telling(past, plan, price)
    for term in paid:
        telling.tell(term)
    telling.finish(is_active=is_active)
    return Story(plan, past.started_on, price, tuple(telling.steps), telling.end, past.end_on)


class _Telling:
    """A story while it is written: what `past_of` would know after the steps so far."""

    def __init__(self, past: Past, plan: PaidBy, price_e4: int) -> None:
        self.past = past
        self.plan, self.price_e4 = plan, price_e4
        self.steps: list[Step] = []
        self.anchor_on, self.anchor_number, self.number = past.started_on, 0, 0
        #: First day that nothing is told of yet, and the number of the last term told, in the past's own count.
        self.end, self.last_number = past.started_on, -1
        #: Whether the present stretch is not the first one, and not told yet.
        self.begins_again = (past.anchor_on, past.anchor_number) != (past.started_on, 0)

    def due(self, number: int) -> date:
        return self.plan.cadence.due(self.anchor_on, number - self.anchor_number)

    def tell(self, term: PastTerm) -> None:
        """Tell a booked term, and first what lies between it and the one before."""
        if self.begins_again and term.number >= self.past.anchor_number:
            self._begin_present(term.price_e4, term.plan)
        skipped = self._skipped_until(term)
        if skipped is None:
            self._begin(term.days.start, term.price_e4, term.plan)
        else:
            self._skip(skipped)
            self._price(term.days.start, term.price_e4)
        self.number, self.end, self.last_number = self.number + 1, term.days.end, term.number

    def finish(self, *, is_active: bool) -> None:
        """Tell what stopped it, and what holds for the terms to come."""
        past = self.past
        begins_on = past.anchor_on if self.begins_again else date.max
        if begins_on < (past.end_on or date.max) and begins_on <= (past.paused_on or date.max):
            self._begin_present(past.price_e4, past.plan)
        stopped_on = self._stopped_on()
        if stopped_on is not None:
            self.steps.append(Step(StepKind.PAUSE, stopped_on))
            if not past.plan.is_like(self.plan):  # agreed for later, and paused before
                self.steps.append(
                    Step(StepKind.PLAN, max(stopped_on, past.anchor_on), None, past.plan)
                )
            self._price(stopped_on, past.price_e4)
        elif is_active:
            self._skip(self._skipped_last())
            due = self.due(self.number)
            if past.end_on is None or due < past.end_on:
                self._price(due, past.price_e4)

    def _stopped_on(self) -> date | None:
        """Return the day from which on nothing is paid; None if it goes on, or ends where the last term does."""
        if self.past.paused_on is not None:
            return max(
                self.past.paused_on, self.end
            )  # terms that were booked beyond the pause are paid all the same
        return (
            self.end
            if self.end < min(self.due(self.number), self.past.end_on or date.max)
            else None
        )

    def _skipped_until(self, term: PastTerm) -> list[date] | None:
        """Return the due days that the terms left out before `term` had; None if it does not go on in the stretch."""
        if not term.plan.is_like(self.plan) or self.end != self.due(self.number):
            return None
        count = term.number - self.last_number - 1 if term.days.start > self.end else 0
        days = [self.due(self.number + index) for index in range(count + 1)]
        return days[:-1] if days[-1] == term.days.start else None

    def _skipped_last(self) -> list[date]:
        """Return the due days of the terms skipped since the last one that was booked."""
        left_out = {term.number for term in self.past.terms if term.is_skipped}
        days: list[date] = []
        while self.last_number + 1 + len(days) in left_out:
            days.append(self.due(self.number + len(days)))
        return days

    def _skip(self, days: Sequence[date]) -> None:
        self.steps += [Step(StepKind.SKIP, day) for day in days]
        self.number += len(days)

    def _begin_present(self, price_e4: int, plan: PaidBy) -> None:
        self._begin(self.past.anchor_on, price_e4, plan)
        self.begins_again, self.last_number = False, self.past.anchor_number - 1

    def _begin(self, on: date, price_e4: int, plan: PaidBy) -> None:
        """Begin a stretch on a day: after a pause, by another plan, or at another price inside a term."""
        is_paused, is_changed = self.end < on, not plan.is_like(self.plan)
        price = None if price_e4 == self.price_e4 else price_e4
        if is_paused:
            self.steps.append(Step(StepKind.PAUSE, self.end))
        if is_changed:
            self.steps.append(Step(StepKind.PLAN, self._changed_on(on, plan), price, plan))
        elif not is_paused and price is not None and on < self.due(self.number):
            self.steps.append(Step(StepKind.PRICE, on, price))
        else:
            self.steps.append(Step(StepKind.RESUME, on, price))
        if is_paused and is_changed:
            self.steps.append(Step(StepKind.RESUME, on))
        self.anchor_on, self.anchor_number, self.end = on, self.number, on
        self.plan, self.price_e4 = plan, price_e4

    def _changed_on(self, on: date, plan: PaidBy) -> date:
        """Return the day of the pause before `on` from which the plan has its two days of the month; `on` for all others."""
        days = (on - timedelta(days=back) for back in range((on - self.end).days + 1))
        return next((day for day in days if plan.bare.anchored(day) == plan), on)

    def _price(self, on: date, price_e4: int) -> None:
        if price_e4 != self.price_e4:
            self.steps.append(Step(StepKind.PRICE, on, price_e4))
            self.price_e4 = price_e4
