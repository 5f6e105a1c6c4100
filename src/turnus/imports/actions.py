"""Every write of an import before it is carried out: upload, columns, answers, the plan."""

import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path

from django.db import transaction

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.core.mapping import heading_key
from turnus.core.records import RecordKind
from turnus.core.tables import ReadingChoices
from turnus.fields.catalog import catalog
from turnus.history.actions import move_run, start_run, start_undo
from turnus.history.models import Run
from turnus.imports.files import uploads
from turnus.imports.models import Import, RememberedColumn
from turnus.imports.preparing import (
    READING_COLUMNS,
    check_answers,
    choices_answered,
    new_import,
    set_columns,
    set_reading,
)
from turnus.imports.queries import (
    AT_WORK,
    JOBS,
    NEVER_CARRIED_OUT,
    UNFINISHED,
    standing_of,
    undo_of,
    unfinished_of_file,
)
from turnus.imports.questions import StoredAnswers, reading_fields_answered
from turnus.imports.rights import refuse_denied
from turnus.jobs.actions import LostError, enqueue, free, withdraw
from turnus.jobs.lanes import lane_of_file, lane_of_rows
from turnus.kit.errors import UserError
from turnus.kit.messages import quoted

States = Import.State
#: States in which a file's columns, answers and reading may be changed, and its rows be checked.
_OPEN = (States.COLUMNS, States.CHECKED, States.FAILED, States.EXPIRED)
#: A plan that nobody carried out for so long is thrown away; the file can be checked again.
PLAN_KEPT = timedelta(days=7)


def start_import(
    *,
    by: User,
    at: datetime,
    kind: RecordKind,
    path: Path,
    name: str,
    choices: ReadingChoices | None = None,
) -> Import:
    """Begin the import of a file that lies at `path`; its columns are guessed.

    `choices` say how a person wants it to be read. Raises SheetError for a bad file.
    """
    require(by, Permission.IMPORT)
    # Outside the transaction, here and below: nobody waits while a large file is opened.
    of = new_import(
        by=by,
        kind=kind,
        path=path,
        name=name,
        choices=choices or ReadingChoices(),
    )
    keep_import(of, by=by, at=at)
    return of


@transaction.atomic
def keep_import(of: Import, *, by: User, at: datetime) -> None:
    """Store an import that was made by `preparing.new_import`, with its run."""
    require(by, Permission.IMPORT)
    of.run = start_run(
        kind=Run.Kind.IMPORT, by_id=by.pk, at=at, title=of.file_name
    )
    of.save()


def keep_upload(
    chunks: Iterable[bytes], *, name: str, limit_bytes: int
) -> Path:
    """Keep an uploaded file under a name that nobody can guess; refuse it beyond the limit."""
    ending = Path(name).suffix.lower()[:10]
    path = (
        uploads()
        / f"{secrets.token_hex(16)}{ending if ending.isascii() else ''}"
    )
    size = 0
    with path.open("xb") as file:
        for chunk in chunks:
            size += len(chunk)
            if size > limit_bytes:
                path.unlink()
                raise UserError(
                    "sheet.too_large", megabytes=limit_bytes // 1024**2
                )
            file.write(chunk)
    return path


@transaction.atomic
def choose_import_columns(
    *,
    of: Import,
    by: User,
    columns: Sequence[str | None],
    on: date | None = None,
    ignored: Collection[str] = (),
) -> None:
    """Set which column fills which field, and the day of blank won times; remember the choice.

    `ignored` are headings of columns that the person leaves out, whatever they hold.
    """
    _require_owner(of, by)
    _require_state(of, *_OPEN)
    for heading, path in set_columns(
        of, columns=columns, on=on, ignored=ignored
    ):
        RememberedColumn.objects.update_or_create(
            by=by,
            record_kind=of.record_kind,
            heading=heading_key(heading)[:255],
            defaults={"path": path or ""},
        )
    of.save(update_fields=["columns", "on", "ignored"])


def choose_reading(*, of: Import, by: User, choices: ReadingChoices) -> None:
    """Read the file as `choices` say; where that gives other headings, columns are guessed anew.

    An earlier plan is void: the check has to be repeated. Raises UserError if the file cannot be
    read so, or if somebody else went on with the import meanwhile; then everything stays as it was.
    """
    _require_owner(of, by)
    before = _basis_of(of)
    set_reading(of, choices, by)
    with transaction.atomic():
        now = Import.objects.select_for_update(no_key=True).get(pk=of.pk)
        if now.state not in _OPEN:
            raise UserError("import.wrong_state", state=now.state)
        if _basis_of(now) != before:
            raise UserError("database.collision")
        of.save(update_fields=READING_COLUMNS)


