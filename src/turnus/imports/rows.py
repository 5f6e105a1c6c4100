"""Rows of cells -> values of fields, with every issue and question that a row raises; nothing is written here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, cast

from turnus.accounts.models import User
from turnus.core.cadence_words import Certainty, guess_cadence
from turnus.core.fields import FieldKind, Notation, ParseError, Value, joined_points, parse_points, parser_for
from turnus.core.fields.kinds import CHOICE_KINDS, LINK_KINDS, SET_KINDS
from turnus.core.folding import fold
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.money import Money
from turnus.core.tables import Cell, Row
from turnus.fields.builtin import CURRENCY, DEAL_PLAN
from turnus.fields.catalogue import Catalogue
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.field import Field
from turnus.imports.joining import Joiner
from turnus.imports.named import ContactWords
from turnus.imports.parts import CURRENCY_PART, POINT_KINDS, split_target, target_field
from turnus.imports.questions import QuestionKind, Questions, choice_of

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
_FIXED = frozenset({FieldKind.STATUS, FieldKind.VISIBILITY, FieldKind.RENEWAL_WAY, FieldKind.SUBSCRIPTION_ENTRY})
#: Unknown words that a person can let the import create.
_CREATABLE = frozenset({FieldKind.OPTION, FieldKind.OPTIONS, FieldKind.LABELS, FieldKind.STAGE, FieldKind.CURRENCY})
_NOTATIONS = {
    IssueCode.DATE_AMBIGUOUS: (QuestionKind.DATES, "dates"),
    IssueCode.NUMBER_AMBIGUOUS: (QuestionKind.NUMBERS, "numbers"),
}
#: Contacts that an import may add; others must be there.
_OWN_CONTACTS = frozenset({"organisation", "person"})
#: What a spreadsheet writes where a formula failed.
_ERRORS = frozenset(
    {"#REF!", "#N/A", "#NV", "#VALUE!", "#WERT!", "#DIV/0!", "#NAME?", "#BEZUG!", "#NUM!", "#ZAHL!", "#NULL!"}
)

ChoicesOf = Callable[[Field, str], KnownChoices | None]


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
    """One mapped column; `path` leads to its field, `target` says the part as well where it fills only a part."""

    index: int
    heading: str
    path: str
    target: str
    field: Field
    read: Callable[[Cell], Any]
    choices: KnownChoices | None = None
    #: Filled beside other columns into one value: lines of an address, the currency of an amount.
    part: str = ""


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
        *,
        choices: ChoicesOf = choices_of,
    ) -> None:
        self.questions = Questions()
        #: Where the words of choices are found: in the database, or with whoever has none.
        self._choices_of = choices
        self.answers = answers
        #: What an amount without a currency is in.
        self.currency = currency
        #: Choices that the import will create: negative number -> (path, word).
        self.new_choices: dict[int, tuple[str, str]] = {}
        #: Columns that name contacts which must be there: number of the column, its words.
        self.named: list[tuple[int, ContactWords]] = []
        self.currencies = self._choices("currency", CURRENCY) or KnownChoices({}, {})
        self.columns: list[ColumnReader] = []
        self.joiner = Joiner([path for path in columns if path], catalogue, currency)
        for index, target in enumerate(columns):
            field = target_field(target, catalogue) if target else None
            if target is None or field is None:
                continue
            notation = self._notation(headings[index], notations.get(index, Notation()))
            self.columns.append(self._column(index, headings[index], target, field, notation))
        #: Where a row names its pipeline, which tells stages of one name apart.
        self.pipeline_index = next((one.index for one in self.columns if one.path == "pipeline"), -1)
        self.stages = self._choices_of(catalogue["stage"], "en") if self.pipeline_index >= 0 else None

    def _column(self, index: int, heading: str, target: str, field: Field, notation: Notation) -> ColumnReader:
        path, part = split_target(target)
        if field.kind in POINT_KINDS:
            return ColumnReader(index, heading, path, target, field, _points_reader(field, part))
        if field.kind in LINK_KINDS:
            return ColumnReader(index, heading, path, target, field, self._names_reader(index, target, field, notation))
        # The currencies of all amounts are one list, and one question.
        target = CURRENCY.key if part == CURRENCY_PART else target
        choices = self._choices(target, field)
        currency = "" if path in self.joiner.amounts or not field.is_custom else self.currency
        parser = self._parser(field, notation, choices, currency)
        return ColumnReader(index, heading, path, target, field, parser, choices, part)

    def _notation(self, heading: str, guessed: Notation) -> Notation:
        dates = {"day_first": True, "month_first": False}.get(choice_of(self.answers, f"dates:{heading}"))
        numbers = {"comma": True, "point": False}.get(choice_of(self.answers, f"numbers:{heading}"))
        return replace(
            guessed,
            day_first=guessed.day_first if dates is None else dates,
            decimal_comma=guessed.decimal_comma if numbers is None else numbers,
        )

    def _names_reader(self, index: int, target: str, field: Field, notation: Notation) -> Callable[[Cell], Any]:
        if target in _OWN_CONTACTS:
            return parser_for(FieldKind.TEXT, notation=notation)  # found later, by everything that is known of them
        words = ContactWords(field.kind)
        for key, answer in self.answers.items():
            asked, _, word = key.partition(":")
            if asked == target and choice_of(self.answers, key) == "map":
                words.answered[fold(word)] = int(answer["to"])
        self.named.append((index, words))
        return parser_for(field.kind, notation=notation, choices=words)

    def look_up(self, rows: Sequence[Row], user: User) -> None:
        """Read the contacts that these rows name beside their own; one query a column at the most."""
        for index, words in self.named:
            words.look_up({str(row.cells[index]).strip() for row in rows if row.cells[index] is not None}, user)

    def _choices(self, path: str, target: Field) -> KnownChoices | None:
        choices = self._choices_of(target, "en")
        return None if choices is None else self._with_answers(path, target, choices)

    def _parser(
        self, field: Field, notation: Notation, choices: KnownChoices | None, currency: str
    ) -> Callable[[Cell], Any]:
        if field.kind is FieldKind.MONEY:
            # An amount without a currency takes it from the row, or a deal's own from the deal that is updated.
            parser = parser_for(field.kind, notation=notation, currency=currency)
            return lambda cell: self._known_currency(cast("Money | None", parser(cell)))
        parser = parser_for(field.kind, notation=notation, choices=choices, currency=self.currency)
        if field is DEAL_PLAN:  # a deal may recur not at all
            return lambda cell: None if _says_once(cell, choices) else parser(cell)
        return parser

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
        parts: dict[str, dict[str, Any]] = {}
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
            if column.part:
                parts.setdefault(column.path, {})[column.part] = value
                continue
            is_more = value.__class__ is tuple and column.path in values
            values[column.path] = joined_points(values[column.path], value) if is_more else value
        self._join(result, parts)
        return result

    def _join(self, row: ReadRow, parts: Mapping[str, Mapping[str, Any]]) -> None:
        """Let the parts that stood in columns of their own become one value with the rest of their field."""
        if not self.joiner.is_needed:
            return
        for path, error in self.joiner.join(row.values, parts):
            row.add(error.code, Severity.PROBLEM, self.heading_of(path), **error.params)

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
            self._unknown_word(row, replace(column, target=CURRENCY.key, field=CURRENCY), str(params["text"]))
        elif error.code is IssueCode.OPTION_UNKNOWN:
            self._unknown_word(row, column, str(params["text"]))
        else:
            row.add(error.code, Severity.PROBLEM, column.heading, **params)

    def _unknown_word(self, row: ReadRow, column: ColumnReader, word: str) -> None:
        kind = column.field.kind
        choices = column.choices
        is_ambiguous = choices is not None and choices.is_ambiguous(word)
        code = IssueCode.WORD_AMBIGUOUS if is_ambiguous else _UNKNOWN.get(kind, IssueCode.OPTION_UNKNOWN)
        if kind in _FIXED or kind not in CHOICE_KINDS | SET_KINDS | LINK_KINDS:
            row.add(code, Severity.PROBLEM, column.heading, text=word)
            return
        key = f"{column.target}:{word}"
        if choice_of(self.answers, key) == "skip":
            row.is_skipped = True
            return
        self.questions.ask(key, QuestionKind.WORD, row.number, column=column.heading, path=column.target, word=word)
        if kind not in _CREATABLE or is_ambiguous:
            self.questions.by_key[key].options = ("map", "skip")
        row.is_waiting = True
        row.add(code, Severity.QUESTION, column.heading, text=word)

    def heading_of(self, path: str) -> str | None:
        """Return the heading of the column that fills `path`, None if none does."""
        return next((column.heading for column in self.columns if column.path == path), None)


def give_currency(row: ReadRow, path: str, reader: RowReader, usual: str) -> None:
    """Give the row's amount at `path` its currency: its own, the row's, else the `usual` one."""
    money, named = row.values.get(path), row.values.pop("currency", None)
    if not isinstance(money, Money):
        if named is not None:
            row.values["currency"] = named
        return
    if named and money.currency and named != money.currency:
        row.add(IssueCode.MULTIPLE_CURRENCIES, Severity.PROBLEM, reader.heading_of("currency"))
    row.values[path] = Money(money.amount_e4, str(money.currency or named or usual))


def check_required(row: ReadRow, reader: RowReader, fields: Sequence[Field]) -> None:
    """Note which of `fields` a row leaves empty, unless it waits for an answer anyway."""
    for one in fields:
        if row.values.get(one.key) is None and not row.is_waiting:
            name = one.name("en") if one.is_custom else one.key
            row.add(IssueCode.REQUIRED_MISSING, Severity.PROBLEM, reader.heading_of(one.key), field=name)


def _says_once(cell: Cell, choices: KnownChoices | None) -> bool:
    """Say whether a cell of plans names none and says that something is paid only once."""
    is_named = choices is not None and choices.find(str(cell)) is not None
    return not is_named and guess_cadence(str(cell)).certainty is Certainty.ONE_OFF


def _points_reader(field: Field, label: str) -> Callable[[Cell], Any]:
    is_email = field.kind is FieldKind.EMAILS
    if not label:
        return parser_for(field.kind, notation=Notation())
    return lambda cell: parse_points(str(cell), label=label, is_email=is_email) or None


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
