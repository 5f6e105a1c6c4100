"""What one customer's deals are read as, as plain values: nothing is stored here."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from turnus.core.detection.decisions import Decision, decisions_of
from turnus.core.detection.detecting import (
    CustomerDeals,
    DetectionResult,
    answer_for,
    group_of,
)
from turnus.core.detection.facts import (
    Chain,
    DealQuestion,
    Detection,
    Doubt,
    Sitting,
)
from turnus.core.detection.money import Revenue, revenue_of
from turnus.core.revenue.conversion import Conversion
from turnus.detection.facts import Facts
from turnus.detection.models import History
from turnus.detection.reading import DetectedLine, Reading
from turnus.detection.title_habits import habits_for


@dataclass(frozen=True, slots=True)
class HistoryFindings:
    """A history's deals, what was detected in them, and what of it is not booked yet."""

    group: CustomerDeals
    result: DetectionResult
    reading: Reading
    #: What it adds to the MRR: `2018-11` -> ten-thousandths of the company's currency.
    months: Mapping[str, Fraction]


def findings_of(
    history: History, facts: Facts, *, on: date, conversion: Conversion
) -> HistoryFindings:
    """Return what a history is read as on the day `on`."""
    group = _group(history, facts)
    result = _result(group, facts, on)
    chains = [_without_booked_time(chain, facts) for chain in result.chains]
    new_chains = [chain for chain in chains if _has_unbooked(chain, facts)]
    reading = _reading(result, chains, new_chains, facts)
    decisions = _decisions(history.name, result, reading, facts, on)
    months = _months(new_chains, facts, on=on, conversion=conversion)
    return HistoryFindings(
        group, result, replace(reading, decisions=decisions), months
    )


def _group(history: History, facts: Facts) -> CustomerDeals:
    """Return the deals that are read, and the booked terms, with what is known of them."""
    unread = facts.left_alone
    sold = [deal for deal in facts.sold if deal.deal not in unread]
    group = group_of(0, history.name, history.currency, [*sold, *facts.booked])
    # JSON has text for keys.
    sittings = {
        int(deal): Sitting(sitting)
        for deal, sitting in history.sittings.items()
    }
    habits = habits_for(group, history.habits)
    return replace(group, sittings=sittings, habits=habits)


def _result(group: CustomerDeals, facts: Facts, on: date) -> DetectionResult:
    if facts.is_settled:
        return _settled_result(facts)
    return answer_for(group, on, facts.answers)


def unanswered_result(
    findings: HistoryFindings, facts: Facts, *, on: date
) -> DetectionResult:
    """Return what the deals are read as without people's answers, but with what is booked.

    Habits are learned from this: an answer about one customer would otherwise change how
    the next proposal reads others.
    """
    booked = {
        deal: said
        for deal, said in facts.answers.items()
        if deal in facts.subscriptions
    }
    if facts.is_settled or booked.keys() == facts.answers.keys():
        return findings.result
    return answer_for(findings.group, on, booked)


def _settled_result(facts: Facts) -> DetectionResult:
    """Return deals as an approved reading left them.

    What is booked must not make more of them when nothing was added.
    """
    # PostgreSQL gives rows in any order; what was found stands in the order of the days.
    ordered = sorted(facts.sold, key=lambda deal: (deal.won_on, deal.deal))
    unread = facts.left_alone
    paying = [deal.deal for deal in ordered if deal.value_e4 >= 0]
    single = tuple(deal for deal in paying if deal not in unread)
    negative = tuple(deal.deal for deal in ordered if deal.value_e4 < 0)
    return DetectionResult(
        chains=(), single=single, doubles=(), credits=negative, questions=()
    )


def _decisions(
    name: str,
    result: DetectionResult,
    reading: Reading,
    facts: Facts,
    on: date,
) -> tuple[Decision, ...]:
    """Return what is to be decided about a history, the most money first.

    What a person answered about all deals in question is decided.
    """
    detection = Detection(
        chains=result.chains,
        single=(),
        doubles=result.doubles,
        credits=(),
        questions=reading.questions,
        customers=(name,),
        alternatives=result.alternatives,
    )
    deals = [*facts.sold, *facts.booked]
    settled = {*facts.answers, *reading.inside, *facts.subscriptions}
    settled -= {question.deal for question in reading.questions}
    decisions = [
        decision
        for decision in decisions_of(detection, deals, as_of=on)
        if not settled.issuperset(decision.asked)
    ]
    decisions.sort(
        key=lambda each: (-each.stake_e4, -each.past_stake_e4, each.deals)
    )
    return tuple(decisions)


def _has_unbooked(chain: Chain, facts: Facts) -> bool:
    return any(deal not in facts.subscriptions for deal in chain.deals)


def _without_booked_time(chain: Chain, facts: Facts) -> Chain:
    """Return a chain without the deals that pay for days already booked: they book nothing."""
    subscription = _subscription_in(chain, facts)
    span = None if subscription is None else facts.spans.get(subscription)
    if span is None:
        return chain
    paid = tuple(
        place
        for place in chain.paid
        if place.deal in facts.subscriptions or place.starts_on not in span
    )
    return replace(chain, paid=paid)


