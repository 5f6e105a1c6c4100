"""Carrying out the stored plan, block by block, with its history."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import count as count_from
from itertools import islice
from typing import cast

from django.db import transaction
from django.db.models import F

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.contacts.actions import insert_contacts
from turnus.contacts.models import Organization, Person
from turnus.core.calendar import day_of
from turnus.core.deals import Status
from turnus.core.fields.cells import Json
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.builtin import DEAL_PLAN
from turnus.fields.columns import StoredColumns
from turnus.history.actions import locked_rows, move_run, write_changes
from turnus.history.models import Run
from turnus.history.queries import revision
from turnus.history.tracked import StoredRow, Tracked, tracked
from turnus.imports.actions_adding import ChoiceAdder
from turnus.imports.arrivals import Arrivals, Arrived, arrived, employers_of
from turnus.imports.contact_finder import KnownContact
from turnus.imports.contact_ids import (
    CONTACTS,
    ContactBlock,
    ContactIds,
    CreatedJson,
    joined,
    stretches_of,
    stretches_to_json,
)
from turnus.imports.contact_points import completed, phone_country
from turnus.imports.effects import carry_out_effects
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan import NewContact, PlannedRow, Verdict, count
from turnus.imports.plan_storage import contacts_from_json, pack, unpack
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.questions import choice_of
from turnus.imports.records import editable_ids, visible_ids
from turnus.imports.refusals import LIVE, Refusals, refuse_parts
from turnus.jobs.actions import LostError
from turnus.kit.sql import analyze, lock_tables
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.actions.from_deals import (
    start_from_copies,
)
from turnus.revenue.subscriptions.actions.from_files import insert_subscriptions
from turnus.revenue.subscriptions.chains import Copies, CopyKey, copies_of
from turnus.sales.actions import insert_deals
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules, stamps_of

#: Subscriptions that begin in one step.
_LINES = 500
#: Nobody else inserts into these while a block is compared with what exists, and written.
TABLES = (Organization, Person, Deal, Subscription)


class PlanRunner:
    """Carries out blocks of one import; knows which ids the new contacts of earlier blocks got."""

    def __init__(self, of: Import, *, at: datetime) -> None:
        self.of = of
        self.at = at
        self.by: User = of.run.by
        self.zone = company().zone
        self.country = phone_country()
        self.kind = RecordKind(of.record_kind)
        self.ids = ContactIds()
        #: Numbers of new organizations of the block whose payer went to the trash since the check.
        self.without_parent: set[int] = set()
        #: The new records of earlier blocks that are no contacts.
        self.own: list[ContactBlock] = []
        for created in of.blocks.order_by("number").values_list("created", flat=True):
            self._remember(created)
        self.arrivals = Arrivals(
            of, by=self.by, on=self.today, is_own=self._has_created
        )
        self.refusals = Refusals(self.by, self.kind, self.ids, self.arrivals)
        #: The revision that only this import has moved since the check; None: others did, too.
        self.revision: tuple[int, int] | None = None
        if len(of.totals.get("revision", ())) == 2:
            self.revision = (of.totals["revision"][0], of.totals["revision"][1])
        #: Stand-in -> the id of the choice that the import created.
        self.choices: dict[int, int] = {}

    def arrived(self) -> Arrived:
        """Return what came in since the check, before anything is written; mostly one query."""
        looked_at = revision()
        if looked_at == self.revision:
            return Arrived(0, 0)
        found = arrived(self.of, by=self.by, on=self.today)
        is_fitting = not found.contact_count and not found.row_count
        self.revision = looked_at if is_fitting else None
        return found

    def create_choices(self) -> None:
        """Create the choices and currencies that answers asked for; remember them in the totals.

        Raises UserError where whoever imports may not (any more).
        """
        require(self.by, Permission.IMPORT)
        made = self.of.totals.get("made_choices") or {}
        adder = ChoiceAdder(self.by, self.kind)
        for number, (path, word) in self.of.totals.get("new_choices", {}).items():
            if number not in made:
                made[number] = adder.add(path, word)
        for key in self.of.answers:
            if (
                key.startswith("currency:")
                and choice_of(self.of.answers, key) == "create"
            ):
                adder.add_currency(key.partition(":")[2])
        self.of.totals = {**self.of.totals, "made_choices": made, "added": adder.added}
        self.of.save(update_fields=["totals"])

    def carry_out(self, block: PlanBlock) -> None:
        """Write a block's new contacts, new records and updates; for the caller's transaction.

        What came in since the check is not repeated: contacts are linked, rows become problems.
        """
        lock_tables(TABLES)
        is_undisturbed = revision() == self.revision
        if not is_undisturbed:
            self.revision = None  # what came in may be meant by a later block as well
        made_choices = self.of.totals.get("made_choices") or {}
        self.choices = {int(number): pk for number, pk in made_choices.items()}
        rows = unpack(block.rows)
        self._create_contacts(block, is_undisturbed=is_undisturbed)
        refused = self.refusals.refuse_moved(rows)
        refused |= self.refusals.refuse_found(rows)
        refused |= self._warn_of_lost_parents(rows)
        if not is_undisturbed and block.known is not None:
            refused |= self.refusals.refuse_arrived(rows, block.known)
        if refused:
            refuse_parts(rows)
        new = [row for row in rows if row.verdict is Verdict.NEW]
        ids = self._insert([self._columns(row) for row in new])
        if ids:
            own = joined(0, ids)
            brought = CreatedJson(stretches={str(self.kind): stretches_to_json(own)})
            block.created = _with_created(block.created, brought)
            self.own += own
        effects = [
            (deal, row)
            for deal, row in zip(ids, new, strict=False)
            if row.effect is not None
        ]
        carry_out_effects(
            effects, run=self.of.run, by=self.by, at=self.at, on=self.today
        )
        self._update(
            [row for row in rows if row.verdict is Verdict.UPDATE and row.record_id]
        )
        self._complete([row for row in rows if row.added and row.verdict in LIVE])
        if refused:
            block.rows, block.counts = pack(rows), count(rows)
        block.save(update_fields=["created", "rows", "counts"])
        Import.objects.filter(pk=self.of.pk).update(progress=F("progress") + len(rows))
        if is_undisturbed:
            self.revision = revision()

    def _insert(self, rows: Sequence[PlannedColumns]) -> Sequence[int]:
        """Insert what is new and return the ids; new contacts exist already."""
        stored = cast("Sequence[StoredColumns]", rows)
        if self.kind is RecordKind.DEAL:
            return insert_deals(rows=stored, by=self.by, at=self.at, run=self.of.run)
        if self.kind is RecordKind.SUBSCRIPTION:
            return insert_subscriptions(
                rows=stored, by=self.by, at=self.at, on=self.today, run=self.of.run
            )
        return []

    def lines(self) -> Iterator[Mapping[CopyKey, Copies]]:
        """Yield the new won deals that begin subscriptions; not those begun before a crash."""
        plans: dict[int, int] = {}
        for packed, created in self.of.blocks.order_by("number").values_list(
            "rows", "created"
        ):
            new = (row for row in unpack(packed) if row.verdict is Verdict.NEW)
            stretches = stretches_of(created, self.kind)
            ids = count_from(stretches[0].first_id if stretches else 0)
            plans |= {
                pk: row.columns["plan_id"]
                for pk, row in zip(ids, new, strict=False)
                if "plan_id" in row.columns
            }
        rest = iter(copies_of(plans).items())
        while block := dict(islice(rest, _LINES)):
            yield block

    def begin_subscriptions(self, lines: Mapping[CopyKey, Copies]) -> None:
        """Let won deals begin subscriptions; for the caller's transaction."""
        lock_tables(TABLES)
        started = start_from_copies(
            copies=lines, by=self.by, at=self.at, on=self.today, run=self.of.run
        )
        totals = self.of.totals
        counts = {
            "begun": totals.get("begun", 0) + started.subscription_count,
            "booked": totals.get("booked", 0) + started.term_count,
        }
        self.of.totals = {**totals, **counts}
        self.of.save(update_fields=["totals"])

    @cached_property
    def created_in(self) -> frozenset[str]:
        """The keys of custom fields that get new choices."""
        paths = (path for path, _word in self.of.totals["new_choices"].values())
        return frozenset(path.removeprefix("custom.") for path in paths)

    @cached_property
    def rules(self) -> DealRules:
        """The rules of deals, read once for all blocks."""
        return DealRules.load()

    @property
    def begins_subscriptions(self) -> bool:
        """Whether a column of the file says with which plans won deals recur."""
        return DEAL_PLAN.key in self.of.columns and self.kind is RecordKind.DEAL

    @property
    def today(self) -> date:
        """The day of the import in the company's zone."""
        return day_of(self.at, self.zone)

    def _create_contacts(self, block: PlanBlock, *, is_undisturbed: bool) -> None:
        """Create a block's new contacts, or link those that others created since the check."""
        block.created = {}
        for kind in CONTACTS:
            contacts = contacts_from_json(block.contacts, kind)
            if not contacts:
                continue
            found: Mapping[int, KnownContact] = {}
            if not is_undisturbed:
                employers = employers_of(contacts, self.ids)
                found = self.arrivals.contacts(kind, block, employers)
            rows = [self._contact_columns(contact, kind) for contact in contacts]
            places = self._drop_lost_parents(rows)
            brought = self._create(kind, rows, found)
            block.created = _with_created(block.created, brought)
            self._remember(brought)
            first = self.ids.next_number(kind) - len(rows)
            self.without_parent = {first + place for place in places}
            if self.kind is not kind:
                self._complete_found(kind, rows, found)

    def _drop_lost_parents(self, rows: Sequence[PlannedColumns]) -> set[int]:
        """Leave out organizations that new ones bill with and that are gone; return the places."""
        parents = set(filter(None, (row.get("bills_with_id") for row in rows)))
        present = visible_ids(RecordKind.ORGANIZATION, parents, self.by)
        places = set()
        for place, row in enumerate(rows):
            if row.get("bills_with_id") in parents - present:
                row["bills_with_id"] = None
                places.add(place)
        return places

    def _warn_of_lost_parents(self, rows: Sequence[PlannedRow]) -> bool:
        """Tell rows that their new organization bills with nobody; return whether there are any."""
        numbers, self.without_parent = self.without_parent, set()
        told = False
        for row in rows:
            ref = row.organization
            if row.verdict is Verdict.NEW and ref is not None and ref.number in numbers:
                issue = Issue(IssueCode.RECORD_CHANGED, Severity.WARNING, row.number)
                row.issues.append(issue)
                told = True
        return told

    def _create(
        self,
        kind: RecordKind,
        rows: Sequence[PlannedColumns],
        found: Mapping[int, KnownContact],
    ) -> CreatedJson:
        """Insert the contacts that are not `found` at their places; return what came of all."""
        missing = [row for place, row in enumerate(rows) if place not in found]
        stored = cast("Sequence[StoredColumns]", missing)
        new_ids = iter(
            insert_contacts(kind, rows=stored, by=self.by, at=self.at, run=self.of.run)
        )
        ids = []
        for place in range(len(rows)):
            contact = found.get(place)
            ids.append(next(new_ids) if contact is None else contact.ref.id or 0)
        first = self.ids.next_number(kind)
        brought = CreatedJson(
            stretches={str(kind): stretches_to_json(joined(first, ids))}
        )
        if found:
            brought["found"] = {str(kind): [first + place for place in found]}
        return brought

    def _complete_found(
        self,
        kind: RecordKind,
        rows: Sequence[PlannedColumns],
        found: Mapping[int, KnownContact],
    ) -> None:
        """Add the emails and phones of the file to persons that exist by now and may be changed."""
        points: dict[int, PlannedColumns] = {}
        for place, contact in found.items():
            added = _points_of(rows[place])
            if added:
                points[contact.ref.id or 0] = added
        editable = editable_ids(kind, points, self.by)
        before = locked_rows(tracked(kind), points.keys() & editable)
        after = {
            pk: completed(row, points[pk], self.country) for pk, row in before.items()
        }
        self._write(tracked(kind), before, after)

    def _contact_columns(self, contact: NewContact, kind: RecordKind) -> PlannedColumns:
        columns = self._with_choices(contact.columns)
        if kind is RecordKind.PERSON:
            columns["organization_id"] = self.ids.id_of(
                contact.organization, RecordKind.ORGANIZATION
            )
        return columns

    def _write(
        self,
        kind: Tracked,
        before: Mapping[int, StoredRow],
        after: Mapping[int, PlannedColumns],
    ) -> None:
        """Store changes with their history."""
        changes = cast("Mapping[int, StoredColumns]", after)
        write_changes(
            kind, before, changes, by_id=self.by.pk, at=self.at, run=self.of.run
        )

    def _remember(self, created: CreatedJson) -> None:
        self.ids.add(created)
        if self.kind not in CONTACTS:
            self.own += stretches_of(created, self.kind)

    def _has_created(self, kind: RecordKind, pk: int) -> bool:
        if kind in CONTACTS:
            return self.ids.has_created(kind, pk)
        return any(one.first_id <= pk < one.first_id + one.size for one in self.own)

    def _columns(self, row: PlannedRow) -> PlannedColumns:
        columns = self._with_choices(row.columns)
        columns["organization_id"] = self.ids.id_of(
            row.organization, RecordKind.ORGANIZATION
        )
        columns["person_id"] = self.ids.id_of(row.person, RecordKind.PERSON)
        if row.is_stamped:
            columns.update(self._stamped(columns, {}))
        return columns

    def _stamped(
        self, columns: PlannedColumns, before: StoredColumns
    ) -> PlannedColumns:
        """Return the stamps that a deal gets at the moment of the import."""
        status = Status(columns["status"])
        stamps = stamps_of(before).to(status, self.at)
        return cast("PlannedColumns", self.rules.stamp_columns(stamps))

    def _with_choices(self, columns: PlannedColumns) -> PlannedColumns:
        """Return the columns with the ids of created choices in place of their stand-ins."""
        columns = PlannedColumns(**columns)
        if not self.choices:
            return columns
        if "stage_id" in columns:
            columns["stage_id"] = self._choice(columns["stage_id"])
        if "labels" in columns:
            columns["labels"] = sorted(map(self._choice, columns["labels"]))
        if "custom" in columns:
            cells = columns["custom"].items()
            columns["custom"] = {key: self._cell(key, cell) for key, cell in cells}
        return columns

    def _cell(self, key: str, cell: Json) -> Json:
        """Return a cell of a custom field; only those of fields with created choices change."""
        if key not in self.created_in:
            return cell
        if isinstance(cell, list):
            return sorted(map(self._choice, cell))
        return self._choice(cell) if isinstance(cell, int) else cell

    def _choice(self, number: int) -> int:
        """Return the id of a created choice by its stand-in; any other is itself."""
        return self.choices.get(number, number)

    def _update(self, rows: Sequence[PlannedRow]) -> None:
        kind = tracked(self.kind)
        before = locked_rows(kind, {row.record_id for row in rows if row.record_id})
        after: dict[int, PlannedColumns] = {}
        for row in rows:
            columns = self._with_choices(row.columns)
            if (
                row.organization is not None
                and self.kind is not RecordKind.ORGANIZATION
            ):
                columns["organization_id"] = self.ids.id_of(
                    row.organization, RecordKind.ORGANIZATION
                )
            if row.person is not None and self.kind is not RecordKind.PERSON:
                columns["person_id"] = self.ids.id_of(row.person, RecordKind.PERSON)
            if row.is_stamped:
                columns.update(self._stamped(columns, before[row.record_id or 0]))
            after[row.record_id or 0] = columns
        self._write(kind, before, after)

    def _complete(self, rows: Sequence[PlannedRow]) -> None:
        """Add what rows say of existing contacts to what those hold now, so nothing is lost."""
        linked = (
            RecordKind.ORGANIZATION
            if self.kind is RecordKind.ORGANIZATION
            else RecordKind.PERSON
        )
        refs = [
            row.person if linked is RecordKind.PERSON else row.organization
            for row in rows
        ]
        ids = [self.ids.id_of(ref, linked) or 0 for ref in refs]
        found = {
            pk
            for ref, pk in zip(refs, ids, strict=True)
            if self.ids.is_found(ref, linked)
        }
        denied = found - editable_ids(linked, found, self.by)
        rows = [row for row, pk in zip(rows, ids, strict=True) if pk not in denied]
        ids = [pk for pk in ids if pk not in denied]
        before = locked_rows(tracked(linked), ids)
        after: dict[int, PlannedColumns] = {pk: {} for pk in ids}
        for row, pk in zip(rows, ids, strict=True):
            added = self._with_choices(row.added)
            columns = completed({**before[pk], **after[pk]}, added, self.country)
            if self.kind is RecordKind.PERSON and row.organization is not None:
                columns["organization_id"] = self.ids.id_of(
                    row.organization, RecordKind.ORGANIZATION
                )
            after[pk].update(columns)
        self._write(tracked(linked), before, after)


