"""A subscription's terms -> the start and the steps that tell them; the way back from `steps`."""

from collections.abc import Sequence
from datetime import date, timedelta

from turnus.core.revenue.steps import (
    PaidBy,
    Past,
    PastTerm,
    Step,
    StepKind,
    Story,
)


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
        is_first_stretch = (
            past.anchor_on == past.started_on and past.anchor_number == 0
        )
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
        if not past.plan.is_like(
            self.plan
        ):  # agreed for later, and paused before
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
        if not term.plan.is_like(self.plan) or self.end != self.due(
            self.number
        ):
            return None
        skipped_count = 0
        has_gap = term.days.start > self.end
        if has_gap:
            skipped_count = term.number - self.last_number - 1
        skipped_days = [
            self.due(self.number + n) for n in range(skipped_count)
        ]
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
