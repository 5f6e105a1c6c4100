"""Rows of cells -> values of fields, with every issue and question; nothing is written here."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from turnus.accounts.models import User
from turnus.core.cadence_words import Certainty, guess_cadence
from turnus.core.fields import (
    CHOICE_KINDS,
    LINK_KINDS,
    SET_KINDS,
    CellRules,
    Choices,
    ContactPoint,
    DateRules,
    FieldKind,
    Notation,
    Noted,
    NotingParser,
    ParseError,
    Value,
    joined_points,
    reader_for,
    text_of,
)
from turnus.core.fields.errors import beginning
from turnus.core.fields.points import USUAL_LABEL
from turnus.core.folding import fold
from turnus.core.issues import IssueCode, Severity
from turnus.core.money import Money, rounded
from turnus.core.tables import Cell, Row
from turnus.fields.builtin import CURRENCY, DEAL_PLAN
from turnus.fields.catalog import Catalog
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.field import Field
from turnus.fields.part_words import PointLabels
from turnus.imports.column_notations import (
    heading_currency,
    in_unknown_currency,
    label_columns,
    labeled,
    of_several,
)
from turnus.imports.contact_words import ContactWords
from turnus.imports.field_parts import (
    CURRENCY_PART,
    POINT_KINDS,
    split_target,
    target_field,
)
from turnus.imports.joining import Joiner
from turnus.imports.questions import (
    QuestionKind,
    Questions,
    StoredAnswers,
    Subject,
    choice_of,
    id_answered,
    target_answered,
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
#: Unknown words that a person can let the import create.
_CREATABLE = frozenset(
    {
        FieldKind.OPTION,
        FieldKind.OPTIONS,
        FieldKind.LABELS,
        FieldKind.STAGE,
        FieldKind.CURRENCY,
    }
)
_NOTATIONS = {
    IssueCode.DATE_AMBIGUOUS: (QuestionKind.DATES, "dates"),
    IssueCode.NUMBER_AMBIGUOUS: (QuestionKind.NUMBERS, "numbers"),
}
_DAY_FIRST = {"day_first": True, "month_first": False}
_DECIMAL_COMMA = {"comma": True, "point": False}
#: Contacts that an import may add; others must be there.
_OWN_CONTACTS = frozenset({"organization", "person"})
#: Texts that are what something is called: a word for nothing is none of these.
_NAMES = frozenset(
    {"name", "first_name", "last_name", "title", "organization", "person"}
)
#: A currency that a person can let the import create has a code of three letters.
_CODE_LENGTH = 3
#: Longer texts are no words for how often something is paid.
_LONGEST_WORD = 255

ChoicesOf = Callable[[Field, str], KnownChoices | None]


class RowReader:
    """Reads rows by the mapped columns, with the answers given so far."""

    def __init__(
        self,
        headings: Sequence[str],
        columns: Sequence[str | None],
        catalog: Catalog,
        answers: StoredAnswers,
        notations: Mapping[int, Notation],
        currency: str,
        dates: DateRules | None = None,
        *,
        choices: ChoicesOf = choices_of,
    ) -> None:
        self.questions = Questions()
        #: Where the words of choices are found: in the database, or with whoever has none.
        self._choices_of = choices
        self.answers = answers
        #: The company's zone and the day of the check.
        self.dates = dates or DateRules()
        #: What an amount without a currency is in.
        self.currency = currency
        #: Choices that the import will create: negative number -> (path, word).
        self.new_choices: dict[int, tuple[str, str]] = {}
        #: Columns that name contacts which must be there: number of the column, its words.
        self.link_columns: list[tuple[int, ContactWords]] = []
        #: Columns of emails or phones -> the column with their labels, which fills no field.
        self.labels = label_columns(headings, columns)
        self.currencies = self._choices("currency", CURRENCY) or KnownChoices(
            {}, {}
        )
        self.columns: list[ColumnReader] = []
        self.joiner = Joiner(
            [path for path in columns if path], catalog, currency
        )
        for index, target in enumerate(columns):
            field = target_field(target, catalog) if target else None
            if target is None or field is None:
                continue
            notation = self._notation(
                headings[index], notations.get(index, Notation())
            )
            self.columns.append(
                self._column(index, headings[index], target, field, notation)
            )
        #: Where a row names its pipeline, which tells stages of one name apart.
        self.pipeline_index = next(
            (one.index for one in self.columns if one.path == "pipeline"), -1
        )
        self.stages = (
            self._choices_of(catalog["stage"], "en")
            if self.pipeline_index >= 0
            else None
        )
        #: Amounts of custom fields; the row's own amount is settled by its planner.
        self.own_amounts = {
            column.path
            for column in self.columns
            if column.field.is_custom and column.field.kind is FieldKind.MONEY
        }

    def _column(
        self,
        index: int,
        heading: str,
        target: str,
        field: Field,
        notation: Notation,
    ) -> ColumnReader:
        path, part = split_target(target)
        if field.kind in POINT_KINDS:
            labels = PointLabels()
            rules = CellRules(
                notation, choices=labels, label=part or USUAL_LABEL
            )
            read = of_several(reader_for(field.kind, rules))
            return ColumnReader(index, heading, path, target, field, read)
        if field.kind in LINK_KINDS:
            read = self._names_reader(index, target, field, notation)
            return ColumnReader(index, heading, path, target, field, read)
        if part == CURRENCY_PART:
            # The currencies of all amounts are one list, and one question.
            target = CURRENCY.key
        choices = self._choices(target, field)
        rules = CellRules(
            notation,
            choices=choices,
            # An amount without a currency takes that of the row, or of the deal that is updated.
            currency=self.currency
            if self._has_own_currency(path, field)
            else "",
            currencies=self.currencies,
            dates=replace(self.dates, years_ahead=field.years_ahead),
            is_name=field.key in _NAMES,
        )
        read = self._value_reader(heading, field, rules)
        return ColumnReader(
            index, heading, path, target, field, read, choices, part
        )

    def _has_own_currency(self, path: str, field: Field) -> bool:
        return field.is_custom and path not in self.joiner.amounts

    def _value_reader(
        self, heading: str, field: Field, rules: CellRules
    ) -> NotingParser:
        """Return what reads the cells of a column; amounts in the currency of its heading."""
        code = (
            heading_currency(heading)
            if field.kind is FieldKind.MONEY
            else None
        )
        if code is None:
            return self._parser(field, rules)
        currency = self.currencies.find(code)
        if currency:
            return self._parser(field, replace(rules, currency=str(currency)))
        read = self._parser(field, replace(rules, currency=""))
        return in_unknown_currency(read, code)

    def _notation(self, heading: str, guessed: Notation) -> Notation:
        dates = choice_of(self.answers, f"dates:{heading}")
        numbers = choice_of(self.answers, f"numbers:{heading}")
        day_first = _DAY_FIRST.get(dates, guessed.day_first)
        decimal_comma = _DECIMAL_COMMA.get(numbers, guessed.decimal_comma)
        return replace(
            guessed, day_first=day_first, decimal_comma=decimal_comma
        )

    def _names_reader(
        self, index: int, target: str, field: Field, notation: Notation
    ) -> NotingParser:
        if (
            target in _OWN_CONTACTS
        ):  # found later, by everything that is known of them
            return reader_for(
                FieldKind.TEXT, CellRules(notation, is_name=True)
            )
        words = ContactWords(field.kind)
        for key in self.answers:
            asked, _, word = key.partition(":")
            if asked == target and choice_of(self.answers, key) == "map":
                words.answer(word, id_answered(self.answers, key))
        self.link_columns.append((index, words))
        return reader_for(field.kind, CellRules(notation, choices=words))

    def look_up(self, rows: Sequence[Row], user: User) -> None:
        """Read the contacts that these rows name in custom fields; one query a column."""
        for index, words in self.link_columns:
            cells = [row.cells[index] for row in rows]
            names = {text_of(cell) for cell in cells if cell is not None}
            words.look_up(names, user)

    def _choices(self, path: str, target: Field) -> KnownChoices | None:
        choices = self._choices_of(target, "en")
        return (
            None
            if choices is None
            else self._with_answers(path, target, choices)
        )

    def _parser(self, field: Field, rules: CellRules) -> NotingParser:
        read = reader_for(field.kind, rules)
        if field is DEAL_PLAN:  # a deal may recur not at all
            return lambda cell: (
                None if _says_once(cell, rules.choices) else read(cell)
            )
        return read

    def _with_answers(
        self, path: str, target: Field, choices: KnownChoices
    ) -> KnownChoices:
        """Add the words that were mapped or are to be created, those with negative numbers."""
        by_word = dict(choices.by_word)
        for key in self.answers:
            answered_path, _, word = key.partition(":")
            if answered_path != path or not word:
                continue
            answer = choice_of(self.answers, key)
            if answer == "map":
                by_word[fold(word)] = cast(
                    "int", target_answered(self.answers, key)
                )
            elif answer == "create" and target.kind in _CREATABLE:
                by_word[fold(word)] = self._stand_in(path, target, word)
        return replace(choices, names=dict(choices.names), by_word=by_word)

    def _stand_in(self, path: str, target: Field, word: str) -> int | str:
        """Return what stands for a choice until the import creates it; a currency has its code."""
        if target.kind is FieldKind.CURRENCY:
            return word.upper()
        number = -len(self.new_choices) - 1
        self.new_choices[number] = (path, word)
        return number

    def read(self, row: Row) -> ReadRow:
        """Return the row's values, issues and open questions; never stops at the first issue."""
        result = _begun(row)
        values = result.values
        parts: dict[str, dict[str, str]] = {}
        cells = row.cells
        for column in self.columns:
            cell = cells[column.index]
            if cell is None:
                continue
            value = self._value(result, column, cell, cells)
            if value is None:
                continue
            result.is_empty = False
            if column.part:
                parts.setdefault(column.path, {})[column.part] = str(value)
                continue
            is_more = value.__class__ is tuple and column.path in values
            if is_more:
                points = cast("tuple[ContactPoint, ...]", value)
                before = cast("tuple[ContactPoint, ...]", values[column.path])
                value = joined_points(before, points)
            values[column.path] = value
        self._join(result, parts)
        for path in self.own_amounts:
            note_decimals(result, path, self)
        self._ask_about_hidden(result)
        return result

    def _value(
        self,
        row: ReadRow,
        column: ColumnReader,
        cell: Cell,
        cells: Sequence[Cell],
    ) -> Value | None:
        """Return the value of a cell, None if it is blank or refused; notes go to the row."""
        if self.stages is not None and column.path == "stage":
            cell = self._in_pipeline(cell, cells[self.pipeline_index])
        if column.index in self.labels:
            cell = labeled(cell, cells[self.labels[column.index]])
        try:
            value = column.read(cell)
        except (ParseError, OverflowError) as error:
            row.is_empty = False
            self._refused(row, column, cell, error)
            return None
        if not isinstance(value, Noted):
            return value
        row.is_empty = False
        for note in value.notes:
            row.add(note.code, Severity.WARNING, column.heading, **note.params)
        return value.value

    def _ask_about_hidden(self, result: ReadRow) -> None:
        """Let a row that the spreadsheet hides wait for a word about all of them."""
        if result.is_empty or choice_of(self.answers, "hidden"):
            return
        if any(issue.code is IssueCode.ROW_HIDDEN for issue in result.issues):
            self.questions.ask("hidden", QuestionKind.HIDDEN, result.number)
            result.is_waiting = True

    def _join(
        self, row: ReadRow, parts: Mapping[str, Mapping[str, str]]
    ) -> None:
        """Put parts from columns of their own together with the rest of their field."""
        if not self.joiner.is_needed:
            return
        for path, error in self.joiner.join(row.values, parts):
            row.add(
                error.code,
                Severity.PROBLEM,
                self.heading_of(path),
                **error.params,
            )

    def _in_pipeline(self, stage: Cell, pipeline: Cell) -> Cell:
        whole = f"{stage} ({pipeline})"
        is_stage = (
            self.stages is not None and self.stages.find(whole) is not None
        )
        return whole if is_stage else stage

    def _refused(
        self,
        row: ReadRow,
        column: ColumnReader,
        cell: Cell,
        error: ParseError | OverflowError,
    ) -> None:
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
            of_currencies = replace(
                column, target=CURRENCY.key, field=CURRENCY
            )
            self._unknown_word(row, of_currencies, str(params["text"]))
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
        if kind not in _CREATABLE or is_ambiguous or is_sign:
            self.questions.by_key[key].options = ("map", "skip")
        row.is_waiting = True
        row.add(code, Severity.QUESTION, column.heading, text=word)

    def heading_of(self, path: str) -> str | None:
        """Return the heading of the column that fills `path`, None if none does."""
        for column in self.columns:
            if column.path == path:
                return column.heading
        return None


