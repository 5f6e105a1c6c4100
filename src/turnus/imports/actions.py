"""Every write of an import before its plan is carried out: upload, columns, answers, the stored plan."""

import codecs
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.core.issues import Issue
from turnus.core.mapping import guess, heading_key
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices
from turnus.core.texts import storable
from turnus.fields.catalogue import Catalogue, catalogue
from turnus.history.actions import move_run, start_run, start_undo
from turnus.history.models import Run
from turnus.imports.files import as_stored, chosen, present_path, samples_of, uploads
from turnus.imports.models import Import, PlanBlock, RememberedColumn
from turnus.imports.other_programs import OTHER_HEADINGS
from turnus.imports.parts import is_repeatable, target_name
from turnus.imports.plan import Outcome, PlannedRow, count, pack, unpack
from turnus.imports.questions import ANSWERS, CHECKED_ANSWERS, choice_of, reading_answered
from turnus.imports.rights import refuse_denied
from turnus.imports.targets import heading_names, target_paths
from turnus.jobs.actions import enqueue
from turnus.kit.errors import UserError
from turnus.kit.messages import quoted
from turnus.sheets.digest import sha256_of
from turnus.sheets.opening import open_table

States = Import.State


def start_import(
    *, by: User, at: datetime, kind: RecordKind, path: Path, name: str, choices: ReadingChoices | None = None
) -> Import:
    """Begin the import of a file that lies at `path`; its columns are guessed.

    `choices` say how a person wants it to be read. Raises SheetError for a bad file.
    """
    require(by, Permission.IMPORT)
    choices = choices or ReadingChoices()
    _check_choices(choices)
    of = Import(
        record_kind=str(kind),
        file_name=storable(name)[:255],
        stored_as=str(path),
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
    )
    # Outside the transaction, here and below: nobody waits for the database while a large file is opened.
    _read_beginning(of, choices, by)
    with transaction.atomic():
        of.run = start_run(kind=Run.Kind.IMPORT, by_id=by.pk, at=at, title=name)
        of.save()
    return of


def _read_beginning(of: Import, choices: ReadingChoices, by: User) -> None:
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


def _check_choices(choices: ReadingChoices) -> None:
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


