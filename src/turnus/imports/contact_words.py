"""Contacts that custom fields name: found by name, block by block; doubtful ones are asked."""

from collections.abc import Iterable
from operator import itemgetter

from django.db.models import Q

from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.contacts.queries import Contacts, contacts_called
from turnus.core.fields import FieldKind
from turnus.core.folding import fold
from turnus.core.naming import closest, name_key, spelling
from turnus.kit.errors import UserError

#: How many contacts a question offers.
_OFFERED = 50
#: Words of a name that are worth searching by: longer than GmbH, Dr., und.
_TELLING = 5


class ContactWords:
    """The choices of a column of names of persons or organizations (`core.fields.Choices`)."""

    def __init__(self, kind: FieldKind) -> None:
        self.kind = kind
        #: Contacts (id, name) by the key of their names, as far as rows asked for them.
        self.by_key: dict[str, list[tuple[int, str]]] = {}
        #: Spelling of a name -> id, as the person answered.
        self.answers: dict[str, int] = {}

    def answer(self, word: str, contact: int) -> None:
        """Let `word`, however it is written, mean the contact with this id."""
        self.answers[spelling(word)] = contact

    def look_up(self, names: Iterable[str], user: User) -> None:
        """Read the contacts with these names that `user` may see; one query for new names."""
        wanted = {name_key(name) for name in names} - self.by_key.keys()
        if not wanted:
            return
        self.by_key |= {key: [] for key in wanted}
        found = (
            _contacts(self.kind, user)
            .filter(name_key__in=wanted)
            .order_by("pk")
        )
        for pk, name, key in found.values_list("pk", "name", "name_key"):
            self.by_key[key].append((pk, name))

    def find(self, word: str) -> int | None:
        """Return the id of the contact with this exact name; None for none or several.

        A contact with another spelling does not count: the word is asked about, that one offered.
        """
        answered = self.answers.get(spelling(word))
        if answered is not None:
            return answered
        called = closest(
            word, self.by_key.get(name_key(word), ()), itemgetter(1)
        )
        if len(called) != 1 or spelling(called[0][1]) != spelling(word):
            return None
        return called[0][0]

    def name(self, stored: int | str) -> str:
        """Return a contact's number: names are looked up where they are shown."""
        return f"#{stored}"


def similar_contacts(
    kind: FieldKind, word: str, user: User
) -> list[tuple[int, str]]:
    """Return contacts (id, name) that `word` may mean, the most alike first; two queries."""
    contacts = _contacts(kind, user)
    is_same = Q(name_key=name_key(word))
    same = contacts.filter(is_same).order_by("pk")
    offered = list(same.values_list("pk", "name")[:_OFFERED])
    room = _OFFERED - len(offered)
    if len(offered) > 1:
        offered = [(pk, f"{name} (#{pk})") for pk, name in offered]
    similar = contacts.filter(name_folded__contains=_longest_word(word))
    others = similar.exclude(is_same).order_by("name_folded", "pk")
    return offered + list(others.values_list("pk", "name")[:room])


def _longest_word(name: str) -> str:
    """Return the folded word of a name to search by: the longest one, or the whole name."""
    folded = fold(name)
    telling = [word for word in folded.split() if len(word) >= _TELLING]
    return max(telling, key=len, default=folded)


def contact_called(kind: FieldKind, name: str, user: User) -> int:
    """Return the id of the contact with this name that `user` sees; refuses none and several."""
    called = contacts_called(name, _contacts(kind, user))
    if not called:
        raise UserError("contact.not_found", name=name)
    if len(called) > 1:
        raise UserError("contact.several", name=name, count=len(called))
    pk, _name = called[0]
    return pk


def may_see(kind: FieldKind, pk: int, user: User) -> bool:
    """Return whether there is such a contact and `user` may see it."""
    return bool(_contacts(kind, user).filter(pk=pk).exists())


def _contacts(kind: FieldKind, user: User) -> Contacts:
    if kind is FieldKind.PERSON:
        return Person.objects.present().visible_to(user)
    return Organization.objects.present().visible_to(user)
