"""What a person decides: ways to read the same deals, and what each of them is worth a month.

The doubts about single deals (`review`) come together here. Doubts about one subscription are
one decision, however many deals it has, and each decision says what its readings make of them.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction

from turnus.core.detection.facts import (
    Alternative,
    Chain,
    DealQuestion,
    Detection,
    Doubt,
    Sold,
)
from turnus.core.detection.money import fact_of, fixed_rates
from turnus.core.detection.other_ways import customer_of, other_way
from turnus.core.detection.review import moved_deals
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.mrr import recurring_on
from turnus.core.revenue.timeline import timeline_of

#: Readings of one decision; further ones are less likely than those.
MOST_READINGS = 3
_DAYS_A_YEAR = Fraction(1461, 4)


@dataclass(frozen=True, slots=True)
class DecisionReading:
    """One way to read the deals of a decision; the deals in no chain do not recur."""

    chains: tuple[Chain, ...]
    single: tuple[int, ...]
    #: What it comes to a month on the day of the detection, in the currency of the deals.
    mrr_e4: Fraction
    #: What recurred until that day, all days together.
    past_e4: Fraction = Fraction(0)
    #: Deals that were entered twice, and count once.
    doubles: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision about deals of one customer, with its readings, the likeliest first."""

    customer: int
    currency: str
    doubt: Doubt
    #: The deals that the doubts are about, by their days.
    asked: tuple[int, ...]
    #: All deals that a reading places, by their days.
    deals: tuple[int, ...]
    readings: tuple[DecisionReading, ...]
    #: By how much the next reading is less likely, as its natural logarithm.
    margin: float

    @property
    def stake_e4(self) -> Fraction:
        """The money between the readings: the highest MRR less the lowest."""
        amounts = [reading.mrr_e4 for reading in self.readings]
        return max(amounts) - min(amounts)

    @property
    def past_stake_e4(self) -> Fraction:
        """The past revenue between the readings: the highest less the lowest."""
        amounts = [reading.past_e4 for reading in self.readings]
        return max(amounts) - min(amounts)

    @property
    def below_e4(self) -> Fraction:
        """How much less the MRR may be than the likeliest reading says."""
        return self.readings[0].mrr_e4 - min(
            reading.mrr_e4 for reading in self.readings
        )

    @property
    def above_e4(self) -> Fraction:
        """How much more the MRR may be than the likeliest reading says."""
        highest = max(reading.mrr_e4 for reading in self.readings)
        return highest - self.readings[0].mrr_e4


@dataclass(frozen=True, slots=True)
class _Difference:
    """What another reading makes of some chains and single deals."""

    doubt: Doubt
    margin: float
    asked: frozenset[int]
    before: tuple[Chain, ...]
    after: tuple[Chain, ...]

    @property
    def deals(self) -> frozenset[int]:
        """All deals it moves, or leaves where they are in a chain that it changes."""
        placed = {
            deal
            for chain in (*self.before, *self.after)
            for deal in (*chain.deals, *chain.credits)
        }
        return self.asked | placed


def decisions_of(
    detection: Detection, sold: Iterable[Sold], *, as_of: date
) -> list[Decision]:
    """Return what is to be decided about a detection, by customer; the order is no ranking.

    A jump of the price after which the deals come to the same either way is nothing to decide.
    Nor are readings that make the same of the deals but for the periods that they pay.
    """
    by_deal = {deal.deal: deal for deal in sold}
    differences = list(_differences(detection, by_deal))
    decisions = [
        _decision(group, by_deal, detection, as_of=as_of)
        for group in _connected(differences)
    ]
    worth_asking = [
        decision
        for decision in decisions
        if len(decision.readings) > 1
        and (decision.doubt is not Doubt.PRICE_JUMP or decision.stake_e4)
    ]
    return sorted(worth_asking, key=lambda each: (each.customer, each.deals))


