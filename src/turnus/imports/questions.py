"""Questions that a file raises: one for each unknown word, each ambiguous column, and for deals that are already there.

Answers are kept by the question's key, and given by command in a JSON file:

    {"stage:Gibt es nicht": {"do": "map", "to": 3},     map, create or skip an unknown word
     "dates:Gewonnen am": {"do": "day_first"},          or month_first
     "numbers:Wert": {"do": "comma"},                   or point
     "existing": {"do": "copy", "on": "2018-11-14",     update, copy, add or skip; for all rows that are here,
                  "rows": {"7": "update"}},             and for single ones
     "covered": {"do": "skip", "rows": {"7": "add"}},   skip, attach or add: won deals whose period a subscription has booked already
     "due": {"do": "attach"},                           attach, add or skip: won deals whose period is due and not booked yet
     "credit": {"do": "end"},                           end, credit or skip: negative won deals that take back a subscription's price
     "reduction": {"do": "reduce"},                     reduce, credit or skip: those that take back less
     "unknown_ids": {"do": "new"},                      or problem, or update (records that seem to be others)
     "status": {"do": "dated"},                         or won, or stage, or open: nothing says which deals are won
     "hidden": {"do": "read"},                          or leave_out: rows that the spreadsheet hides
     "totals": {"do": "leave_out"},                     or read: lines of totals; not asked, they are left out
     "encoding": {"do": "keep"}}                        or {"do": "other", "to": "mac-roman"}

"rows" answers for single rows, by their numbers in the file; the other rows of the question follow "do". The last three
say how the file is read; it is read anew once they are answered.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any

from turnus.core.money import Money
from turnus.core.tables import ReadingChoices


class QuestionKind(StrEnum):
    """What a question is about."""

    WORD = "word"
    DATES = "dates"
    NUMBERS = "numbers"
    EXISTING = "existing"
    UNKNOWN_IDS = "unknown_ids"
    STATUS = "status"
    HIDDEN = "hidden"
    TOTALS = "totals"
    ENCODING = "encoding"
    #: Won deals that pay for a period which a subscription of the customer has booked already.
    COVERED = "covered"
    #: Won deals that pay for a period of a subscription which nothing books yet.
    DUE = "due"
    #: Negative won deals that take back the whole price of a subscription.
    CREDIT = "credit"
    #: Negative won deals that take back a part of it.
    REDUCTION = "reduction"


#: What may be answered to each kind.
ANSWERS: Mapping[QuestionKind, tuple[str, ...]] = {
    QuestionKind.WORD: ("map", "create", "skip"),
    QuestionKind.DATES: ("day_first", "month_first"),
    QuestionKind.NUMBERS: ("comma", "point"),
    QuestionKind.EXISTING: ("update", "copy", "add", "skip"),
    QuestionKind.UNKNOWN_IDS: ("new", "problem", "update"),
    QuestionKind.STATUS: ("dated", "won", "stage", "open"),
    QuestionKind.HIDDEN: ("read", "leave_out"),
    QuestionKind.TOTALS: ("leave_out", "read"),
    QuestionKind.ENCODING: ("keep", "other"),
    QuestionKind.COVERED: ("skip", "add", "attach"),
    QuestionKind.DUE: ("attach", "add", "skip"),
    QuestionKind.CREDIT: ("end", "credit", "skip"),
    QuestionKind.REDUCTION: ("reduce", "credit", "skip"),
}
#: Questions whose answers are looked at when they are given, for an unknown one would pass for an answer.
CHECKED_ANSWERS = frozenset(
    {QuestionKind.STATUS, QuestionKind.HIDDEN, QuestionKind.TOTALS, QuestionKind.ENCODING}
)


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
    #: What the rows cost together, in ten-thousandths by currency, where that helps to answer.
    sums: dict[str, int] = field(default_factory=dict)
    #: The right that it takes to add the word, where whoever imports lacks it.
    needs: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the question as it is stored."""
        return asdict(self)


class Questions:
    """Collects the questions of one check, one for each key."""

    def __init__(self) -> None:
        self.by_key: dict[str, Question] = {}

    def ask(
        self, key: str, kind: QuestionKind, row: int, *, money: Money | None = None, **about: Any
    ) -> None:
        """Note that `row`, which costs `money`, raises the question `key`; the first time with what it is about."""
        question = self.by_key.get(key)
        if question is None:
            question = self.by_key[key] = Question(key, kind, options=ANSWERS[kind], **about)
        question.count += 1
        if len(question.rows) < 5:
            question.rows.append(row)
        if money is not None:
            question.sums[money.currency] = question.sums.get(money.currency, 0) + money.amount_e4


def reading_answered(answers: Mapping[str, Any], *, encoding: str) -> dict[str, Any]:
    """Return what answers say about reading the file, by field of `ReadingChoices`; `encoding` is the one it was read in."""
    choices: dict[str, Any] = {}
    for key, name in (("hidden", "reads_hidden_rows"), ("totals", "reads_totals")):
        answer = choice_of(answers, key)
        if answer in {"read", "leave_out"}:
            choices[name] = answer == "read"
    answer = choice_of(answers, "encoding")
    if answer == "keep" and encoding:
        choices["encoding"] = encoding
    if answer == "other" and answers["encoding"].get("to"):
        choices["encoding"] = str(answers["encoding"]["to"])
    return choices


def answers_of(choices: ReadingChoices) -> dict[str, Any]:
    """Return what was chosen about reading the file as answers to the questions about rows."""
    chosen = {"hidden": choices.reads_hidden_rows, "totals": choices.reads_totals}
    return {
        key: {"do": "read" if is_read else "leave_out"}
        for key, is_read in chosen.items()
        if is_read is not None
    }


def choice_of(answers: Mapping[str, Any], key: str) -> str:
    """Return what was answered to the question, empty if nothing yet."""
    answer = answers.get(key)
    return str(answer.get("do", "")) if isinstance(answer, Mapping) else ""


def choice_at(answers: Mapping[str, Any], key: str, row: int) -> str:
    """Return what was answered to the question for the row with this number: for it alone, else for all; empty if nothing yet."""
    answer = answers.get(key)
    rows = answer.get("rows") if isinstance(answer, Mapping) else None
    alone = rows.get(str(row)) if isinstance(rows, Mapping) else None
    return str(alone) if alone else choice_of(answers, key)
