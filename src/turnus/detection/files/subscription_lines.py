"""What was detected, line by line, for the page and the workbook."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from fractions import Fraction

from turnus.core.cadence import Cadence
from turnus.core.detection.money import fixed_rates
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.movements import Movement
from turnus.core.revenue.mrr import recurring_on
from turnus.core.revenue.timeline import Timeline
from turnus.detection.files.detecting import Detected


class State(StrEnum):
    """How a subscription stands today."""

    ACTIVE = "active"
    OVERDUE = "overdue"
    ENDED = "ended"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class SubscriptionLine:
    """A subscription with the name and price of its last deal.

    MRR is today's, exact, in ten-thousandths of the figures' currency.
    """

    number: int
    customer: int
    name: str
    cadence: Cadence
    currency: str
    price_e4: int
    mrr_e4: Fraction
    state: State
    deals: tuple[int, ...]
    timeline: Timeline

    @property
    def first_on(self) -> date:
        """The first day."""
        return self.timeline.terms[0].days.start

    @property
    def paid_until(self) -> date:
        """The last day that a deal pays for."""
        return max(
            term.days.last_day
            for term in self.timeline.terms
            if term.deal is not None
        )


@dataclass(frozen=True, slots=True)
class MovementStep:
    """What one subscription contributed to a movement.

    `line` is that of the waterfall, `what` happened to the subscription.

    MRR is exact, in ten-thousandths of the figures' currency: the steps of a month add up
    to its lines.
    """

    day: date
    customer: int
    subscription: int
    line: str
    what: str
    mrr_e4: Fraction
    deal: int | None


def lines_of(result: Detected) -> list[SubscriptionLine]:
    """Return the subscriptions in the order of their chains."""
    conversion = fixed_rates(result.currency, result.settings.rates)
    sold = {deal.deal: deal for deal in result.history.sold}
    lines = []
    for number, (chain, timeline) in enumerate(
        zip(result.detection.chains, result.revenue.timelines, strict=True), 1
    ):
        last = sold[chain.deals[-1]]
        today = recurring_on(
            result.settings.as_of, timeline.segments, conversion=conversion
        )
        lines.append(
            SubscriptionLine(
                number,
                chain.customer,
                last.title,
                chain.cadence,
                chain.currency,
                last.value_e4,
                today.mrr_e4,
                _state(timeline),
                chain.deals,
                timeline,
            )
        )
    return lines


def _state(timeline: Timeline) -> State:
    last = timeline.terms[-1]
    if timeline.next_due is None:
        return State.ENDED if last.ended_by else State.LAPSED
    return State.OVERDUE if last.is_overdue else State.ACTIVE


def steps_of(result: Detected) -> Iterator[MovementStep]:
    """Yield what moved, in order of the days."""
    for movement in result.revenue.ledger.movements:
        yield from _steps(movement, result)


def _steps(movement: Movement, result: Detected) -> Iterator[MovementStep]:
    scale = result.revenue.ledger.scale
    for leg in movement.legs:
        parts: list[tuple[str, Exact]] = [
            (str(movement.kind), leg.share),
            ("fx", leg.fx),
        ]
        for line, amount in parts:
            if amount:
                number, what = leg.subscription + 1, leg.kind.value
                yield MovementStep(
                    movement.day,
                    movement.customer,
                    number,
                    line,
                    what,
                    scale.mrr_e4(amount),
                    leg.cause.deal,
                )
