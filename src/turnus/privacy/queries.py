"""What there is about one person, as plain JSON."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet

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
_EVENT_COLUMNS = (
    "at",
    "by__name",
    "record_kind",
    "record_id",
    "action",
    "changes",
)

#: Columns of a row by name.
Row = Mapping[str, object]


def data_of(person: Person, *, at: datetime) -> dict[str, object]:
    """Return everything about a person: record, deals, subscriptions, terms and their history.

    Custom fields and labels stand under their names. Moments are in UTC, amounts `…_e4` in
    ten-thousandths of the currency.
    """
    deal_ids = deals_of(person)
    subscription_ids = subscriptions_of(person)
    names = _FieldNames.load()
    record = Person.objects.filter(pk=person.pk).values().get()
    deals = Deal.objects.filter(pk__in=deal_ids)
    subscriptions = Subscription.objects.filter(pk__in=subscription_ids)
    terms = Term.objects.filter(subscription__in=subscription_ids)
    events = _events(person, deal_ids, subscription_ids)
    employer = person.organization
    return {
        "exported_at": at.isoformat(),
        "person": names.named_row(record),
        "organization": employer.name if employer else None,
        "deals": names.named_rows(_rows_of(deals)),
        "subscriptions": names.named_rows(_rows_of(subscriptions)),
        "terms": names.named_rows(_rows_of(terms)),
        "history": names.named_rows(events),
    }


def _rows_of(
    records: QuerySet[Deal] | QuerySet[Subscription] | QuerySet[Term],
) -> Iterable[Row]:
    return records.order_by("pk").values()


def persons_called(word: str) -> list[Person]:
    """Return the persons with this number, email address or whole name, also those in the trash."""
    if word.isdecimal():
        number = int(word[:18])
        return list(Person.objects.filter(pk=number))
    if "@" not in word:
        of_name = Person.objects.filter(name_folded=fold(word))
        return list(of_name.order_by("pk"))
    email = fold(word)
    candidates = Person.objects.filter(folded__emails__icontains=email)
    return [person for person in candidates if email in _folded_emails(person)]


def _folded_emails(person: Person) -> set[str]:
    addresses = _contact_words(person.emails)
    return {fold(address) for address in addresses}


def deals_of(person: Person) -> list[int]:
    """Return the ids of the deals that name the person, or once did."""
    present = Deal.objects.filter(person=person).values_list("pk", flat=True)
    return _linked(person, RecordKind.DEAL, present)


def subscriptions_of(person: Person) -> list[int]:
    """Return the ids of the subscriptions that name the person, or once did."""
    present = Subscription.objects.filter(person=person).values_list(
        "pk", flat=True
    )
    return _linked(person, RecordKind.SUBSCRIPTION, present)


def _linked(
    person: Person, kind: RecordKind, present: Iterable[int]
) -> list[int]:
    """Return the `present` ids, and those of records whose history names the person."""
    events = Event.objects.filter(
        record_kind=str(kind), changes__has_key="person_id"
    )
    ids = set(present)
    rows = events.values_list("record_id", "changes")
    for record_id, stored in rows.iterator():
        changes = cell_changes(stored)
        if person.pk in changes["person_id"]:
            ids.add(record_id)
    return sorted(ids)


def words_of(person: Person) -> set[str]:
    """Return what identifies the person in texts: present and former names, emails and phones."""
    words = {person.name}
    words |= _contact_words(person.emails)
    words |= _contact_words(person.phones)
    events = Event.objects.filter(
        record_kind=str(RecordKind.PERSON),
        record_id=person.pk,
        changes__isnull=False,
    )
    for stored in events.values_list("changes", flat=True):
        changes = cell_changes(stored)
        for cell, change in changes.items():
            words |= _words_in(cell, change)
    # As answers and questions of imports name contacts.
    folded = {fold(word) for word in words}
    name_keys = {name_key(word) for word in words}
    every_word = words | folded | name_keys
    return every_word - {""}


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
    person: Person,
    deal_ids: Collection[int],
    subscription_ids: Collection[int],
) -> list[Row]:
    of_person = _about(RecordKind.PERSON, [person.pk])
    of_deals = _about(RecordKind.DEAL, deal_ids)
    of_subscriptions = _about(RecordKind.SUBSCRIPTION, subscription_ids)
    events = Event.objects.filter(of_person | of_deals | of_subscriptions)
    in_order = events.order_by("pk")
    return list(in_order.values(*_EVENT_COLUMNS))


def _about(kind: RecordKind, ids: Collection[int]) -> Q:
    return Q(record_kind=str(kind), record_id__in=ids)


@dataclass(frozen=True, slots=True)
class _FieldNames:
    """The names of custom fields by key and of labels by id, which stand for them in the file."""

    fields: Mapping[str, str]
    labels: Mapping[int, str]

    @classmethod
    def load(cls) -> "_FieldNames":
        fields = CustomField.objects.values_list("key", "name")
        labels = Label.objects.values_list("pk", "name")
        return cls(dict(fields), dict(labels))

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
            return {
                self.fields.get(key, key): cell for key, cell in value.items()
            }
        if column == "labels" and isinstance(value, list):
            return [self.labels.get(label, label) for label in value]
        return to_cell(value)
