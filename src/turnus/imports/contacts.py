"""Which contact a name means: an existing one, one met earlier in the file, or a new one. Source: reference 5.4.

An organisation is the same if its name is, and its address where both have one. A person is the same if the name is and any of
organisation, e-mail, phone; or if nothing else is known of either; or if the person already has deals with that organisation.
Names are compared folded. Everything is looked up in blocks, never row by row.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.contacts.models import Organisation, Person
from turnus.core.fields import ContactPoint, point_key
from turnus.core.fields.points import USUAL_LABEL
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.values import merged_cells
from turnus.imports.plan import ContactRef
from turnus.kit.phones import country_of, phone_key
from turnus.sales.models import Deal


@dataclass(slots=True)
class KnownContact:
    """A contact that names are compared with."""

    ref: ContactRef
    address: str = ""
    organisation: ContactRef | None = None
    points: frozenset[str] = frozenset()
    #: Whether e-mails and phones may be added to it.
    may_change: bool = True
    #: Organisations that the person has deals with.
    deals_with: set[int] = field(default_factory=set)


class ContactFinder:
    """Finds contacts by name for one check; remembers what it has seen and what it has planned."""

    def __init__(self, user: User) -> None:
        self.user = user
        #: Whose phone numbers are written without the code of a country.
        self.country = phone_country()
        self.organisations: dict[str, list[KnownContact]] = {}
        self.persons: dict[str, list[KnownContact]] = {}
        self.counts = {RecordKind.ORGANISATION: 0, RecordKind.PERSON: 0}
        #: New contacts since the last `take_new`, as columns; persons with the reference of their organisation.
        self.new: dict[RecordKind, list[dict[str, Any]]] = {RecordKind.ORGANISATION: [], RecordKind.PERSON: []}

    def look_up(self, organisations: Iterable[str], persons: Iterable[str]) -> None:
        """Read the contacts of a block of rows by name; four queries at the most."""
        wanted = {fold(name) for name in organisations} - self.organisations.keys()
        if wanted:
            found = Organisation.objects.present().visible_to(self.user).filter(name_folded__in=wanted).order_by("pk")
            self.organisations.update({name: [] for name in wanted})
            for pk, name, address in found.values_list("pk", "name_folded", "address"):
                self.organisations[name].append(KnownContact(ContactRef(pk), fold(address)))
        wanted = {fold(name) for name in persons} - self.persons.keys()
        if wanted:
            self.persons.update({name: [] for name in wanted})
            self._read_persons(wanted)

    def _read_persons(self, names: set[str]) -> None:
        found = Person.objects.present().visible_to(self.user).filter(name_folded__in=names).order_by("pk")
        by_id = {}
        for pk, name, organisation, emails, phones in found.values_list(
            "pk", "name_folded", "organisation_id", "emails", "phones"
        ):
            ref = ContactRef(organisation) if organisation else None
            known = KnownContact(ContactRef(pk), "", ref, points_of(emails, phones, self.country))
            self.persons[name].append(known)
            by_id[pk] = known
        mine = set(Person.objects.editable_by(self.user).filter(pk__in=by_id).values_list("pk", flat=True))
        for pk, known in by_id.items():
            known.may_change = pk in mine
        pairs = Deal.objects.present().filter(person_id__in=by_id, organisation_id__isnull=False)
        for person, organisation in pairs.values_list("person_id", "organisation_id").distinct():
            by_id[person].deals_with.add(organisation)

    def known_organisation(self, columns: Mapping[str, Any]) -> ContactRef | None:
        """Return the organisation that `columns` (at least `name`) means, None if there is none yet."""
        address = fold(columns.get("address") or "")
        for known in self.organisations.get(fold(columns["name"]), ()):
            if not address or not known.address or known.address == address:
                return known.ref
        return None

    def organisation(self, columns: Mapping[str, Any]) -> ContactRef:
        """Return the organisation that `columns` means, planning a new one if there is none."""
        ref = self.known_organisation(columns)
        if ref is None:
            ref = self._plan(RecordKind.ORGANISATION, dict(columns))
            known = KnownContact(ref, fold(columns.get("address") or ""))
            self.organisations.setdefault(fold(columns["name"]), []).append(known)
        return ref

    def known_person(self, columns: Mapping[str, Any], organisation: ContactRef | None) -> ContactRef | None:
        """Return the person that `columns` (at least `name`) means, None if there is none yet."""
        points = points_of(columns.get("emails") or [], columns.get("phones") or [], self.country)
        known = _same_person(self.persons.get(fold(columns["name"]), ()), organisation, points)
        return known.ref if known else None

    def person(self, columns: Mapping[str, Any], organisation: ContactRef | None) -> ContactRef:
        """Return the person that `columns` means, planning a new one if there is none."""
        ref = self.known_person(columns, organisation)
        if ref is None:
            points = points_of(columns.get("emails") or [], columns.get("phones") or [], self.country)
            ref = self._plan(RecordKind.PERSON, {**columns, "organisation": organisation})
            self.persons.setdefault(fold(columns["name"]), []).append(KnownContact(ref, "", organisation, points))
        return ref

    def add_points(
        self, name: str, ref: ContactRef, given: Mapping[str, Sequence[ContactPoint]]
    ) -> dict[str, list[dict[str, str]]]:
        """Return which e-mails and phones the person `ref` called `name` does not have; later rows count them as its own."""
        known = next(one for one in self.persons[fold(name)] if one.ref == ref)
        new: dict[str, list[dict[str, str]]] = {}
        for column, points in given.items():
            keys = [comparable(column, one.value, self.country) for one in points]
            new[column] = [
                {"value": one.value, "label": one.label}
                for one, key in zip(points, keys, strict=True)
                if key not in known.points
            ]
            known.points |= frozenset(keys)
        return {column: points for column, points in new.items() if points and known.may_change}

    def take_new(self) -> dict[RecordKind, list[dict[str, Any]]]:
        """Return the contacts planned since the last time; each list begins at the number that was next then."""
        taken, self.new = self.new, {RecordKind.ORGANISATION: [], RecordKind.PERSON: []}
        return taken

    def _plan(self, kind: RecordKind, columns: dict[str, Any]) -> ContactRef:
        number = self.counts[kind]
        self.counts[kind] += 1
        self.new[kind].append(columns)
        return ContactRef(number=number)


def phone_country() -> str:
    """Return the company's country, for the comparison of phones; one query."""
    owner = company()
    return country_of(time_zone=owner.time_zone, currency=owner.currency, language=owner.language)


