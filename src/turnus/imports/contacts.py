"""Which contact a name means: an existing one, one met earlier in the file, or a new one. Source: reference 5.4, decision 0024.

Names are compared by `core.naming`: written alike before spelled alike before of one key. An organization is the same if its name is, and
its address where both have one. A person of the same name is the same if the organization is, or an e-mail or phone; or if the person
already has deals with that organization; or if nothing else is known of either. Everything is looked up in blocks, never row by row.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.contacts.models import Organization, Person
from turnus.core.fields import ContactPoint, point_key
from turnus.core.fields.points import USUAL_LABEL
from turnus.core.folding import fold
from turnus.core.naming import Likeness, closest, likeness, name_key, spelling
from turnus.core.records import RecordKind
from turnus.fields.values import merged_cells
from turnus.imports.plan import ContactRef
from turnus.kit.phones import country_of, phone_key
from turnus.sales.models import Deal

#: What a spreadsheet makes of a long number: its last digits are lost.
_SCIENTIFIC = re.compile(r"\d[eE][+-]?\d")
#: Shorter ones are extensions, which many people have.
_TELLING_DIGITS = 6
_NO_POINTS: frozenset[str] = frozenset()


@dataclass(slots=True)
class KnownContact:
    """A contact that names are compared with."""

    ref: ContactRef
    name: str
    address: str = ""
    organization: ContactRef | None = None
    #: E-mail addresses and phones that tell who it is.
    points: frozenset[str] = frozenset()
    #: All that it has, also what tells nothing.
    held: frozenset[str] = frozenset()
    #: Whether e-mails and phones may be added to it.
    may_change: bool = True
    #: Organizations that the person has deals with, in the database or by earlier rows.
    deals_with: set[ContactRef] = field(default_factory=set)

    @property
    def is_bare(self) -> bool:
        """Whether nothing but the name is known of a person."""
        return self.organization is None and not self.points and not self.deals_with


@dataclass(frozen=True, slots=True)
class Match:
    """The contact that a row means, and what a person should know of how it was found."""

    contact: KnownContact
    #: How much the name of the row is like the contact's.
    likeness: Likeness = Likeness.WRITTEN
    #: Contacts that could be meant just as well, this one included.
    count: int = 1
    #: A person who works for another organization than the row says, known by an e-mail or a phone.
    is_elsewhere: bool = False

    @property
    def ref(self) -> ContactRef:
        """The contact's reference."""
        return self.contact.ref


#: Says whether to leave the contact of this kind with this id out of account.
Ignores = Callable[[RecordKind, int], bool]
#: What a person answered about a name: the id of the contact that it means, or None for a contact of its own.
Answers = Mapping[str, int | None]


