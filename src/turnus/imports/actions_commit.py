"""Carrying out the stored plan, block by block, and taking it back; each block with its contacts and history at once."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import count as count_from
from itertools import islice
from typing import Any

from django.db import transaction

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.contacts.actions import insert_contacts
from turnus.core.calendar import day_of
from turnus.core.deals import Status
from turnus.core.issues import Issue, IssueCode
from turnus.core.records import RecordKind
from turnus.fields.builtin import DEAL_PLAN
from turnus.history.actions import keep_totals, locked_rows, move_run, write_changes
from turnus.history.cells import differences
from turnus.history.models import Run
from turnus.history.tracked import tracked
from turnus.history.undoing import UndoResult, undo_block
from turnus.imports.actions_adding import ChoiceAdder
from turnus.imports.contacts import completed, phone_country
from turnus.imports.effects import carry_out_effects, moved_effects
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan import ContactRef, PlannedRow, Verdict, count, pack, unpack
from turnus.imports.questions import choice_of
from turnus.imports.rights import moves_closed
from turnus.kit.sql import analyze
from turnus.revenue.actions_copies import Deals, Line, begin_from_copies, free_deals, lines_of
from turnus.revenue.actions_effects import give_terms_back
from turnus.revenue.actions_importing import insert_subscriptions
from turnus.sales.actions import insert_deals
from turnus.sales.rules import DealRules, stamps_of

#: Subscriptions that begin in one step.
_LINES = 500
_ORDER = (RecordKind.ORGANISATION, RecordKind.PERSON)
_COLUMN_OF = {RecordKind.ORGANISATION: "organisation_id", RecordKind.PERSON: "person_id"}


class PlanRunner:
    """Carries out blocks of one import; knows which ids the new contacts of earlier blocks got."""

    def __init__(self, of: Import, *, at: datetime) -> None:
        self.of = of
        self.at = at
        self.by: User = of.run.by
        self.zone = company().zone
        self.country = phone_country()
        self.kind = RecordKind(of.record_kind)
        #: For each kind, (number of a block's first new contact, the id it got), in order.
        self.ids: dict[str, list[tuple[int, int]]] = {kind: [] for kind in _ORDER}
        self.next_number: dict[str, int] = {}
        for created in of.blocks.order_by("number").values_list("created", flat=True):
            self._remember(created)
        self.choices: dict[int, Any] = {}

    def create_choices(self) -> None:
        """Create the options, labels, stages and currencies that answers asked for; remembered in the totals.

        Raises UserError where whoever imports may not (any more).
        """
        require(self.by, Permission.IMPORT)
        made = self.of.totals.get("made_choices") or {}
        adder = ChoiceAdder(self.by, self.kind)
        for number, (path, word) in self.of.totals.get("new_choices", {}).items():
            if number not in made:
                made[number] = adder.add(path, word)
        for key in self.of.answers:
            if key.startswith("currency:") and choice_of(self.of.answers, key) == "create":
                adder.add_currency(key.partition(":")[2])
        self.of.totals = {**self.of.totals, "made_choices": made, "added": adder.added}
        self.of.save(update_fields=["totals"])

    def carry_out(self, block: PlanBlock) -> None:
        """Write one block: its new contacts, its new records, its updates; for the caller's transaction."""
        self.choices = {int(number): pk for number, pk in (self.of.totals.get("made_choices") or {}).items()}
        rows = unpack(block.rows)
        self._create_contacts(block)
        refused = self._refuse_moved(rows)
        new = [row for row in rows if row.verdict is Verdict.NEW]
        ids = self._insert([self._columns(row) for row in new])
        if ids:
            block.created[str(self.kind)] = [0, ids[0], len(ids)]
        effects = [(deal, row) for deal, row in zip(ids, new, strict=False) if row.effect is not None]
        carry_out_effects(effects, run=self.of.run, by=self.by, at=self.at, on=self.today)
        self._update([row for row in rows if row.verdict is Verdict.UPDATE and row.record_id])
        self._complete([row for row in rows if row.added and row.verdict in {Verdict.NEW, Verdict.UPDATE}])
        if refused:
            block.rows, block.counts = pack(rows), count(rows)
        block.save(update_fields=["created", "rows", "counts"])
        Import.objects.filter(pk=self.of.pk).update(progress=rows[-1].number if rows else 0)

    def _insert(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """Insert what is new and return the ids; new contacts are there already."""
        if self.kind is RecordKind.DEAL:
            return insert_deals(rows=rows, by=self.by, at=self.at, run=self.of.run)
        if self.kind is RecordKind.SUBSCRIPTION:
            return insert_subscriptions(rows=rows, by=self.by, at=self.at, on=self.today, run=self.of.run)
        return []

    def lines(self) -> Iterator[Mapping[Line, Deals]]:
        """Yield the new won deals that begin subscriptions, some lines at a time; what has begun before a crash is left out."""
        plans: dict[int, int] = {}
        for packed, created in self.of.blocks.order_by("number").values_list("rows", "created"):
            new = (row for row in unpack(packed) if row.verdict is Verdict.NEW)
            ids = count_from(created.get(str(self.kind), (0, 0))[1])
            plans |= {pk: row.columns["plan_id"] for pk, row in zip(ids, new, strict=False) if "plan_id" in row.columns}
        rest = iter(lines_of(plans).items())
        while block := dict(islice(rest, _LINES)):
            yield block

    def begin_subscriptions(self, lines: Mapping[Line, Deals]) -> None:
        """Let won deals begin subscriptions; for the caller's transaction."""
        begun, booked = begin_from_copies(lines=lines, by=self.by, at=self.at, on=self.today, run=self.of.run)
        totals = self.of.totals
        counts = {"begun": totals.get("begun", 0) + begun, "booked": totals.get("booked", 0) + booked}
        self.of.totals = {**totals, **counts}
        self.of.save(update_fields=["totals"])

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

    def _create_contacts(self, block: PlanBlock) -> None:
        created = {}
        for kind in _ORDER:
            contacts = block.contacts.get(kind, [])
            if not contacts:
                continue
            columns = [self._contact_columns(one, kind) for one in contacts]
            first = self.next_number.get(kind, 0)
            ids = insert_contacts(kind, rows=columns, by=self.by, at=self.at, run=self.of.run)
            created[str(kind)] = [first, ids[0], len(ids)]
            self._remember({str(kind): created[str(kind)]})
        block.created = created

    def _contact_columns(self, contact: Mapping[str, Any], kind: RecordKind) -> dict[str, Any]:
        columns = self._with_choices({key: value for key, value in contact.items() if key != "organisation"})
        if "created_at" in columns:
            columns["created_at"] = datetime.fromisoformat(columns["created_at"])
        if kind is RecordKind.PERSON:
            organisation = contact.get("organisation")
            columns["organisation_id"] = (
                self._id(ContactRef(*organisation), RecordKind.ORGANISATION) if organisation else None
            )
        return columns

    def _remember(self, created: Mapping[str, Sequence[int]]) -> None:
        for kind, (number, first_id, size) in created.items():
            if kind not in self.ids:
                continue
            self.ids[kind].append((number, first_id))
            self.next_number[kind] = number + size

    def _id(self, ref: ContactRef | None, kind: RecordKind) -> int | None:
        if ref is None or ref.id is not None:
            return None if ref is None else ref.id
        held = self.ids[kind]
        number, first_id = held[bisect_right(held, (ref.number or 0, 2**63)) - 1]
        return first_id + (ref.number or 0) - number

    def _columns(self, row: PlannedRow) -> dict[str, Any]:
        columns = self._with_choices(row.columns)
        columns["organisation_id"] = self._id(row.organisation, RecordKind.ORGANISATION)
        columns["person_id"] = self._id(row.person, RecordKind.PERSON)
        if row.is_stamped:
            columns |= self._stamped(columns, {})
        return columns

    def _stamped(self, columns: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stamps of a deal that the file says nothing of: what the check could not know, the moment of the import."""
        status = Status(columns["status"])
        return self.rules.stamp_columns(stamps_of(before).to(status, self.at))

    def _with_choices(self, columns: Mapping[str, Any]) -> dict[str, Any]:
        """Put the ids of choices that the import created in place of their stand-ins."""
        if not self.choices:
            return dict(columns)
        return {key: self._settled(key, value) for key, value in columns.items()}

    def _settled(self, key: str, value: Any) -> Any:
        if key == "stage_id":
            return self.choices.get(value, value)
        if key == "labels":
            return sorted(self.choices.get(one, one) for one in value)
        if key == "custom":
            own = {path.removeprefix("custom.") for path, _ in self.of.totals["new_choices"].values()}
            return {cell: self._choice(held) if cell in own else held for cell, held in value.items()}
        return value

    def _choice(self, held: Any) -> Any:
        if isinstance(held, list):
            return sorted(self.choices.get(one, one) for one in held)
        return self.choices.get(held, held)

    def _refuse_moved(self, rows: Sequence[PlannedRow]) -> bool:
        """Turn rows into problems whose record or contact is no longer as it was when the plan was made, or not theirs to change."""
        live = [row for row in rows if row.verdict in {Verdict.NEW, Verdict.UPDATE}]
        denied = self._denied(live)
        gone = {kind: self._gone(live, kind) for kind in _ORDER}
        # Locked until the block is written: subscriptions before deals, as everywhere.
        moved = moved_effects([row.effect for row in live if row.effect is not None], self.by)
        now = locked_rows(tracked(self.kind), {row.record_id for row in live if row.record_id})
        refused = False
        for row in live:
            lost = any(
                ref and ref.id in gone[kind] for ref, kind in zip((row.organisation, row.person), _ORDER, strict=True)
            )
            has_moved = row.record_id is not None and _has_moved(row, now.get(row.record_id))
            code = denied.get(row.number)
            if code is None and (lost or has_moved or row.effect in moved):
                code = IssueCode.RECORD_CHANGED
            if code is not None:
                row.verdict = Verdict.PROBLEM
                row.issues.append(Issue(code, row=row.number))
                refused = True
        if refused:
            _refuse_parts(rows)
        return refused

    def _denied(self, rows: Sequence[PlannedRow]) -> dict[int, IssueCode]:
        """Return by row what whoever imports may not change (any more): the record, the contact that it adds to, a closed time."""
        persons = {row.person.id for row in rows if row.added and row.person is not None and row.person.id}
        mine = self._editable(self.kind, {row.record_id for row in rows if row.record_id})
        own_persons = self._editable(RecordKind.PERSON, persons)
        found = {}
        for row in rows:
            is_strange = row.record_id is not None and row.record_id not in mine
            if is_strange or (row.added and row.person and row.person.id in persons - own_persons):
                found[row.number] = IssueCode.RECORD_DENIED
            elif not self.by.is_admin and row.verdict is Verdict.UPDATE and moves_closed(row):
                found[row.number] = IssueCode.CLOSED_TIME_DENIED
        return found

    def _editable(self, kind: RecordKind, ids: set[int]) -> set[int]:
        """Return those of the records that whoever imports may change; one query, none for no record."""
        if not ids:
            return set()
        model: Any = tracked(kind).model
        return set(model.objects.editable_by(self.by).filter(pk__in=ids).values_list("pk", flat=True))

    def _gone(self, rows: Sequence[PlannedRow], kind: RecordKind) -> set[int]:
        refs = [row.organisation if kind is RecordKind.ORGANISATION else row.person for row in rows]
        ids = {ref.id for ref in refs if ref and ref.id}
        model: Any = tracked(kind).model
        return ids - set(self._seen(model, ids)) if ids else set()

    def _seen(self, model: Any, ids: set[int]) -> Iterable[int]:
        present = model.objects.present().visible_to(self.by)
        return present.filter(pk__in=ids).values_list("pk", flat=True)  # type: ignore[no-any-return]  # any kind's

    def _update(self, rows: Sequence[PlannedRow]) -> None:
        kind = tracked(self.kind)
        before = locked_rows(kind, {row.record_id for row in rows if row.record_id})
        after: dict[int, dict[str, Any]] = {}
        for row in rows:
            columns = self._with_choices(row.columns)
            for ref, linked in zip((row.organisation, row.person), _ORDER, strict=True):
                if ref is not None and self.kind is not linked:
                    columns[_COLUMN_OF[linked]] = self._id(ref, linked)
            if row.is_stamped:
                columns |= self._stamped(columns, before[row.record_id or 0])
            after[row.record_id or 0] = columns
        write_changes(kind, before, after, by_id=self.by.pk, at=self.at, run=self.of.run)

    def _complete(self, rows: Sequence[PlannedRow]) -> None:
        """Add what rows say of contacts that are there by now; from what those have at this moment, so nothing is lost."""
        linked = RecordKind.ORGANISATION if self.kind is RecordKind.ORGANISATION else RecordKind.PERSON
        refs = [row.person if linked is RecordKind.PERSON else row.organisation for row in rows]
        ids = [self._id(ref, linked) or 0 for ref in refs]
        before = locked_rows(tracked(linked), ids)
        after: dict[int, dict[str, Any]] = {one: {} for one in ids}
        for row, pk in zip(rows, ids, strict=True):
            columns = completed({**before[pk], **after[pk]}, self._with_choices(row.added), self.country)
            if self.kind is RecordKind.PERSON and row.organisation is not None:
                columns["organisation_id"] = self._id(row.organisation, RecordKind.ORGANISATION)
            after[pk].update(columns)
        write_changes(tracked(linked), before, after, by_id=self.by.pk, at=self.at, run=self.of.run)


def _refuse_parts(rows: Sequence[PlannedRow]) -> None:
    """Let the steps of a refused subscription share its fate."""
    head: PlannedRow | None = None
    for row in rows:
        if row.verdict is not Verdict.PART:
            head = row
        elif head is not None and head.verdict is Verdict.PROBLEM:
            row.verdict = Verdict.PROBLEM
            row.issues.append(Issue(IssueCode.ROW_WITH_OTHERS, row=row.number, params={"row": head.number}))


def _has_moved(row: PlannedRow, now: Mapping[str, Any] | None) -> bool:
    if now is None or now["trashed_at"] is not None:
        return True
    return differences(now, row.columns).keys() - row.changes.keys() != set() or any(
        differences(now, row.columns).get(cell, [after])[0] != before and before != after
        for cell, (before, after) in row.changes.items()
    )


@transaction.atomic
def finish_import(of: Import, *, at: datetime) -> None:
    """Mark the import done, with what it really did."""
    counts: dict[str, int] = {}
    for block in of.blocks.values_list("counts", flat=True):
        for verdict, number in block.items():
            counts[verdict] = counts.get(verdict, 0) + number
    of.refresh_from_db(fields=["totals"])
    verdicts = dict.fromkeys(map(str, Verdict), 0)
    of.totals = {**of.totals, **verdicts, **counts}
    of.state, of.progress = Import.State.DONE, of.row_count
    of.save(update_fields=["totals", "state", "progress"])
    move_run(run=of.run, state=Run.State.DONE, at=at, totals=counts)
    if counts.get("new", 0) > 10_000:
        analyze()


@transaction.atomic
def finish_undo(of: Import, *, undo: Run, at: datetime) -> None:
    """Mark the import as taken back."""
    of.state = Import.State.UNDONE
    of.save(update_fields=["state"])
    give_terms_back(run=of.run)
    free_deals(run=of.run)
    move_run(run=of.run, state=Run.State.UNDONE, at=at)
    move_run(run=undo, state=Run.State.DONE, at=at)


def undo_next(of: Import, *, undo: Run, at: datetime) -> bool:
    """Take back the next block of the import's events, for the caller's transaction; False when all is done.

    How far it has come, and the conflicts, are kept with the undo's totals.
    """
    before, result = undo_block(run=of.run, undo=undo, before_id=undo.totals.get("before_id"), at=at)
    keep_totals(run=undo, totals=_added(undo.totals, result) | {"before_id": before})
    return before is not None


def _added(totals: Mapping[str, Any], result: UndoResult) -> dict[str, Any]:
    return {
        "trashed": totals.get("trashed", 0) + result.trashed,
        "restored": totals.get("restored", 0) + result.restored,
        "conflicts": [*totals.get("conflicts", []), *map(list, result.conflicts)],
    }
