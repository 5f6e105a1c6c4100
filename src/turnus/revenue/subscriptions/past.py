"""What happened to subscriptions without a deal, read off their history."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import NamedTuple, TypedDict, cast

from django.db.models import Q, QuerySet

from turnus.core.records import RecordKind
from turnus.core.revenue.chaining import Pause, pauses_of
from turnus.core.revenue.facts import Cause, Reason
from turnus.core.revenue.runs import Change
from turnus.history.models import Event, Run
from turnus.history.tracked import StoredRow
from turnus.revenue.models import Subscription

#: What the event of a start tells of one that a file brought: [None, [(day, plan before) ...]].
_PLANS = "plans"

#: The cells whose change moves revenue; what renewals change is not among them.
_CELLS = ("state", "paused_on", "end_on", "anchor_on", "plan_id", _PLANS)


class ColumnsThen(TypedDict):
    """Columns of a subscription as they were on a past day.

    They say how long its last term runs, by which plan, and what was agreed for the next one.
    """

    id: int
    state: str
    end_on: date | None
    anchor_on: date
    cadence: str
    plan_id: int
    anchor_number: int
    price_e4: int
    currency: str


_ROW = tuple(ColumnsThen.__annotations__)
_DAYS = ("end_on", "anchor_on")
_BEGINNINGS = {Reason.RESUME, Reason.PRICE_CHANGE, Reason.PLAN_CHANGE}


class DatedPlan(NamedTuple):
    """The plan that held before a day."""

    until: date
    plan_id: int


@dataclass(frozen=True, slots=True)
class SubscriptionPast:
    """One subscription's changes, each with the event that made it.

    `began`: what began a stretch on a day. `ends`: those that were agreed. `then`: its columns as
    they were on the day that is asked for; None where they are today's.
    """

    began: Mapping[date, Cause] = field(default_factory=dict)
    pauses: Sequence[Pause] = ()
    ends: Mapping[date, Cause] = field(default_factory=dict)
    then: ColumnsThen | None = None
    #: In order of the days.
    plans: Sequence[DatedPlan] = ()

    def plan_on(self, day: date, now: int) -> int:
        """Return the plan that held on a day; `now`: the one that holds at last."""
        for plan in self.plans:
            if day < plan.until:
                return plan.plan_id
        return now

    def ended_on(self, day: date) -> Cause | None:
        """Return why nothing is covered from `day` on.

        None where no event says so: it was not renewed.
        """
        if day in self.ends:
            return self.ends[day]
        for pause in self.pauses:
            if pause.covers(day):
                return pause.cause
        return None


def pasts_of(
    seen: QuerySet[Subscription], *, until: datetime | None = None
) -> dict[int, SubscriptionPast]:
    """Return the past of those that stopped, will stop, or began a stretch anew; one query.

    All others have none. `until`: only what was recorded before that moment, and the columns as
    they were then; two queries.
    """
    # A subscription that just renews has an event for each term: a million, none of which matters
    # here.
    has_stopped = ~Q(state=Subscription.State.ACTIVE) | Q(end_on__isnull=False)
    changed = seen.filter(has_stopped | Q(anchor_number__gt=0)).order_by()
    about = Event.objects.filter(
        record_kind=str(RecordKind.SUBSCRIPTION),
        record_id__in=changed.values("pk"),
    )
    events = about.filter(changes__has_any_keys=_CELLS)
    then: dict[int, ColumnsThen] = {}
    if until is not None:
        later = about.filter(at__gte=until, changes__has_any_keys=_ROW)
        then = _columns_before(later, seen)
        events = events.filter(at__lt=until)
    is_no_undo = ~Q(run__kind=Run.Kind.UNDO) & ~Q(run__state=Run.State.UNDONE)
    standing = events.filter(Q(run__isnull=True) | is_no_undo).order_by("id")
    readers: dict[int, _EventReader] = defaultdict(_EventReader)
    for pk, event, changes in standing.values_list(
        "record_id", "id", "changes"
    ):
        readers[pk].take(event, changes or {})
    pasts = {}
    for pk in {*readers, *then}:
        pasts[pk] = replace(readers[pk].past, then=then.get(pk))
    return pasts


class _EventReader:
    """What the events of one subscription have told so far."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.plans: list[DatedPlan] = []
        self.anchor_on: date | None = None

    def take(self, event: int, changes: StoredRow) -> None:
        self.changes += _changes(event, changes)
        if "anchor_on" in changes:
            _before, begun_on = changes["anchor_on"]
            self._begin_stretch(date.fromisoformat(begun_on))
        if "plan_id" in changes and self.anchor_on is not None:
            plan_before, _after = changes["plan_id"]
            self.plans.append(DatedPlan(self.anchor_on, plan_before))
        if _PLANS in changes:
            _before, stored_plans = changes[_PLANS]
            for until, plan_before in stored_plans:
                self.plans.append(
                    DatedPlan(date.fromisoformat(until), plan_before)
                )

    def _begin_stretch(self, on: date) -> None:
        self.anchor_on = on
        # A plan that was agreed for a later day holds as soon as another stretch begins.
        self.plans = [
            DatedPlan(min(plan.until, on), plan.plan_id) for plan in self.plans
        ]

    @property
    def past(self) -> SubscriptionPast:
        plans = sorted(self.plans, key=lambda plan: plan.until)
        return replace(_past(self.changes), plans=plans)


