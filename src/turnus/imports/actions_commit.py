"""Carrying out the stored plan, block by block, with its history."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import count as count_from
from itertools import islice
from typing import cast

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
from turnus.history.actions import locked_rows, write_changes
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
from turnus.imports.plan import (
    ContactRef,
    NewContact,
    PlannedRow,
    Verdict,
    count,
)
from turnus.imports.plan_storage import contacts_from_json, pack, unpack
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.questions import choice_of
from turnus.imports.records import editable_ids, visible_ids
from turnus.imports.refusals import LIVE, Refusals, refuse_parts
from turnus.kit.sql import lock_tables
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.actions.from_deals import (
    start_from_copies,
)
from turnus.revenue.subscriptions.actions.from_files import (
    insert_subscriptions,
)
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
        self.without_payer: set[int] = set()
        #: The new records of earlier blocks that are no contacts.
        self.own: list[ContactBlock] = []
        blocks = of.blocks.order_by("number")
        for created in blocks.values_list("created", flat=True):
            self._remember(created)
        is_own = self._has_created
        self.arrivals = Arrivals(of, by=self.by, on=self.today, is_own=is_own)
        self.refusals = Refusals(self.by, self.kind, self.ids, self.arrivals)
        #: The revision that only this import has moved since the check; None: others did, too.
        self.revision: tuple[int, int] | None = None
        checked_revision = of.totals.get("revision", ())
        if len(checked_revision) == 2:
            first, second = checked_revision
            self.revision = (first, second)
        #: Stand-in -> the id of the choice that the import created.
        self.choices: dict[int, int] = {}

    def arrived(self) -> Arrived:
        """Return what came in since the check, before anything is written; mostly one query."""
        present_revision = revision()
        if present_revision == self.revision:
            return Arrived(0, 0)
        found = arrived(self.of, by=self.by, on=self.today)
        has_arrivals = found.contact_count or found.row_count
        self.revision = None if has_arrivals else present_revision
        return found

    def create_choices(self) -> None:
        """Create the choices and currencies that answers asked for; remember them in the totals.

        Raises UserError where whoever imports may not (any more).
        """
        require(self.by, Permission.IMPORT)
        totals = self.of.totals
        answers = self.of.answers
        made = totals.get("made_choices") or {}
        adder = ChoiceAdder(self.by, self.kind)
        new_choices = totals.get("new_choices", {})
        for number, (path, word) in new_choices.items():
            if number not in made:
                made[number] = adder.add(path, word)
        for key in answers:
            path, colon, word = key.partition(":")
            is_currency = colon and path == "currency"
            if is_currency and choice_of(answers, key) == "create":
                adder.add_currency(word)
        self.of.totals = {**totals, "made_choices": made, "added": adder.added}
        self.of.save(update_fields=["totals"])

    def carry_out(self, block: PlanBlock) -> None:
        """Write a block's new contacts, new records and updates; for the caller's transaction.

        What came in since the check is not repeated: contacts are linked, rows become problems.
        """
        lock_tables(TABLES)
        is_undisturbed = revision() == self.revision
        if not is_undisturbed:
            self.revision = (
                None  # what came in may be meant by a later block as well
            )
        made_choices = self.of.totals.get("made_choices") or {}
        self.choices = {int(number): pk for number, pk in made_choices.items()}
        rows = unpack(block.rows)
        self._create_contacts(block, is_undisturbed=is_undisturbed)
        has_changed = self._refuse(rows, block, is_undisturbed=is_undisturbed)
        self._insert_new(rows, block)
        self._update(rows)
        self._complete(rows)
        if has_changed:
            block.rows = pack(rows)
            block.counts = count(rows)
        block.save(update_fields=["created", "rows", "counts"])
        stored_import = Import.objects.filter(pk=self.of.pk)
        stored_import.update(progress=F("progress") + len(rows))
        if is_undisturbed:
            self.revision = revision()

    def _refuse(
        self,
        rows: Sequence[PlannedRow],
        block: PlanBlock,
        *,
        is_undisturbed: bool,
    ) -> bool:
        """Refuse rows that do not fit any more, warn of lost payers; return whether any changed."""
        has_changed = self.refusals.refuse_moved(rows)
        has_changed |= self.refusals.refuse_found(rows)
        has_changed |= self._warn_of_lost_payers(rows)
        if not is_undisturbed and block.known is not None:
            has_changed |= self.refusals.refuse_arrived(rows, block.known)
        if has_changed:
            refuse_parts(rows)
        return has_changed

    def _insert_new(
        self, rows: Sequence[PlannedRow], block: PlanBlock
    ) -> None:
        """Insert the new records, note them with the block, and carry out their effects."""
        new_rows = [row for row in rows if row.verdict is Verdict.NEW]
        columns = [self._columns(row) for row in new_rows]
        ids = self._insert(columns)
        if ids:
            own = joined(0, ids)
            stretches = {str(self.kind): stretches_to_json(own)}
            created = CreatedJson(stretches=stretches)
            block.created = _with_created(block.created, created)
            self.own += own
        pairs = zip(ids, new_rows, strict=False)
        effects = [
            (deal, row) for deal, row in pairs if row.effect is not None
        ]
        carry_out_effects(
            effects, run=self.of.run, by=self.by, at=self.at, on=self.today
        )

    def _insert(self, rows: Sequence[PlannedColumns]) -> Sequence[int]:
        """Insert what is new and return the ids; new contacts exist already."""
        stored = cast("Sequence[StoredColumns]", rows)
        if self.kind is RecordKind.DEAL:
            return insert_deals(
                rows=stored, by=self.by, at=self.at, run=self.of.run
            )
        if self.kind is RecordKind.SUBSCRIPTION:
            return insert_subscriptions(
                rows=stored,
                by=self.by,
                at=self.at,
                on=self.today,
                run=self.of.run,
            )
        return []

    def lines(self) -> Iterator[Mapping[CopyKey, Copies]]:
        """Yield the new won deals that begin subscriptions; not those begun before a crash."""
        plans: dict[int, int] = {}
        blocks = self.of.blocks.order_by("number")
        for packed, created in blocks.values_list("rows", "created"):
            new_rows = (
                row for row in unpack(packed) if row.verdict is Verdict.NEW
            )
            stretches = stretches_of(created, self.kind)
            first_id = stretches[0].first_id if stretches else 0
            for deal_id, row in zip(
                count_from(first_id), new_rows, strict=False
            ):
                if "plan_id" in row.columns:
                    plans[deal_id] = row.columns["plan_id"]
        rest = iter(copies_of(plans).items())
        while block := dict(islice(rest, _LINES)):
            yield block

    def begin_subscriptions(self, lines: Mapping[CopyKey, Copies]) -> None:
        """Let won deals begin subscriptions; for the caller's transaction."""
        lock_tables(TABLES)
        started = start_from_copies(
            copies=lines,
            by=self.by,
            at=self.at,
            on=self.today,
            run=self.of.run,
        )
        totals = dict(self.of.totals)
        totals["begun"] = totals.get("begun", 0) + started.subscription_count
        totals["booked"] = totals.get("booked", 0) + started.term_count
        self.of.totals = totals
        self.of.save(update_fields=["totals"])

    @cached_property
    def created_in(self) -> frozenset[str]:
        """The keys of custom fields that get new choices."""
        paths = (
            path for path, _word in self.of.totals["new_choices"].values()
        )
        return frozenset(path.removeprefix("custom.") for path in paths)

    @cached_property
    def rules(self) -> DealRules:
        """The rules of deals, read once for all blocks."""
        return DealRules.load()

    @property
    def begins_subscriptions(self) -> bool:
        """Whether a column of the file says with which plans won deals recur."""
        return (
            DEAL_PLAN.key in self.of.columns and self.kind is RecordKind.DEAL
        )

    @property
    def today(self) -> date:
        """The day of the import in the company's zone."""
        return day_of(self.at, self.zone)

    def _create_contacts(
        self, block: PlanBlock, *, is_undisturbed: bool
    ) -> None:
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
            rows = [
                self._contact_columns(contact, kind) for contact in contacts
            ]
            places = self._drop_lost_payers(rows)
            created = self._create(kind, rows, found)
            block.created = _with_created(block.created, created)
            self._remember(created)
            first = self.ids.next_number(kind) - len(rows)
            self.without_payer = {first + place for place in places}
            if self.kind is not kind:
                self._complete_found(kind, rows, found)

    def _drop_lost_payers(self, rows: Sequence[PlannedColumns]) -> set[int]:
        """Bill new organizations themselves whose payer is gone; return their places."""
        named = {row.get("bills_with_id") for row in rows}
        payers = {payer for payer in named if payer}
        present = visible_ids(RecordKind.ORGANIZATION, payers, self.by)
        lost = payers - present
        places = set()
        for place, row in enumerate(rows):
            if row.get("bills_with_id") in lost:
                row["bills_with_id"] = None
                places.add(place)
        return places

    def _warn_of_lost_payers(self, rows: Sequence[PlannedRow]) -> bool:
        """Warn rows that their new organization is billed itself; return whether there are any."""
        numbers = self.without_payer
        self.without_payer = set()
        has_warned = False
        for row in rows:
            organization = row.organization
            if organization is None or row.verdict is not Verdict.NEW:
                continue
            if organization.number in numbers:
                issue = Issue(
                    IssueCode.RECORD_CHANGED, Severity.WARNING, row.number
                )
                row.issues.append(issue)
                has_warned = True
        return has_warned

    def _create(
        self,
        kind: RecordKind,
        rows: Sequence[PlannedColumns],
        found: Mapping[int, KnownContact],
    ) -> CreatedJson:
        """Insert the contacts that are not `found` at their places; return what came of all."""
        missing = [row for place, row in enumerate(rows) if place not in found]
        stored = cast("Sequence[StoredColumns]", missing)
        inserted = insert_contacts(
            kind, rows=stored, by=self.by, at=self.at, run=self.of.run
        )
        new_ids = iter(inserted)
        ids = []
        for place in range(len(rows)):
            contact = found.get(place)
            pk = next(new_ids) if contact is None else contact.ref.id
            ids.append(pk or 0)
        first = self.ids.next_number(kind)
        stretches = stretches_to_json(joined(first, ids))
        created = CreatedJson(stretches={str(kind): stretches})
        if found:
            numbers = [first + place for place in found]
            created["found"] = {str(kind): numbers}
        return created

    def _complete_found(
        self,
        kind: RecordKind,
        rows: Sequence[PlannedColumns],
        found: Mapping[int, KnownContact],
    ) -> None:
        """Add the emails and phones of the file to persons that exist by now and may be changed."""
        table = tracked(kind)
        points: dict[int, PlannedColumns] = {}
        for place, contact in found.items():
            added = _points_of(rows[place])
            if added:
                points[contact.ref.id or 0] = added
        editable = editable_ids(kind, points, self.by)
        before = locked_rows(table, points.keys() & editable)
        after = {}
        for pk, row in before.items():
            after[pk] = completed(row, points[pk], self.country)
        self._write(table, before, after)

    def _contact_columns(
        self, contact: NewContact, kind: RecordKind
    ) -> PlannedColumns:
        columns = self._with_choices(contact.columns)
        if kind is RecordKind.PERSON:
            columns["organization_id"] = self._organization_id(
                contact.organization
            )
        return columns

    def _organization_id(self, ref: ContactRef | None) -> int | None:
        return self.ids.id_of(ref, RecordKind.ORGANIZATION)

    def _write(
        self,
        kind: Tracked,
        before: Mapping[int, StoredRow],
        after: Mapping[int, PlannedColumns],
    ) -> None:
        """Store changes with their history."""
        changes = cast("Mapping[int, StoredColumns]", after)
        write_changes(
            kind,
            before,
            changes,
            by_id=self.by.pk,
            at=self.at,
            run=self.of.run,
        )

    def _remember(self, created: CreatedJson) -> None:
        self.ids.add(created)
        if self.kind not in CONTACTS:
            self.own += stretches_of(created, self.kind)

    def _has_created(self, kind: RecordKind, pk: int) -> bool:
        if kind in CONTACTS:
            return self.ids.has_created(kind, pk)
        for stretch in self.own:
            end = stretch.first_id + stretch.size
            if stretch.first_id <= pk < end:
                return True
        return False

    def _columns(self, row: PlannedRow) -> PlannedColumns:
        columns = self._with_choices(row.columns)
        columns["organization_id"] = self._organization_id(row.organization)
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
            columns["custom"] = {
                key: self._cell(key, cell) for key, cell in cells
            }
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
        """Give existing records what their rows say."""
        updates = {
            row.record_id: row
            for row in rows
            if row.record_id and row.verdict is Verdict.UPDATE
        }
        table = tracked(self.kind)
        before = locked_rows(table, updates.keys())
        after: dict[int, PlannedColumns] = {}
        for record_id, row in updates.items():
            columns = self._with_choices(row.columns)
            if row.organization and self.kind is not RecordKind.ORGANIZATION:
                columns["organization_id"] = self._organization_id(
                    row.organization
                )
            if row.person and self.kind is not RecordKind.PERSON:
                columns["person_id"] = self.ids.id_of(
                    row.person, RecordKind.PERSON
                )
            if row.is_stamped:
                stamps = self._stamped(columns, before[record_id])
                columns.update(stamps)
            after[record_id] = columns
        self._write(table, before, after)

    def _complete(self, rows: Sequence[PlannedRow]) -> None:
        """Add what rows say of existing contacts to what those hold now, so nothing is lost."""
        table = tracked(self._completed_kind)
        completing = self._completing(rows)
        ids = [pk for pk, _row in completing]
        before = locked_rows(table, ids)
        after: dict[int, PlannedColumns] = {pk: {} for pk in ids}
        for pk, row in completing:
            present = {**before[pk], **after[pk]}
            added = self._with_choices(row.added)
            columns = completed(present, added, self.country)
            if self.kind is RecordKind.PERSON and row.organization is not None:
                columns["organization_id"] = self._organization_id(
                    row.organization
                )
            after[pk].update(columns)
        self._write(table, before, after)

    @property
    def _completed_kind(self) -> RecordKind:
        """The kind of the contacts that rows add to."""
        if self.kind is RecordKind.ORGANIZATION:
            return RecordKind.ORGANIZATION
        return RecordKind.PERSON

    def _completing(
        self, rows: Sequence[PlannedRow]
    ) -> list[tuple[int, PlannedRow]]:
        """Return the rows that add to a contact, each with its id, as far as that is allowed."""
        kind = self._completed_kind
        completing = []
        found = set()
        for row in rows:
            if not row.added or row.verdict not in LIVE:
                continue
            ref = row.person if kind is RecordKind.PERSON else row.organization
            pk = self.ids.id_of(ref, kind) or 0
            completing.append((pk, row))
            if self.ids.is_found(ref, kind):
                found.add(pk)
        denied = found - editable_ids(kind, found, self.by)
        return [(pk, row) for pk, row in completing if pk not in denied]


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
        stretches={
            **created.get("stretches", {}),
            **more.get("stretches", {}),
        },
        found={**created.get("found", {}), **more.get("found", {})},
    )
