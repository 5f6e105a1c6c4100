"""What only a person can decide, with its reason and how close the call was."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from math import exp, log

from turnus.core.detection import costs
from turnus.core.detection.beginnings import begun, born
from turnus.core.detection.facts import Chain, Copy, DealQuestion, Doubt
from turnus.core.detection.pieces import ReadingChange
from turnus.core.detection.rhythm import Rhythms
from turnus.core.detection.runs import DealRun, places_of
from turnus.core.detection.titles import likeness

#: What is wrong more often than one time in twenty is a question: e to the 3.
CLOSE = 3.0
#: A lone deal begins a subscription or does not: asked from one to seven on.
_CLOSE_SINGLE = 2.0
#: What is odd by itself is wrong about one time in four.
_ODD = 1.0
#: As near to a due date a single purchase of exactly the price may be a renewal.
_NEAR_DAYS = 20
#: A price beyond this factor, either way, is a question.
_JUMP = 2.3


def questions_about(
    copies: Sequence[Copy],
    best: Mapping[int, int],
    changes: Sequence[ReadingChange],
    chains: Sequence[Chain],
    unmatched: Iterable[int],
    *,
    as_of: date,
) -> list[DealQuestion]:
    """Return the questions about one customer's deals in their order.

    One for each deal: its most telling doubt, its least margin. `best` says in which chain
    each deal is, `changes` what could be otherwise; `unmatched` are negative deals that end
    nothing.
    """
    by_deal = {copy.deal: copy for copy in copies}
    found: dict[int, DealQuestion] = {}
    doubts = [
        *_singles(copies, chains, as_of),
        *_likely_renewals(copies, chains),
        *(
            question
            for chain in chains
            for question in _odd_links(chain, by_deal)
        ),
        *(DealQuestion(deal, Doubt.CREDIT, 0.0) for deal in unmatched),
        *_close_calls(best, changes),
    ]
    for question in doubts:
        known = found.setdefault(question.deal, question)
        found[question.deal] = replace(
            known, margin=min(known.margin, question.margin)
        )
    return [found[deal] for deal in sorted(found)]


def _close_calls(
    best: Mapping[int, int], changes: Sequence[ReadingChange]
) -> Iterator[DealQuestion]:
    """Yield the deals that other readings put elsewhere, if all together are likely enough.

    The likelihoods of different readings that move a deal add up.
    """
    margins: dict[int, dict[tuple[object, ...], float]] = defaultdict(dict)
    for change in changes:
        if is_about_lone_deals(change, best):
            continue
        after = chain_of(change.runs)
        reading = tuple(sorted(after.items()))
        for deal in (
            moved_deals(_before(change, best), after) or change.deals[-1:]
        ):
            margin = margins[deal].get(reading, change.margin)
            margins[deal][reading] = min(margin, change.margin)
    for deal, of_readings in margins.items():
        margin = total_margin(of_readings.values())
        if margin < CLOSE:
            yield DealQuestion(deal, Doubt.CLOSE_CALL, margin)


def is_about_lone_deals(
    change: ReadingChange, best: Mapping[int, int]
) -> bool:
    """Return whether a change says only that lone deals begin subscriptions, or do not.

    That is a question of its own.
    """
    before = _before(change, best)
    after = chain_of(change.runs)
    counts_before = Counter(before.values())
    counts_after = Counter(after.values())
    moved = moved_deals(before, after)
    return bool(moved) and all(
        counts_before[before.get(deal, deal)] <= 1
        and counts_after[after.get(deal, deal)] <= 1
        for deal in moved
    )


def _before(change: ReadingChange, best: Mapping[int, int]) -> dict[int, int]:
    return {deal: best[deal] for deal in change.deals if deal in best}


def total_margin(margins: Iterable[float]) -> float:
    """Return by how much all other readings together are less likely than the best one.

    A reading with a margin is e to the margin less likely: the likelihoods add up.

    >>> round(total_margin([2.3]), 1), round(total_margin([2.3, 2.3]), 1)
    (2.3, 1.6)
    """
    return -log(sum(exp(-margin) for margin in margins))


def chain_of(runs: Iterable[DealRun]) -> dict[int, int]:
    """Return for each deal in a line the first deal of that line."""
    deals_of: dict[int, list[int]] = defaultdict(list)
    for run in runs:
        deals_of[run.origin.line] += [place.deal for place in places_of(run)]
    chains: dict[int, int] = {}
    for deals in deals_of.values():
        chains.update(dict.fromkeys(deals, min(deals)))
    return chains


def moved_deals(
    before: Mapping[int, int], after: Mapping[int, int]
) -> list[int]:
    """Return the deals that two readings place differently.

    Both say in which chain each deal is; a deal in none is missing. A chain goes on as the one
    that has most of its deals: where a chain is cut, the shorter piece has moved.
    """
    overlaps = Counter(
        (chain, after[deal]) for deal, chain in before.items() if deal in after
    )
    same_chains: set[tuple[int, int]] = set()
    matched_before: set[int] = set()
    matched_after: set[int] = set()
    for pair in sorted(overlaps, key=lambda pair: (-overlaps[pair], pair)):
        if pair[0] not in matched_before and pair[1] not in matched_after:
            same_chains.add(pair)
            matched_before.add(pair[0])
            matched_after.add(pair[1])
    return [
        deal
        for deal in sorted(before.keys() | after.keys())
        if (before.get(deal), after.get(deal)) not in same_chains
    ]


def _singles(
    copies: Sequence[Copy], chains: Sequence[Chain], as_of: date
) -> Iterator[DealQuestion]:
    """Yield the purchases that nothing continues and that could as well be the first of many.

    Or the other way round.
    """
    of_many = {
        deal for chain in chains if len(chain.paid) > 1 for deal in chain.deals
    }
    for copy in copies:
        if copy.deal not in of_many and copy.value_e4 > 0:
            recurring = (
                born(begun(copy, Rhythms()), copy)
                .ended(as_of.toordinal())
                .cost
            )
            margin = abs(recurring - costs.one_off_cost(copy))
            if margin < _CLOSE_SINGLE:
                yield DealQuestion(copy.deal, Doubt.SINGLE, margin)


def _likely_renewals(
    copies: Sequence[Copy], chains: Sequence[Chain]
) -> Iterator[DealQuestion]:
    """Yield single purchases with exactly a renewal's price, near the next due date."""
    chained = {deal for chain in chains for deal in chain.deals}
    values = {copy.deal: copy.value_e4 for copy in copies}
    dues = [
        (values[chain.paid[-1].deal], _next_due(chain)) for chain in chains
    ]
    for copy in copies:
        if copy.deal not in chained and any(
            price == copy.value_e4 and abs(copy.day - due) <= _NEAR_DAYS
            for price, due in dues
        ):
            yield DealQuestion(copy.deal, Doubt.LOOKS_LIKE_RENEWAL, _ODD)