def _points_of(columns: PlannedColumns) -> PlannedColumns:
    """Return the emails and phones among the columns, without empty ones."""
    points = PlannedColumns()
    if columns.get("emails"):
        points["emails"] = columns["emails"]
    if columns.get("phones"):
        points["phones"] = columns["phones"]
    return points


def _with_created(created: CreatedJson, more: CreatedJson) -> CreatedJson:
    return CreatedJson(
        stretches={**created.get("stretches", {}), **more.get("stretches", {})},
        found={**created.get("found", {}), **more.get("found", {})},
    )


@transaction.atomic
def finish_import(of: Import, *, at: datetime) -> None:
    """Mark the import done, with what it really did. LostError if it is being undone by now."""
    require_state(of, Import.State.IMPORTING)
    counts: dict[str, int] = {}
    found: dict[str, int] = {}
    for block, created in of.blocks.values_list("counts", "created"):
        for verdict, number in block.items():
            counts[verdict] = counts.get(verdict, 0) + number
        for kind, numbers in created.get("found", {}).items():
            found[kind] = found.get(kind, 0) + len(numbers)
    of.refresh_from_db(fields=["totals"])
    verdicts = dict.fromkeys(map(str, Verdict), 0)
    created_counts = {
        f"new_{kind}": of.totals.get(f"new_{kind}", 0) - number
        for kind, number in found.items()
    }
    of.totals = {**of.totals, **verdicts, **counts, **created_counts}
    of.state, of.progress = Import.State.DONE, of.row_count
    of.save(update_fields=["totals", "state", "progress"])
    move_run(run=of.run, state=Run.State.DONE, at=at, totals=counts)
    if counts.get("new", 0) > 10_000:
        analyze()


def require_state(of: Import, state: Import.State) -> None:
    """Lock the import; raise LostError unless it is in this state."""
    if Import.objects.select_for_update().get(pk=of.pk).state != state:
        raise LostError