class ContactFinder:
    """Finds contacts by name for one check; remembers what it has seen and what it has planned."""

    def __init__(
        self,
        user: User,
        answers: Mapping[RecordKind, Answers] | None = None,
        *,
        ignores: Ignores | None = None,
    ) -> None:
        self.user = user
        #: Says which contacts count as if they were not here.
        self.ignores = ignores
        #: Whose phone numbers are written without the code of a country.
        self.country = phone_country()
        #: By the spelling of the name.
        self.answers = answers or {}
        #: By the key of the name.
        self.organizations: dict[str, list[KnownContact]] = {}
        self.persons: dict[str, list[KnownContact]] = {}
        self.by_ref: dict[RecordKind, dict[ContactRef, KnownContact]] = {
            RecordKind.ORGANIZATION: {},
            RecordKind.PERSON: {},
        }
        self.counts = {RecordKind.ORGANIZATION: 0, RecordKind.PERSON: 0}
        #: New contacts since the last `take_new`, as columns; persons with the reference of their organization.
        self.new: dict[RecordKind, list[dict[str, Any]]] = {
            RecordKind.ORGANIZATION: [],
            RecordKind.PERSON: [],
        }
        self._read_answered()

    def look_up(self, organizations: Iterable[str], persons: Iterable[str]) -> None:
        """Read the contacts of a block of rows by name; four queries at the most."""
        wanted = {name_key(name) for name in organizations} - self.organizations.keys()
        if wanted:
            self.organizations.update({key: [] for key in wanted})
            for key, known in self._read_organizations(Q(name_key__in=wanted)):
                self.organizations[key].append(known)
        wanted = {name_key(name) for name in persons} - self.persons.keys()
        if wanted:
            self.persons.update({key: [] for key in wanted})
            for key, known in self._read_persons(Q(name_key__in=wanted)):
                self.persons[key].append(known)

    def _read_answered(self) -> None:
        """Read the contacts that answers name, and that `user` may see."""
        for kind, read in (
            (RecordKind.ORGANIZATION, self._read_organizations),
            (RecordKind.PERSON, self._read_persons),
        ):
            ids = {one for one in self.answers.get(kind, {}).values() if one is not None}
            if ids:
                read(Q(pk__in=ids))

    def _read_organizations(self, wanted: Q) -> list[tuple[str, KnownContact]]:
        """Return organizations with the keys of their names, the oldest first."""
        found = Organization.objects.present().visible_to(self.user).filter(wanted).order_by("pk")
        known = []
        for pk, key, name, address in found.values_list("pk", "name_key", "name", "address"):
            known.append((key, KnownContact(ContactRef(pk), name, fold(address))))
        return self._remembered(RecordKind.ORGANIZATION, known)

    def _read_persons(self, wanted: Q) -> list[tuple[str, KnownContact]]:
        """Return persons with the keys of their names, the oldest first."""
        found = Person.objects.present().visible_to(self.user).filter(wanted).order_by("pk")
        columns = ("pk", "name_key", "name", "organization_id", "emails", "phones")
        known = []
        for pk, key, name, organization, emails, phones in found.values_list(*columns):
            employer = ContactRef(organization) if organization else None
            points = points_of(emails, phones, self.country)
            held = all_points(emails, phones, self.country)
            known.append((key, KnownContact(ContactRef(pk), name, "", employer, points, held)))
        by_id: dict[Any, KnownContact] = {one.ref.id: one for _key, one in known}
        mine = set(
            Person.objects.editable_by(self.user).filter(pk__in=by_id).values_list("pk", flat=True)
        )
        for pk, one in by_id.items():
            one.may_change = pk in mine
        deals = Deal.objects.present().visible_to(self.user)
        pairs = deals.filter(person_id__in=by_id, organization_id__isnull=False)
        for person, organization in (
            pairs.order_by().values_list("person_id", "organization_id").distinct()
        ):
            by_id[person].deals_with.add(ContactRef(organization))
        return self._remembered(RecordKind.PERSON, known)

    def _remembered(
        self, kind: RecordKind, known: Iterable[tuple[str, KnownContact]]
    ) -> list[tuple[str, KnownContact]]:
        """Return `known` with one object for each contact, however often it is read."""
        held = self.by_ref[kind]
        if self.ignores is not None:
            known = [(key, one) for key, one in known if not self.ignores(kind, one.ref.id or 0)]
        return [(key, held.setdefault(one.ref, one)) for key, one in known]

    def known_organization(
        self, columns: Mapping[str, Any], preferred: int | None = None
    ) -> Match | None:
        """Return the organization that `columns` (at least `name`) means, None if there is none yet.

        `preferred` is the id of the one that the record has now: of several that are called so, it is meant.
        """
        name = columns["name"]
        answered = self._answered(RecordKind.ORGANIZATION, name)
        if answered is not None:
            return answered
        address = fold(columns.get("address") or "")
        candidates = [
            known
            for known in self.organizations.get(name_key(name), ())
            if not address or not known.address or known.address == address
        ]
        return self._match(RecordKind.ORGANIZATION, name, candidates, preferred)

    def organization(self, columns: Mapping[str, Any], preferred: int | None = None) -> Match:
        """Return the organization that `columns` means, planning a new one if there is none."""
        found = self.known_organization(columns, preferred)
        if found is not None:
            return found
        ref = self._plan(RecordKind.ORGANIZATION, dict(columns))
        known = KnownContact(ref, columns["name"], fold(columns.get("address") or ""))
        self.organizations.setdefault(name_key(known.name), []).append(known)
        return Match(known)

    def known_person(
        self,
        columns: Mapping[str, Any],
        organization: ContactRef | None,
        preferred: int | None = None,
    ) -> Match | None:
        """Return the person that `columns` (at least `name`) means, None if there is none yet."""
        name = columns["name"]
        answered = self._answered(RecordKind.PERSON, name)
        if answered is not None:
            return answered
        candidates = self.persons.get(name_key(name))
        if not candidates:
            return None
        if preferred is not None:
            for known in candidates:
                if known.ref.id == preferred and spelling(known.name) == spelling(name):
                    return Match(known)
        points = points_of(columns.get("emails") or [], columns.get("phones") or [], self.country)
        for group in _persons_meant(candidates, organization, points):
            found = self._match(RecordKind.PERSON, name, group, preferred)
            if found is not None:
                is_elsewhere = _works_elsewhere(found.contact, organization)
                return Match(found.contact, found.likeness, found.count, is_elsewhere)
        return None

    def person(
        self,
        columns: Mapping[str, Any],
        organization: ContactRef | None,
        preferred: int | None = None,
    ) -> Match:
        """Return the person that `columns` means, planning a new one if there is none."""
        found = self.known_person(columns, organization, preferred)
        if found is None:
            emails, phones = columns.get("emails") or [], columns.get("phones") or []
            points = points_of(emails, phones, self.country)
            held = all_points(emails, phones, self.country)
            ref = self._plan(RecordKind.PERSON, {**columns, "organization": organization})
            known = KnownContact(ref, columns["name"], "", organization, points, held)
            self.persons.setdefault(name_key(known.name), []).append(known)
            found = Match(self.by_ref[RecordKind.PERSON].setdefault(ref, known))
        if organization is not None:
            found.contact.deals_with.add(organization)
        return found

    def learn(
        self, person: KnownContact, organization: ContactRef | None, points: frozenset[str]
    ) -> None:
        """Remember what a row of persons says of a person, so that later rows of another one are not taken for it."""
        person.organization = organization or person.organization
        person.points |= points

    def _answered(self, kind: RecordKind, name: str) -> Match | None:
        """Return the contact that a person said `name` means."""
        answers = self.answers.get(kind)
        contact = answers.get(spelling(name)) if answers else None
        if contact is None:
            return None
        known = self.by_ref[kind].get(ContactRef(contact))
        return None if known is None else Match(known)

    def _match(
        self, kind: RecordKind, name: str, candidates: Sequence[KnownContact], preferred: int | None
    ) -> Match | None:
        """Return the candidate that is called most like `name`; of several the preferred one, else the oldest."""
        called = closest(name, candidates, _name_of) if candidates else []
        if not called:
            return None
        degree = likeness(name, called[0].name) or Likeness.WRITTEN
        if degree is Likeness.TAKEN and spelling(name) in self.answers.get(kind, {}):
            return None
        for known in called:
            if known.ref.id == preferred is not None:
                return Match(known, degree)
        return Match(called[0], degree, len(called))

    def add_points(
        self, ref: ContactRef, given: Mapping[str, Sequence[ContactPoint]]
    ) -> dict[str, list[dict[str, str]]]:
        """Return which e-mails and phones the person `ref` does not have; later rows count them as its own."""
        known = self.by_ref[RecordKind.PERSON][ref]
        new: dict[str, list[dict[str, str]]] = {}
        for column, points in given.items():
            new[column] = [
                {"value": one.value, "label": one.label}
                for one in points
                if comparable(column, one.value, self.country) not in known.held
            ]
        emails, phones = given.get("emails", ()), given.get("phones", ())
        known.points |= points_of(emails, phones, self.country)
        known.held |= all_points(emails, phones, self.country)
        return {column: points for column, points in new.items() if points and known.may_change}

    def take_new(self) -> dict[RecordKind, list[dict[str, Any]]]:
        """Return the contacts planned since the last time; each list begins at the number that was next then."""
        taken, self.new = self.new, {RecordKind.ORGANIZATION: [], RecordKind.PERSON: []}
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
    """Return the e-mail addresses and phone numbers that tell a person from others, as they are compared.

    Phones without a country code are of `country`.
    """
    if not emails and not phones:
        return _NO_POINTS
    addresses = {point_key(_value(one)) for one in emails}
    numbers = {
        number for one in phones if (number := phone_identity(_value(one), country)) is not None
    }
    return frozenset(addresses | numbers)


