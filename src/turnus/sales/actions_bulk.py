"""Changes of many records at once, of any kind: each is a run that can be undone."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.contacts.actions import refuse_trashed_payers
from turnus.contacts.models import Organization
from turnus.core.records import RecordKind
from turnus.fields.changing import trashed_ids
from turnus.fields.columns import FieldValues
from turnus.fields.models import Record
from turnus.fields.record_actions import actions_of
from turnus.history.actions import move_run, run_to_undo, start_run, start_undo
from turnus.history.models import Run
from turnus.history.undoing import UndoResult, undo_block
from turnus.kit.errors import UserError
from turnus.sales.actions import refuse_trashed_contacts
from turnus.sales.models import Deal

_KINDS = (Run.Kind.BULK_EDIT, Run.Kind.BULK_TRASH)


@transaction.atomic
def change_many(
    kind: RecordKind,
    *,
    records: QuerySet[Record],
    by: User,
    at: datetime,
    values: FieldValues,
    title: str,
) -> Run:
    """Give the fields of many records new values; the run's totals say how many changed.

    Refused where there are no records.
    """
    _refuse_nothing(records)
    run = start_run(kind=Run.Kind.BULK_EDIT, by_id=by.pk, at=at, title=title)
    count = actions_of(kind).update(
        records, by=by, at=at, values=values, run=run
    )
    move_run(run=run, state=Run.State.DONE, at=at, totals={"count": count})
    return run


@transaction.atomic
def trash_many(
    kind: RecordKind, *, records: QuerySet[Record], by: User, at: datetime
) -> Run:
    """Move many records to the trash; the run's totals say how many.

    Refused where there are no records.
    """
    _refuse_nothing(records)
    run = start_run(kind=Run.Kind.BULK_TRASH, by_id=by.pk, at=at)
    count = actions_of(kind).trash(records, by=by, at=at, run=run)
    move_run(run=run, state=Run.State.DONE, at=at, totals={"count": count})
    return run


@transaction.atomic
def undo_many(*, run_id: int, by: User, at: datetime) -> UndoResult:
    """Undo a bulk change; for whoever made it, and admins. What was changed since stays.

    Refused as `history.actions.run_to_undo` says, and where a record would come back from the trash
    before the contact that it hangs on.
    """
    run = run_to_undo(
        run_id,
        kinds=_KINDS,
        states=(Run.State.DONE,),
        by_id=by.pk,
        is_admin=by.is_admin,
    )
    if run.kind == Run.Kind.BULK_TRASH:
        _refuse_trashed_contacts(run)
    undo = start_undo(of=run, by_id=by.pk, at=at)
    whole = UndoResult()
    before = None
    while True:
        before, part = undo_block(run=run, undo=undo, before_id=before, at=at)
        whole.restored += part.restored
        whole.conflicts += part.conflicts
        if before is None:
            break
    move_run(run=run, state=Run.State.UNDONE, at=at)
    move_run(run=undo, state=Run.State.DONE, at=at)
    return whole


def _refuse_trashed_contacts(run: Run) -> None:
    """Refuse to restore what a run trashed while its contact is in the trash."""
    of_deals = run.events.filter(record_kind=RecordKind.DEAL)
    deals = Deal.objects.filter(pk__in=of_deals.values("record_id"))
    refuse_trashed_contacts(trashed_ids(deals))
    of_organizations = run.events.filter(record_kind=RecordKind.ORGANIZATION)
    ids = of_organizations.values("record_id")
    refuse_trashed_payers(Organization.objects.filter(pk__in=ids))


def _refuse_nothing(records: QuerySet[Record]) -> None:
    if not records.exists():
        raise UserError("bulk.nothing")
