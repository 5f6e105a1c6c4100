"""An import as it is set up: how its file is read, its columns, its answers; stores nothing."""

import codecs
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path

from turnus.accounts.models import User
from turnus.core.issues import Issue
from turnus.core.mapping import guess, heading_key
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices
from turnus.core.texts import storable
from turnus.fields.catalog import Catalog, catalog
from turnus.history.models import Run
from turnus.imports.field_parts import is_repeatable, target_name
from turnus.imports.files import as_stored, chosen, present_path, samples_of
from turnus.imports.models import Import, PlanBlock, RememberedColumn
from turnus.imports.other_programs import OTHER_HEADINGS
from turnus.imports.plan import Outcome, count
from turnus.imports.plan_storage import pack, unpack
from turnus.imports.questions import (
    ANSWERS,
    CHECKED_ANSWERS,
    StoredAnswers,
    choice_of,
    reading_answered,
    reading_fields_answered,
)
from turnus.imports.targets import heading_names, target_paths
from turnus.kit.errors import UserError
from turnus.sheets.digest import sha256_of
from turnus.sheets.opening import open_table

#: What `set_reading` sets.
READING_COLUMNS = (
    "sheet",
    "sheets",
    "headings",
    "columns",
    "ignored",
    "samples",
    "row_count",
    "choices",
    "reading",
    "left_out",
    "state",
)


def new_import(
    *,
    by: User,
    kind: RecordKind,
    path: Path,
    name: str,
    choices: ReadingChoices,
) -> Import:
    """Return the import of the file at `path`, its columns guessed; stores neither it nor its run.

    Raises SheetError for a bad file.
    """
    check_choices(choices)
    of = Import(
        run=Run(kind=Run.Kind.IMPORT, by=by, title=storable(name)[:255]),
        record_kind=str(kind),
        file_name=storable(name)[:255],
        stored_as=str(path),
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
    )
    read_beginning(of, choices, by)
    return of


def read_beginning(of: Import, choices: ReadingChoices, by: User) -> None:
    """Set what the file's beginning shows when it is read as chosen.

    Columns are guessed anew where the headings are others.
    """
    source, table = open_table(present_path(of), choices, name=of.file_name)
    headings = list(table.headings)
    if headings != of.headings:
        of.headings, of.ignored = headings, []
        of.columns = guessed_columns(headings, RecordKind(of.record_kind), by)
    of.sheet = table.name
    of.sheets = list(source.sheets)
    of.samples = samples_of(table.rows, len(headings))
    of.row_count = table.row_count or 0
    of.choices = chosen(choices)
    of.reading = as_stored(table.reading)
    of.left_out = []


def check_choices(choices: ReadingChoices) -> None:
    """Refuse what no file can be read with. Raises UserError."""
    if choices.encoding is not None:
        try:
            codecs.lookup(choices.encoding)
        except LookupError:
            raise UserError(
                "sheet.encoding_unknown", encoding=choices.encoding
            ) from None
    if choices.delimiter is not None and len(choices.delimiter) != 1:
        raise UserError("sheet.delimiter_unknown", delimiter=choices.delimiter)
    if choices.heading_row is not None and choices.heading_row < 1:
        raise UserError("import.heading_row_invalid", row=choices.heading_row)


def guessed_columns(
    headings: Sequence[str], kind: RecordKind, by: User
) -> list[str | None]:
    """Return the field path of each column: as somebody matched it before, else by its heading."""
    fields = catalog(kind)
    columns = detected(headings, fields)
    allowed = set(target_paths(fields))
    remembered = RememberedColumn.objects.filter(
        record_kind=str(kind), heading__in=map(heading_key, headings)
    )
    # The user's own choices come last and win.
    own_last = sorted(remembered, key=lambda column: column.by_id == by.pk)
    chosen = {column.heading: column.path for column in own_last}
    for index, heading in enumerate(headings):
        path = chosen.get(heading_key(heading))
        if path == "":
            columns[index] = None
        if not path or path not in allowed:
            continue
        if path not in columns or is_repeatable(path, fields):
            columns[index] = path
    return columns


