"""What a customer's deals were read as, in the form in which it is stored."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import NotRequired, TypedDict

from turnus.core.cadence import Cadence
from turnus.core.detection.decisions import Decision, DecisionReading
from turnus.core.detection.facts import Chain, DealQuestion, Doubt, Paid

#: A place as JSON has it: the deal, the first day, the cadence.
StoredPlace = tuple[int, str, str]


class StoredChain(TypedDict):
    """A chain as JSON."""

    paid: Sequence[StoredPlace]
    credits: Sequence[int]


class StoredDetectedLine(StoredChain):
    """A line as JSON."""

    subscription: int | None


class StoredDecisionReading(TypedDict):
    """A reading of a decision as JSON; the MRR is a fraction."""

    chains: Sequence[StoredChain]
    single: Sequence[int]
    mrr: str
    #: Readings that were stored before there were these have none.
    past: NotRequired[str]
    doubles: NotRequired[Sequence[int]]


class StoredDecision(TypedDict):
    """A decision as JSON."""

    currency: str
    doubt: str
    asked: Sequence[int]
    deals: Sequence[int]
    margin: float
    readings: Sequence[StoredDecisionReading]


class StoredReading(TypedDict):
    """A reading as JSON; a question is its deal, its doubt, its margin."""

    lines: Sequence[StoredDetectedLine]
    single: Sequence[int]
    doubles: Sequence[int]
    credits: Sequence[int]
    inside: Sequence[int]
    questions: Sequence[tuple[int, str, float]]
    #: Readings that were stored before there were decisions have none.
    decisions: NotRequired[Sequence[StoredDecision]]


@dataclass(frozen=True, slots=True)
class DetectedLine:
    """Deals of one subscription in order of their periods.

    `subscription` is the existing one that they continue.
    """

    paid: tuple[Paid, ...]
    credits: tuple[int, ...] = ()
    subscription: int | None = None

    @property
    def cadence(self) -> Cadence:
        """How it recurs now."""
        return self.paid[-1].cadence

    @property
    def plan(self) -> Cadence:
        """The cadence of the plan that it is of."""
        return self.cadence.bare

    @property
    def deals(self) -> tuple[int, ...]:
        """Its deals."""
        return tuple(each.deal for each in self.paid)

    def chain(self, currency: str) -> Chain:
        """Return the line as the core knows it."""
        return Chain(0, currency, self.paid, self.credits)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a customer's deals mean; `single` do not recur, `doubles` are duplicates."""

    lines: tuple[DetectedLine, ...] = ()
    single: tuple[int, ...] = ()
    doubles: tuple[int, ...] = ()
    credits: tuple[int, ...] = ()
    questions: tuple[DealQuestion, ...] = ()
    #: They pay for days that a subscription has booked already.
    inside: tuple[int, ...] = ()
    #: What a person decides, with the readings.
    decisions: tuple[Decision, ...] = ()

    @property
    def loose(self) -> tuple[int, ...]:
        """The deals that no line has and that cost something."""
        return (*self.single, *self.doubles, *self.inside)

    def line_of(self, deal: int) -> DetectedLine | None:
        """Return the line that a deal is in; None for a single one."""
        return next((line for line in self.lines if deal in line.deals), None)


def can_be_chosen(decision: Decision, reading: DecisionReading) -> bool:
    """Return whether an answer can express a reading: only pages end subscriptions."""
    ended = {
        deal for chain in decision.readings[0].chains for deal in chain.credits
    }
    endings = {deal for chain in reading.chains for deal in chain.credits}
    return endings <= ended


def stored(reading: Reading) -> StoredReading:
    """Return the reading as JSON."""
    return {
        "lines": [
            {
                "paid": _stored_paid(line.paid),
                "credits": list(line.credits),
                "subscription": line.subscription,
            }
            for line in reading.lines
        ],
        "single": list(reading.single),
        "doubles": list(reading.doubles),
        "credits": list(reading.credits),
        "inside": list(reading.inside),
        "questions": [
            (question.deal, str(question.doubt), round(question.margin, 2))
            for question in reading.questions
        ],
        "decisions": [_stored_decision(each) for each in reading.decisions],
    }


def _stored_decision(decision: Decision) -> StoredDecision:
    return {
        "currency": decision.currency,
        "doubt": str(decision.doubt),
        "asked": list(decision.asked),
        "deals": list(decision.deals),
        "margin": round(decision.margin, 2),
        "readings": [
            {
                "chains": [
                    {
                        "paid": _stored_paid(chain.paid),
                        "credits": list(chain.credits),
                    }
                    for chain in reading.chains
                ],
                "single": list(reading.single),
                "mrr": str(reading.mrr_e4),
                "past": str(reading.past_e4),
                "doubles": list(reading.doubles),
            }
            for reading in decision.readings
        ],
    }


def _stored_paid(paid: Sequence[Paid]) -> list[StoredPlace]:
    return [
        (each.deal, each.starts_on.isoformat(), str(each.cadence))
        for each in paid
    ]


def restored(stored_reading: StoredReading | None) -> Reading:
    """Return a stored reading; an empty one where nothing was read yet."""
    if stored_reading is None:
        return Reading()
    lines = tuple(
        DetectedLine(
            _paid(line["paid"]), tuple(line["credits"]), line["subscription"]
        )
        for line in stored_reading["lines"]
    )
    questions = tuple(
        DealQuestion(deal, Doubt(doubt), margin)
        for deal, doubt, margin in stored_reading["questions"]
    )
    return Reading(
        lines,
        tuple(stored_reading["single"]),
        tuple(stored_reading["doubles"]),
        tuple(stored_reading["credits"]),
        questions,
        tuple(stored_reading["inside"]),
        tuple(
            _restored_decision(each)
            for each in stored_reading.get("decisions", ())
        ),
    )


def _restored_decision(decision: StoredDecision) -> Decision:
    readings = tuple(
        DecisionReading(
            tuple(
                Chain(
                    0,
                    decision["currency"],
                    _paid(chain["paid"]),
                    tuple(chain["credits"]),
                )
                for chain in reading["chains"]
            ),
            tuple(reading["single"]),
            Fraction(reading["mrr"]),
            Fraction(reading.get("past", "0")),
            tuple(reading.get("doubles", ())),
        )
        for reading in decision["readings"]
    )
    return Decision(
        0,
        decision["currency"],
        Doubt(decision["doubt"]),
        tuple(decision["asked"]),
        tuple(decision["deals"]),
        readings,
        decision["margin"],
    )


def _paid(places: Sequence[StoredPlace]) -> tuple[Paid, ...]:
    return tuple(
        Paid(deal, date.fromisoformat(start), Cadence.parse(cadence))
        for deal, start, cadence in places
    )
