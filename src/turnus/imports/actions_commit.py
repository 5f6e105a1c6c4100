"""Carrying out the stored plan, block by block, and taking it back; each block with its contacts and history at once."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from functools import cached_property
from itertools import count as count_from
from itertools import islice
from typing import Any

from django.db import transaction
from django.db.models import F

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.contacts.actions import insert_contacts
from turnus.contacts.models import Organization, Person
from turnus.core.calendar import day_of
from turnus.core.deals import Status
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.builtin import DEAL_PLAN
from turnus.history.actions import keep_totals, locked_rows, move_run, write_changes
from turnus.history.cells import differences
from turnus.history.models import Run
from turnus.history.queries import revision
from turnus.history.tracked import tracked
from turnus.history.undoing import UndoResult, undo_block
from turnus.imports.actions_adding import ChoiceAdder
from turnus.imports.arrivals import Arrivals, Arrived, arrived, employers_in, settled
from turnus.imports.contact_ids import (
    CONTACTS,
    FOUND,
    ContactIds,
    Stretch,
    as_stored,
    joined,
    stretches_of,
)
from turnus.imports.contacts import completed, phone_country
from turnus.imports.effects import carry_out_effects, moved_effects
from turnus.imports.models import Import, PlanBlock
from turnus.imports.plan import (
    ContactRef,
    PlannedRow,
    Verdict,
    count,
    pack,
    unpack,
    with_days_read,
)
from turnus.imports.questions import choice_of
from turnus.imports.rights import moves_closed
from turnus.jobs.actions import LostError
from turnus.kit.sql import analyze, lock_tables
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.actions.from_deals import free_deals, start_from_copies
from turnus.revenue.subscriptions.actions.from_files import insert_subscriptions
from turnus.revenue.subscriptions.chains import Copies, CopyKey, copies_of
from turnus.revenue.terms.actions.write import restore_terms
from turnus.sales.actions import insert_deals
from turnus.sales.models import Deal
from turnus.sales.rules import DealRules, stamps_of

#: Subscriptions that begin in one step.
_LINES = 500
#: What imports insert into: nobody else does so while a block of a plan is compared with what is here, and written.
_TABLES = (Organization, Person, Deal, Subscription)
_LIVE = frozenset({Verdict.NEW, Verdict.UPDATE})
_COLUMN_OF = {RecordKind.ORGANIZATION: "organization_id", RecordKind.PERSON: "person_id"}


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
        #: The new records of earlier blocks that are no contacts.
        self.own: list[Stretch] = []
        for created in of.blocks.order_by("number").values_list("created", flat=True):
            self._remember(created)
        self.arrivals = Arrivals(of, by=self.by, on=self.today, is_own=self._has_created)
        #: As long as this is how much was ever changed in the database, nobody else changed anything since the check; None: somebody did.
        self.revision: tuple[int, int] | None = None
        if len(of.totals.get("revision", ())) == 2:
            self.revision = (of.totals["revision"][0], of.totals["revision"][1])
        self.choices: dict[int, Any] = {}

    def arrived(self) -> Arrived:
        """Return what of a plan of which nothing is written yet came in since its check; a query if nothing was changed at all."""
        looked_at = revision()
        if looked_at == self.revision:
            return Arrived(0, 0)
        found = arrived(self.of, by=self.by, on=self.today)
        is_fitting = not found.contact_count and not found.row_count
        self.revision = looked_at if is_fitting else None
        return found

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
        """Write one block: its new contacts, its new records, its updates; for the caller's transaction.

        What came in since the check is not brought once more: contacts are linked, rows become problems.
        """
        lock_tables(_TABLES)
        is_undisturbed = revision() == self.revision
        if not is_undisturbed:
            self.revision = None  # what came in may be meant by a later block as well
        self.choices = {
            int(number): pk for number, pk in (self.of.totals.get("made_choices") or {}).items()
        }
        rows = unpack(block.rows)
        self._create_contacts(block, is_undisturbed=is_undisturbed)
        refused = self._refuse_moved(rows) | self._refuse_found(rows)
        if not is_undisturbed and block.known is not None:
            refused |= self._refuse_arrived(rows, block.known)
        if refused:
            _refuse_parts(rows)
        new = [row for row in rows if row.verdict is Verdict.NEW]
        ids = self._insert([self._columns(row) for row in new])
        if ids:
            block.created[str(self.kind)] = as_stored(joined(0, ids))
            self.own += joined(0, ids)
        effects = [
            (deal, row) for deal, row in zip(ids, new, strict=False) if row.effect is not None
        ]
        carry_out_effects(effects, run=self.of.run, by=self.by, at=self.at, on=self.today)
        self._update([row for row in rows if row.verdict is Verdict.UPDATE and row.record_id])
        self._complete([row for row in rows if row.added and row.verdict in _LIVE])
        if refused:
            block.rows, block.counts = pack(rows), count(rows)
        block.save(update_fields=["created", "rows", "counts"])
        Import.objects.filter(pk=self.of.pk).update(progress=F("progress") + len(rows))
        if is_undisturbed:
            self.revision = revision()

    def _insert(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[int]:
        """Insert what is new and return the ids; new contacts are there already."""
        if self.kind is RecordKind.DEAL:
            return insert_deals(rows=rows, by=self.by, at=self.at, run=self.of.run)
        if self.kind is RecordKind.SUBSCRIPTION:
            return insert_subscriptions(
                rows=rows, by=self.by, at=self.at, on=self.today, run=self.of.run
            )
        return []

    def lines(self) -> Iterator[Mapping[CopyKey, Copies]]:
        """Yield the new won deals that begin subscriptions, some lines at a time; what has begun before a crash is left out."""
        plans: dict[int, int] = {}
        for packed, created in self.of.blocks.order_by("number").values_list("rows", "created"):
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
        lock_tables(_TABLES)
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
        """Create a block's new contacts, or link those that somebody else created since the check."""
        block.created = {}
        for kind in CONTACTS:
            contacts = block.contacts.get(kind, [])
            if not contacts:
                continue
            employers = employers_in(block, kind, self.ids)
            found = {} if is_undisturbed else self.arrivals.contacts(kind, block, employers)
            rows = [self._contact_columns(one, kind) for one in contacts]
            missing = [row for place, row in enumerate(rows) if place not in found]
            created = iter(
                insert_contacts(kind, rows=missing, by=self.by, at=self.at, run=self.of.run)
            )
            ids = [
                (found[place].ref.id or 0) if place in found else next(created)
                for place in range(len(rows))
            ]
            first = self.ids.next_number(kind)
            brought: dict[str, Any] = {str(kind): as_stored(joined(first, ids))}
            if found:
                brought[FOUND] = {
                    **block.created.get(FOUND, {}),
                    str(kind): [first + place for place in found],
                }
            block.created |= brought
            self._remember(brought)
            if self.kind is not kind:
                self._complete_found(
                    kind, {contact.ref.id or 0: rows[place] for place, contact in found.items()}
                )

    def _complete_found(self, kind: RecordKind, found: Mapping[int, Mapping[str, Any]]) -> None:
        """Add the e-mails and phones of the file to persons that were here by now and may be changed."""
        points: dict[int, dict[str, Any]] = {}
        for pk, columns in found.items():
            given = {key: columns[key] for key in ("emails", "phones") if columns.get(key)}
            if given:
                points[pk] = given
        mine = self._editable(kind, points)
        points = {pk: given for pk, given in points.items() if pk in mine}
        before = locked_rows(tracked(kind), points)
        after = {pk: completed(before[pk], columns, self.country) for pk, columns in points.items()}
        write_changes(tracked(kind), before, after, by_id=self.by.pk, at=self.at, run=self.of.run)

    def _contact_columns(self, contact: Mapping[str, Any], kind: RecordKind) -> dict[str, Any]:
        own = {key: value for key, value in contact.items() if key != "organization"}
        columns = self._with_choices(with_days_read(own))
        if kind is RecordKind.PERSON:
            organization = contact.get("organization")
            columns["organization_id"] = (
                self._id(ContactRef(*organization), RecordKind.ORGANIZATION)
                if organization
                else None
            )
        return columns

    def _editable(self, kind: RecordKind, ids: Collection[int]) -> set[int]:
        """Return which of these contacts the importer may change."""
        model: Any = tracked(kind).model
        if not ids:
            return set()
        return set(
            model.objects.editable_by(self.by).filter(pk__in=ids).values_list("pk", flat=True)
        )

    def _remember(self, created: Mapping[str, Any]) -> None:
        self.ids.add(created)
        if self.kind not in CONTACTS:
            self.own += stretches_of(created, self.kind)

    def _has_created(self, kind: RecordKind, pk: int) -> bool:
        if kind in CONTACTS:
            return self.ids.has_created(kind, pk)
        return any(one.first_id <= pk < one.first_id + one.size for one in self.own)

    def _id(self, ref: ContactRef | None, kind: RecordKind) -> int | None:
        here = self.ids.settled(ref, kind)
        return None if here is None else here.id

    def _columns(self, row: PlannedRow) -> dict[str, Any]:
        columns = self._with_choices(row.columns)
        columns["organization_id"] = self._id(row.organization, RecordKind.ORGANIZATION)
        columns["person_id"] = self._id(row.person, RecordKind.PERSON)
        if row.is_stamped:
            columns |= self._stamped(columns, {})
        return columns

    def _stamped(self, columns: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
        """Return the stamps of a deal that the file says nothing of: what the check could not know, the moment of the import."""
        status = Status(columns["status"])
        return dict(self.rules.stamp_columns(stamps_of(before).to(status, self.at)))

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
            own = {
                path.removeprefix("custom.") for path, _ in self.of.totals["new_choices"].values()
            }
            return {
                cell: self._choice(held) if cell in own else held for cell, held in value.items()
            }
        return value

    def _choice(self, held: Any) -> Any:
        if isinstance(held, list):
            return sorted(self.choices.get(one, one) for one in held)
        return self.choices.get(held, held)

    def _refuse_moved(self, rows: Sequence[PlannedRow]) -> bool:
        """Turn rows into problems whose record or contact is no longer as it was when the plan was made, or not theirs to change."""
        live = [row for row in rows if row.verdict in _LIVE]
        denied = self._denied(live)
        gone = {kind: self._gone(live, kind) for kind in CONTACTS}
        # Locked until the block is written: subscriptions before deals, as everywhere.
        moved = moved_effects([row.effect for row in live if row.effect is not None], self.by)
        now = locked_rows(tracked(self.kind), {row.record_id for row in live if row.record_id})
        refused = False
        for row in live:
            lost = any(
                ref and ref.id in gone[kind]
                for ref, kind in zip((row.organization, row.person), CONTACTS, strict=True)
            )
            has_moved = row.record_id is not None and _has_moved(row, now.get(row.record_id))
            code = denied.get(row.number)
            if code is None and (lost or has_moved or row.effect in moved):
                code = IssueCode.RECORD_CHANGED
            if code is not None:
                row.verdict = Verdict.PROBLEM
                row.issues.append(Issue(code, row=row.number))
                refused = True
        return refused

    def _denied(self, rows: Sequence[PlannedRow]) -> dict[int, IssueCode]:
        """Return by row what whoever imports may not change (any more): the record, the contact that it adds to, a closed time."""
        persons = {
            row.person.id for row in rows if row.added and row.person is not None and row.person.id
        }
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

    def _refuse_found(self, rows: Sequence[PlannedRow]) -> bool:
        """Turn rows into problems that would bring, or complete, a person or an organization that is here by now."""
        if self.kind not in CONTACTS or not self.ids.found[self.kind]:
            return False
        own = [
            (row, row.person if self.kind is RecordKind.PERSON else row.organization)
            for row in rows
        ]
        found = [
            row for row, ref in own if row.verdict in _LIVE and self.ids.is_found(ref, self.kind)
        ]
        return _refuse(found)

    def _refuse_arrived(
        self, rows: Sequence[PlannedRow], known: Mapping[str, Sequence[int]]
    ) -> bool:
        """Turn rows into problems whose deal or subscription somebody else brought since the check."""
        here = self.arrivals.rows([settled(row, self.ids) for row in rows], known)
        return _refuse([row for row in rows if row.number in here])

    def _gone(self, rows: Sequence[PlannedRow], kind: RecordKind) -> set[int]:
        refs = [row.organization if kind is RecordKind.ORGANIZATION else row.person for row in rows]
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
            for ref, linked in zip((row.organization, row.person), CONTACTS, strict=True):
                if ref is not None and self.kind is not linked:
                    columns[_COLUMN_OF[linked]] = self._id(ref, linked)
            if row.is_stamped:
                columns |= self._stamped(columns, before[row.record_id or 0])
            after[row.record_id or 0] = columns
        write_changes(kind, before, after, by_id=self.by.pk, at=self.at, run=self.of.run)

    def _complete(self, rows: Sequence[PlannedRow]) -> None:
        """Add what rows say of contacts that are there by now; from what those have at this moment, so nothing is lost."""
        linked = (
            RecordKind.ORGANIZATION if self.kind is RecordKind.ORGANIZATION else RecordKind.PERSON
        )
        refs = [row.person if linked is RecordKind.PERSON else row.organization for row in rows]
        ids = [self._id(ref, linked) or 0 for ref in refs]
        found = {pk for ref, pk in zip(refs, ids, strict=True) if self.ids.is_found(ref, linked)}
        denied = found - self._editable(linked, found)
        rows = [row for row, pk in zip(rows, ids, strict=True) if pk not in denied]
        ids = [pk for pk in ids if pk not in denied]
        before = locked_rows(tracked(linked), ids)
        after: dict[int, dict[str, Any]] = {one: {} for one in ids}
        for row, pk in zip(rows, ids, strict=True):
            columns = completed(
                {**before[pk], **after[pk]}, self._with_choices(row.added), self.country
            )
            if self.kind is RecordKind.PERSON and row.organization is not None:
                columns["organization_id"] = self._id(row.organization, RecordKind.ORGANIZATION)
            after[pk].update(columns)
        write_changes(tracked(linked), before, after, by_id=self.by.pk, at=self.at, run=self.of.run)


def _refuse(rows: Sequence[PlannedRow]) -> bool:
    """Turn rows into problems, because what they would bring is here by now; return whether there are any."""
    for row in rows:
        row.verdict = Verdict.PROBLEM
        row.issues.append(Issue(IssueCode.ROW_ARRIVED, Severity.PROBLEM, row.number))
    return bool(rows)


def _refuse_parts(rows: Sequence[PlannedRow]) -> None:
    """Let the steps of a refused subscription share its fate."""
    head: PlannedRow | None = None
    for row in rows:
        if row.verdict is not Verdict.PART:
            head = row
        elif head is not None and head.verdict is Verdict.PROBLEM:
            row.verdict = Verdict.PROBLEM
            row.issues.append(
                Issue(IssueCode.ROW_WITH_OTHERS, row=row.number, params={"row": head.number})
            )


def _has_moved(row: PlannedRow, now: Mapping[str, Any] | None) -> bool:
    if now is None or now["trashed_at"] is not None:
        return True
    return differences(now, row.columns).keys() - row.changes.keys() != set() or any(
        differences(now, row.columns).get(cell, [after])[0] != before and before != after
        for cell, (before, after) in row.changes.items()
    )


@transaction.atomic
def finish_import(of: Import, *, at: datetime) -> None:
    """Mark the import done, with what it really did. Raises LostError if it is taken back by now."""
    _require_still(of, Import.State.IMPORTING)
    counts: dict[str, int] = {}
    found: dict[str, int] = {}
    for block, created in of.blocks.values_list("counts", "created"):
        for verdict, number in block.items():
            counts[verdict] = counts.get(verdict, 0) + number
        for kind, numbers in created.get(FOUND, {}).items():
            found[kind] = found.get(kind, 0) + len(numbers)
    of.refresh_from_db(fields=["totals"])
    verdicts = dict.fromkeys(map(str, Verdict), 0)
    created_counts = {
        f"new_{kind}": of.totals.get(f"new_{kind}", 0) - number for kind, number in found.items()
    }
    of.totals = {**of.totals, **verdicts, **counts, **created_counts}
    of.state, of.progress = Import.State.DONE, of.row_count
    of.save(update_fields=["totals", "state", "progress"])
    move_run(run=of.run, state=Run.State.DONE, at=at, totals=counts)
    if counts.get("new", 0) > 10_000:
        analyze()


@transaction.atomic
def finish_undo(of: Import, *, undo: Run, at: datetime) -> None:
    """Mark the import as taken back. Raises LostError if another worker has done so."""
    _require_still(of, Import.State.UNDOING)
    of.state = Import.State.UNDONE
    of.save(update_fields=["state"])
    restore_terms(run=of.run)
    free_deals(run=of.run)
    move_run(run=of.run, state=Run.State.UNDONE, at=at)
    move_run(run=undo, state=Run.State.DONE, at=at)


def _require_still(of: Import, state: Import.State) -> None:
    if Import.objects.select_for_update().get(pk=of.pk).state != state:
        raise LostError


def undo_next(of: Import, *, undo: Run, at: datetime) -> bool:
    """Take back the next block of the import's events, for the caller's transaction; False when all is done.

    How far it has come, and the conflicts, are kept with the undo's totals.
    """
    lock_tables(_TABLES)
    before, result = undo_block(
        run=of.run, undo=undo, before_id=undo.totals.get("before_id"), at=at
    )
    keep_totals(run=undo, totals=_added(undo.totals, result) | {"before_id": before})
    return before is not None


def _added(totals: Mapping[str, Any], result: UndoResult) -> dict[str, Any]:
    return {
        "trashed": totals.get("trashed", 0) + result.trashed,
        "restored": totals.get("restored", 0) + result.restored,
        "conflicts": [*totals.get("conflicts", []), *map(list, result.conflicts)],
    }
