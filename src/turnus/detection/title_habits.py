"""What customers make of titles, as a history stores it: first as read, then as learned.

Titles are stored as digests: it only matters which are equal, and no name stays behind.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import TypedDict

from turnus.core.cadence import Cadence
from turnus.core.detection.detecting import (
    CustomerDeals,
    DetectionResult,
    doubtful_titles,
    title_uses,
    titles_of,
)
from turnus.core.detection.facts import TitleHabit
from turnus.core.detection.habits import TitleUse, habits_of

_DIGEST_LENGTH = 16


class StoredTitles(TypedDict, total=False):
    """What a first reading made of a customer's titles, as JSON; empty before it."""

    #: Title, cadence; an empty cadence: bought once.
    uses: list[tuple[str, str]]
    #: Titles of deals that what other customers do may read differently.
    doubtful: list[str]


class StoredHabit(TypedDict):
    """A habit as JSON."""

    odds: float
    shares: dict[str, float]


@dataclass(frozen=True, slots=True)
class HistoryTitles:
    """What a first reading made of the titles of one history."""

    history: int
    titles: StoredTitles


def stored_titles(
    group: CustomerDeals, result: DetectionResult
) -> StoredTitles:
    """Return what a first reading of a customer's deals made of their titles."""
    uses = [
        (_digest(use.title), "" if use.cadence is None else str(use.cadence))
        for use in title_uses(group, result)
    ]
    doubtful = sorted(
        _digest(title) for title in doubtful_titles(group, result)
    )
    return {"uses": uses, "doubtful": doubtful}


def learned_habits(
    histories: Iterable[HistoryTitles],
) -> dict[int, dict[str, StoredHabit]]:
    """Return by history what all of them make of its doubtful titles; only where they do."""
    ordered = list(histories)
    habits = habits_of(_uses(ordered))
    learned: dict[int, dict[str, StoredHabit]] = {}
    for each in ordered:
        doubtful = each.titles.get("doubtful", ())
        own = {
            title: _stored_habit(habits[title])
            for title in doubtful
            if title in habits
        }
        if own:
            learned[each.history] = own
    return learned


def habits_for(
    group: CustomerDeals, stored: Mapping[str, StoredHabit]
) -> dict[str, TitleHabit]:
    """Return the stored habits by the titles of the group's deals."""
    if not stored:
        return {}
    digests = {title: _digest(title) for title in titles_of(group).values()}
    return {
        title: _restored_habit(stored[digest])
        for title, digest in digests.items()
        if digest in stored
    }


def _uses(histories: Iterable[HistoryTitles]) -> Iterator[TitleUse]:
    for each in histories:
        for title, cadence in each.titles.get("uses", ()):
            yield TitleUse(title, Cadence.parse(cadence) if cadence else None)


def _stored_habit(habit: TitleHabit) -> StoredHabit:
    shares = {
        str(cadence): share for cadence, share in habit.cadence_shares.items()
    }
    return {"odds": habit.recurring_odds, "shares": shares}


def _restored_habit(habit: StoredHabit) -> TitleHabit:
    shares = {
        Cadence.parse(cadence): share
        for cadence, share in habit["shares"].items()
    }
    return TitleHabit(habit["odds"], shares)


def _digest(title: str) -> str:
    """Return a mark of a title; an empty title stays empty, it has no habit."""
    if not title:
        return ""
    return sha256(title.encode()).hexdigest()[:_DIGEST_LENGTH]