def owners_before(kind: RecordKind, until: datetime) -> dict[int, int | None]:
    """Return the owners that records had before a moment, if they were changed since; one query."""
    changed = Event.objects.filter(
        record_kind=str(kind), at__gte=until, changes__has_key="owner_id"
    )
    owners = {}
    for pk, changes in changed.order_by("-id").values_list(
        "record_id", "changes"
    ):
        owner_before, _after = (changes or {})["owner_id"]
        owners[pk] = owner_before
    return owners


def _columns_before(
    events: QuerySet[Event], seen: QuerySet[Subscription]
) -> dict[int, ColumnsThen]:
    """Return the columns of subscriptions as they were before the first of their events."""
    cells_before: dict[int, StoredRow] = {}
    for pk, changes in events.order_by("-id").values_list(
        "record_id", "changes"
    ):
        cells_before.setdefault(pk, {}).update(_cells_before(changes or {}))
    columns = {}
    for row in seen.filter(pk__in=cells_before).values(*_ROW):
        then = {**row, **cells_before[row["id"]]}
        columns[row["id"]] = cast("ColumnsThen", then)
    return columns


def _cells_before(changes: StoredRow) -> StoredRow:
    """Return what the columns held before an event changed them."""
    before: StoredRow = {}
    for cell, (old, _new) in changes.items():
        if cell in _ROW:
            is_day = cell in _DAYS and old
            before[cell] = date.fromisoformat(old) if is_day else old
    return before


def _changes(event: int, changes: StoredRow) -> Iterator[Change]:
    after = {cell: new for cell, (_old, new) in changes.items()}
    if after.get("paused_on"):
        yield _change(Reason.PAUSE, event, after["paused_on"])
    if after.get("end_on"):
        yield _change(Reason.CANCELLATION, event, after["end_on"])
    if after.get("anchor_on"):
        reason = _reason(after)
        if reason is not None:
            yield _change(reason, event, after["anchor_on"])


def _reason(after: StoredRow) -> Reason | None:
    """Return why a new stretch began; None: a deal was won late, and is the cause itself."""
    if after.get("state") == Subscription.State.ACTIVE:
        return Reason.RESUME
    if "plan_id" in after:
        return Reason.PLAN_CHANGE
    return Reason.PRICE_CHANGE if "price_e4" in after else None


def _change(reason: Reason, event: int, day: str) -> Change:
    return Change(Cause(reason, event=event), date.fromisoformat(day))


def _past(changes: Sequence[Change]) -> SubscriptionPast:
    """Return the past that follows from changes, in the order in which they were made.

    Of two for one day the later stands.
    """
    began = {}
    ends = {}
    for change in changes:
        if change.on is None:
            continue
        if change.cause.reason in _BEGINNINGS:
            began[change.on] = change.cause
        if change.cause.reason is Reason.CANCELLATION:
            ends[change.on] = change.cause
    return SubscriptionPast(began, pauses_of(changes), ends)
