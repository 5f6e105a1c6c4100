"""The other way to read deals that somebody should look at, by what the doubt is."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise

from turnus.core.cadence import YEARLY, Cadence
from turnus.core.cadence_words import guess_cadence
from turnus.core.detection.facts import (
    Chain,
    Detection,
    Doubt,
    Paid,
    Sold,
)

Ways = tuple[tuple[Chain, ...], tuple[Chain, ...]]


def other_way(
    doubt: Doubt,
    asked: frozenset[int],
    detection: Detection,
    chain_of: Mapping[int, Chain],
    by_deal: Mapping[int, Sold],
) -> Ways:
    """Return the chains of deals in question, and those of the other reading."""
    deal = min(asked, key=lambda each: (by_deal[each].won_on, each))
    chain = chain_of.get(deal)
    if doubt is Doubt.CREDIT:
        return _ended_by(by_deal[deal], detection, by_deal)
    if chain is None:
        goes_on = _continued(by_deal[deal], detection, by_deal)
        if doubt is Doubt.LOOKS_LIKE_RENEWAL and goes_on is not None:
            return goes_on
        return (), (_begun(by_deal[deal], detection),)
    if doubt is Doubt.PLAN_WORD:
        return (chain,), _as_plan_says(chain, asked, by_deal)
    if doubt is Doubt.PRICE_JUMP:
        return (chain,), _split_at(chain, deal)
    if doubt in {Doubt.TWO_ONLY, Doubt.BESIDE} or asked.issuperset(
        chain.deals
    ):
        return (chain,), ()
    left = tuple(paid for paid in chain.paid if paid.deal not in asked)
    return (chain,), (replace(chain, paid=left),)


def _ended_by(
    credit: Sold, detection: Detection, by_deal: Mapping[int, Sold]
) -> Ways:
    """Return the chain that a negative deal may end: the customer's last one, best at its price."""
    own = [
        chain
        for chain in detection.chains
        if not chain.credits
        and _is_customers(chain, credit, by_deal)
        and chain.paid[0].starts_on <= credit.won_on
    ]
    if not own:
        return (), ()

    def fits(chain: Chain) -> tuple[bool, date, int]:
        last = by_deal[chain.deals[-1]]
        return last.value_e4 == -credit.value_e4, last.won_on, last.deal

    chain = max(own, key=fits)
    return (chain,), (replace(chain, credits=(credit.deal,)),)


def _is_customers(
    chain: Chain, deal: Sold, by_deal: Mapping[int, Sold]
) -> bool:
    first = by_deal[chain.deals[0]]
    return chain.currency == deal.currency and _names(first) == _names(deal)


def _names(deal: Sold) -> tuple[str, str]:
    if deal.organization or deal.organization_id:
        return deal.organization_id, deal.organization
    return deal.person_id, deal.person


def _continued(
    deal: Sold, detection: Detection, by_deal: Mapping[int, Sold]
) -> Ways | None:
    """Return the chain that a single purchase may renew: of its price, due nearest to it."""
    due: list[tuple[int, int, Chain, Paid]] = []
    for chain in detection.chains:
        last = chain.paid[-1]
        is_alike = by_deal[last.deal].value_e4 == deal.value_e4
        if is_alike and _is_customers(chain, deal, by_deal):
            starts_on = last.cadence.due(last.starts_on, 1)
            distance = abs((deal.won_on - starts_on).days)
            paid = Paid(deal.deal, starts_on, last.cadence)
            due.append((distance, last.deal, chain, paid))
    if not due:
        return None
    _distance, _deal, chain, paid = min(due, key=lambda each: each[:2])
    return (chain,), (replace(chain, paid=(*chain.paid, paid)),)


def _begun(deal: Sold, detection: Detection) -> Chain:
    """Return the subscription that a single purchase would begin, yearly where no word says it."""
    cadence = _named(deal) or YEARLY
    paid = Paid(deal.deal, deal.won_on, cadence.anchored(deal.won_on))
    return Chain(customer_of(deal, detection), deal.currency, (paid,))


def customer_of(deal: Sold, detection: Detection) -> int:
    """Return the number of a deal's customer in the detection; 0 where it has none."""
    name = deal.organization or deal.person
    names = detection.customers
    return names.index(name) if name in names else 0


def _named(deal: Sold) -> Cadence | None:
    for words in (deal.plan, deal.title):
        candidates = guess_cadence(words).candidates
        if candidates:
            return candidates[0]
    return None


def _as_plan_says(
    chain: Chain, asked: frozenset[int], by_deal: Mapping[int, Sold]
) -> tuple[Chain, ...]:
    """Return the chain with the plan of its deals in question, from the first of the last ones on.

    What was a slip before them changes nothing today.
    """
    last_ones = 0
    while last_ones < len(chain.paid) and chain.deals[-1 - last_ones] in asked:
        last_ones += 1
    cadence = _named(by_deal[chain.deals[-1]])
    if not last_ones or cadence is None:
        return (chain,)
    kept = chain.paid[: len(chain.paid) - last_ones]
    changed = [
        replace(paid, cadence=cadence.anchored(paid.starts_on))
        for paid in chain.paid[len(chain.paid) - last_ones :]
    ]
    overlap = any(
        paid.cadence.due(paid.starts_on, 1) > following.starts_on
        for paid, following in pairwise(changed)
    )
    if not overlap:
        return (replace(chain, paid=(*kept, *changed)),)
    # Longer periods than the deals are apart: each deal is a subscription of its own.
    before = (replace(chain, paid=kept, credits=()),) if kept else ()
    return (
        *before,
        *(replace(chain, paid=(paid,), credits=()) for paid in changed),
    )


def _split_at(chain: Chain, deal: int) -> tuple[Chain, ...]:
    """Return what is left when another price is another thing: a single one does not recur."""
    place = chain.deals.index(deal)
    first = replace(chain, paid=chain.paid[:place], credits=())
    second = replace(chain, paid=chain.paid[place:])
    if len(second.paid) == 1:
        return (replace(first, credits=chain.credits),)
    return (second,) if len(first.paid) == 1 else (first, second)
