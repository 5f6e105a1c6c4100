"""What has come in since a plan was made and that the plan would bring once more; see decision 0029.

The check keeps, block by block, what was here like the new records that it planned (`known_of`). When the plan is carried out the same is
looked up again: what is found beyond that, and that the plan itself did not bring, came in meanwhile.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import partial
from typing import Any

from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.core.folding import fold
from turnus.core.naming import name_key
from turnus.core.records import RecordKind
from turnus.imports.contact_ids import CONTACTS, ContactIds, joined
from turnus.imports.contacts import UNPLANNED, ContactFinder, KnownContact
from turnus.imports.customers import contact_answers
from turnus.imports.deals import DealPlanner
from turnus.imports.existing_subscriptions import Beginning, ExistingSubscriptions
from turnus.imports.files import choices_of
from turnus.imports.models import Import, PlanBlock
from turnus.imports.people import ContactPlanner
from turnus.imports.plan import ContactRef, PlannedRow, Verdict, unpack
from turnus.imports.queries import imports_of_file
from turnus.imports.questions import answers_of
from turnus.imports.repeats import ExistingDeals
from turnus.imports.subscriptions import SubscriptionPlanner

Planner = DealPlanner | ContactPlanner | SubscriptionPlanner
#: Says whether the import itself brought the record of this kind with this id.
IsOwn = Callable[[RecordKind, int], bool]


@dataclass(frozen=True, slots=True)
class Arrived:
    """How many of a plan's new rows are here by now, and of the contacts that it would create beside them."""

    contact_count: int
    row_count: int


def known_of(
    planner: Planner,
    planned: Sequence[PlannedRow],
    new: Mapping[RecordKind, Sequence[Mapping[str, Any]]],
) -> dict[str, list[int]]:
    """Return the ids of what a block's check found like its `new` contacts and its new rows, by kind of record."""
    finder = planner.contacts
    ids: dict[str, set[int]] = {}
    for kind, by_name in (
        (RecordKind.ORGANIZATION, finder.organizations),
        (RecordKind.PERSON, finder.persons),
    ):
        keys = {name_key(contact["name"]) for contact in new[kind]}
        ids[kind] = {
            one.ref.id for key in keys for one in by_name.get(key, ()) if one.ref.id is not None
        }
    rows = [row for row in planned if row.verdict is Verdict.NEW]
    if isinstance(planner, DealPlanner):
        held = planner.repeats.held
        held.look_up(
            rows
        )  # also of customers that the file did not name: those of deals it named by their IDs
        ids[RecordKind.DEAL] = {deal.pk for row in rows for deal in held.like(row)}
    elif isinstance(planner, SubscriptionPlanner):
        customers = [(row.organization, row.person) for row in rows]
        ids[RecordKind.SUBSCRIPTION] = {
            one["id"] for pair in customers for one in planner.known.of_customer(pair)
        }
    return {kind: sorted(found) for kind, found in ids.items() if found}


