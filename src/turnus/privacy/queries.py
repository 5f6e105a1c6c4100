"""What there is about one person, as plain JSON."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db.models import Q

from turnus.contacts.models import Person
from turnus.core.folding import fold
from turnus.core.naming import name_key
from turnus.core.records import RecordKind
from turnus.fields.models import CustomField, Label
from turnus.history.models import Event
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

#: What only the program needs, or says again what another column says.
_INNER = ("name_folded", "title_folded", "name_key", "folded")


def data_of(person: Person, *, at: datetime) -> dict[str, Any]:
    """Return everything about a person: the record, deals, subscriptions with their terms, and the history of all of them.

    Custom fields and labels stand under their names. Moments are in UTC, amounts `…_e4` in ten-thousandths of the currency.
    """
    deals = deals_of(person)
    subscriptions = subscriptions_of(person)
    names = dict(CustomField.objects.values_list("key", "name"))
    labels = dict(Label.objects.values_list("pk", "name"))
    plain = _Plain(names, labels)
    return {
        "exported_at": at.isoformat(),
        "person": plain.row(Person.objects.filter(pk=person.pk).values().get()),
        "organization": person.organization.name if person.organization else None,
        "deals": plain.rows(Deal.objects.filter(pk__in=deals).order_by("pk").values()),
        "subscriptions": plain.rows(
            Subscription.objects.filter(pk__in=subscriptions).order_by("pk").values()
        ),
        "terms": plain.rows(
            Term.objects.filter(subscription__in=subscriptions).order_by("pk").values()
        ),
        "history": plain.rows(_history(person, deals, subscriptions)),
    }


def persons_called(word: str) -> list[Person]:
    """Return the persons that a number, an email address or a whole name means, also those in the trash."""
    if word.isdecimal():
        return list(Person.objects.filter(pk=int(word[:18])))
    if "@" in word:
        holding = Person.objects.filter(folded__emails__icontains=fold(word))
        return [
            person for person in holding if fold(word) in map(fold, _contact_words(person.emails))
        ]
    return list(Person.objects.filter(name_folded=fold(word)).order_by("pk"))


def deals_of(person: Person) -> list[int]:
    """Return the ids of the deals that name the person, or once did."""
    return _linked(
        person, RecordKind.DEAL, Deal.objects.filter(person=person).values_list("pk", flat=True)
    )


def subscriptions_of(person: Person) -> list[int]:
    """Return the ids of the subscriptions that name the person, or once did."""
    own = Subscription.objects.filter(person=person).values_list("pk", flat=True)
    return _linked(person, RecordKind.SUBSCRIPTION, own)


def words_of(person: Person) -> set[str]:
    """Return what identifies the person in texts: names, addresses and numbers, those of earlier days too."""
    words = {person.name, *_contact_words(person.emails), *_contact_words(person.phones)}
    own = Event.objects.filter(
        record_kind=str(RecordKind.PERSON), record_id=person.pk, changes__isnull=False
    )
    for changes in own.values_list("changes", flat=True):
        for cell, ends in (changes or {}).items():
            words.update(_words_in(cell, ends))
    # As answers and questions of imports name contacts.
    keys = {key(word) for word in words for key in (fold, name_key)}
    return {word for word in words | keys if word}


def _words_in(cell: str, ends: Iterable[Any]) -> set[str]:
    if cell == "name":
        return {end for end in ends if isinstance(end, str)}
    if cell in {"emails", "phones"}:
        return {word for end in ends for word in _contact_words(end or [])}
    return set()


def _contact_words(entries: Iterable[Mapping[str, str]]) -> set[str]:
    return {entry["value"] for entry in entries}


def _linked(person: Person, kind: RecordKind, present: Iterable[int]) -> list[int]:
    once = Event.objects.filter(record_kind=str(kind), changes__has_key="person_id")
    found = {
        record_id
        for record_id, changes in once.values_list("record_id", "changes").iterator()
        if person.pk in (changes or {})["person_id"]
    }
    return sorted({*present, *found})


def _history(
    person: Person, deals: Collection[int], subscriptions: Collection[int]
) -> list[dict[str, Any]]:
    own = Q(record_kind=str(RecordKind.PERSON), record_id=person.pk)
    own |= Q(record_kind=str(RecordKind.DEAL), record_id__in=deals)
    own |= Q(record_kind=str(RecordKind.SUBSCRIPTION), record_id__in=subscriptions)
    columns = ("at", "by__name", "record_kind", "record_id", "action", "changes")
    return list(Event.objects.filter(own).order_by("pk").values(*columns))


class _Plain:
    """Rows as JSON, with names in place of keys."""

    def __init__(self, names: Mapping[str, str], labels: Mapping[int, str]) -> None:
        self.names = names
        self.labels = labels

    def rows(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        return [self.row(row) for row in rows]

    def row(self, row: Mapping[str, Any]) -> dict[str, Any]:
        shown = {name: self._value(value) for name, value in row.items() if name not in _INNER}
        if "custom" in shown:
            shown["custom"] = {
                self.names.get(key, key): value for key, value in shown["custom"].items()
            }
        if "labels" in shown:
            shown["labels"] = [self.labels.get(label, label) for label in shown["labels"]]
        return shown

    @staticmethod
    def _value(value: Any) -> Any:
        if isinstance(value, datetime | date):
            return value.isoformat()
        return str(value) if isinstance(value, Decimal) else value
