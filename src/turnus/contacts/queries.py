"""Which contacts a name means, by the one rule of `core.naming`; and the names of linked ones, as a person may know them."""

from collections.abc import Sequence
from operator import itemgetter
from typing import Any

from django.db.models import F, QuerySet

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.naming import closest, name_key
from turnus.listing.links import where_seen

Contacts = QuerySet[Organization] | QuerySet[Person]


def contacts_called(name: str, among: Contacts) -> list[tuple[int, str]]:
    """Return the contacts (id, name) among those that may be meant which are called `name`, the oldest first; one query.

    Those that are written alike, else those spelled alike, else those of the same key; empty if there is none.
    """
    same_key = among.filter(name_key=name_key(name)).order_by("pk").values_list("pk", "name")
    return closest(name, list(same_key), itemgetter(1))


def names_seen(
    viewer: User, *, links: Sequence[str] = ("organization", "person")
) -> dict[str, Any]:
    """Return what a query of records with these links reads as `organization_name` and `person_name`.

    None where there is no such contact, and where `viewer` may not see it.
    """
    return {
        f"{one}_name": where_seen(visible(viewer, through=f"{one}__"), F(f"{one}__name"))
        for one in links
    }


def employer_seen(viewer: User) -> dict[str, Any]:
    """Return what a query of deals reads as `employer_id`: the organization of a deal's person, if `viewer` may see both."""
    seen = visible(viewer, through="person__") & visible(viewer, through="person__organization__")
    return {"employer_id": where_seen(seen, F("person__organization_id"))}
