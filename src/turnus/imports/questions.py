"""Questions that a file raises: about unknown words, ambiguous columns, existing deals.

Answers are kept by the question's key; a command takes them from a JSON file:

    {"stage:Gibt es nicht": {"do": "map", "to": 3},
     "dates:Gewonnen am": {"do": "day_first"},
     "numbers:Wert": {"do": "comma"},
     "existing": {"do": "copy", "on": "2018-11-14", "rows": {"7": "update"}},
     "covered": {"do": "skip", "rows": {"7": "add"}},
     "due": {"do": "attach"},
     "credit": {"do": "end"},
     "reduction": {"do": "reduce"},
     "unknown_ids": {"do": "new"},
     "status": {"do": "dated"},
     "hidden": {"do": "read"},
     "totals": {"do": "leave_out"},
     "encoding": {"do": "other", "to": "mac-roman"}}

What each may be: `ANSWERS`. "rows" answers for single rows, by their numbers in the file; the other
rows of the question follow "do". The last three say how the file is read; it is read anew once they
are answered. Totals are not asked about: they are left out.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from typing import TypedDict

from turnus.core.money import Money
from turnus.core.tables import ReadingChoices

#: Question key -> answer, as a person gave it in a form or a JSON file: trusted in nothing.
StoredAnswers = Mapping[str, object]


class QuestionKind(StrEnum):
    """What a question is about."""

    #: An unknown word.
    WORD = "word"
    DATES = "dates"
    NUMBERS = "numbers"
    #: Rows whose deal or subscription exists already.
    EXISTING = "existing"
    #: IDs that no record has, or records that seem to be others.
    UNKNOWN_IDS = "unknown_ids"
    #: Nothing says which deals are won.
    STATUS = "status"
    #: Rows that the spreadsheet hides.
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


#: First rows that are kept of a question, to look at.
_FIRST_ROWS = 5
_READ_OR_NOT = frozenset({"read", "leave_out"})
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
#: Questions whose answers are checked when they are given: an unknown one would pass for an answer.
CHECKED_ANSWERS = frozenset(
    {
        QuestionKind.STATUS,
        QuestionKind.HIDDEN,
        QuestionKind.TOTALS,
        QuestionKind.ENCODING,
    }
)


class StoredQuestion(TypedDict):
    """A `Question` as it is stored with its import."""

    key: str
    kind: str
    column: str
    path: str
    word: str
    count: int
    rows: list[int]
    options: list[str]
    sums: dict[str, int]
    needs: str


@dataclass(slots=True)
class Question:
    """One question, about `count` rows, in the column with the heading `column`.

    `path` and `word` belong to questions about words.
    """

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

    def add_money(self, money: Money) -> None:
        """Add what one of the rows costs."""
        self.sums[money.currency] = (
            self.sums.get(money.currency, 0) + money.amount_e4
        )

    def as_json(self) -> dict[str, object]:
        """Return the question as it is stored."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Subject:
    """What a question is about: a column by its heading, the field it fills, and a word in it."""

    column: str = ""
    path: str = ""
    word: str = ""


_NOTHING = Subject()


class Questions:
    """The questions of one check, one for each key."""

    def __init__(self) -> None:
        self.by_key: dict[str, Question] = {}

    def ask(
        self, key: str, kind: QuestionKind, row: int, about: Subject = _NOTHING
    ) -> Question:
        """Note that `row` raises the question `key`; return it."""
        question = self.by_key.get(key)
        if question is None:
            question = Question(
                key,
                kind,
                column=about.column,
                path=about.path,
                word=about.word,
                options=ANSWERS[kind],
            )
            self.by_key[key] = question
        question.count += 1
        if len(question.rows) < _FIRST_ROWS:
            question.rows.append(row)
        return question


def reading_answered(
    choices: ReadingChoices, answers: StoredAnswers, *, encoding: str
) -> ReadingChoices:
    """Return how the file is to be read after these answers; the same if they say nothing of it.

    `encoding` is the one that the file was read in.
    """
    hidden = choice_of(answers, "hidden")
    totals = choice_of(answers, "totals")
    if hidden in _READ_OR_NOT:
        choices = replace(choices, reads_hidden_rows=hidden == "read")
    if totals in _READ_OR_NOT:
        choices = replace(choices, reads_totals=totals == "read")
    answer = choice_of(answers, "encoding")
    other = target_answered(answers, "encoding")
    if answer == "keep" and encoding:
        return replace(choices, encoding=encoding)
    if answer == "other" and other:
        return replace(choices, encoding=str(other))
    return choices


def reading_fields_answered(
    answers: StoredAnswers, *, encoding: str
) -> list[str]:
    """Return the fields of `ReadingChoices` that the answers fill."""
    fields = []
    if choice_of(answers, "hidden") in _READ_OR_NOT:
        fields.append("reads_hidden_rows")
    if choice_of(answers, "totals") in _READ_OR_NOT:
        fields.append("reads_totals")
    answer = choice_of(answers, "encoding")
    keeps_encoding = answer == "keep" and encoding
    names_encoding = answer == "other" and target_answered(answers, "encoding")
    if keeps_encoding or names_encoding:
        fields.append("encoding")
    return fields


def answers_of(choices: ReadingChoices) -> dict[str, object]:
    """Return what was chosen about reading the file as answers to the questions about rows."""
    chosen = {
        "hidden": choices.reads_hidden_rows,
        "totals": choices.reads_totals,
    }
    answers: dict[str, object] = {}
    for key, is_read in chosen.items():
        if is_read is not None:
            answers[key] = {"do": "read" if is_read else "leave_out"}
    return answers


def choice_of(answers: StoredAnswers, key: str) -> str:
    """Return what was answered to the question, empty if nothing yet."""
    answer = answers.get(key)
    return str(answer.get("do", "")) if isinstance(answer, Mapping) else ""


def choice_at(answers: StoredAnswers, key: str, row: int) -> str:
    """Return what was answered for the row with this number: for it alone, else for all rows.

    Empty if nothing yet.
    """
    answer = answers.get(key)
    rows = answer.get("rows") if isinstance(answer, Mapping) else None
    alone = rows.get(str(row)) if isinstance(rows, Mapping) else None
    return str(alone) if alone else choice_of(answers, key)


def target_answered(answers: StoredAnswers, key: str) -> object:
    """Return what a word, or the encoding, is to be (`to`); None if the answer does not say."""
    answer = answers.get(key)
    return answer.get("to") if isinstance(answer, Mapping) else None


def id_answered(answers: StoredAnswers, key: str) -> int:
    """Return the id of the record that a word means. ValueError if the answer names none."""
    return int(str(target_answered(answers, key)))
