"""Which contact a name means: an existing one, one met earlier in the file, or a new one.

Names are compared by `core.naming`: written alike before spelled alike before of one key. An
organization is the same if its name is, and its address where both have one. A person of the same
name is the same if the organization is, or an email or phone; or if the person already has deals
with that organization; or if nothing else is known of either (decision 0024). Everything is looked
up in blocks, never row by row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Q

from turnus.accounts.models import User
from turnus.contacts.models import Organization, Person
from turnus.core.folding import fold
from turnus.core.naming import Likeness, closest, likeness, name_key, spelling
from turnus.core.records import RecordKind
from turnus.imports.contact_points import (
    all_points,
    identifying_points,
    missing_emails,
    missing_phones,
    phone_country,
)
from turnus.imports.plan import ContactRef, NewContact
from turnus.imports.planned_columns import PlannedColumns, PointsAdded
from turnus.sales.models import Deal


@dataclass(slots=True)
class KnownContact:
    """A contact that names are compared with."""

    ref: ContactRef
    name: str
    address: str = ""
    organization: ContactRef | None = None
    #: Emails and phones that tell who it is.
    points: frozenset[str] = frozenset()
    #: All that it has, also those that tell nothing.
    all_points: frozenset[str] = frozenset()
    #: Whether emails and phones may be added to it.
    may_change: bool = True
    #: Organizations that the person has deals with, in the database or by earlier rows.
    deals_with: set[ContactRef] = field(default_factory=set)

    @property
    def is_bare(self) -> bool:
        """Whether nothing but the name is known of a person."""
        return (
            self.organization is None
            and not self.points
            and not self.deals_with
        )


@dataclass(frozen=True, slots=True)
class Match:
    """The contact that a row means, and what a person should know of how it was found."""

    contact: KnownContact
    #: How much the name of the row is like the contact's.
    likeness: Likeness = Likeness.WRITTEN
    #: Contacts that could be meant just as well, this one included.
    count: int = 1
    #: A person who works for another organization than the row says, found by an email or phone.
    is_elsewhere: bool = False

    @property
    def ref(self) -> ContactRef:
        """The contact's reference."""
        return self.contact.ref


#: Returns whether the contact of this kind with this id counts as if it did not exist.
Ignores = Callable[[RecordKind, int], bool]
#: Spelling of a name -> the id of the contact that it means, as a person answered; None: a new one.
Answers = Mapping[str, int | None]


