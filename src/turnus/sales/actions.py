"""Creating, changing, winning, losing, reopening and trashing deals."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import cast

from django.db import transaction
from django.db.models import Q, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.records import RecordKind
from turnus.fields.changing import (
    BLOCK,
    blocks,
    change_each,
    present_ids,
    refuse_strangers,
    trashed_ids,
)
from turnus.fields.columns import (
    FieldValues,
    StoredColumns,
    blank_columns,
    refuse_missing,
)
from turnus.history.actions import lock_records, record_created
from turnus.history.models import Event, Run
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, reserve_ids, update_rows
from turnus.sales.changes import DealChanges
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules

#: A deal's contacts, in the order in which everybody locks them.
_CONTACT_MODELS = (("person", Person), ("organization", Organization))


@transaction.atomic
def create_deal(*, by: User, at: datetime, values: FieldValues) -> Deal:
    """Create a deal from field values; without a title it is named after its contact."""
    rules = DealRules.load()
    _lock_contacts(values, by)
    if not values.get("title"):
        values = {**values, "title": _contact_name(values)}
    refuse_missing(values, rules.fields)
    columns = {
        "owner_id": by.pk,
        "origin": "manual",
        **rules.settle(values, {}, at),
    }
    columns |= tracked(RecordKind.DEAL).derive(columns)
    deal = Deal.objects.create(
        creator=by, created_at=at, updated_at=at, **columns
    )
    record_created(RecordKind.DEAL, [deal.pk], by_id=by.pk, at=at)
    return deal


@transaction.atomic
def update_deals(
    *,
    deals: QuerySet[Deal],
    by: User,
    at: datetime,
    values: FieldValues,
    run: Run | None = None,
) -> int:
    """Give the fields of all `deals` new values; return how many changed.

    Only admins change the won or lost time of a deal that is won or lost: reports count by it.
    """
    refuse_strangers(deals, by)
    ids = present_ids(deals)
    _lock_contacts(values, by)
    _check_stamps(deals, by, values)
    rules = DealRules.load()
    return change_each(
        tracked(RecordKind.DEAL),
        ids,
        lambda row: rules.settle(values, row, at),
        by=by,
        at=at,
        run=run,
    )


def win_deals(
    *,
    deals: QuerySet[Deal],
    by: User,
    at: datetime,
    won: date | datetime | None = None,
) -> int:
    """Mark deals won, at the moment `at` or on an effective day."""
    unwon = deals.exclude(status="won")
    return update_deals(
        deals=unwon, by=by, at=at, values={"status": "won", "won_at": won}
    )


def lose_deals(
    *,
    deals: QuerySet[Deal],
    by: User,
    at: datetime,
    reason: str = "",
    comment: str = "",
    lost: date | None = None,
) -> int:
    """Mark deals lost, with a reason and a comment, at the moment `at` or on an effective day."""
    values: FieldValues = {
        "status": "lost",
        "lost_at": lost,
        "lost_reason": reason,
        "lost_comment": comment,
    }
    return update_deals(
        deals=deals.exclude(status="lost"), by=by, at=at, values=values
    )


def reopen_deals(*, deals: QuerySet[Deal], by: User, at: datetime) -> int:
    """Open won or lost deals again; the history keeps their won and lost times."""
    closed = deals.exclude(status="open")
    return update_deals(deals=closed, by=by, at=at, values={"status": "open"})


@transaction.atomic
def archive_deals(
    *,
    deals: QuerySet[Deal],
    by: User,
    at: datetime,
    archived_at: datetime | None,
) -> int:
    """Archive deals at a moment, or with None take them out of the archive."""
    refuse_strangers(deals, by)
    changes = DealChanges(archived_at=archived_at)
    ids = present_ids(deals)
    return change_each(
        tracked(RecordKind.DEAL), ids, lambda _row: changes, by=by, at=at
    )


@transaction.atomic
def trash_deals(
    *, deals: QuerySet[Deal], by: User, at: datetime, run: Run | None = None
) -> int:
    """Move deals to the trash, where they wait thirty days."""
    refuse_strangers(deals, by)
    changes = DealChanges(trashed_at=at, trashed_by_id=by.pk)
    return change_each(
        tracked(RecordKind.DEAL),
        present_ids(deals),
        lambda _row: changes,
        by=by,
        at=at,
        run=run,
        action=Event.Action.TRASHED,
    )


@transaction.atomic
def restore_deals(*, deals: QuerySet[Deal], by: User, at: datetime) -> int:
    """Take deals out of the trash; refused while their contact lies there."""
    refuse_strangers(deals, by)
    ids = trashed_ids(deals)
    refuse_trashed_contacts(ids)
    changes = DealChanges(trashed_at=None, trashed_by_id=None)
    restored = Event.Action.RESTORED
    return change_each(
        tracked(RecordKind.DEAL),
        ids,
        lambda _row: changes,
        by=by,
        at=at,
        action=restored,
    )


def refuse_trashed_contacts(ids: Sequence[int]) -> None:
    """Refuse to restore deals whose contact is in the trash; lock the contacts.

    For the caller's transaction.
    """
    lock_contacts_of(ids)
    person_in_trash = Q(person__trashed_at__isnull=False)
    organization_in_trash = Q(organization__trashed_at__isnull=False)
    for block in blocks(ids, BLOCK):
        deals = Deal.objects.filter(pk__in=block)
        if deals.filter(person_in_trash | organization_in_trash).exists():
            raise UserError("deal.contact_trashed")


def insert_deals(
    *,
    rows: Sequence[StoredColumns],
    by: User,
    at: datetime,
    run: Run | None = None,
) -> Sequence[int]:
    """Insert deals by the fast lane, from columns as `settle` gives them; return their ids.

    For the caller's transaction: an import inserts a block of deals together with their contacts
    and its own progress. Columns that a row does not name are blank. Refused if a contact is in the
    trash: two queries.
    """
    if not rows:
        return []
    if not all(lock_contacts_for(rows)):
        raise UserError("deal.contact_trashed")
    table = tracked(RecordKind.DEAL)
    ids = reserve_ids(Deal, len(rows))
    common = {
        **blank_columns(Deal),
        "owner_id": by.pk,
        "creator_id": by.pk,
        "created_at": at,
        "updated_at": at,
        "origin": "import" if run else "manual",
        "origin_id": str(run.pk) if run else "",
    }
    names = list(table.columns())
    in_order = itemgetter(*names)

    def stored() -> Iterable[tuple[object, ...]]:
        for deal_id, row in zip(ids, rows, strict=True):
            columns = {**common, **row, "id": deal_id}
            yield in_order(columns | table.derive(columns))

    insert_rows(Deal, names, stored())
    record_created(RecordKind.DEAL, ids, by_id=by.pk, at=at, run=run)
    return ids


def lock_contacts_for(rows: Sequence[StoredColumns]) -> list[bool]:
    """Lock the contacts of new deals, so that they do not go to the trash meanwhile.

    Return for each row whether it may be inserted: not if a contact is in the trash already.
    """
    may_insert = [True] * len(rows)
    for key, model in _CONTACT_MODELS:
        contact_ids = [row.get(f"{key}_id") for row in rows]
        wanted = sorted({pk for pk in contact_ids if pk is not None})
        present: set[int | None] = {None}
        for block in blocks(wanted, BLOCK):
            present.update(
                lock_records(model.objects.present().filter(pk__in=block))
            )
        for place, contact_id in enumerate(contact_ids):
            if contact_id not in present:
                may_insert[place] = False
    return may_insert


def lock_contacts_of(deal_ids: Iterable[int]) -> None:
    """Lock the contacts of deals, so that they do not go to the trash meanwhile."""
    for key, model in _CONTACT_MODELS:
        for block in blocks(deal_ids, BLOCK):
            contacts = Deal.objects.filter(pk__in=block).values(key)
            lock_records(model.objects.filter(pk__in=contacts))


def write_deals(
    columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> None:
    """Set columns of deals by the fast lane, the id last in each row.

    All changes of deals are stored here. For the caller's transaction; whoever calls writes the
    history (`history.actions.write_changes`).
    """
    update_rows(Deal, columns, rows)


def _lock_contacts(values: FieldValues, by: User) -> None:
    """Lock the chosen person and organization, so that they do not go to the trash meanwhile.

    Refuses one that `by` cannot see, or that is in the trash.
    """
    for key, model in _CONTACT_MODELS:
        contact_id = cast("int | None", values.get(key))
        if contact_id is None:
            continue
        usable = model.objects.present().filter(visible(by), pk=contact_id)
        if not lock_records(usable):
            raise UserError("contact.unknown")


def _contact_name(values: FieldValues) -> str:
    """Return the name of the deal's organization, without one of its person."""
    for key, model in reversed(_CONTACT_MODELS):
        contact_id = cast("int | None", values.get(key))
        if contact_id is not None:
            return model.objects.values_list("name", flat=True).get(
                pk=contact_id
            )
    raise UserError("deal.contact_missing")


def _check_stamps(
    deals: QuerySet[Deal], by: User, values: FieldValues
) -> None:
    """Refuse a won or lost time without that status; only admins change that of closed deals."""
    for key, status in (("won_at", "won"), ("lost_at", "lost")):
        if values.get(key) is None:
            continue
        if not by.is_admin and deals.filter(status=status).exists():
            raise UserError("deal.stamp_admin_only")
        if "status" in values:
            have_status = values["status"] == status
        else:
            have_status = not deals.exclude(status=status).exists()
        if not have_status:
            raise UserError(f"deal.{key}_needs_status")
