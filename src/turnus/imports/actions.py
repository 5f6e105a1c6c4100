"""Every write of an import before its plan is carried out: upload, columns, answers, the stored plan."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.core.mapping import guess, heading_key
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices
from turnus.fields.catalogue import Catalogue, catalogue
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.imports.files import path_of, samples_of, uploads
from turnus.imports.models import Import, PlanBlock, RememberedColumn
from turnus.imports.parts import is_repeatable, target_name
from turnus.imports.plan import PlannedRow, pack
from turnus.imports.targets import heading_names, target_paths
from turnus.jobs.actions import enqueue
from turnus.kit.errors import UserError
from turnus.sheets.digest import sha256_of
from turnus.sheets.reading import inspect, read

States = Import.State


@transaction.atomic
def start_import(*, by: User, at: datetime, kind: RecordKind, path: Path, name: str, sheet: str = "") -> Import:
    """Begin the import of a file that lies at `path`; its columns are guessed. Raises SheetError for a bad file."""
    require(by, Permission.IMPORT)
    source = inspect(path, ReadingChoices(sheet=sheet or None))
    table = read(source)
    samples = samples_of(table.rows, len(table.headings))
    run = start_run(kind=Run.Kind.IMPORT, by_id=by.pk, at=at, title=name)
    return Import.objects.create(
        run=run, record_kind=str(kind), file_name=name[:255], stored_as=str(path), size_bytes=path.stat().st_size,
        sha256=sha256_of(path), sheet=table.name, sheets=list(source.sheets), headings=list(table.headings),
        samples=samples, columns=guessed_columns(table.headings, kind, by), row_count=table.row_count or 0,
    )  # fmt: skip


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
    names = heading_names(fields)
    return guess(headings, names, repeatable={path for path in names if is_repeatable(path, fields)})


@transaction.atomic
def choose_import_columns(
    *, of: Import, by: User, columns: Sequence[str | None], on: date | None = None, sheet: str | None = None
) -> None:
    """Set which column fills which field, and the day of blank won times; the choice is remembered for next time."""
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
    of.sheet = of.sheet if sheet is None else sheet
    of.save(update_fields=["columns", "on", "sheet"])


@transaction.atomic
def choose_sheet(*, of: Import, by: User, sheet: str) -> None:
    """Take another sheet of the workbook; its columns are guessed anew."""
    _require_owner(of, by)
    _require_state(of, States.COLUMNS, States.CHECKED, States.FAILED)
    table = read(inspect(path_of(of), ReadingChoices(sheet=sheet)))
    of.sheet, of.headings = table.name, list(table.headings)
    of.samples = samples_of(table.rows, len(table.headings))
    of.columns = guessed_columns(table.headings, RecordKind(of.record_kind), by)
    of.row_count, of.state = table.row_count or 0, States.COLUMNS
    of.save()


@transaction.atomic
def give_answers(*, of: Import, by: User, answers: Mapping[str, Any]) -> None:
    """Keep answers to questions, besides those given before; the check has to be repeated."""
    _require_owner(of, by)
    _require_state(of, States.COLUMNS, States.CHECKED, States.FAILED)
    of.answers = {**of.answers, **answers}
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
    if of.totals.get("question"):
        raise UserError("import.questions_open", count=of.totals["question"])
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
    undo = start_run(kind=Run.Kind.UNDO, by_id=by.pk, at=at, title=of.file_name)
    undo.undoes = of.run
    undo.save(update_fields=["undoes"])
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
def finish_check(of: Import, *, totals: Mapping[str, Any], questions: Sequence[Mapping[str, Any]]) -> None:
    """Mark the plan complete."""
    of.totals, of.questions, of.state = dict(totals), [dict(one) for one in questions], States.CHECKED
    of.row_count = totals["rows"]
    of.save(update_fields=["totals", "questions", "state", "row_count"])


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
    of.refresh_from_db(fields=["state"])
    if of.state not in states:
        raise UserError("import.wrong_state", state=of.state)