def _differences(
    detection: Detection, by_deal: Mapping[int, Sold]
) -> Iterator[_Difference]:
    explained: set[int] = set()
    for alternative in detection.alternatives:
        for difference in _close_calls(alternative, detection.chains):
            explained |= difference.asked
            yield difference
    chain_of = {
        deal: chain for chain in detection.chains for deal in chain.deals
    }
    by_subject: dict[tuple[object, Doubt], list[DealQuestion]] = defaultdict(
        list
    )
    for question in detection.questions:
        if question.doubt is Doubt.CLOSE_CALL and question.deal in explained:
            continue
        chain = chain_of.get(question.deal)
        subject = question.deal if chain is None else chain.deals
        by_subject[subject, question.doubt].append(question)
    for (_subject, doubt), questions in by_subject.items():
        asked = frozenset(question.deal for question in questions)
        margin = min(question.margin for question in questions)
        before, after = other_way(doubt, asked, detection, chain_of, by_deal)
        yield _Difference(doubt, margin, asked, before, after)


def _close_calls(
    alternative: Alternative, chains: Sequence[Chain]
) -> Iterator[_Difference]:
    """Yield where another reading differs from the likeliest one, each place on its own."""
    own = set(alternative.deals)
    best = [chain for chain in chains if own.issuperset(chain.deals)]
    places = {chain.paid for chain in best} & {
        chain.paid for chain in alternative.chains
    }
    before = [chain for chain in best if chain.paid not in places]
    after = [
        _with_credits_of(before, chain)
        for chain in alternative.chains
        if chain.paid not in places
    ]
    for group in _overlapping([*before, *after]):
        old = tuple(chain for chain in before if chain in group)
        new = tuple(chain for chain in after if chain in group)
        asked = _moved(old, new)
        yield _Difference(
            Doubt.CLOSE_CALL, alternative.margin, asked, old, new
        )


def _with_credits_of(chains: Iterable[Chain], chain: Chain) -> Chain:
    """Return the chain, ended as one of `chains` is that has the same last deal."""
    for other in chains:
        if other.deals[-1] == chain.deals[-1]:
            return replace(chain, credits=other.credits)
    return chain


def _moved(before: Sequence[Chain], after: Sequence[Chain]) -> frozenset[int]:
    """Return the deals that another chain has, or none.

    All of them where only the rhythm differs.
    """
    chain_before = {
        deal: chain.deals[0] for chain in before for deal in chain.deals
    }
    chain_after = {
        deal: chain.deals[0] for chain in after for deal in chain.deals
    }
    moved = moved_deals(chain_before, chain_after)
    return frozenset(moved or chain_before.keys() | chain_after.keys())


def _overlapping(chains: Sequence[Chain]) -> list[list[Chain]]:
    """Return the chains, together those that share deals."""
    groups: list[tuple[set[int], list[Chain]]] = []
    for chain in chains:
        deals, members = set(chain.deals), [chain]
        apart = []
        for other_deals, others in groups:
            if deals.isdisjoint(other_deals):
                apart.append((other_deals, others))
            else:
                deals |= other_deals
                members = [*others, *members]
        groups = [*apart, (deals, members)]
    return [members for _deals, members in groups]


def _connected(differences: Sequence[_Difference]) -> list[list[_Difference]]:
    """Return the differences, together those about the same deals."""
    groups: list[tuple[frozenset[int], list[_Difference]]] = []
    for difference in differences:
        deals, members = difference.deals, [difference]
        apart = []
        for other_deals, others in groups:
            if deals.isdisjoint(other_deals):
                apart.append((other_deals, others))
            else:
                deals |= other_deals
                members = [*others, *members]
        groups = [*apart, (deals, members)]
    return [members for _deals, members in groups]


def _decision(
    differences: Sequence[_Difference],
    by_deal: Mapping[int, Sold],
    detection: Detection,
    *,
    as_of: date,
) -> Decision:
    ordered = sorted(
        differences, key=lambda each: (each.margin, sorted(each.asked))
    )
    deals = frozenset[int]().union(*(each.deals for each in ordered))
    asked = frozenset[int]().union(*(each.asked for each in ordered))
    best = _chains_in(ordered, detection)
    ways = _ways(ordered, best)
    doubt = ordered[0].doubt
    if doubt is Doubt.CLOSE_CALL and len(deals) == 1:
        # One deal recurs or it does not: how often, the next one says.
        doubt = Doubt.SINGLE
        opposite = [way for way in ways if bool(way) != bool(best)]
        ways = [best, *(opposite or ways[1:])[:1]]
    currency = by_deal[min(deals)].currency
    doubles = set(detection.doubles)
    readings: list[DecisionReading] = []
    for way in _unlike(ways, by_deal)[:MOST_READINGS]:
        rest = deals.difference(*(_deals_in(chain) for chain in way))
        worth = _worth(way, by_deal, currency=currency, as_of=as_of)
        readings.append(
            DecisionReading(
                way,
                _by_day(rest - doubles, by_deal),
                worth.mrr_e4,
                worth.past_e4,
                _by_day(rest & doubles, by_deal),
            )
        )
    return Decision(
        best[0].customer
        if best
        else customer_of(by_deal[min(deals)], detection),
        currency,
        doubt,
        _by_day(asked, by_deal),
        _by_day(deals, by_deal),
        tuple(readings),
        ordered[0].margin,
    )


