"""Questions that a file raises: one for each unknown word, each ambiguous column, and for deals that are already there.

Answers are kept by the question's key, and given by command in a JSON file:

    {"stage:Gibt es nicht": {"do": "map", "to": 3},     map, create or skip an unknown word
     "dates:Gewonnen am": {"do": "day_first"},          or month_first
     "numbers:Wert": {"do": "comma"},                   or point
     "existing": {"do": "copy", "on": "2018-11-14",     update, copy, add or skip; for all rows that are here,
                  "rows": {"7": "update"}},             and for single ones
     "unknown_ids": {"do": "new"}}                      or problem, or update (records that seem to be others)
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any


class QuestionKind(StrEnum):
    """What a question is about."""

    WORD = "word"
    DATES = "dates"
    NUMBERS = "numbers"
    EXISTING = "existing"
    UNKNOWN_IDS = "unknown_ids"


#: What may be answered to each kind.
ANSWERS: Mapping[QuestionKind, tuple[str, ...]] = {
    QuestionKind.WORD: ("map", "create", "skip"),
    QuestionKind.DATES: ("day_first", "month_first"),
    QuestionKind.NUMBERS: ("comma", "point"),
    QuestionKind.EXISTING: ("update", "copy", "add", "skip"),
    QuestionKind.UNKNOWN_IDS: ("new", "problem", "update"),
}


@dataclass(slots=True)
class Question:
    """One question, about `count` rows; `path` and `word` belong to words, `column` is the heading in the file."""

    key: str
    kind: QuestionKind
    column: str = ""
    path: str = ""
    word: str = ""
    count: int = 0
    #: First rows it stands in, to look at; at most five.
    rows: list[int] = field(default_factory=list)
    #: What may be answered here.
    options: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return the question as it is stored."""
        return asdict(self)


class Questions:
    """Collects the questions of one check, one for each key."""

    def __init__(self) -> None:
        self.by_key: dict[str, Question] = {}

    def ask(self, key: str, kind: QuestionKind, row: int, **about: Any) -> None:
        """Note that `row` raises the question `key`; the first time with what it is about."""
        question = self.by_key.get(key)
        if question is None:
            question = self.by_key[key] = Question(key, kind, options=ANSWERS[kind], **about)
        question.count += 1
        if len(question.rows) < 5:
            question.rows.append(row)


def choice_of(answers: Mapping[str, Any], key: str) -> str:
    """Return what was answered to the question, empty if nothing yet."""
    answer = answers.get(key)
    return str(answer.get("do", "")) if isinstance(answer, Mapping) else ""
