"""What there is about one person, as plain JSON."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from turnus.contacts.models import Person
from turnus.core.folding import fold
from turnus.core.naming import name_key
from turnus.core.records import RecordKind
from turnus.fields.models import CustomField, Label
from turnus.history.cells import CellChange, cell_changes, to_cell
from turnus.history.models import Event
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

#: Columns that only the program needs, or that repeat another column.
_INNER_COLUMNS = ("name_folded", "title_folded", "name_key", "folded")
_EVENT_COLUMNS = ("at", "by__name", "record_kind", "record_id", "action", "changes")

#: Columns of a row by name.
Row = Mapping[str, object]


def data_of(person: Person, *, at: datetime) -> dict[str, object]:
    """Return everything about a person: record, deals, subscriptions, terms and their history.

    Custom fields and labels stand under their names. Moments are in UTC, amounts `…_e4` in
    ten-thousandths of the currency.
    """
    deal_ids = deals_of(person)
    subscription_ids = subscriptions_of(person)
    names = _FieldNames(
        fields=dict(CustomField.objects.values_list("key", "name")),
        labels=dict(Label.objects.values_list("pk", "name")),
    )
    record = Person.objects.filter(pk=person.pk).values().get()
    deals = Deal.objects.filter(pk__in=deal_ids).order_by("pk")
    subscriptions = Subscription.objects.filter(pk__in=subscription_ids).order_by("pk")
    terms = Term.objects.filter(subscription__in=subscription_ids).order_by("pk")
    return {
        "exported_at": at.isoformat(),
        "person": names.named_row(record),
        "organization": person.organization.name if person.organization else None,
        "deals": names.named_rows(deals.values()),
        "subscriptions": names.named_rows(subscriptions.values()),
        "terms": names.named_rows(terms.values()),
        "history": names.named_rows(_events(person, deal_ids, subscription_ids)),
    }


def persons_called(word: str) -> list[Person]:
    """Return the persons with this number, email address or whole name, also those in the trash."""
    if word.isdecimal():
        return list(Person.objects.filter(pk=int(word[:18])))
    if "@" not in word:
        return list(Person.objects.filter(name_folded=fold(word)).order_by("pk"))
    email = fold(word)
    candidates = Person.objects.filter(folded__emails__icontains=email)
    return [person for person in candidates if email in _folded_emails(person)]


def _folded_emails(person: Person) -> set[str]:
    return {fold(address) for address in _contact_words(person.emails)}


def deals_of(person: Person) -> list[int]:
    """Return the ids of the deals that name the person, or once did."""
    present = Deal.objects.filter(person=person).values_list("pk", flat=True)
    return _linked(person, RecordKind.DEAL, present)


def subscriptions_of(person: Person) -> list[int]:
    """Return the ids of the subscriptions that name the person, or once did."""
    present = Subscription.objects.filter(person=person).values_list("pk", flat=True)
    return _linked(person, RecordKind.SUBSCRIPTION, present)


def _linked(person: Person, kind: RecordKind, present: Iterable[int]) -> list[int]:
    """Return the `present` ids, and those of records whose history names the person."""
    events = Event.objects.filter(record_kind=str(kind), changes__has_key="person_id")
    ids = set(present)
    for record_id, stored in events.values_list("record_id", "changes").iterator():
        if person.pk in cell_changes(stored)["person_id"]:
            ids.add(record_id)
    return sorted(ids)


def words_of(person: Person) -> set[str]:
    """Return what identifies the person in texts: present and former names, emails and phones."""
    words = {
        person.name,
        *_contact_words(person.emails),
        *_contact_words(person.phones),
    }
    events = Event.objects.filter(
        record_kind=str(RecordKind.PERSON), record_id=person.pk, changes__isnull=False
    )
    for stored in events.values_list("changes", flat=True):
        for cell, change in cell_changes(stored).items():
            words.update(_words_in(cell, change))
    # As answers and questions of imports name contacts.
    keys = {key(word) for word in words for key in (fold, name_key)}
    return {word for word in words | keys if word}


def _words_in(cell: str, change: CellChange) -> set[str]:
    words: set[str] = set()
    for value in change:
        if cell == "name" and isinstance(value, str):
            words.add(value)
        elif cell in {"emails", "phones"} and isinstance(value, list):
            words.update(_contact_words(value))
    return words


def _contact_words(entries: Iterable[Mapping[str, str]]) -> set[str]:
    return {entry["value"] for entry in entries}


def _events(
    person: Person, deal_ids: Collection[int], subscription_ids: Collection[int]
) -> list[Row]:
    own = Q(record_kind=str(RecordKind.PERSON), record_id=person.pk)
    own |= Q(record_kind=str(RecordKind.DEAL), record_id__in=deal_ids)
    own |= Q(record_kind=str(RecordKind.SUBSCRIPTION), record_id__in=subscription_ids)
    return list(Event.objects.filter(own).order_by("pk").values(*_EVENT_COLUMNS))


@dataclass(frozen=True, slots=True)
class _FieldNames:
    """The names of custom fields by key and of labels by id, which stand for them in the file."""

    fields: Mapping[str, str]
    labels: Mapping[int, str]

    def named_rows(self, rows: Iterable[Row]) -> list[dict[str, object]]:
        return [self.named_row(row) for row in rows]

    def named_row(self, row: Row) -> dict[str, object]:
        named: dict[str, object] = {}
        for column, value in row.items():
            if column not in _INNER_COLUMNS:
                named[column] = self._named_value(column, value)
        return named

    def _named_value(self, column: str, value: object) -> object:
        if column == "custom" and isinstance(value, Mapping):
            return {self.fields.get(key, key): cell for key, cell in value.items()}
        if column == "labels" and isinstance(value, list):
            return [self.labels.get(label, label) for label in value]
        return to_cell(value)