def _next_due(chain: Chain) -> int:
    last = chain.paid[-1]
    return last.cadence.due(last.starts_on, 1).toordinal()


def _odd_links(
    chain: Chain, by_deal: Mapping[int, Copy]
) -> Iterator[DealQuestion]:
    """Yield what is odd between a deal and the one before it."""
    copies = [by_deal[deal] for deal in chain.deals]
    for paid, copy in zip(chain.paid, copies, strict=True):
        if (
            not copy.is_plan_from_title
            and copy.plan.candidates
            and paid.cadence.bare not in copy.plan.candidates
        ):
            yield DealQuestion(copy.deal, Doubt.PLAN_WORD, _ODD)
    for (before, copy), (first, second) in zip(
        pairwise(copies), pairwise(chain.paid), strict=True
    ):
        if first.cadence == second.cadence and _is_jump(
            before.value_e4, copy.value_e4
        ):
            yield DealQuestion(copy.deal, Doubt.PRICE_JUMP, _ODD)
    if (
        len(copies) == 2
        and all(copy.title for copy in copies)
        and _differ(copies)
    ):
        yield DealQuestion(copies[1].deal, Doubt.TWO_ONLY, _ODD)


def _is_jump(before_e4: int, after_e4: int) -> bool:
    # A term that costs nothing is an exception, not a price.
    is_free = before_e4 == 0 or after_e4 == 0
    is_far = after_e4 > _JUMP * before_e4 or before_e4 > _JUMP * after_e4
    return is_far and not is_free


def _differ(copies: Collection[Copy]) -> bool:
    one, other = copies
    return likeness(one.title, other.title) < 0.25
