"""Suspected duplicates as a list: which deal, and the deal that it repeats."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from turnus.core.detection.facts import Sold
from turnus.core.naming import name_key


@dataclass(frozen=True, slots=True)
class Duplicate:
    """A deal that counts for nothing, and the one that counts; None where that is gone."""

    deal: Sold
    of: Sold | None


def duplicates_of(
    sold: Iterable[Sold], doubles: Collection[int]
) -> list[Duplicate]:
    """Return each of `doubles` with the nearest equal deal that counts, by their days."""
    known = set(doubles)
    counting: dict[tuple[object, ...], list[Sold]] = defaultdict(list)
    repeated: list[Sold] = []
    for deal in sold:
        if deal.deal in known:
            repeated.append(deal)
        else:
            counting[_content(deal)].append(deal)
    pairs = []
    for deal in sorted(repeated, key=lambda each: (each.won_on, each.deal)):
        equal = counting[_content(deal)]
        nearest = min(
            equal, key=lambda other: _distance(deal, other), default=None
        )
        pairs.append(Duplicate(deal, nearest))
    return pairs


def _content(deal: Sold) -> tuple[object, ...]:
    customer = deal.organization or deal.person
    return name_key(customer), deal.value_e4, deal.currency


def _distance(deal: Sold, other: Sold) -> tuple[int, int, bool, int]:
    days = abs((deal.won_on - other.won_on).days)
    minutes = abs((deal.minute or 0) - (other.minute or 0))
    return days, minutes, deal.title != other.title, other.deal
