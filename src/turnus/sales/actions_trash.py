"""Emptying the trash."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import QuerySet

from turnus.contacts.actions_erasing import delete_contacts
from turnus.contacts.models import Organization, Person
from turnus.core.records import RecordKind
from turnus.fields.models import Record
from turnus.sales.models import Deal

#: How long a trashed record can be restored.
TRASH_TIME = timedelta(days=30)
_BLOCK = 500


def purge_trash(*, at: datetime) -> int:
    """Delete for good what was trashed more than thirty days ago; return how many records.

    In small transactions, deals first: a contact waits for its deals.
    """
    before = at - TRASH_TIME
    deals = Deal.objects.filter(trashed_at__lt=before)
    persons = Person.objects.filter(trashed_at__lt=before, deals__isnull=True)
    organizations = Organization.objects.filter(
        trashed_at__lt=before, deals__isnull=True
    )
    delete_persons = partial(delete_contacts, RecordKind.PERSON)
    delete_organizations = partial(delete_contacts, RecordKind.ORGANIZATION)
    count = _purge(deals, _delete_deals)
    count += _purge(persons, delete_persons)
    count += _purge(organizations, delete_organizations)
    return count


def _purge(
    old: QuerySet[Record], delete: Callable[[Sequence[int]], None]
) -> int:
    count = 0
    while ids := list(old.values_list("pk", flat=True)[:_BLOCK]):
        delete(ids)
        count += len(ids)
    return count


@transaction.atomic
def _delete_deals(ids: Sequence[int]) -> None:
    Deal.objects.filter(pk__in=ids).delete()