def _basis_of(of: Import) -> list[object]:
    """Return what a new reading of the file starts from, and what it would overwrite."""
    return [
        of.state,
        of.checked_at,
        of.headings,
        of.columns,
        of.ignored,
        of.choices,
    ]


def give_answers(*, of: Import, by: User, answers: StoredAnswers) -> None:
    """Keep further answers to questions; the check has to be repeated.

    Answers about reading the file change how it is read, see `choose_reading`. Raises UserError for
    an unknown answer about the reading or the status, and for one that adds what the importer may
    not add.
    """
    _require_owner(of, by)
    check_answers(answers)
    refuse_denied(answers, catalog(RecordKind(of.record_kind)), of.run.by)
    choices = choices_answered(of, answers)
    if choices is not None:
        choose_reading(of=of, by=by, choices=choices)
    with transaction.atomic():
        _require_state(of, *_OPEN)
        of.answers = {**of.answers, **answers}
        of.save(update_fields=["answers"])


def take_back_answer(*, of: Import, by: User, key: str) -> None:
    """Let the next check ask a question anew; its answer about reading the file is void as well."""
    _require_owner(of, by)
    answer = {key: of.answers.get(key)}
    fields = reading_fields_answered(
        answer, encoding=of.reading.get("encoding", "")
    )
    if fields:
        choices = ReadingChoices(**{**of.choices, **dict.fromkeys(fields)})
        choose_reading(of=of, by=by, choices=choices)
    with transaction.atomic():
        _require_state(of, *_OPEN)
        of.answers.pop(key, None)
        of.save(update_fields=["answers"])


@transaction.atomic
def request_check(*, of: Import, by: User, at: datetime) -> None:
    """Let a job check the rows."""
    _require_owner(of, by)
    _require_state(of, *_OPEN)
    of.state, of.progress = States.CHECKING, 0
    of.save(update_fields=["state", "progress"])
    lane = lane_of_file(of.size_bytes)
    enqueue("imports.check", at=at, by_id=by.pk, lane=lane, import_id=of.pk)


@transaction.atomic
def request_import(
    *,
    of: Import,
    by: User,
    at: datetime,
    is_again: bool = False,
    was_shown: bool = True,
) -> None:
    """Let a job carry out the stored plan.

    Refused while questions are open, or while another import of the same file is unfinished.
    `is_again`: the person wants the file twice. `was_shown`: somebody has seen the plan, so that it
    is given back if contacts that it would create came in since; otherwise these are linked.
    """
    _require_owner(of, by)
    # Whoever sends off the same file at the same moment waits here.
    list(
        Import.objects.select_for_update()
        .filter(sha256=of.sha256, record_kind=of.record_kind)
        .order_by("pk")
    )
    of.refresh_from_db()
    _require_state(of, States.CHECKED)
    refuse_denied(of.answers, catalog(RecordKind(of.record_kind)), of.run.by)
    if of.has_open_questions:
        raise UserError(
            "import.questions_open",
            count=of.totals.get("question") or of.totals["rows"],
        )
    if of.unsaid_sheets:
        raise UserError(
            "import.sheets_unsaid",
            sheet=of.sheet,
            sheets=quoted(of.unsaid_sheets),
        )
    if not of.totals.get("new") and not of.totals.get("update"):
        raise UserError("import.nothing_to_do")
    of.is_again = of.is_again or is_again
    refuse_beside_unfinished(of)
    of.state, of.progress, of.error = States.IMPORTING, 0, {}
    move_run(run=of.run, state=Run.State.RUNNING, at=at)
    of.save(update_fields=["state", "progress", "error", "is_again"])
    enqueue(
        "imports.commit",
        at=at,
        by_id=by.pk,
        lane=lane_of_rows(of.row_count),
        import_id=of.pk,
        was_shown=was_shown,
    )


def refuse_beside_unfinished(of: Import) -> None:
    """Refuse while another import of the same file is unfinished, unless the person wants both."""
    other = None if of.is_again else unfinished_of_file(of)
    if other is None:
        return
    if other.state == States.UNDOING:
        raise UserError("import.same_file_undoing", run=other.run_id)
    standing = standing_of(other)
    raise UserError(
        "import.same_file",
        run=other.run_id,
        done=standing.done_count,
        rows=standing.row_count,
    )


