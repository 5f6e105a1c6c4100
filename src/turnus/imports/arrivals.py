"""What has come in since a plan was made and that the plan would bring once more (decision 0029).

The check keeps, block by block, what existed like the new records that it planned (`known_of`).
When the plan is carried out the same is looked up again: what is found beyond that, and that the
plan itself did not bring, came in meanwhile.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial

from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.core.folding import fold
from turnus.core.naming import name_key
from turnus.core.records import RecordKind
from turnus.imports.contact_finder import (
    UNPLANNED,
    ContactFinder,
    KnownContact,
)
from turnus.imports.contact_ids import CONTACTS, ContactIds, joined
from turnus.imports.customers import RowContacts, contact_answers
from turnus.imports.deals import DealPlanner
from turnus.imports.existing_subscriptions import (
    Beginning,
    ExistingSubscriptions,
)
from turnus.imports.files import choices_of
from turnus.imports.models import Import, PlanBlock
from turnus.imports.people import ContactPlanner
from turnus.imports.plan import ContactRef, NewContact, PlannedRow, Verdict
from turnus.imports.plan_storage import contacts_from_json, unpack
from turnus.imports.queries import imports_of_file
from turnus.imports.questions import answers_of
from turnus.imports.repeats import ExistingDeals
from turnus.imports.subscriptions import SubscriptionPlanner

Planner = DealPlanner | ContactPlanner | SubscriptionPlanner
#: Says whether the import itself brought the record of this kind with this id.
IsOwn = Callable[[RecordKind, int], bool]


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many of a plan's new rows, and of the contacts that it would create, exist by now."""

    contact_count: int
    row_count: int


def known_of(
    planner: Planner,
    planned: Sequence[PlannedRow],
    new: Mapping[RecordKind, Sequence[NewContact]],
) -> dict[str, list[int]]:
    """Return the ids of what a check found like its `new` contacts and new rows, by kind."""
    finder = planner.contacts
    ids: dict[str, set[int]] = {
        RecordKind.ORGANIZATION: _alike(
            new[RecordKind.ORGANIZATION], finder.organizations
        ),
        RecordKind.PERSON: _alike(new[RecordKind.PERSON], finder.persons),
    }
    rows = [row for row in planned if row.verdict is Verdict.NEW]
    if isinstance(planner, DealPlanner):
        existing = planner.repeats.existing
        # Also those of customers that the file names only by the ID of a deal.
        existing.look_up(rows)
        deal_ids: set[int] = set()
        for row in rows:
            deal_ids.update(deal.pk for deal in existing.like(row))
        ids[RecordKind.DEAL] = deal_ids
    elif isinstance(planner, SubscriptionPlanner):
        found: set[int] = set()
        for row in rows:
            subscriptions = planner.existing.of_customer(contacts_of(row))
            found.update(subscription["id"] for subscription in subscriptions)
        ids[RecordKind.SUBSCRIPTION] = found
    return {kind: sorted(found) for kind, found in ids.items() if found}


def _alike(
    contacts: Iterable[NewContact],
    by_name: Mapping[str, Sequence[KnownContact]],
) -> set[int]:
    """Return the ids of existing contacts whose names have the same key as new ones."""
    ids = set()
    for key in {name_key(contact.columns["name"]) for contact in contacts}:
        for contact in by_name.get(key, ()):
            if contact.ref.id is not None:
                ids.add(contact.ref.id)
    return ids


