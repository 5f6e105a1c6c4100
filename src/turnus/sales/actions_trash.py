"""Emptying the trash."""

from datetime import datetime, timedelta

from django.db import transaction

from turnus.contacts.models import Organization, Person
from turnus.sales.models import Deal

#: How long a trashed record can be restored.
KEPT = timedelta(days=30)
_BLOCK = 500


def purge_trash(*, at: datetime) -> int:
    """Delete for good what was trashed more than thirty days ago; return how many records.

    In small transactions, deals first: a contact waits for its deals.
    """
    before = at - KEPT
    deals = Deal.objects.filter(trashed_at__lt=before)
    persons = Person.objects.filter(trashed_at__lt=before, deals__isnull=True)
    organizations = Organization.objects.filter(
        trashed_at__lt=before, deals__isnull=True
    )
    return sum(
        _purge(model, old)
        for model, old in (
            (Deal, deals),
            (Person, persons),
            (Organization, organizations),
        )
    )


def _purge(model: type[Deal] | type[Person] | type[Organization], old: object) -> int:
    count = 0
    while ids := list(old.values_list("pk", flat=True)[:_BLOCK]):  # type: ignore[attr-defined]  # a query set of any of the three
        with transaction.atomic():
            model.objects.filter(pk__in=ids).delete()
        count += len(ids)
    return count
