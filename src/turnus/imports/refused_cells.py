"""What is noted and asked about a cell that cannot be read: a question, a problem or a warning."""

from dataclasses import replace

from turnus.core.fields import (
    CHOICE_KINDS,
    LINK_KINDS,
    SET_KINDS,
    FieldKind,
    ParseError,
    text_of,
)
from turnus.core.fields.errors import beginning
from turnus.core.issues import IssueCode, Severity
from turnus.core.tables import Cell
from turnus.fields.builtin import CURRENCY
from turnus.imports.answered_choices import CREATABLE
from turnus.imports.questions import (
    QuestionKind,
    Questions,
    StoredAnswers,
    Subject,
    choice_of,
)
from turnus.imports.read_row import ColumnReader, ReadRow

#: Which question or problem an unknown word is, by kind.
_UNKNOWN = {
    FieldKind.STAGE: IssueCode.STAGE_UNKNOWN,
    FieldKind.USER: IssueCode.OWNER_UNKNOWN,
    FieldKind.CURRENCY: IssueCode.CURRENCY_UNKNOWN,
    FieldKind.STATUS: IssueCode.STATUS_UNKNOWN,
    FieldKind.VISIBILITY: IssueCode.OPTION_UNKNOWN,
    FieldKind.PLAN: IssueCode.PLAN_UNKNOWN,
    FieldKind.SUBSCRIPTION_ENTRY: IssueCode.ENTRY_UNKNOWN,
}
#: Fixed words: nobody can add one, so an unknown one is a problem, not a question.
_FIXED = frozenset(
    {
        FieldKind.STATUS,
        FieldKind.VISIBILITY,
        FieldKind.RENEWAL_WAY,
        FieldKind.SUBSCRIPTION_ENTRY,
    }
)
_ASKED_KINDS = CHOICE_KINDS | SET_KINDS | LINK_KINDS
_NOTATIONS = {
    IssueCode.DATE_AMBIGUOUS: (QuestionKind.DATES, "dates"),
    IssueCode.NUMBER_AMBIGUOUS: (QuestionKind.NUMBERS, "numbers"),
}
#: A currency that a person can let the import create has a code of three letters.
_CODE_LENGTH = 3


class RefusedCells:
    """Notes about refused cells, and questions about unknown words and notations."""

    def __init__(self, questions: Questions, answers: StoredAnswers) -> None:
        self.questions = questions
        self.answers = answers

    def note(
        self,
        row: ReadRow,
        column: ColumnReader,
        cell: Cell,
        error: ParseError | OverflowError,
    ) -> None:
        """Note that a cell is refused; the row then waits for an answer, or has an issue."""
        if isinstance(error, OverflowError):
            text = beginning(text_of(cell))
            row.add(
                IssueCode.OUT_OF_RANGE,
                Severity.PROBLEM,
                column.heading,
                text=text,
            )
            return
        params = error.params
        if error.code in _NOTATIONS:
            kind, word = _NOTATIONS[error.code]
            about = Subject(column.heading, column.path)
            self.questions.ask(
                f"{word}:{column.heading}", kind, row.number, about
            )
            row.is_waiting = True
            row.add(error.code, Severity.QUESTION, column.heading, **params)
        elif error.code is IssueCode.CURRENCY_UNKNOWN:
            currencies = replace(column, target=CURRENCY.key, field=CURRENCY)
            self._unknown_word(row, currencies, str(params["text"]))
        elif error.code is IssueCode.OPTION_UNKNOWN:
            self._unknown_word(row, column, str(params["text"]))
        elif error.code is IssueCode.TEXT_CUT:
            # As if it were blank: the whole text stays where it is.
            row.add(error.code, Severity.WARNING, column.heading)
        else:
            row.add(error.code, Severity.PROBLEM, column.heading, **params)

    def _unknown_word(
        self, row: ReadRow, column: ColumnReader, word: str
    ) -> None:
        kind = column.field.kind
        choices = column.choices
        is_ambiguous = choices is not None and choices.is_ambiguous(word)
        code = _UNKNOWN.get(kind, IssueCode.OPTION_UNKNOWN)
        if is_ambiguous:
            code = IssueCode.WORD_AMBIGUOUS
        if kind in _FIXED or kind not in _ASKED_KINDS:
            row.add(code, Severity.PROBLEM, column.heading, text=word)
            return
        key = f"{column.target}:{word}"
        if choice_of(self.answers, key) == "skip":
            row.is_skipped = True
            return
        about = Subject(column.heading, column.target, word)
        self.questions.ask(key, QuestionKind.WORD, row.number, about)
        is_sign = kind is FieldKind.CURRENCY and len(word) != _CODE_LENGTH
        if kind not in CREATABLE or is_ambiguous or is_sign:
            self.questions.by_key[key].options = ("map", "skip")
        row.is_waiting = True
        row.add(code, Severity.QUESTION, column.heading, text=word)
