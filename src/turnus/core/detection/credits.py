"""Negative won deals: which chain each one takes back."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from turnus.core.detection.facts import Chain, Said, Sold

#: So far from a due day a negative deal still means the period that begins there.
NEAR_DAYS = 20


def with_credits(
    chains: Sequence[Chain], sold: Sequence[Sold], said: Mapping[int, Said]
) -> tuple[list[Chain], tuple[int, ...]]:
    """Return the chains with the negative deals that take back their whole price.

    And the negative deals that fit none.

    One of which a person `said` that it ends nothing fits none.
    """
    values = {deal.deal: deal.value_e4 for deal in sold}
    result, left = list(chains), []
    for credit in sold:
        if credit.value_e4 >= 0:
            continue
        if credit.deal in said:
            left.append(credit.deal)
            continue
        fitting = [
            index
            for index, chain in enumerate(result)
            if _takes_back(credit, chain, values)
        ]
        if fitting:
            index = max(
                fitting, key=lambda each: result[each].paid[-1].starts_on
            )
            result[index] = replace(
                result[index], credits=(*result[index].credits, credit.deal)
            )
        else:
            left.append(credit.deal)
    return result, tuple(left)


def _takes_back(credit: Sold, chain: Chain, values: dict[int, int]) -> bool:
    begun = [each for each in chain.paid if each.starts_on <= credit.won_on]
    return (
        bool(begun)
        and not chain.credits
        and values[begun[-1].deal] == -credit.value_e4
    )
