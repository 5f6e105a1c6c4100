"""An import as it is set up: how its file is read, which column fills which field, what was answered; sets, and stores nothing."""

import codecs
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

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
from turnus.imports.plan import Outcome, count, pack, unpack
from turnus.imports.questions import ANSWERS, CHECKED_ANSWERS, choice_of, reading_answered
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
    *, by: User, kind: RecordKind, path: Path, name: str, choices: ReadingChoices
) -> Import:
    """Return the import of a file that lies at `path`, its columns guessed; neither it nor its run is stored.

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
    """Set what the file's beginning shows when it is read as chosen; columns are guessed where the headings are others."""
    source, table = open_table(present_path(of), choices, name=of.file_name)
    headings = list(table.headings)
    if headings != of.headings:
        of.headings, of.ignored = headings, []
        of.columns = guessed_columns(headings, RecordKind(of.record_kind), by)
    of.sheet, of.sheets = table.name, list(source.sheets)
    of.samples = samples_of(table.rows, len(headings))
    of.row_count = table.row_count or 0
    of.choices, of.reading, of.left_out = chosen(choices), as_stored(table.reading), []


def check_choices(choices: ReadingChoices) -> None:
    """Refuse what no file can be read with. Raises UserError."""
    if choices.encoding is not None:
        try:
            codecs.lookup(choices.encoding)
        except LookupError:
            raise UserError("sheet.encoding_unknown", encoding=choices.encoding) from None
    if choices.delimiter is not None and len(choices.delimiter) != 1:
        raise UserError("sheet.delimiter_unknown", delimiter=choices.delimiter)
    if choices.heading_row is not None and choices.heading_row < 1:
        raise UserError("import.heading_row_invalid", row=choices.heading_row)


def guessed_columns(headings: Sequence[str], kind: RecordKind, by: User) -> list[str | None]:
    """Return the field path of each column: detected by its heading, else as somebody matched it before."""
    fields = catalog(kind)
    columns = detected(headings, fields)
    allowed = set(target_paths(fields))
    remembered = RememberedColumn.objects.filter(
        record_kind=str(kind), heading__in=map(heading_key, headings)
    )
    chosen = {
        one.heading: one.path for one in sorted(remembered, key=lambda one: one.by_id == by.pk)
    }
    for index, heading in enumerate(headings):
        path = chosen.get(heading_key(heading))
        if path == "":
            columns[index] = None
        elif path in allowed and (path not in columns or is_repeatable(path, fields)):
            columns[index] = path
    return columns


def detected(headings: Sequence[str], fields: Catalog) -> list[str | None]:
    """Return the field path of each column that its heading says, None for others."""
    names, others = heading_names(fields), OTHER_HEADINGS[fields.record]
    repeatable = {path for path in (*names, *others) if is_repeatable(path, fields)}
    return guess(headings, names, others=others, repeatable=repeatable)


def set_columns(
    of: Import, *, columns: Sequence[str | None], on: date | None, ignored: Collection[str]
) -> Iterator[tuple[str, str | None]]:
    """Set which column fills which field; return the headings whose field is not the one that is guessed, each with its field."""
    fields = catalog(RecordKind(of.record_kind))
    allowed = set(target_paths(fields))
    given = [path for path in columns if path]
    if len(columns) != len(of.headings) or not set(given) <= allowed:
        raise UserError("import.columns_unknown")
    twice = next(
        (path for path in given if given.count(path) > 1 and not is_repeatable(path, fields)), None
    )
    if twice:
        raise UserError("import.column_twice", field=target_name(twice, fields, "en"))
    if not given:
        raise UserError("import.columns_none")
    of.columns, of.on = [path or None for path in columns], on
    of.ignored = sorted(set(ignored) & set(of.headings))
    guessed = detected(of.headings, fields)
    chosen_otherwise = zip(of.headings, of.columns, guessed, strict=True)
    return ((heading, path) for heading, path, usual in chosen_otherwise if path != usual)


def check_answers(answers: Mapping[str, Any]) -> None:
    """Refuse an answer that a question about the status or the reading does not have, for it would pass for one."""
    for kind in CHECKED_ANSWERS & answers.keys():
        if choice_of(answers, kind) not in ANSWERS[kind]:
            raise UserError(
                "import.answer_unknown", key=str(kind), options=", ".join(ANSWERS[kind])
            )


def choices_answered(of: Import, answers: Mapping[str, Any]) -> ReadingChoices | None:
    """Return how the file is to be read after these answers; None if they say nothing about it."""
    about_reading = reading_answered(answers, encoding=of.reading.get("encoding", ""))
    return replace(ReadingChoices(**of.choices), **about_reading) if about_reading else None


def set_answers(of: Import, answers: Mapping[str, Any], by: User) -> None:
    """Set answers besides those given before; those about reading the file change how it is read."""
    check_answers(answers)
    of.answers = {**of.answers, **answers}
    choices = choices_answered(of, answers)
    if choices is not None:
        set_reading(of, choices, by)


def set_reading(of: Import, choices: ReadingChoices, by: User) -> None:
    """Set what the file's beginning shows when it is read as chosen; a plan that was made of it otherwise no longer holds."""
    check_choices(choices)
    read_beginning(of, choices, by)
    of.state = Import.State.COLUMNS


def set_outcome(of: Import, outcome: Outcome) -> None:
    """Set what a check found: the plan is complete."""
    of.totals, of.questions, of.state = (
        dict(outcome.totals),
        list(outcome.questions),
        Import.State.CHECKED,
    )
    of.reading, of.left_out = dict(outcome.reading), list(outcome.left_out)
    of.row_count = outcome.totals["rows"]


def set_failure(of: Import, *, code: str, params: Mapping[str, Any]) -> None:
    """Set what is wrong with the file as a whole."""
    of.state = Import.State.FAILED
    of.error = {"code": code, "params": {key: str(value) for key, value in params.items()}}


def note_block(block: PlanBlock, notes: Mapping[int, Iterable[Issue]]) -> int:
    """Add notes, by row, to the rows of a block; return how many of them had none before."""
    rows = unpack(block.rows)
    before: int = block.counts.get("warning", 0)
    for row in rows:
        row.issues.extend(notes.get(row.number, ()))
    block.counts, block.rows = count(rows), pack(rows)
    after: int = block.counts.get("warning", 0)
    return after - before