def _unlike(
    ways: Iterable[tuple[Chain, ...]], by_deal: Mapping[int, Sold]
) -> list[tuple[Chain, ...]]:
    """Return the first of the ways that look the same to a person."""
    by_look: dict[object, tuple[Chain, ...]] = {}
    for way in ways:
        by_look.setdefault(_look(way, by_deal), way)
    return list(by_look.values())


def _ways(
    differences: Sequence[_Difference], best: tuple[Chain, ...]
) -> list[tuple[Chain, ...]]:
    """Return the different ways to read the deals, the likeliest first."""
    ways = [best]
    for difference in differences:
        gone = set(difference.before)
        remaining = [chain for chain in best if chain not in gone]
        placed = {deal for chain in difference.after for deal in chain.deals}
        free = [chain for chain in remaining if placed.isdisjoint(chain.deals)]
        way = tuple(sorted([*free, *difference.after], key=_by_first_day))
        if way not in ways:
            ways.append(way)
    return ways


def _chains_in(
    differences: Sequence[_Difference], detection: Detection
) -> tuple[Chain, ...]:
    """Return the chains of the likeliest reading that the differences are about."""
    deals = frozenset[int]().union(*(each.deals for each in differences))
    chains = [
        chain
        for chain in detection.chains
        if not deals.isdisjoint(chain.deals)
    ]
    return tuple(sorted(chains, key=_by_first_day))


def _by_first_day(chain: Chain) -> tuple[date, tuple[int, ...]]:
    return chain.paid[0].starts_on, chain.deals


def _deals_in(chain: Chain) -> set[int]:
    return {*chain.deals, *chain.credits}


def _by_day(
    deals: Iterable[int], by_deal: Mapping[int, Sold]
) -> tuple[int, ...]:
    return tuple(sorted(deals, key=lambda deal: (by_deal[deal].won_on, deal)))


def _look(
    chains: Sequence[Chain], by_deal: Mapping[int, Sold]
) -> tuple[object, ...]:
    """Return what a person tells readings apart by, however the deals pay for periods."""
    return tuple(
        (
            by_deal[chain.deals[0]].won_on,
            by_deal[chain.deals[-1]].won_on,
            by_deal[chain.deals[-1]].title,
            by_deal[chain.deals[-1]].value_e4,
            chain.cadence.bare,
            len(chain.deals),
            chain.credits,
        )
        for chain in chains
    )


@dataclass(frozen=True, slots=True)
class _Worth:
    """What chains come to a month on a day, and until then in all."""

    mrr_e4: Fraction
    past_e4: Fraction


def _worth(
    chains: Sequence[Chain],
    by_deal: Mapping[int, Sold],
    *,
    currency: str,
    as_of: date,
) -> _Worth:
    segments = _segments(chains, by_deal, as_of)
    conversion = fixed_rates(currency, {})
    mrr_e4 = recurring_on(as_of, segments, conversion=conversion).mrr_e4
    past_e4 = sum(
        (_recurred(segment, as_of) for segment in segments), Fraction(0)
    )
    return _Worth(mrr_e4, past_e4)


def _recurred(segment: Segment, as_of: date) -> Fraction:
    end = as_of if segment.end is None else min(segment.end, as_of)
    days = max((end - segment.start).days, 0)
    return Fraction(segment.arr_e4) * days / _DAYS_A_YEAR


def _segments(
    chains: Sequence[Chain], by_deal: Mapping[int, Sold], as_of: date
) -> list[Segment]:
    facts = [
        fact_of(number, chain, by_deal) for number, chain in enumerate(chains)
    ]
    return [
        segment
        for fact in facts
        for segment in timeline_of(fact, as_of=as_of).segments
    ]
