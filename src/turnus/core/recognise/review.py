"""What only a person can decide, with its reason and how close the call was (metrics 4.5)."""

from collections.abc import Sequence
from datetime import date

from turnus.core.recognise.facts import Chain, Copy, Doubt, Question
from turnus.core.recognise.search import Story


def questions_about(
    copies: Sequence[Copy], told: Sequence[Story], chains: Sequence[Chain], credits: Sequence[int], *, as_of: date
) -> list[Question]:
    return []
