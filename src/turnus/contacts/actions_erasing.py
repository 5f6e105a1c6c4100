"""Deleting contacts for good, and persons without anything that says who they were."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from turnus.contacts.models import Organization, Person
from turnus.core.records import RecordKind
from turnus.fields.columns import blank_columns
from turnus.history.tracked import tracked

#: What is no part of what a person is known by.
_NOT_PERSONAL = frozenset({"id", "visibility", "trashed_at", "trashed_by_id"})


def anonymise_person(person: Person, *, name: str, at: datetime) -> None:
    """Give a person a name that says nothing, and empty every other field.

    What search compares is emptied as well. For the caller's transaction; not in the history.
    """
    columns = {
        column: blank
        for column, blank in blank_columns(Person).items()
        if column not in _NOT_PERSONAL
    }
    columns["name"] = name
    columns |= tracked(RecordKind.PERSON).derive(columns)
    Person.objects.filter(pk=person.pk).update(**columns, updated_at=at)


@transaction.atomic
def delete_contacts(kind: RecordKind, ids: Sequence[int]) -> None:
    """Delete organizations or persons for good, without history; refused by their deals."""
    model = Person if kind is RecordKind.PERSON else Organization
    model.objects.filter(pk__in=ids).delete()
