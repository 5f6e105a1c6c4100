"""A person without anything that says who it was."""

from datetime import datetime
from typing import Any

from turnus.contacts.models import Person
from turnus.core.records import RecordKind
from turnus.history.tracked import tracked

_BLANK: dict[str, Any] = {
    "first_name": "",
    "last_name": "",
    "emails": [],
    "phones": [],
    "organization_id": None,
    "labels": [],
    "custom": {},
}


def anonymise_person(person: Person, *, name: str, at: datetime) -> None:
    """Give a person a name that says nothing, and empty every other field, what search compares included; no history of it.

    For the caller's transaction.
    """
    columns = {**_BLANK, "name": name}
    derived = tracked(RecordKind.PERSON).derive(columns)
    Person.objects.filter(pk=person.pk).update(**columns, **derived, updated_at=at)