class ContactFinder:
    """The contacts that names of one check mean: existing ones, and those that it plans."""

    def __init__(
        self,
        user: User,
        answers: Mapping[RecordKind, Answers] | None = None,
        *,
        ignores: Ignores | None = None,
    ) -> None:
        self.user = user
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
        #: New contacts since the last `take_new`.
        self.new: dict[RecordKind, list[NewContact]] = _no_contacts()
        self._read_answered()

    def look_up(
        self, organizations: Iterable[str], persons: Iterable[str]
    ) -> None:
        """Read the contacts of a block of rows by name; four queries at the most."""
        wanted = {
            name_key(name) for name in organizations
        } - self.organizations.keys()
        if wanted:
            self.organizations.update({key: [] for key in wanted})
            for key, contact in self._read_organizations(
                Q(name_key__in=wanted)
            ):
                self.organizations[key].append(contact)
        wanted = {name_key(name) for name in persons} - self.persons.keys()
        if wanted:
            self.persons.update({key: [] for key in wanted})
            for key, person in self._read_persons(Q(name_key__in=wanted)):
                self.persons[key].append(person)

    def _read_answered(self) -> None:
        """Read the contacts that answers name, and that `user` may see."""
        for kind, read in (
            (RecordKind.ORGANIZATION, self._read_organizations),
            (RecordKind.PERSON, self._read_persons),
        ):
            ids = set(self.answers.get(kind, {}).values()) - {None}
            if ids:
                read(Q(pk__in=ids))

    def _read_organizations(self, wanted: Q) -> list[tuple[str, KnownContact]]:
        """Return organizations with the keys of their names, the oldest first."""
        found = (
            Organization.objects.present()
            .visible_to(self.user)
            .filter(wanted)
            .order_by("pk")
        )
        contacts = []
        for pk, key, name, address in found.values_list(
            "pk", "name_key", "name", "address"
        ):
            contacts.append(
                (key, KnownContact(ContactRef(pk), name, fold(address)))
            )
        return self._remembered(RecordKind.ORGANIZATION, contacts)

    def _read_persons(self, wanted: Q) -> list[tuple[str, KnownContact]]:
        """Return persons with the keys of their names, the oldest first."""
        found = (
            Person.objects.present()
            .visible_to(self.user)
            .filter(wanted)
            .order_by("pk")
        )
        columns = (
            "pk",
            "name_key",
            "name",
            "organization_id",
            "emails",
            "phones",
        )
        persons: list[tuple[str, KnownContact]] = []
        by_id: dict[int, KnownContact] = {}
        rows = found.values_list(*columns)
        for pk, key, name, organization, emails, phones in rows:
            employer = ContactRef(organization) if organization else None
            person = KnownContact(
                ref=ContactRef(pk),
                name=name,
                organization=employer,
                points=identifying_points(emails, phones, self.country),
                all_points=all_points(emails, phones, self.country),
            )
            persons.append((key, person))
            by_id[pk] = person
        self._add_rights(by_id)
        self._add_deals(by_id)
        return self._remembered(RecordKind.PERSON, persons)

    def _add_rights(self, by_id: Mapping[int, KnownContact]) -> None:
        """Note which persons may be changed; one query."""
        editable = Person.objects.editable_by(self.user).filter(pk__in=by_id)
        editable_ids = set(editable.values_list("pk", flat=True))
        for pk, person in by_id.items():
            person.may_change = pk in editable_ids

    def _add_deals(self, by_id: Mapping[int, KnownContact]) -> None:
        """Note which organizations persons have deals with; one query."""
        deals = Deal.objects.present().visible_to(self.user)
        with_both = deals.filter(
            person_id__in=by_id, organization_id__isnull=False
        ).order_by()
        pairs = with_both.values_list(
            "person_id", "organization_id"
        ).distinct()
        for person_id, organization_id in pairs:
            by_id[person_id or 0].deals_with.add(ContactRef(organization_id))

    def _remembered(
        self, kind: RecordKind, read: Iterable[tuple[str, KnownContact]]
    ) -> list[tuple[str, KnownContact]]:
        """Return what was `read` with one object for each contact, however often it is read."""
        contacts = self.by_ref[kind]
        remembered = []
        for key, contact in read:
            pk = contact.ref.id or 0
            if self.ignores is not None and self.ignores(kind, pk):
                continue
            same = contacts.setdefault(contact.ref, contact)
            remembered.append((key, same))
        return remembered

    def known_organization(
        self, columns: PlannedColumns, preferred: int | None = None
    ) -> Match | None:
        """Return the organization that `columns` (at least `name`) means, None for a new one.

        `preferred` is the id of the one that the record has now: of several with that name, it is
        meant.
        """
        name = columns["name"]
        answered = self._answered(RecordKind.ORGANIZATION, name)
        if answered is not None:
            return answered
        address = fold(columns.get("address") or "")
        candidates = [
            contact
            for contact in self.organizations.get(name_key(name), ())
            if not address or not contact.address or contact.address == address
        ]
        return self._match(
            RecordKind.ORGANIZATION, name, candidates, preferred
        )

    def organization(
        self, columns: PlannedColumns, preferred: int | None = None
    ) -> Match:
        """Return the organization that `columns` means, planning a new one if there is none."""
        found = self.known_organization(columns, preferred)
        if found is not None:
            return found
        ref = self._plan(
            RecordKind.ORGANIZATION, NewContact(PlannedColumns(**columns))
        )
        contact = KnownContact(
            ref, columns["name"], fold(columns.get("address") or "")
        )
        self.organizations.setdefault(name_key(contact.name), []).append(
            contact
        )
        return Match(contact)

    def known_person(
        self,
        columns: PlannedColumns,
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
            for person in candidates:
                is_spelled_so = spelling(person.name) == spelling(name)
                if person.ref.id == preferred and is_spelled_so:
                    return Match(person)
        emails = columns.get("emails") or []
        phones = columns.get("phones") or []
        points = identifying_points(emails, phones, self.country)
        for group in _persons_meant(candidates, organization, points):
            found = self._match(RecordKind.PERSON, name, group, preferred)
            if found is not None:
                is_elsewhere = _works_elsewhere(found.contact, organization)
                return Match(
                    found.contact, found.likeness, found.count, is_elsewhere
                )
        return None

    def person(
        self,
        columns: PlannedColumns,
        organization: ContactRef | None,
        preferred: int | None = None,
    ) -> Match:
        """Return the person that `columns` means, planning a new one if there is none."""
        found = self.known_person(columns, organization, preferred)
        if found is None:
            emails = columns.get("emails") or []
            phones = columns.get("phones") or []
            planned = NewContact(PlannedColumns(**columns), organization)
            ref = self._plan(RecordKind.PERSON, planned)
            contact = KnownContact(
                ref=ref,
                name=columns["name"],
                organization=organization,
                points=identifying_points(emails, phones, self.country),
                all_points=all_points(emails, phones, self.country),
            )
            self.persons.setdefault(name_key(contact.name), []).append(contact)
            found = Match(
                self.by_ref[RecordKind.PERSON].setdefault(ref, contact)
            )
        if organization is not None:
            found.contact.deals_with.add(organization)
        return found

    def learn(
        self,
        person: KnownContact,
        organization: ContactRef | None,
        points: frozenset[str],
    ) -> None:
        """Remember what a row says of a person: later rows of another one are not taken for it."""
        person.organization = organization or person.organization
        person.points |= points

    def _answered(self, kind: RecordKind, name: str) -> Match | None:
        """Return the contact that `name` means, as a person answered."""
        answers = self.answers.get(kind)
        if not answers:
            return None
        pk = answers.get(spelling(name))
        if pk is None:
            return None
        contact = self.by_ref[kind].get(ContactRef(pk))
        return None if contact is None else Match(contact)

    def _match(
        self,
        kind: RecordKind,
        name: str,
        candidates: Sequence[KnownContact],
        preferred: int | None,
    ) -> Match | None:
        """Return the candidate most like `name`; of several the preferred one, else the oldest."""
        alike = closest(name, candidates, _name_of) if candidates else []
        if not alike:
            return None
        degree = likeness(name, alike[0].name) or Likeness.WRITTEN
        is_answered = spelling(name) in self.answers.get(kind, {})
        if degree is Likeness.TAKEN and is_answered:
            return None
        for contact in alike:
            if preferred is not None and contact.ref.id == preferred:
                return Match(contact, degree)
        return Match(alike[0], degree, len(alike))

    def add_points(
        self, ref: ContactRef, points: PointsAdded
    ) -> PlannedColumns:
        """Return which emails and phones the person `ref` does not have yet.

        Later rows count them as its own.
        """
        person = self.by_ref[RecordKind.PERSON][ref]
        emails = points.get("emails", [])
        phones = points.get("phones", [])
        new_emails = missing_emails(emails, person.all_points)
        new_phones = missing_phones(phones, person.all_points, self.country)
        person.points |= identifying_points(emails, phones, self.country)
        person.all_points |= all_points(emails, phones, self.country)
        added = PlannedColumns()
        if new_emails and person.may_change:
            added["emails"] = new_emails
        if new_phones and person.may_change:
            added["phones"] = new_phones
        return added

    def take_new(self) -> dict[RecordKind, list[NewContact]]:
        """Return the contacts planned since the last time, in the order of their numbers."""
        new = self.new
        self.new = _no_contacts()
        return new

    def _plan(self, kind: RecordKind, contact: NewContact) -> ContactRef:
        number = self.counts[kind]
        self.counts[kind] += 1
        self.new[kind].append(contact)
        return ContactRef(number=number)


#: Stands for an organization that is still to be planned: no contact has it.
UNPLANNED = ContactRef(number=-1)


def _persons_meant(
    candidates: Sequence[KnownContact],
    organization: ContactRef | None,
    points: frozenset[str],
) -> Iterator[list[KnownContact]]:
    """Yield the persons of one name that a row may mean, in groups, the surest first."""
    reached = [person for person in candidates if points & person.points]
    if organization is not None:
        yield _working_for(organization, reached)
        yield _working_for(organization, candidates)
        yield reached
        yield [
            person
            for person in candidates
            if organization in person.deals_with
        ]
    else:
        yield reached
    yield [person for person in candidates if person.is_bare]
    if organization is None and not points:
        yield list(candidates)


def _working_for(
    organization: ContactRef, persons: Iterable[KnownContact]
) -> list[KnownContact]:
    return [
        person for person in persons if person.organization == organization
    ]


def _works_elsewhere(
    person: KnownContact, organization: ContactRef | None
) -> bool:
    if organization is None or person.organization is None:
        return False
    return (
        person.organization != organization
        and organization not in person.deals_with
    )


def _name_of(contact: KnownContact) -> str:
    return contact.name


def _no_contacts() -> dict[RecordKind, list[NewContact]]:
    return {RecordKind.ORGANIZATION: [], RecordKind.PERSON: []}