@transaction.atomic
def send_back(
    of: Import, *, contact_count: int, row_count: int, at: datetime
) -> None:
    """Send back a plan that no longer fits before anything is written; for the step of a job."""
    _lock(of)
    if of.state != States.IMPORTING:
        raise LostError
    of.state = States.CHECKED
    of.error = {
        "code": "import.moved",
        "params": {"contacts": contact_count, "rows": row_count},
    }
    of.save(update_fields=["state", "error"])
    move_run(run=of.run, state=Run.State.PLANNED, at=at)


@transaction.atomic
def continue_import(*, of: Import, by: User, at: datetime) -> None:
    """Let an interrupted check, import or undo go on at once, after the last step that was written.

    Also when a worker has it: that one loses it. Raises UserError if nothing is unfinished.
    """
    _require_owner(of, by)
    _lock(of)
    _require_state(of, *AT_WORK)
    if not free(JOBS[States(of.state)], at=at, import_id=of.pk):
        raise UserError("import.wrong_state", state=of.state)


@transaction.atomic
def request_undo(*, of: Import, by: User, at: datetime) -> None:
    """Let a job undo the import, also one that is under way; for its importer and admins.

    An interrupted undo goes on.
    """
    _require_owner(of, by)
    _lock(of)
    _require_state(of, States.DONE, *UNFINISHED)
    if of.state == States.UNDOING:
        continue_import(of=of, by=by, at=at)
        return
    withdraw("imports.commit", at=at, import_id=of.pk)
    _begin_undo(of, by, at)


@transaction.atomic
def discard_import(*, of: Import, by: User, at: datetime) -> None:
    """Discard a plan, or a file whose columns are not matched; nothing has been carried out."""
    _require_owner(of, by)
    _lock(of)
    _require_state(of, *NEVER_CARRIED_OUT)
    _throw_away(of, States.DISCARDED, at)


@transaction.atomic
def expire_plans(*, at: datetime) -> int:
    """Discard what was never carried out for a week; return how many that were."""
    old = Import.objects.filter(
        state__in=NEVER_CARRIED_OUT, run__created_at__lt=at - PLAN_KEPT
    )
    plans = (
        old.exclude(checked_at__gte=at - PLAN_KEPT)
        .select_for_update(of=("self",))
        .select_related("run")
    )
    expired = list(plans)
    for of in expired:
        _throw_away(of, States.EXPIRED, at)
    return len(expired)


def _throw_away(of: Import, state: Import.State, at: datetime) -> None:
    withdraw("imports.check", at=at, import_id=of.pk)
    of.blocks.all().delete()
    of.state, of.questions, of.totals, of.error = state, [], {}, {}
    of.save(update_fields=["state", "questions", "totals", "error"])


@transaction.atomic
def break_off(of: Import, *, at: datetime) -> None:
    """Abandon an import that failed half-way: keep why, and let a job undo what was written."""
    _lock(of)
    if of.state != States.IMPORTING:
        return
    of.error = {"code": "import.broke_off", "params": {}}
    of.save(update_fields=["error"])
    _begin_undo(of, of.run.by, at)


def _begin_undo(of: Import, by: User, at: datetime) -> None:
    of.state, of.progress = States.UNDOING, 0
    of.save(update_fields=["state", "progress"])
    move_run(run=of.run, state=Run.State.UNDOING, at=at)
    undo = undo_of(of) or start_undo(
        of=of.run, by_id=by.pk, at=at, title=of.file_name
    )
    enqueue(
        "imports.undo",
        at=at,
        by_id=by.pk,
        lane=lane_of_rows(of.row_count),
        unique_key=f"imports.undo:{of.pk}",
        import_id=of.pk,
        undo_id=undo.pk,
    )


def _lock(of: Import) -> None:
    """Keep others from moving the import on, and learn where it stands."""
    of.state = Import.objects.select_for_update().get(pk=of.pk).state


def _require_owner(of: Import, by: User) -> None:
    require(by, Permission.IMPORT)
    if of.run.by_id != by.pk and not by.is_admin:
        raise UserError("access.denied", permission="import")


def _require_state(of: Import, *states: Import.State) -> None:
    # Locked: of two people who answer or start at once, the second sees what the first did.
    now = Import.objects.select_for_update(no_key=True)
    of.refresh_from_db(fields=["state", "answers"], from_queryset=now)
    if of.state not in states:
        raise UserError("import.wrong_state", state=of.state)
