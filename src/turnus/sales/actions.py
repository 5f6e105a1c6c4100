"""Creating, changing, winning, losing, reopening and trashing deals."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.fields import Value
from turnus.core.records import RecordKind
from turnus.fields.changing import (
    BLOCK,
    blocks,
    change_each,
    present_ids,
    refuse_strangers,
    trashed_ids,
)
from turnus.history.actions import lock_records, record_created
from turnus.history.models import Event, Run
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, reserve_ids, update_rows
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules

Values = Mapping[str, Value | None]
#: A deal's contacts, in the order in which everybody locks them.
_CONTACT_MODELS = (("person", Person), ("organization", Organization))


@transaction.atomic
def create_deal(*, by: User, at: datetime, values: Values) -> Deal:
    """Create a deal from field values; without a title it is named after its contact."""
    rules = DealRules.load()
    _lock_contacts(values, by)
    given = dict(values)
    if not given.get("title"):
        given["title"] = _contact_name(values)
    for field in rules.fields.own:
        if field.is_custom and field.is_required and given.get(field.key) in (None, "", ()):
            raise UserError("field.required", field=field.name("en"))
    columns = {"owner_id": by.pk, "origin": "manual", **rules.settle(given, {}, at)}
    columns |= tracked(RecordKind.DEAL).derive(columns)
    deal = Deal.objects.create(creator=by, created_at=at, updated_at=at, **columns)
    record_created(RecordKind.DEAL, [deal.pk], by_id=by.pk, at=at)
    return deal


@transaction.atomic
def update_deals(
    *, deals: QuerySet[Deal], by: User, at: datetime, values: Values, run: Run | None = None
) -> int:
    """Give the fields of all `deals` new values; return how many changed.

    Only admins change the won or lost time of a deal that is already won or lost: reports count by it.
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
    *, deals: QuerySet[Deal], by: User, at: datetime, won: date | datetime | None = None
) -> int:
    """Mark deals won, at the moment `at` or on the given effective day."""
    return update_deals(
        deals=deals.exclude(status="won"), by=by, at=at, values={"status": "won", "won_at": won}
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
    """Mark deals lost, with a reason and a comment, at the moment `at` or on the given effective day."""
    values: Values = {
        "status": "lost",
        "lost_at": lost,
        "lost_reason": reason,
        "lost_comment": comment,
    }
    return update_deals(deals=deals.exclude(status="lost"), by=by, at=at, values=values)


def reopen_deals(*, deals: QuerySet[Deal], by: User, at: datetime) -> int:
    """Open won or lost deals again; their won and lost times are cleared and stay in the history."""
    return update_deals(deals=deals.exclude(status="open"), by=by, at=at, values={"status": "open"})


@transaction.atomic
def archive_deals(
    *, deals: QuerySet[Deal], by: User, at: datetime, archived_at: datetime | None
) -> int:
    """Archive deals at a moment, or with None take them out of the archive."""
    refuse_strangers(deals, by)
    rule = {"archived_at": archived_at}
    return change_each(
        tracked(RecordKind.DEAL), present_ids(deals), lambda _row: rule, by=by, at=at
    )


@transaction.atomic
def trash_deals(*, deals: QuerySet[Deal], by: User, at: datetime, run: Run | None = None) -> int:
    """Move deals to the trash, where they wait thirty days."""
    refuse_strangers(deals, by)
    rule = {"trashed_at": at, "trashed_by_id": by.pk}
    return change_each(
        tracked(RecordKind.DEAL),
        present_ids(deals),
        lambda _row: rule,
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
    _lock_contacts_of(ids)
    has_trashed_contact = Q(person__trashed_at__isnull=False) | Q(
        organization__trashed_at__isnull=False
    )
    if deals.filter(has_trashed_contact).exists():
        raise UserError("deal.contact_trashed")
    rule = {"trashed_at": None, "trashed_by_id": None}
    return change_each(
        tracked(RecordKind.DEAL), ids, lambda _row: rule, by=by, at=at, action=Event.Action.RESTORED
    )


#: Columns of a deal that the fast lane writes, besides those every row must bring.
_DEFAULTS: Mapping[str, Any] = {
    "value_e4": 0,
    "lines": None,
    "probability": None,
    "expected_close_on": None,
    "stage_changed_at": None,
    "won_at": None,
    "won_on": None,
    "lost_at": None,
    "lost_on": None,
    "first_won_at": None,
    "lost_reason": "",
    "lost_comment": "",
    "channel": "",
    "channel_id": "",
    "person_id": None,
    "organization_id": None,
    "visibility": "everyone",
    "labels": [],
    "custom": {},
    "archived_at": None,
    "trashed_at": None,
    "trashed_by_id": None,
    "status": "open",
}


def insert_deals(
    *, rows: Sequence[Mapping[str, Any]], by: User, at: datetime, run: Run | None = None
) -> range:
    """Insert settled rows (columns as `DealRules.settle` gives them) by the fast lane; return their ids.

    For the caller's transaction: an import inserts a block of them together with its contacts and its place.
    """
    if not rows:
        return range(0)
    derive = tracked(RecordKind.DEAL).derive
    ids = reserve_ids(Deal, len(rows))
    common = {
        **_DEFAULTS,
        "owner_id": by.pk,
        "creator_id": by.pk,
        "created_at": at,
        "updated_at": at,
        "origin": "import" if run else "manual",
        "origin_id": str(run.pk) if run else "",
    }
    names = sorted(
        {*common, "id", "title", "title_folded", "folded", "currency", "pipeline_id", "stage_id"}
    )
    whole = ({**common, **row, "id": one} for one, row in zip(ids, rows, strict=True))
    picked = itemgetter(*names)
    insert_rows(Deal, names, (picked(row | derive(row)) for row in whole))
    record_created(RecordKind.DEAL, ids, by_id=by.pk, at=at, run=run)
    return ids


def write_deals(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Set columns of deals by the fast lane, the id last in each row: the one way in which changes of any kind are stored.

    For the caller's transaction; history is written by whoever calls (`history.actions.write_changes`).
    """
    update_rows(Deal, columns, rows)


def _lock_contacts(values: Values, by: User) -> None:
    """Lock the chosen person and organization, so that they stay out of the trash until the transaction ends.

    Refuses one that `by` cannot see, or that is in the trash.
    """
    for key, model in _CONTACT_MODELS:
        chosen: Any = values.get(key)
        if chosen is None:
            continue
        usable = model.objects.present().filter(visible(by), pk=chosen)
        if not lock_records(usable):
            raise UserError("contact.unknown")


def _lock_contacts_of(deal_ids: Iterable[int]) -> None:
    """Lock the persons and organizations of deals, so that they stay where they are until the transaction ends."""
    for key, model in _CONTACT_MODELS:
        for block in blocks(deal_ids, BLOCK):
            contacts = Deal.objects.filter(pk__in=block).values(key)
            lock_records(model.objects.filter(pk__in=contacts))


def _contact_name(values: Values) -> str:
    for key, model in (("organization", Organization), ("person", Person)):
        chosen: Any = values.get(key)
        if chosen is not None:
            return model.objects.values_list("name", flat=True).get(pk=chosen)
    raise UserError("deal.contact_missing")


def _check_stamps(deals: QuerySet[Deal], by: User, values: Values) -> None:
    for key, status in (("won_at", "won"), ("lost_at", "lost")):
        if values.get(key) is None:
            continue
        if not by.is_admin and deals.filter(status=status).exists():
            raise UserError("deal.stamp_admin_only")
        if values.get("status", status) != status or (
            "status" not in values and deals.exclude(status=status).exists()
        ):
            raise UserError(f"deal.{key}_needs_status")