class Arrivals:
    """Looks up what has come in since the check of one import; each look is at one block."""

    def __init__(self, of: Import, *, by: User, on: date, is_own: IsOwn) -> None:
        self.by = by
        self.on = on
        self.is_own = is_own
        self.kind = RecordKind(of.record_kind)
        self.answers = contact_answers(self.kind, {**answers_of(choices_of(of)), **of.answers})
        others = imports_of_file(of)
        beside = [one.run_id for one in others if of.is_again or one.is_again]
        self.runs_of_file = frozenset(str(one.run_id) for one in others) - frozenset(
            map(str, beside)
        )
        #: Of deals: those that the import itself brought, or another one that is here beside it on purpose.
        self.ignored_runs = frozenset(map(str, [of.run_id, *beside]))

    def contacts(
        self, kind: RecordKind, block: PlanBlock, employers: Sequence[ContactRef | None]
    ) -> dict[int, KnownContact]:
        """Return which of a block's new contacts are here by now, by their place among them; `employers` are those of persons."""
        new = block.contacts.get(kind, [])
        if not new or block.known is None:
            return {}
        ignored = frozenset(block.known.get(kind, ()))
        finder = ContactFinder(self.by, self.answers, ignores=partial(self._ignores, ignored))
        names = [one["name"] for one in new]
        finder.look_up(*((names, ()) if kind is RecordKind.ORGANIZATION else ((), names)))
        found = {}
        for place, (columns, employer) in enumerate(zip(new, employers, strict=True)):
            if kind is RecordKind.ORGANIZATION:
                match = finder.known_organization(columns)
            else:
                match = finder.known_person(columns, employer)
            if match is None or match.ref.id is None:
                continue
            found[place] = match.contact
            if employer is not None:
                match.contact.deals_with.add(employer)
        return found

    def rows(self, rows: Iterable[PlannedRow], known: Mapping[str, Sequence[int]]) -> set[int]:
        """Return the numbers of the new rows, their contacts by id, whose deal or subscription is here by now."""
        new = [row for row in rows if row.verdict is Verdict.NEW]
        ignored = frozenset(known.get(self.kind, ()))
        if self.kind is RecordKind.DEAL:
            return self._deals(new, ignored)
        if self.kind is RecordKind.SUBSCRIPTION:
            return self._subscriptions(new, ignored)
        return set()

    def _ignores(self, known: Collection[int], kind: RecordKind, pk: int) -> bool:
        return pk in known or self.is_own(kind, pk)

    def _deals(self, rows: Sequence[PlannedRow], known: frozenset[int]) -> set[int]:
        held = ExistingDeals(by=self.by, on=self.on)
        held.runs_of_file, held.ignored, held.ignored_runs = (
            self.runs_of_file,
            known,
            self.ignored_runs,
        )
        held.look_up(rows)
        return set(held.repeated(rows))

    def _subscriptions(self, rows: Sequence[PlannedRow], known: frozenset[int]) -> set[int]:
        ignores = partial(self._ignores, known, RecordKind.SUBSCRIPTION)
        viewer = Viewer(self.by, self.on, company().zone)
        held = ExistingSubscriptions(viewer, ignores=ignores)
        held.look_up((), [(row.organization, row.person) for row in rows])
        return {row.number for row in rows if _is_here(row, held)}


def _is_here(row: PlannedRow, held: ExistingSubscriptions) -> bool:
    customer, columns = (row.organization, row.person), row.columns
    begins = Beginning(
        columns["name"],
        columns["plan_id"],
        columns["price_e4"],
        columns["currency"],
        columns["started_on"],
        columns.get("end_on"),
    )
    is_same = held.like(customer, fold(begins.name), begins.started_on) is not None
    return is_same or held.nearly(customer, begins) is not None


def arrived(of: Import, *, by: User, on: date) -> Arrived:
    """Return what of a plan that is not yet carried out is here by now; some queries for each block."""
    arrivals = Arrivals(of, by=by, on=on, is_own=lambda _kind, _pk: False)
    ids, numbers = ContactIds(), dict.fromkeys(CONTACTS, 0)
    contact_count = row_count = 0
    for block in of.blocks.order_by("number").iterator():
        for kind in CONTACTS:
            employers = employers_in(block, kind, ids)
            found = arrivals.contacts(kind, block, employers)
            for place, contact in found.items():
                ids.stretches[kind] += joined(numbers[kind] + place, [contact.ref.id or 0])
            numbers[kind] += len(employers)
            if kind == of.record_kind:
                row_count += len(found)
            else:
                contact_count += len(found)
        if block.known is not None:
            rows = [settled(row, ids) for row in unpack(block.rows)]
            row_count += len(arrivals.rows(rows, block.known))
    return Arrived(contact_count, row_count)


def employers_in(block: PlanBlock, kind: RecordKind, ids: ContactIds) -> list[ContactRef | None]:
    """Return the organization of each of a block's new contacts: by its id, `UNPLANNED` if it is not here yet, None without one."""
    found: list[ContactRef | None] = []
    for contact in block.contacts.get(kind, []):
        stored = contact.get("organization") if kind is RecordKind.PERSON else None
        ref = ids.settled(ContactRef(*stored), RecordKind.ORGANIZATION) if stored else None
        found.append(ref if ref is None or ref.id is not None else UNPLANNED)
    return found


def settled(row: PlannedRow, ids: ContactIds) -> PlannedRow:
    """Return a row with its contacts by id, as far as they are here."""
    return replace(
        row,
        organization=ids.settled(row.organization, RecordKind.ORGANIZATION),
        person=ids.settled(row.person, RecordKind.PERSON),
    )