def keep_upload(chunks: Any, *, name: str, limit_bytes: int) -> Path:
    """Write an uploaded file into the uploads folder, under a name nobody can guess; refuse it beyond the limit."""
    ending = Path(name).suffix.lower()[:10]
    path = uploads() / f"{secrets.token_hex(16)}{ending if ending.isascii() else ''}"
    size = 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit_bytes:
                path.unlink()
                raise UserError("sheet.too_large", megabytes=limit_bytes // 1024**2)
            file.write(chunk)
    return path


def guessed_columns(headings: Sequence[str], kind: RecordKind, by: User) -> list[str | None]:
    """Return the field path of each column: recognised by its heading, else as somebody matched it before."""
    fields = catalogue(kind)
    columns = _recognised(headings, fields)
    allowed = set(target_paths(fields))
    remembered = RememberedColumn.objects.filter(record_kind=str(kind), heading__in=map(heading_key, headings))
    chosen = {one.heading: one.path for one in sorted(remembered, key=lambda one: one.by_id == by.pk)}
    for index, heading in enumerate(headings):
        path = chosen.get(heading_key(heading))
        if path == "":
            columns[index] = None
        elif path in allowed and (path not in columns or is_repeatable(path, fields)):
            columns[index] = path
    return columns


def _recognised(headings: Sequence[str], fields: Catalogue) -> list[str | None]:
    names, others = heading_names(fields), OTHER_HEADINGS[fields.record]
    repeatable = {path for path in (*names, *others) if is_repeatable(path, fields)}
    return guess(headings, names, others=others, repeatable=repeatable)


@transaction.atomic
def choose_import_columns(
    *,
    of: Import,
    by: User,
    columns: Sequence[str | None],
    on: date | None = None,
    ignored: Collection[str] = (),
) -> None:
    """Set which column fills which field, and the day of blank won times; the choice is remembered for next time.

    `ignored` are headings of columns that the person leaves out, whatever they hold.
    """
    _require_owner(of, by)
    _require_state(of, States.COLUMNS, States.CHECKED, States.FAILED)
    fields = catalogue(RecordKind(of.record_kind))
    allowed = set(target_paths(fields))
    given = [path for path in columns if path]
    if len(columns) != len(of.headings) or not set(given) <= allowed:
        raise UserError("import.columns_unknown")
    twice = next((path for path in given if given.count(path) > 1 and not is_repeatable(path, fields)), None)
    if twice:
        raise UserError("import.column_twice", field=target_name(twice, fields, "en"))
    if not given:
        raise UserError("import.columns_none")
    guessed = _recognised(of.headings, fields)
    for heading, path, usual in zip(of.headings, columns, guessed, strict=True):
        if (path or None) != usual:
            RememberedColumn.objects.update_or_create(
                by=by, record_kind=of.record_kind, heading=heading_key(heading)[:255], defaults={"path": path or ""}
            )
    of.columns, of.on = [path or None for path in columns], on
    of.ignored = sorted(set(ignored) & set(of.headings))
    of.save(update_fields=["columns", "on", "ignored"])


def choose_reading(*, of: Import, by: User, choices: ReadingChoices) -> None:
    """Read the file as `choices` say; where that gives other headings, columns are guessed anew and have to be matched.

    Raises UserError if it cannot be read so; then everything stays as it was.
    """
    _require_owner(of, by)
    _require_state(of, States.COLUMNS, States.CHECKED, States.FAILED)
    _check_choices(choices)
    headings = of.headings
    _read_beginning(of, choices, by)
    if of.headings != headings:
        of.state = States.COLUMNS
    of.save()


def give_answers(*, of: Import, by: User, answers: Mapping[str, Any]) -> None:
    """Keep answers to questions, besides those given before; the check has to be repeated.

    Answers about reading the file change how it is read, see `choose_reading`. Raises UserError for an answer that such a question,
    or that about the status, does not have, and for one that adds what whoever imports may not add.
    """
    _require_owner(of, by)
    for kind in CHECKED_ANSWERS & answers.keys():
        if choice_of(answers, kind) not in ANSWERS[kind]:
            raise UserError("import.answer_unknown", key=str(kind), options=", ".join(ANSWERS[kind]))
    refuse_denied(answers, catalogue(RecordKind(of.record_kind)), of.run.by)
    _require_state(of, States.COLUMNS, States.CHECKED, States.FAILED)
    of.answers = {**of.answers, **answers}
    _answered(of, by, reading_answered(answers, encoding=of.reading.get("encoding", "")))


def take_back_answer(*, of: Import, by: User, key: str) -> None:
    """Let a question be asked anew, in the next check; an answer about reading the file no longer holds either."""
    _require_owner(of, by)
    _require_state(of, States.COLUMNS, States.CHECKED, States.FAILED)
    answer = of.answers.pop(key, None)
    about_reading = reading_answered({key: answer}, encoding=of.reading.get("encoding", ""))
    _answered(of, by, dict.fromkeys(about_reading))


def _answered(of: Import, by: User, about_reading: Mapping[str, Any]) -> None:
    """Store the answers; those that say how the file is to be read have it read so, or are not stored."""
    if about_reading:
        choose_reading(of=of, by=by, choices=replace(ReadingChoices(**of.choices), **about_reading))
    else:
        of.save(update_fields=["answers"])


@transaction.atomic
def request_check(*, of: Import, by: User, at: datetime) -> None:
    """Let a job check the rows."""
    _require_owner(of, by)
    _require_state(of, States.COLUMNS, States.CHECKED, States.FAILED)
    of.state, of.progress = States.CHECKING, 0
    of.save(update_fields=["state", "progress"])
    enqueue("imports.check", at=at, by_id=by.pk, import_id=of.pk)


@transaction.atomic
def request_import(*, of: Import, by: User, at: datetime) -> None:
    """Let a job carry out the stored plan; refused while questions are open."""
    _require_owner(of, by)
    _require_state(of, States.CHECKED)
    refuse_denied(of.answers, catalogue(RecordKind(of.record_kind)), of.run.by)
    if of.has_open_questions:
        raise UserError("import.questions_open", count=of.totals.get("question") or of.totals["rows"])
    if of.unsaid_sheets:
        raise UserError("import.sheets_unsaid", sheet=of.sheet, sheets=quoted(of.unsaid_sheets))
    if not of.totals.get("new") and not of.totals.get("update"):
        raise UserError("import.nothing_to_do")
    of.state, of.progress = States.IMPORTING, 0
    of.save(update_fields=["state", "progress"])
    move_run(run=of.run, state=Run.State.RUNNING, at=at)
    enqueue("imports.commit", at=at, by_id=by.pk, unique_key=f"imports.commit:{of.pk}", import_id=of.pk)


@transaction.atomic
def request_undo(*, of: Import, by: User, at: datetime) -> None:
    """Let a job take the import back; possible at any time, by admins and by whoever imported it."""
    _require_owner(of, by)
    _require_state(of, States.DONE)
    _begin_undo(of, by, at)


@transaction.atomic
def break_off(of: Import, *, at: datetime) -> None:
    """Give an import up that failed half-way: keep why, and let a job take back what was written."""
    of.error = {"code": "import.broke_off", "params": {}}
    of.save(update_fields=["error"])
    _begin_undo(of, of.run.by, at)


def _begin_undo(of: Import, by: User, at: datetime) -> None:
    of.state, of.progress = States.UNDOING, 0
    of.save(update_fields=["state", "progress"])
    move_run(run=of.run, state=Run.State.UNDOING, at=at)
    undo = start_undo(of=of.run, by_id=by.pk, at=at, title=of.file_name)
    enqueue("imports.undo", at=at, by_id=by.pk, unique_key=f"imports.undo:{of.pk}", import_id=of.pk, undo_id=undo.pk)


@transaction.atomic
def start_check(of: Import) -> None:
    """Throw away an earlier plan."""
    of.blocks.all().delete()
    of.state, of.progress, of.questions, of.totals, of.error = States.CHECKING, 0, [], {}, {}
    of.save(update_fields=["state", "progress", "questions", "totals", "error"])


@transaction.atomic
def store_block(
    of: Import,
    *,
    number: int,
    rows: Sequence[PlannedRow],
    counts: Mapping[str, int],
    contacts: Mapping[str, Any],
    seen: int,
) -> None:
    """Store one block of the plan and how far the check has come."""
    PlanBlock.objects.create(of=of, number=number, counts=dict(counts), rows=pack(rows), contacts=dict(contacts))
    Import.objects.filter(pk=of.pk).update(progress=seen)


@transaction.atomic
def add_notes(of: Import, *, number: int, notes: Mapping[int, Iterable[Issue]]) -> int:
    """Add notes to rows of a block that is stored already; return how many of them had none before."""
    block = of.blocks.get(number=number)
    rows = unpack(block.rows)
    before: int = block.counts.get("warning", 0)
    for row in rows:
        row.issues.extend(notes.get(row.number, ()))
    block.counts, block.rows = count(rows), pack(rows)
    block.save(update_fields=["counts", "rows"])
    after: int = block.counts.get("warning", 0)
    return after - before


@transaction.atomic
def finish_check(of: Import, *, outcome: Outcome) -> None:
    """Mark the plan complete."""
    of.totals, of.questions, of.state = dict(outcome.totals), list(outcome.questions), States.CHECKED
    of.reading, of.left_out = dict(outcome.reading), list(outcome.left_out)
    of.row_count = outcome.totals["rows"]
    of.save(update_fields=["totals", "questions", "state", "row_count", "reading", "left_out"])


@transaction.atomic
def fail_check(of: Import, *, code: str, params: Mapping[str, Any]) -> None:
    """Keep what is wrong with the file as a whole; no part of a plan stays."""
    of.blocks.all().delete()
    of.state, of.error = States.FAILED, {"code": code, "params": {key: str(value) for key, value in params.items()}}
    of.save(update_fields=["state", "error"])


def _require_owner(of: Import, by: User) -> None:
    require(by, Permission.IMPORT)
    if of.run.by_id != by.pk and not by.is_admin:
        raise UserError("access.denied", permission="import")


def _require_state(of: Import, *states: Import.State) -> None:
    # Locked: of two people who answer, or start, at once the second goes on from what the first said.
    now = Import.objects.select_for_update(no_key=True)
    of.refresh_from_db(fields=["state", "answers"], from_queryset=now)
    if of.state not in states:
        raise UserError("import.wrong_state", state=of.state)
