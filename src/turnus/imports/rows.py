"""Rows of cells -> values of fields, with every issue and question; nothing is written here."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import cast

from turnus.accounts.models import User
from turnus.core.cadence_words import Certainty, guess_cadence
from turnus.core.fields import (
    LINK_KINDS,
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
from turnus.core.fields.points import USUAL_LABEL
from turnus.core.issues import IssueCode, Severity
from turnus.core.money import Money, rounded
from turnus.core.tables import Cell, Row
from turnus.fields.builtin import CURRENCY, DEAL_PLAN
from turnus.fields.catalog import Catalog
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.field import Field
from turnus.fields.part_words import PointLabels
from turnus.imports.answered_choices import AnsweredChoices, ChoicesOf
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
    choice_of,
    id_answered,
)
from turnus.imports.read_row import ColumnReader, ReadRow
from turnus.imports.refused_cells import RefusedCells

_DAY_FIRST = {"day_first": True, "month_first": False}
_DECIMAL_COMMA = {"comma": True, "point": False}
#: Contacts that an import may add; others must be there.
_OWN_CONTACTS = frozenset({"organization", "person"})
#: Texts that are what something is called: a word for nothing is none of these.
_NAMES = frozenset(
    {"name", "first_name", "last_name", "title", "organization", "person"}
)
#: Longer texts are no words for how often something is paid.
_LONGEST_WORD = 255


class RowReader:
    """A reader of rows by the mapped columns, with the answers so far."""

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
        self.answers = answers
        self.choices = AnsweredChoices(answers, choices)
        self.refused_cells = RefusedCells(self.questions, answers)
        #: The company's zone and the day of the check.
        self.dates = dates or DateRules()
        #: What an amount without a currency is in.
        self.currency = currency
        #: Columns that name contacts which must be there: number of the column, its words.
        self.link_columns: list[tuple[int, ContactWords]] = []
        #: Columns of emails or phones -> the column with their labels, which fills no field.
        self.labels = label_columns(headings, columns)
        currencies = self.choices.of(CURRENCY.key, CURRENCY)
        self.currencies = currencies or KnownChoices({}, {})
        self.joiner = Joiner(
            [path for path in columns if path], catalog, currency
        )
        self.columns: list[ColumnReader] = []
        for index, target in enumerate(columns):
            field = target_field(target, catalog) if target else None
            if target is not None and field is not None:
                heading = headings[index]
                guessed = notations.get(index, Notation())
                column = self._column(index, heading, target, field, guessed)
                self.columns.append(column)
        #: Where a row names its pipeline, which tells stages of one name apart.
        self.pipeline_index: int | None = None
        #: None: no column names a pipeline.
        self.stages: KnownChoices | None = None
        for column in self.columns:
            if column.path == "pipeline":
                self.pipeline_index = column.index
                self.stages = self.choices.known(catalog["stage"])
                break
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
        guessed: Notation,
    ) -> ColumnReader:
        notation = self._notation(heading, guessed)
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
        choices = self.choices.of(target, field)
        # Any other amount without a currency takes that of the row, or of the deal that is updated.
        has_own_currency = field.is_custom and path not in self.joiner.amounts
        rules = CellRules(
            notation,
            choices=choices,
            currency=self.currency if has_own_currency else "",
            currencies=self.currencies,
            dates=replace(self.dates, years_ahead=field.years_ahead),
            is_name=field.key in _NAMES,
        )
        read = self._value_reader(heading, field, rules)
        return ColumnReader(
            index, heading, path, target, field, read, choices, part
        )

    def _value_reader(
        self, heading: str, field: Field, rules: CellRules
    ) -> NotingParser:
        """Return what reads the cells of a column; amounts in the currency of its heading."""
        if field.kind is not FieldKind.MONEY:
            return self._parser(field, rules)
        code = heading_currency(heading)
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
        if target in _OWN_CONTACTS:
            # They are found later, by everything that the row says of them.
            rules = CellRules(notation, is_name=True)
            return reader_for(FieldKind.TEXT, rules)
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

    def _parser(self, field: Field, rules: CellRules) -> NotingParser:
        read = reader_for(field.kind, rules)
        if field is not DEAL_PLAN:
            return read

        def read_plan(cell: Cell) -> Value | Noted | None:
            # A deal may recur not at all.
            if _says_once(cell, rules.choices):
                return None
            return read(cell)

        return read_plan

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
            before = values.get(column.path)
            if value.__class__ is tuple and before is not None:
                # Another column of the same emails or phones.
                points = cast("tuple[ContactPoint, ...]", value)
                points_before = cast("tuple[ContactPoint, ...]", before)
                value = joined_points(points_before, points)
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
        if column.path == "stage" and self.pipeline_index is not None:
            cell = self._in_pipeline(cell, cells[self.pipeline_index])
        if column.index in self.labels:
            cell = labeled(cell, cells[self.labels[column.index]])
        try:
            value = column.read(cell)
        except (ParseError, OverflowError) as error:
            row.is_empty = False
            self.refused_cells.note(row, column, cell, error)
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
        if self.stages is None or self.stages.find(whole) is None:
            return stage
        return whole

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
    own_currency = money.currency
    row_currency = row.values.pop("currency", None)
    is_named_twice = bool(row_currency and own_currency)
    if is_named_twice and row_currency != own_currency:
        heading = reader.heading_of("currency")
        row.add(IssueCode.MULTIPLE_CURRENCIES, Severity.PROBLEM, heading)
    currency = own_currency or row_currency or usual
    row.values[path] = Money(money.amount_e4, str(currency))
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
