"""Which contacts a name means, by the one rule of `core.naming`."""

from operator import itemgetter

from django.db.models import QuerySet

from turnus.contacts.models import Organisation, Person
from turnus.core.naming import closest, name_key

Contacts = QuerySet[Organisation] | QuerySet[Person]


def contacts_called(name: str, among: Contacts) -> list[tuple[int, str]]:
    """Return the contacts (id, name) among those that may be meant which are called `name`, the oldest first; one query.

    Those that are written alike, else those spelled alike, else those of the same key; empty if there is none.
    """
    same_key = among.filter(name_key=name_key(name)).order_by("pk").values_list("pk", "name")
    return closest(name, list(same_key), itemgetter(1))
