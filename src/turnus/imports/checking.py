"""The check: reads the file once and stores plan, questions and totals; changes no record."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain, islice

from turnus.accounts.queries import company, user_by_email
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import day_of
from turnus.core.fields import DateRules
from turnus.core.records import RecordKind
from turnus.core.tables import FileReading, Row
from turnus.fields.catalog import catalog
from turnus.history.queries import revision
from turnus.imports import actions_checking
from turnus.imports.arrivals import Planner, known_of
from turnus.imports.blanks import BlankNotes
from turnus.imports.deals import BlankWonTime, DealPlanner
from turnus.imports.dry_run import CheckedBlock, Keeper
from turnus.imports.files import (
    NOTATION_ROWS,
    as_stored,
    choices_of,
    notations_of,
    table_of,
)
from turnus.imports.models import Import
from turnus.imports.people import ContactPlanner, name_person
from turnus.imports.plan import BLOCK_ROWS, Outcome, count
from turnus.imports.queries import imports_of_file
from turnus.imports.questions import (
    ANSWERS,
    Question,
    QuestionKind,
    answers_of,
    choice_of,
)
from turnus.imports.rights import allowed_answers, offer_allowed
from turnus.imports.rows import RowReader
from turnus.imports.statuses import Statuses
from turnus.imports.subscriptions import SubscriptionPlanner
from turnus.imports.tally import Tally
from turnus.imports.unused_columns import ColumnWatch
from turnus.imports.waiting_rows import show_waiting
from turnus.kit.errors import UserError
from turnus.sales.rules import DealRules


def check(
    of: Import,
    *,
    at: datetime,
    keeper: Keeper = actions_checking,
    block_rows: int = BLOCK_ROWS,
) -> None:
    """Plan every row, in blocks of `block_rows`.

    A file that cannot be read to its end leaves no plan, only its error.
    """
    keeper.start_check(of, at=at)
    try:
        _check(of, at, keeper, block_rows)
    except UserError as error:
        keeper.fail_check(of, code=error.code, params=error.params)


def _check(of: Import, at: datetime, keeper: Keeper, block_rows: int) -> None:
    # As long as nothing else changes in the database, the plan fits.
    known_revision = list(revision(besides=of.run_id))
    _, table = table_of(of)
    rest = iter(table.rows)
    sample = list(islice(rest, NOTATION_ROWS))
    progress = _Check(of, _planner(of, sample, at), keeper)
    blocks = _blocks(chain(sample, rest), progress.planner, block_rows)
    for number, rows in enumerate(blocks):
        progress.plan(number, rows)
    progress.add_late_notes()
    keeper.finish_check(
        of, outcome=progress.outcome(table.reading, known_revision)
    )


class _Check:
    """One pass through a file, a block of rows at a time."""

    def __init__(self, of: Import, planner: Planner, keeper: Keeper) -> None:
        self.of = of
        self.planner = planner
        self.keeper = keeper
        kind = RecordKind(of.record_kind)
        reader = planner.reader
        is_of_deals = kind is RecordKind.DEAL
        self.statuses = (
            Statuses(reader, planner.viewer.on) if is_of_deals else reader
        )
        self.name_column = "title" if is_of_deals else "name"
        self.blanks = BlankNotes(reader, kind, company().currency)
        label_columns = frozenset(reader.labels.values())
        self.columns = ColumnWatch(
            of.headings, of.columns, read_beside=label_columns
        )
        self.tally = Tally()

    def plan(self, number: int, rows: Sequence[Row]) -> None:
        """Plan a block of rows and keep it."""
        planner = self.planner
        self.columns.see(rows)
        planner.reader.look_up(rows, planner.viewer.user)
        read = [self.statuses.read(row) for row in rows]
        for row in read:
            name_person(row)
        self.blanks.look(read)
        planned = planner.plan(read)
        for row, plan in zip(read, planned, strict=True):
            show_waiting(row, plan, name_column=self.name_column)
        self.blanks.note(planned, block=number)
        counts = count(planned)
        new = planner.contacts.take_new()
        self.tally.add(planned, counts, new)
        known = known_of(planner, planned, new)
        self.keeper.store_block(
            self.of, CheckedBlock(number, planned, counts, new, known)
        )

    def add_late_notes(self) -> None:
        """Note blank cells of rows that came before the first filled one."""
        for number, notes in self.blanks.late().items():
            rows_noted = self.keeper.add_notes(
                self.of, number=number, notes=notes
            )
            self.tally.add_late(notes, rows_noted)

    def outcome(
        self, reading: FileReading, known_revision: list[int]
    ) -> Outcome:
        """Return what was found besides the planned rows."""
        planner = self.planner
        about_file = _file_questions(self.of, reading, self.tally.row_count)
        about_rows = planner.reader.questions.by_key.values()
        offer_allowed(about_rows, planner.catalog, planner.viewer.user)
        questions = [
            question.as_json() for question in (*about_file, *about_rows)
        ]
        new_choices = planner.reader.choices.new
        totals = self.tally.totals()
        totals["asked"] = len(about_file)
        totals["missing"] = _missing(self.of, planner)
        totals["revision"] = known_revision
        totals["new_choices"] = {
            str(number): list(pair) for number, pair in new_choices.items()
        }
        if isinstance(planner, DealPlanner):
            totals["won"] = planner.won.by_day
            totals["beside"] = planner.beside_count
        left_out = self.columns.found(planner.catalog, self.of.ignored)
        return Outcome(
            row_count=self.tally.row_count,
            totals=totals,
            questions=questions,
            reading=as_stored(reading),
            left_out=left_out,
        )


def _file_questions(
    of: Import, reading: FileReading, row_count: int
) -> list[Question]:
    """Return what has to be answered about the file as a whole."""
    if not reading.is_encoding_doubtful or "encoding" in of.choices:
        return []
    return [
        Question(
            "encoding",
            QuestionKind.ENCODING,
            count=row_count,
            options=ANSWERS[QuestionKind.ENCODING],
        )
    ]


def _missing(of: Import, planner: Planner) -> list[str]:
    """Return which fields nothing fills: neither a column nor, for the status, an answer."""
    is_asked = "status" in planner.reader.questions.by_key or choice_of(
        planner.reader.answers, "status"
    )
    return [
        field
        for field in missing_fields(of)
        if not (field == "status" and is_asked)
    ]


def missing_fields(of: Import) -> list[str]:
    """Return which of the fields that make a deal what it is no column of the file fills."""
    if of.record_kind != RecordKind.DEAL:
        return []
    filled = {path for path in of.columns if path}
    missing = [key for key in ("status", "value") if key not in filled]
    customers = {
        "organization",
        "person",
        "person.first_name",
        "person.last_name",
    }
    return missing if filled & customers else [*missing, "person"]


def _planner(of: Import, sample: Sequence[Row], at: datetime) -> Planner:
    kind = RecordKind(of.record_kind)
    fields = catalog(kind)
    owner = company()
    mapped = [index for index, path in enumerate(of.columns) if path]
    importer = user_by_email(of.run.by.email)
    answers = {
        **answers_of(choices_of(of)),
        **allowed_answers(of.answers, fields, importer),
    }
    dates = DateRules(owner.zone, day_of(at, owner.zone))
    reader = RowReader(
        of.headings,
        of.columns,
        fields,
        answers,
        notations_of(sample, mapped),
        owner.currency,
        dates,
    )
    viewer = Viewer(importer, of.on or day_of(at, owner.zone), owner.zone)
    if kind is RecordKind.SUBSCRIPTION:
        return SubscriptionPlanner(reader, fields, viewer, owner.currency)
    if kind is not RecordKind.DEAL:
        return ContactPlanner(reader, fields, viewer)
    planner = DealPlanner(
        reader, fields, _rules(reader), viewer, BlankWonTime(at, of.on)
    )
    planner.repeats.existing.runs_of_file = frozenset(
        str(earlier.run_id) for earlier in imports_of_file(of)
    )
    return planner


def _rules(reader: RowReader) -> DealRules:
    """Return the rules of deals, which already know the stages that the import will create."""
    rules = DealRules.load()
    pipeline = rules.pipeline_of[rules.default_stage]
    new = {
        number: pipeline
        for number, (path, _word) in reader.choices.new.items()
        if path == "stage"
    }
    return replace(rules, pipeline_of={**rules.pipeline_of, **new})


def _blocks(
    rows: Iterator[Row], planner: Planner, block_rows: int
) -> Iterator[list[Row]]:
    """Yield rows in blocks; one of subscriptions goes on until the next subscription begins."""
    block: list[Row] = []
    for row in rows:
        if len(block) >= block_rows and _may_begin_block(row, planner):
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _may_begin_block(row: Row, planner: Planner) -> bool:
    return not isinstance(planner, SubscriptionPlanner) or planner.begins(row)