def all_points(emails: Sequence[Any], phones: Sequence[Any], country: str) -> frozenset[str]:
    """Return every e-mail and phone as they are compared where none is to be added twice."""
    if not emails and not phones:
        return _NO_POINTS
    addresses = {comparable("emails", _value(one), country) for one in emails}
    numbers = {comparable("phones", _value(one), country) for one in phones}
    return frozenset(addresses | numbers)


def phone_identity(number: str, country: str) -> str | None:
    """Return a phone number as persons are told apart by it; None for one that says nothing, as an extension or 4,91702E+11."""
    digit_count = sum(sign.isdigit() for sign in number)
    if _SCIENTIFIC.search(number) or digit_count < _TELLING_DIGITS:
        return None
    return phone_key(number, country)


def _value(point: Any) -> str:
    return str(point.value if isinstance(point, ContactPoint) else point["value"])


#: Stands for an organization that is still to be planned: no contact has it.
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
            columns[column] = _completed_points(
                column, held.get(column) or (), columns[column], country
            )
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


def _persons_meant(
    candidates: Sequence[KnownContact], organization: ContactRef | None, points: frozenset[str]
) -> Iterator[list[KnownContact]]:
    """Yield the persons of one name that a row may mean, in groups, the surest first."""
    reached = [known for known in candidates if points & known.points] if points else []
    if organization is not None:
        colleagues = [known for known in candidates if known.organization == organization]
        if reached:
            yield [known for known in reached if known.organization == organization]
        yield colleagues
        yield reached
        yield [known for known in candidates if organization in known.deals_with]
    else:
        yield reached
    yield [known for known in candidates if known.is_bare]
    if organization is None and not points:
        yield list(candidates)


def _works_elsewhere(person: KnownContact, organization: ContactRef | None) -> bool:
    if organization is None or person.organization is None:
        return False
    return person.organization != organization and organization not in person.deals_with


def _name_of(known: KnownContact) -> str:
    return known.name


def by_key(new: Mapping[RecordKind, list[dict[str, Any]]]) -> dict[str, list[dict[str, Any]]]:
    """Return new contacts as they are stored with a block: references become [id, number], moments text."""
    stored: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for kind, contacts in new.items():
        for columns in contacts:
            changed: dict[str, Any] = {}
            organization, created = columns.get("organization"), columns.get("created_at")
            if isinstance(organization, ContactRef):
                changed["organization"] = [organization.id, organization.number]
            if created is not None:
                changed["created_at"] = created.isoformat()
            stored[kind].append({**columns, **changed})
    return dict(stored)
