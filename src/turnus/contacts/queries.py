"""Which contacts a name means, and the names of linked contacts as a person may see them."""

from collections.abc import Sequence
from operator import itemgetter

from django.db.models import F, QuerySet
from django.db.models.expressions import Combinable

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.naming import closest, name_key
from turnus.listing.links import where_seen

Contacts = QuerySet[Organization] | QuerySet[Person]


def contacts_called(name: str, among: Contacts) -> list[tuple[int, str]]:
    """Return the contacts (id, name) of `among` called `name`, the oldest first; one query.

    Those that are written alike, else those spelled alike, else those of the same key
    (`core.naming`); empty if there is none.
    """
    same_key = among.filter(name_key=name_key(name)).order_by("pk")
    return closest(
        name, list(same_key.values_list("pk", "name")), itemgetter(1)
    )


def names_seen(
    viewer: User, *, links: Sequence[str] = ("organization", "person")
) -> dict[str, Combinable]:
    """Return what a query of records reads as `organization_name` and `person_name`.

    None where there is no such contact, and where `viewer` may not see it.
    """
    names: dict[str, Combinable] = {}
    for link in links:
        is_visible = visible(viewer, through=f"{link}__")
        names[f"{link}_name"] = where_seen(is_visible, F(f"{link}__name"))
    return names


def employer_seen(viewer: User) -> dict[str, Combinable]:
    """Return what a query of deals reads as `employer_id`: the organization of the deal's person.

    None where `viewer` may not see both.
    """
    sees_person = visible(viewer, through="person__")
    sees_employer = visible(viewer, through="person__organization__")
    employer = F("person__organization_id")
    return {"employer_id": where_seen(sees_person & sees_employer, employer)}
