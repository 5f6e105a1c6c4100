"""Carrying out the stored plan, block by block, with its history."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import chain, islice
from typing import cast

from django.db.models import F

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.core.calendar import day_of
from turnus.core.deals import Status
from turnus.core.records import RecordKind
from turnus.fields.builtin import DEAL_PLAN
from turnus.fields.columns import StoredColumns
from turnus.history.actions import locked_rows
from turnus.history.queries import RevisionMark, revision
from turnus.history.tracked import tracked
from turnus.imports.actions_adding import ChoiceAdder
from turnus.imports.actions_contacts import (
    ContactWriter,
    with_created,
    write_planned,
)
from turnus.imports.arrivals import Arrivals, Arrived, arrived, settled
from turnus.imports.contact_ids import (
    CONTACTS,
    ContactBlock,
    ContactIds,
    CreatedJson,
    joined,
    stretches_of,
    stretches_to_json,
)
from turnus.imports.created_choices import CreatedChoices
from turnus.imports.effects import carry_out_effects
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan import (
    ContactRef,
    PlannedRow,
    Verdict,
    count,
)
from turnus.imports.plan_storage import pack, unpack
from turnus.imports.planned_columns import PlannedColumns
from turnus.imports.questions import choice_of
from turnus.imports.refusals import Refusals, refuse_parts
from turnus.jobs.actions import CollisionError
from turnus.kit.errors import UserError
from turnus.kit.sql import take_turns
from turnus.revenue.subscriptions.actions.from_deals import (
    start_from_copies,
)
from turnus.revenue.subscriptions.actions.from_files import (
    insert_subscriptions,
)
from turnus.revenue.subscriptions.chains import Copies, CopyKey, copies_of
from turnus.sales.actions import insert_deals
from turnus.sales.rules import DealRules, stamps_of

#: Subscriptions that begin in one step.
_LINES = 500


class PlanRunner:
    """The carrying out of one import, block by block, with the ids that earlier blocks got."""

    def __init__(self, of: Import, *, at: datetime) -> None:
        self.of = of
        self.at = at
        self.by: User = of.run.by
        self.zone = company().zone
        self.kind = RecordKind(of.record_kind)
        self.ids = ContactIds()
        #: The new records of earlier blocks that are no contacts.
        self.own: list[ContactBlock] = []
        blocks = of.blocks.order_by("number")
        for created in blocks.values_list("created", flat=True):
            self._remember(created)
        is_own = self._has_created
        self.arrivals = Arrivals(of, by=self.by, on=self.today, is_own=is_own)
        self.contacts = ContactWriter(
            of, ids=self.ids, arrivals=self.arrivals, at=at
        )
        self.refusals = Refusals(self.by, self.kind, self.ids, self.arrivals)
        #: The revision that only this import has moved since the check; None: others did, too.
        self.revision: RevisionMark | None = None
        checked_revision = of.totals.get("revision", ())
        if len(checked_revision) == 2:
            self.revision = RevisionMark(*checked_revision)
        self.choices = CreatedChoices(of.totals)

    def arrived(self) -> Arrived:
        """Return what came in since the check, before anything is written; mostly one query."""
        present_revision = self._others()
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
        begun_at = self._others()
        is_undisturbed = begun_at == self.revision
        if not is_undisturbed:
            # What came in may be meant by a later block as well.
            self.revision = None
        self.choices = CreatedChoices(self.of.totals)
        rows = unpack(block.rows)
        self.contacts.create(
            block, self.choices, is_undisturbed=is_undisturbed
        )
        has_changed = self._refuse(rows, block, is_undisturbed=is_undisturbed)
        self._insert_fitting(rows, block)
        self._update(rows)
        self.contacts.complete(rows, self.choices)
        if has_changed:
            block.rows = pack(rows)
            block.counts = count(rows)
        block.save(update_fields=["created", "rows", "counts"])
        stored_import = Import.objects.filter(pk=self.of.pk)
        stored_import.update(progress=F("progress") + len(rows))
        self._confirm(rows, block, begun_at)

    def _others(self) -> RevisionMark:
        """Return the mark that moves when others change something; one query."""
        return revision(besides=self.of.run_id)

    def _confirm(
        self,
        rows: Sequence[PlannedRow],
        block: PlanBlock,
        begun_at: RevisionMark,
    ) -> None:
        """Begin the block anew if what others committed meanwhile is repeated by it.

        Imports confirm one after the other, and commit: so each sees what the one before brought.
        While they write their blocks, they do not wait for each other, nor people for them.
        """
        take_turns("imports.block")
        if self._others() == begun_at:
            return
        self.revision = None
        if self.contacts.is_overtaken(block) or self._are_overtaken(
            rows, block
        ):
            raise CollisionError

    def _are_overtaken(
        self, rows: Sequence[PlannedRow], block: PlanBlock
    ) -> bool:
        """Return whether others have brought what new rows bring."""
        if block.known is None:
            return False
        settled_rows = [settled(row, self.ids) for row in rows]
        return bool(self.arrivals.rows(settled_rows, block.known))

    def _insert_fitting(
        self, rows: Sequence[PlannedRow], block: PlanBlock
    ) -> None:
        """Insert the new records; begin anew if a contact went to the trash in between."""
        try:
            self._insert_new(rows, block)
        except UserError as refused:
            if refused.code == "deal.contact_trashed":
                raise CollisionError from refused
            raise

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
        has_changed |= self.contacts.warn_of_lost_payers(rows)
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
            block.created = with_created(block.created, created)
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
            deal_ids = chain.from_iterable(
                range(each.first_id, each.first_id + each.size)
                for each in stretches
            )
            for deal_id, row in zip(deal_ids, new_rows, strict=False):
                if "plan_id" in row.columns:
                    plans[deal_id] = row.columns["plan_id"]
        rest = iter(copies_of(plans).items())
        while block := dict(islice(rest, _LINES)):
            yield block

    def begin_subscriptions(self, lines: Mapping[CopyKey, Copies]) -> None:
        """Let won deals begin subscriptions; for the caller's transaction."""
        # Two imports may bring deals of one subscription.
        take_turns("imports.subscriptions")
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
        columns = self.choices.resolved(row.columns)
        columns["organization_id"] = self._organization_id(row.organization)
        columns["person_id"] = self.ids.id_of(row.person, RecordKind.PERSON)
        if row.is_stamped:
            columns.update(self._stamped(columns, {}))
        return columns

    def _organization_id(self, ref: ContactRef | None) -> int | None:
        return self.ids.id_of(ref, RecordKind.ORGANIZATION)

    def _stamped(
        self, columns: PlannedColumns, before: StoredColumns
    ) -> PlannedColumns:
        """Return the stamps that a deal gets at the moment of the import."""
        status = Status(columns["status"])
        stamps = stamps_of(before).to(status, self.at)
        return cast("PlannedColumns", self.rules.stamp_columns(stamps))

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
            columns = self.choices.resolved(row.columns)
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
        write_planned(table, before, after, run=self.of.run, at=self.at)