def _reading(
    result: DetectionResult,
    chains: Sequence[Chain],
    new_chains: Sequence[Chain],
    facts: Facts,
) -> Reading:
    """Return the result without what is booked."""
    open_ends = _open_ends(chains, new_chains, facts)
    inside = _deals_in(result.chains) - _deals_in(chains)
    lines = tuple(_line(chain, facts) for chain in new_chains)
    questions = [each for each in result.questions if each.deal not in inside]
    questions += [DealQuestion(deal, Doubt.CREDIT, 0.0) for deal in open_ends]
    questions += [
        DealQuestion(line.deals[-1], Doubt.BESIDE, 0.0)
        for line in lines
        if _is_beside(line, facts)
    ]
    covered = facts.covered - facts.doubles
    return Reading(
        lines=lines,
        single=result.single,
        doubles=(*result.doubles, *sorted(facts.doubles)),
        credits=(*result.credits, *open_ends),
        questions=tuple(questions),
        inside=tuple(sorted(inside | covered)),
    )


def _open_ends(
    chains: Sequence[Chain], new_chains: Sequence[Chain], facts: Facts
) -> tuple[int, ...]:
    """Return the negative deals of existing subscriptions that have not ended.

    A negative deal does not end one of these: a person does, and is asked.
    """
    open_ends: list[int] = []
    for chain in chains:
        subscription = _subscription_in(chain, facts)
        if subscription is None:
            continue
        if chain in new_chains or subscription not in facts.ended:
            open_ends += chain.credits
    return tuple(open_ends)


def _deals_in(chains: Sequence[Chain]) -> set[int]:
    return {deal for chain in chains for deal in chain.deals}


def _is_beside(line: DetectedLine, facts: Facts) -> bool:
    """Return whether the customer has a subscription like the line, which may be the same.

    It bills the same as often, and no person called the line another one.

    Also where the line goes on with one that is paused: what is written begins another one.
    """
    if facts.answers.keys() >= set(line.deals):
        return False
    if line.subscription is not None:
        return line.subscription in facts.paused
    first = line.paid[0]
    last = line.paid[-1]
    price_e4 = facts.value_e4(last.deal)
    end = last.cadence.anchored(last.starts_on).due(last.starts_on, 1)
    return any(
        running.repeats(price_e4, last.cadence, first.starts_on, end)
        for running in facts.bookings.running
    )


def _line(chain: Chain, facts: Facts) -> DetectedLine:
    """Return a chain as a line of its deals that are not booked yet.

    The line names the subscription whose terms are in the chain.
    """
    subscription = _subscription_in(chain, facts)
    paid = tuple(
        place for place in chain.paid if place.deal not in facts.subscriptions
    )
    endings = () if subscription else chain.credits
    return DetectedLine(paid, endings, subscription)


def _subscription_in(chain: Chain, facts: Facts) -> int | None:
    """Return the subscription whose terms are in a chain; terms of two are never joined."""
    for deal in chain.deals:
        if deal in facts.subscriptions:
            return facts.subscriptions[deal]
    return None


def _months(
    new_chains: Sequence[Chain],
    facts: Facts,
    *,
    on: date,
    conversion: Conversion,
) -> dict[str, Fraction]:
    """Return what the chains add to the MRR of each month, exactly.

    The MRR of terms in them that are booked already does not count.
    """
    starts = [place.starts_on for chain in new_chains for place in chain.paid]
    first = min([on, *starts])
    sold = [*facts.sold, *facts.booked]

    def revenue(chains: Sequence[Chain]) -> Revenue:
        detection = Detection(tuple(chains), (), (), (), (), ("",))
        return revenue_of(
            detection, sold, conversion=conversion, as_of=on, first=first
        )

    with_booked: list[Chain] = []
    booked: list[Chain] = []
    for chain in new_chains:
        whole = _without_pause(chain, facts)
        before = _booked_part(whole, facts.subscriptions)
        with_booked.append(
            replace(whole, credits=()) if before.paid else whole
        )
        if before.paid:
            booked.append(before)
    months = zip(
        revenue(with_booked).months, revenue(booked).months, strict=True
    )
    return {
        f"{after.days.start:%Y-%m}": after.closing - before.closing
        for after, before in months
    }


def _booked_part(chain: Chain, booked: Collection[int]) -> Chain:
    paid = tuple(place for place in chain.paid if place.deal in booked)
    return replace(chain, paid=paid, credits=())


def _without_pause(chain: Chain, facts: Facts) -> Chain:
    """Return a chain without the terms of a paused subscription.

    What is written begins another subscription beside it.
    """
    if _subscription_in(chain, facts) not in facts.paused:
        return chain
    paid = tuple(
        place for place in chain.paid if place.deal not in facts.subscriptions
    )
    return replace(chain, paid=paid)
