"""Rows of cells -> values of fields, with every issue and question that a row raises; nothing is written here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

from turnus.core.fields import FieldKind, Notation, ParseError, Value, parser_for
from turnus.core.fields.kinds import CHOICE_KINDS, SET_KINDS
from turnus.core.folding import fold
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.money import Money
from turnus.core.tables import Cell, Row
from turnus.fields.builtin import CURRENCY
from turnus.fields.catalogue import Catalogue
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.field import Field
from turnus.imports.questions import QuestionKind, Questions, choice_of

#: Kinds that hold names of contacts: read as text here, found later.
_NAMES = frozenset({FieldKind.PERSON, FieldKind.ORGANISATION})
#: Which question or problem an unknown word is, by kind.
_UNKNOWN = {
    FieldKind.STAGE: IssueCode.STAGE_UNKNOWN,
    FieldKind.USER: IssueCode.OWNER_UNKNOWN,
    FieldKind.CURRENCY: IssueCode.CURRENCY_UNKNOWN,
    FieldKind.STATUS: IssueCode.STATUS_UNKNOWN,
    FieldKind.VISIBILITY: IssueCode.OPTION_UNKNOWN,
}
#: Fixed words: nobody can add one, so an unknown one is a problem, not a question.
_FIXED = frozenset({FieldKind.STATUS, FieldKind.VISIBILITY})
#: Unknown words that a person can let the import create.
_CREATABLE = frozenset({FieldKind.OPTION, FieldKind.OPTIONS, FieldKind.LABELS, FieldKind.STAGE, FieldKind.CURRENCY})
_NOTATIONS = {
    IssueCode.DATE_AMBIGUOUS: (QuestionKind.DATES, "dates"),
    IssueCode.NUMBER_AMBIGUOUS: (QuestionKind.NUMBERS, "numbers"),
}
#: What a spreadsheet writes where a formula failed.
_ERRORS = frozenset(
    {"#REF!", "#N/A", "#NV", "#VALUE!", "#WERT!", "#DIV/0!", "#NAME?", "#BEZUG!", "#NUM!", "#ZAHL!", "#NULL!"}
)


@dataclass(slots=True)
class ReadRow:
    """A row as values by field path; `is_waiting` while a question is open, `is_skipped` when an answer says so."""

    number: int
    values: dict[str, Value | None] = field(default_factory=dict)
    issues: list[Issue] = field(default_factory=list)
    is_empty: bool = True
    is_waiting: bool = False
    is_skipped: bool = False

    def add(self, code: IssueCode, severity: Severity, column: str | None, **params: str | int) -> None:
        """Note an issue of the row."""
        self.issues.append(Issue(code, severity, self.number, column, params))

    @property
    def has_problem(self) -> bool:
        """Whether the row cannot go in."""
        return any(one.severity is Severity.PROBLEM for one in self.issues)


@dataclass(frozen=True, slots=True)
class ColumnReader:
    """One mapped column."""

    index: int
    heading: str
    path: str
    field: Field
    read: Callable[[Cell], Any]
    choices: KnownChoices | None = None


class RowReader:
    """Reads rows by the mapped columns, with the answers given so far."""

    def __init__(
        self,
        headings: Sequence[str],
        columns: Sequence[str | None],
        catalogue: Catalogue,
        answers: Mapping[str, Any],
        notations: Mapping[int, Notation],
        currency: str,
    ) -> None:
        self.questions = Questions()
        self.answers = answers
        #: What an amount without a currency is in.
        self.currency = currency
        #: Choices that the import will create: negative number -> (path, word).
        self.new_choices: dict[int, tuple[str, str]] = {}
        self.currencies = self._choices("currency", CURRENCY) or KnownChoices({}, {})
        self.columns: list[ColumnReader] = []
        for index, path in enumerate(columns):
            if path is None or path not in catalogue:
                continue
            target = catalogue[path]
            notation = self._notation(headings[index], notations.get(index, Notation()))
            choices = self._choices(path, target)
            parser = self._parser(target, notation, choices)
            self.columns.append(ColumnReader(index, headings[index], path, target, parser, choices))
        #: Where a row names its pipeline, which tells stages of one name apart.
        self.pipeline_index = next((one.index for one in self.columns if one.path == "pipeline"), -1)
        self.stages = choices_of(catalogue["stage"], "en") if self.pipeline_index >= 0 else None

    def _notation(self, heading: str, guessed: Notation) -> Notation:
        dates = {"day_first": True, "month_first": False}.get(choice_of(self.answers, f"dates:{heading}"))
        numbers = {"comma": True, "point": False}.get(choice_of(self.answers, f"numbers:{heading}"))
        return replace(
            guessed,
            day_first=guessed.day_first if dates is None else dates,
            decimal_comma=guessed.decimal_comma if numbers is None else numbers,
        )

    def _choices(self, path: str, target: Field) -> KnownChoices | None:
        choices = choices_of(target, "en")
        return None if choices is None else self._with_answers(path, target, choices)

    def _parser(self, target: Field, notation: Notation, choices: KnownChoices | None) -> Callable[[Cell], Any]:
        if target.kind in _NAMES and not target.is_custom:
            return parser_for(FieldKind.TEXT, notation=notation)
        if target.kind is FieldKind.MONEY:
            # A deal's own amount without a currency takes it from the row, or from the deal that is updated.
            parser = parser_for(target.kind, notation=notation, currency=self.currency if target.is_custom else "")
            return lambda cell: self._known_currency(cast("Money | None", parser(cell)))
        return parser_for(target.kind, notation=notation, choices=choices, currency=self.currency)

    def _with_answers(self, path: str, target: Field, choices: KnownChoices) -> KnownChoices:
        """Add the words that were mapped or are to be created; a created one gets a negative number for now."""
        names, by_word = dict(choices.names), dict(choices.by_word)
        for key, answer in self.answers.items():
            asked, _, word = key.partition(":")
            if asked != path or not word:
                continue
            if choice_of(self.answers, key) == "map":
                by_word[fold(word)] = answer.get("to")
            elif choice_of(self.answers, key) == "create" and target.kind in _CREATABLE:
                number = word.upper() if target.kind is FieldKind.CURRENCY else -len(self.new_choices) - 1
                if isinstance(number, int):
                    self.new_choices[number] = (path, word)
                by_word[fold(word)] = number
        return replace(choices, names=names, by_word=by_word)

    def _known_currency(self, money: Money | None) -> Money | None:
        """Return an amount in a currency that deals may be in; an unknown one is asked about like any other word."""
        if money is None or not money.currency or money.currency in self.currencies.names:
            return money
        code = self.currencies.find(money.currency)
        if code is None:
            raise ParseError(IssueCode.CURRENCY_UNKNOWN, text=money.currency)
        return Money(money.amount_e4, code)

    def read(self, row: Row) -> ReadRow:
        """Return the row's values, issues and open questions; never stops at the first issue."""
        result = ReadRow(row.number)
        values: dict[str, Any] = result.values
        cells = row.cells
        for column in self.columns:
            cell = cells[column.index]
            if cell is None:
                continue
            if self.stages is not None and column.path == "stage":
                cell = self._in_pipeline(cell, cells[self.pipeline_index])
            try:
                value = _value_of(cell, column.read)
            except (ParseError, OverflowError) as error:
                result.is_empty = False
                self._refused(result, column, cell, error)
                continue
            if value is None:
                continue
            result.is_empty = False
            if value.__class__ is tuple and column.path in values:
                value = tuple(dict.fromkeys(values[column.path] + value))
            values[column.path] = value
        return result

    def _in_pipeline(self, stage: Cell, pipeline: Cell) -> Cell:
        whole = f"{stage} ({pipeline})"
        return whole if self.stages is not None and self.stages.find(whole) is not None else stage

    def _refused(self, row: ReadRow, column: ColumnReader, cell: Cell, error: ParseError | OverflowError) -> None:
        if isinstance(error, OverflowError):
            row.add(IssueCode.OUT_OF_RANGE, Severity.PROBLEM, column.heading, text=str(cell)[:100])
            return
        params = {name: text[:100] if isinstance(text, str) else text for name, text in error.params.items()}
        if error.code in _NOTATIONS:
            kind, word = _NOTATIONS[error.code]
            self.questions.ask(f"{word}:{column.heading}", kind, row.number, column=column.heading, path=column.path)
            row.is_waiting = True
            row.add(error.code, Severity.QUESTION, column.heading, **params)
        elif error.code is IssueCode.CURRENCY_UNKNOWN:
            self._unknown_word(row, replace(column, path="currency", field=CURRENCY), str(params["text"]))
        elif error.code is IssueCode.OPTION_UNKNOWN:
            self._unknown_word(row, column, str(params["text"]))
        else:
            row.add(error.code, Severity.PROBLEM, column.heading, **params)

    def _unknown_word(self, row: ReadRow, column: ColumnReader, word: str) -> None:
        kind = column.field.kind
        choices = column.choices
        is_ambiguous = choices is not None and fold(word) in choices.ambiguous
        code = IssueCode.WORD_AMBIGUOUS if is_ambiguous else _UNKNOWN.get(kind, IssueCode.OPTION_UNKNOWN)
        if kind in _FIXED or kind not in CHOICE_KINDS | SET_KINDS:
            row.add(code, Severity.PROBLEM, column.heading, text=word)
            return
        key = f"{column.path}:{word}"
        if choice_of(self.answers, key) == "skip":
            row.is_skipped = True
            return
        self.questions.ask(key, QuestionKind.WORD, row.number, column=column.heading, path=column.path, word=word)
        if kind not in _CREATABLE or is_ambiguous:
            self.questions.by_key[key].options = ("map", "skip")
        row.is_waiting = True
        row.add(code, Severity.QUESTION, column.heading, text=word)

    def heading_of(self, path: str) -> str | None:
        """Return the heading of the column that fills `path`, None if none does."""
        return next((column.heading for column in self.columns if column.path == path), None)


def _value_of(cell: Cell, read: Callable[[Cell], Any]) -> Any:
    """Return the cell's value, None for an empty one; a failed formula is refused even where any text would do."""
    if cell.__class__ is str and cell in _ERRORS:
        raise ParseError(IssueCode.ERROR_CELL, text=str(cell))
    return read(cell)


def is_future(value: Value | None, on: date) -> bool:
    """Say whether a day or wall-clock moment lies after the day `on`."""
    if isinstance(value, datetime):
        return value.date() > on
    return isinstance(value, date) and value > on