def comparable(column: str, value: str, country: str) -> str:
    """Return an entry of the column `emails` or `phones` as it is compared."""
    return phone_key(value, country) if column == "phones" else point_key(value)


def points_of(emails: Sequence[Any], phones: Sequence[Any], country: str) -> frozenset[str]:
    """Return e-mail addresses and phone numbers as they are compared; phones without a country code are of `country`."""
    found = set()
    for column, points in (("emails", emails), ("phones", phones)):
        for one in points:
            value = one.value if isinstance(one, ContactPoint) else one["value"]
            found.add(comparable(column, value, country))
    return frozenset(found)


#: Stands for an organisation that is still to be planned: no contact has it.
UNPLANNED = ContactRef(number=-1)
#: Columns whose new values are added to those a contact has; all others replace what was there.
_ADDED = ("emails", "phones")


def completed(held: Mapping[str, Any], given: Mapping[str, Any], country: str) -> dict[str, Any]:
    """Return the columns `given` as they are to be on a contact that has `held`: e-mails and phones are added to its own.

    Phones without a country code are of `country`.
    """
    columns = dict(given)
    for column in _ADDED:
        if column in columns:
            columns[column] = _completed_points(column, held.get(column) or (), columns[column], country)
    if "custom" in columns:
        columns["custom"] = merged_cells(held.get("custom") or {}, columns["custom"])
    return columns


def _completed_points(
    column: str, held: Sequence[Mapping[str, str]], given: Sequence[Mapping[str, str]], country: str
) -> list[Mapping[str, str]]:
    """Return the e-mails or phones of a contact with those of the file added.

    One that is there already gets the label of the file where that says more than the usual one.
    """

    def key(one: Mapping[str, str]) -> str:
        return comparable(column, one["value"], country)

    labels = {key(one): one["label"] for one in given if one["label"] != USUAL_LABEL}
    known = {key(one) for one in held}
    kept = [{**one, "label": labels.get(key(one), one["label"])} for one in held]
    return kept + [one for one in given if key(one) not in known]


def _same_person(
    candidates: Sequence[KnownContact], organisation: ContactRef | None, points: frozenset[str]
) -> KnownContact | None:
    for known in candidates:
        if (organisation and known.organisation == organisation) or (points & known.points):
            return known
    for known in candidates:
        if organisation and organisation.id in known.deals_with:
            return known
    if organisation is None and not points:
        return candidates[0] if candidates else None
    bare = [known for known in candidates if known.organisation is None and not known.points]
    return bare[0] if bare else None


def by_key(new: Mapping[RecordKind, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return new contacts as they are stored with a block: references become [id, number], moments text."""
    stored: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for kind, contacts in new.items():
        for columns in contacts:
            changed: dict[str, Any] = {}
            organisation, created = columns.get("organisation"), columns.get("created_at")
            if isinstance(organisation, ContactRef):
                changed["organisation"] = [organisation.id, organisation.number]
            if created is not None:
                changed["created_at"] = created.isoformat()
            stored[kind].append({**columns, **changed})
    return dict(stored)
