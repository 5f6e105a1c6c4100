"""Contacts that custom fields name: found by name, a block of rows at a time; what is unknown or doubtful is asked."""

from collections.abc import Iterable
from typing import Any

from turnus.accounts.models import User
from turnus.core.fields import FieldKind
from turnus.core.folding import fold
from turnus.history.tracked import tracked

#: How many contacts a question offers.
_OFFERED = 50
#: Words of a name that are worth searching by: longer than GmbH, Dr., und.
_TELLING = 5


class ContactWords:
    """The choices of one column whose words are names of persons or organisations (`core.fields.Choices`)."""

    def __init__(self, kind: FieldKind) -> None:
        self.kind = kind
        #: Folded name -> id; None where there is no such contact, or more than one.
        self.known: dict[str, int | None] = {}
        #: Folded name -> id, as the person answered.
        self.answered: dict[str, int] = {}

    def look_up(self, names: Iterable[str], user: User) -> None:
        """Read the contacts of these names that `user` may see; one query for the names not met before."""
        wanted = {fold(name) for name in names} - self.known.keys()
        if not wanted:
            return
        self.known |= dict.fromkeys(wanted)
        seen: set[str] = set()
        for pk, name in _contacts(self.kind, user).filter(name_folded__in=wanted).values_list("pk", "name_folded"):
            self.known[name] = None if name in seen else pk
            seen.add(name)

    def find(self, word: str) -> int | None:
        """Return the id of the contact that is called `word`; None if there is none, or more than one."""
        key = fold(word)
        return self.answered.get(key) or self.known.get(key)

    def name(self, stored: int | str) -> str:
        """Return a contact's number: names are looked up where they are shown."""
        return f"#{stored}"


def similar_contacts(kind: FieldKind, word: str, user: User) -> list[tuple[int, str]]:
    """Return contacts that `word` may mean (id, name): those of that name first, told apart by their numbers; two queries."""
    contacts = _contacts(kind, user)
    same = list(contacts.filter(name_folded=fold(word)).order_by("pk").values_list("pk", "name")[:_OFFERED])
    parts = [part for part in fold(word).split() if len(part) >= _TELLING] or [fold(word)]
    alike = contacts.filter(name_folded__contains=max(parts, key=len)).exclude(name_folded=fold(word))
    numbered = [(pk, f"{name} (#{pk})" if len(same) > 1 else name) for pk, name in same]
    return numbered + list(alike.order_by("name_folded", "pk").values_list("pk", "name")[: _OFFERED - len(same)])


def contact_called(kind: FieldKind, name: str, user: User) -> int | None:
    """Return the id of the one contact with this name that `user` may see; None if there is none, or more than one."""
    words = ContactWords(kind)
    words.look_up([name], user)
    return words.find(name)


def may_see(kind: FieldKind, pk: int, user: User) -> bool:
    """Say whether there is such a contact and `user` may see it."""
    return bool(_contacts(kind, user).filter(pk=pk).exists())


def _contacts(kind: FieldKind, user: User) -> Any:
    model: Any = tracked(str(kind)).model
    return model.objects.present().visible_to(user)