def detected(headings: Sequence[str], fields: Catalog) -> list[str | None]:
    """Return the field path of each column that its heading says, None for others."""
    names = heading_names(fields)
    others = OTHER_HEADINGS[fields.record]
    paths = (*names, *others)
    repeatable = {path for path in paths if is_repeatable(path, fields)}
    return guess(headings, names, others=others, repeatable=repeatable)


def set_columns(
    of: Import,
    *,
    columns: Sequence[str | None],
    on: date | None,
    ignored: Collection[str],
) -> Iterator[tuple[str, str | None]]:
    """Set which column fills which field.

    Returns the headings whose field is not the one that is guessed, each with its field.
    """
    fields = catalog(RecordKind(of.record_kind))
    allowed = set(target_paths(fields))
    filled = [path for path in columns if path]
    if len(columns) != len(of.headings) or not set(filled) <= allowed:
        raise UserError("import.columns_unknown")
    for path in filled:
        if filled.count(path) > 1 and not is_repeatable(path, fields):
            raise UserError(
                "import.column_twice", field=target_name(path, fields, "en")
            )
    if not filled:
        raise UserError("import.columns_none")
    of.columns = [path or None for path in columns]
    of.on = on
    of.ignored = sorted(set(ignored) & set(of.headings))
    guessed = detected(of.headings, fields)
    chosen_otherwise = zip(of.headings, of.columns, guessed, strict=True)
    return (
        (heading, path)
        for heading, path, usual in chosen_otherwise
        if path != usual
    )


def check_answers(answers: StoredAnswers) -> None:
    """Refuse an unknown answer about the status or the reading: it would pass for one."""
    for kind in CHECKED_ANSWERS & answers.keys():
        if choice_of(answers, kind) not in ANSWERS[kind]:
            raise UserError(
                "import.answer_unknown",
                key=str(kind),
                options=", ".join(ANSWERS[kind]),
            )


def choices_answered(
    of: Import, answers: StoredAnswers
) -> ReadingChoices | None:
    """Return how the file is to be read after these answers; None if they say nothing about it."""
    encoding = of.reading.get("encoding", "")
    if not reading_fields_answered(answers, encoding=encoding):
        return None
    return reading_answered(
        ReadingChoices(**of.choices), answers, encoding=encoding
    )


def set_answers(of: Import, answers: StoredAnswers, by: User) -> None:
    """Set further answers; those about reading the file change how it is read."""
    check_answers(answers)
    of.answers = {**of.answers, **answers}
    choices = choices_answered(of, answers)
    if choices is not None:
        set_reading(of, choices, by)


def set_reading(of: Import, choices: ReadingChoices, by: User) -> None:
    """Set what the file's beginning shows when it is read as chosen; an earlier plan is void."""
    check_choices(choices)
    read_beginning(of, choices, by)
    of.state = Import.State.COLUMNS


def set_outcome(of: Import, outcome: Outcome) -> None:
    """Set what a check found: the plan is complete."""
    of.state = Import.State.CHECKED
    of.totals = dict(outcome.totals)
    of.questions = list(outcome.questions)
    of.reading = dict(outcome.reading)
    of.left_out = list(outcome.left_out)
    of.row_count = outcome.row_count


def set_failure(
    of: Import, *, code: str, params: Mapping[str, object]
) -> None:
    """Set what is wrong with the file as a whole."""
    of.state = Import.State.FAILED
    of.error = {
        "code": code,
        "params": {key: str(value) for key, value in params.items()},
    }


def note_block(block: PlanBlock, notes: Mapping[int, Iterable[Issue]]) -> int:
    """Add notes, by row, to the rows of a block; return how many of them had none before."""
    rows = unpack(block.rows)
    before: int = block.counts.get("warning", 0)
    for row in rows:
        row.issues.extend(notes.get(row.number, ()))
    block.counts = count(rows)
    block.rows = pack(rows)
    after: int = block.counts.get("warning", 0)
    return after - before