class Arrivals:
    """What has come in since the check of one import, looked up block by block."""

    def __init__(
        self, of: Import, *, by: User, on: date, is_own: IsOwn
    ) -> None:
        self.by = by
        self.on = on
        self.is_own = is_own
        self.kind = RecordKind(of.record_kind)
        self.answers = contact_answers(
            self.kind, {**answers_of(choices_of(of)), **of.answers}
        )
        others = imports_of_file(of)
        on_purpose = {
            other.run_id for other in others if of.is_again or other.is_again
        }
        runs = {other.run_id for other in others} - on_purpose
        self.runs_of_file = frozenset(map(str, runs))
        #: Runs whose deals do not count: the import itself, and those that repeat it on purpose.
        self.ignored_runs = frozenset(map(str, {of.run_id, *on_purpose}))

    def contacts(
        self,
        kind: RecordKind,
        block: PlanBlock,
        employers: Sequence[ContactRef | None],
    ) -> dict[int, KnownContact]:
        """Return which of a block's new contacts exist by now, by their place among them.

        `employers` are those of persons.
        """
        new = contacts_from_json(block.contacts, kind)
        if not new or block.known is None:
            return {}
        ignored = frozenset(block.known.get(kind, ()))
        finder = ContactFinder(
            self.by, self.answers, ignores=partial(self._ignores, ignored)
        )
        names = [contact.columns["name"] for contact in new]
        if kind is RecordKind.ORGANIZATION:
            finder.look_up(names, ())
        else:
            finder.look_up((), names)
        found = {}
        for place, (contact, employer) in enumerate(
            zip(new, employers, strict=True)
        ):
            if kind is RecordKind.ORGANIZATION:
                match = finder.known_organization(contact.columns)
            else:
                match = finder.known_person(contact.columns, employer)
            if match is None or match.ref.id is None:
                continue
            found[place] = match.contact
            if employer is not None:
                match.contact.deals_with.add(employer)
        return found

    def rows(
        self, rows: Iterable[PlannedRow], known: Mapping[str, Sequence[int]]
    ) -> set[int]:
        """Return the numbers of the new rows whose deal or subscription exists by now.

        Existing contacts of the rows are known by their ids.
        """
        new = [row for row in rows if row.verdict is Verdict.NEW]
        ignored = frozenset(known.get(self.kind, ()))
        if self.kind is RecordKind.DEAL:
            return self._deals(new, ignored)
        if self.kind is RecordKind.SUBSCRIPTION:
            return self._subscriptions(new, ignored)
        return set()

    def _ignores(
        self, ignored: Collection[int], kind: RecordKind, pk: int
    ) -> bool:
        return pk in ignored or self.is_own(kind, pk)

    def _deals(
        self, rows: Sequence[PlannedRow], ignored: frozenset[int]
    ) -> set[int]:
        existing = ExistingDeals(by=self.by, on=self.on)
        existing.runs_of_file = self.runs_of_file
        existing.ignored = ignored
        existing.ignored_runs = self.ignored_runs
        existing.look_up(rows)
        return set(existing.repeated(rows))

    def _subscriptions(
        self, rows: Sequence[PlannedRow], ignored: frozenset[int]
    ) -> set[int]:
        ignores = partial(self._ignores, ignored, RecordKind.SUBSCRIPTION)
        viewer = Viewer(self.by, self.on, company().zone)
        existing = ExistingSubscriptions(viewer, ignores=ignores)
        existing.look_up((), map(contacts_of, rows))
        return {row.number for row in rows if _exists(row, existing)}


def contacts_of(row: PlannedRow) -> RowContacts:
    """Return the contacts of a planned row."""
    return RowContacts(row.organization, row.person)


def _exists(row: PlannedRow, existing: ExistingSubscriptions) -> bool:
    contacts = contacts_of(row)
    columns = row.columns
    begins = Beginning(
        name=columns["name"],
        plan=columns["plan_id"],
        price_e4=columns["price_e4"],
        currency=columns["currency"],
        started_on=columns["started_on"],
        end_on=columns.get("end_on"),
    )
    if (
        existing.like(contacts, fold(begins.name), begins.started_on)
        is not None
    ):
        return True
    return existing.nearly(contacts, begins) is not None


def arrived(of: Import, *, by: User, on: date) -> Arrived:
    """Return what of a plan that waits exists by now; some queries for each block."""
    arrivals = Arrivals(of, by=by, on=on, is_own=lambda _kind, _pk: False)
    ids = ContactIds()
    numbers = dict.fromkeys(CONTACTS, 0)
    contact_count = 0
    row_count = 0
    for block in of.blocks.order_by("number").iterator():
        for kind in CONTACTS:
            contacts = contacts_from_json(block.contacts, kind)
            employers = employers_of(contacts, ids)
            found = arrivals.contacts(kind, block, employers)
            for place, contact in found.items():
                number = numbers[kind] + place
                stretch = joined(number, [contact.ref.id or 0])
                ids.stretches[kind] += stretch
            numbers[kind] += len(employers)
            if kind == of.record_kind:
                row_count += len(found)
            else:
                contact_count += len(found)
        if block.known is not None:
            rows = [settled(row, ids) for row in unpack(block.rows)]
            row_count += len(arrivals.rows(rows, block.known))
    return Arrived(contact_count, row_count)


def employers_of(
    contacts: Iterable[NewContact], ids: ContactIds
) -> list[ContactRef | None]:
    """Return the organization of each new contact by its id; None without one.

    One that does not exist yet is `UNPLANNED`.
    """
    employers: list[ContactRef | None] = []
    for contact in contacts:
        ref = ids.settled(contact.organization, RecordKind.ORGANIZATION)
        if ref is not None and ref.is_new:
            ref = UNPLANNED
        employers.append(ref)
    return employers


def settled(row: PlannedRow, ids: ContactIds) -> PlannedRow:
    """Return a row with its contacts by id, as far as they exist."""
    return replace(
        row,
        organization=ids.settled(row.organization, RecordKind.ORGANIZATION),
        person=ids.settled(row.person, RecordKind.PERSON),
    )