def _begun(row: Row) -> ReadRow:
    """Return a row that carries what is odd about it as it stands in the file."""
    result = ReadRow(row.number)
    if row.issues:
        result.issues.extend(
            replace(issue, row=row.number) for issue in row.issues
        )
        # A row with a problem is none that could be skipped as empty.
        result.is_empty = not result.has_problem
    return result


def give_currency(
    row: ReadRow, path: str, reader: RowReader, usual: str
) -> None:
    """Give the row's amount at `path` its currency: its own, the row's, else the `usual` one."""
    money = row.values.get(path)
    if not isinstance(money, Money):
        return
    own = money.currency
    of_row = row.values.pop("currency", None)
    if of_row and own and of_row != own:
        heading = reader.heading_of("currency")
        row.add(IssueCode.MULTIPLE_CURRENCIES, Severity.PROBLEM, heading)
    row.values[path] = Money(money.amount_e4, str(own or of_row or usual))
    note_decimals(row, path, reader)


def note_decimals(row: ReadRow, path: str, reader: RowReader) -> None:
    """Note an amount with more decimals than its currency: 12.345 EUR is rather a mistake."""
    money = row.values.get(path)
    if not isinstance(money, Money):
        return
    if rounded(money.amount_e4, money.currency) == money.amount_e4:
        return
    heading = reader.heading_of(path)
    for issue in row.issues:
        if issue.code is IssueCode.AMOUNT_ROUNDED and issue.column == heading:
            return
    row.add(
        IssueCode.AMOUNT_FINE,
        Severity.WARNING,
        heading,
        amount=f"{money.amount:f}",
        currency=money.currency,
    )


def check_required(
    row: ReadRow, reader: RowReader, fields: Sequence[Field]
) -> None:
    """Note which of `fields` a row leaves empty, unless it waits for an answer anyway."""
    if row.is_waiting:
        return
    for field in fields:
        if row.values.get(field.key) is None:
            heading = reader.heading_of(field.key)
            name = field.name("en") if field.is_custom else field.key
            row.add(
                IssueCode.REQUIRED_MISSING,
                Severity.PROBLEM,
                heading,
                field=name,
            )


def _says_once(cell: Cell, choices: Choices | None) -> bool:
    """Return whether a cell of plans names none and says that something is paid only once."""
    text = text_of(cell)
    if len(text) > _LONGEST_WORD:
        return False
    if choices is not None and choices.find(text) is not None:
        return False
    return guess_cadence(text).certainty is Certainty.ONE_OFF


def is_future(value: Value | None, on: date) -> bool:
    """Return whether a day or wall-clock moment lies after the day `on`."""
    if isinstance(value, datetime):
        return value.date() > on
    return isinstance(value, date) and value > on
