"""What happened to subscriptions without a deal, read off their history."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from operator import itemgetter
from typing import Any

from django.db.models import Q, QuerySet

from turnus.core.records import RecordKind
from turnus.core.revenue.chaining import Pause, pauses_of
from turnus.core.revenue.facts import Cause, Reason
from turnus.core.revenue.runs import Change
from turnus.history.models import Event, Run
from turnus.revenue.models import Subscription

#: What the event of the beginning tells of one that a file brought: [None, [(day, the plan before) ...]].
_PLANS = "plans"

#: The cells whose change moves revenue; what renewals change is not among them.
_CELLS = ("state", "paused_on", "end_on", "anchor_on", "plan_id", _PLANS)

#: What of a subscription says how long its last term runs, by which plan, and what was agreed for the next one.
_ROW = (
    "id",
    "state",
    "end_on",
    "anchor_on",
    "cadence",
    "plan_id",
    "anchor_number",
    "price_e4",
    "currency",
)

_DAYS = ("end_on", "anchor_on")


@dataclass(frozen=True, slots=True)
class Past:
    """One subscription's changes: what began a stretch on a day, the pauses, the ends that were agreed, each with the event that did it.

    `then`: its columns as they were on the day that is asked for; None where they are today's.
    """

    began: Mapping[date, Cause] = field(default_factory=dict)
    pauses: Sequence[Pause] = ()
    ends: Mapping[date, Cause] = field(default_factory=dict)
    then: Mapping[str, Any] | None = None
    #: (day, the plan that held before), in order of the days.
    plans: Sequence[tuple[date, int]] = ()

    def plan_on(self, day: date, now: int) -> int:
        """Return the plan that held on a day; `now`: the one that holds at last."""
        return next((before for on, before in self.plans if day < on), now)

    def ended_on(self, day: date) -> Cause | None:
        """Return why nothing is covered from `day` on; None where no event says so: it was not renewed."""
        pause = next((one.cause for one in self.pauses if one.covers(day)), None)
        return self.ends.get(day) or pause


def pasts_of(seen: QuerySet[Subscription], *, until: datetime | None = None) -> dict[int, Past]:
    """Return the past of those that stopped, will stop, or began a stretch anew; all others have none. One query.

    `until`: only what was recorded before that moment, and the columns as they were then; two queries.
    """
    # A subscription that just renews has an event for each term: a million, none of which matters here.
    changed = seen.filter(
        ~Q(state=Subscription.State.ACTIVE) | Q(end_on__isnull=False) | Q(anchor_number__gt=0)
    )
    every = Event.objects.filter(
        record_kind=str(RecordKind.SUBSCRIPTION), record_id__in=changed.order_by().values("pk")
    )
    events = every.filter(changes__has_any_keys=_CELLS)
    if until is not None:
        back = _taken_back(every.filter(at__gte=until, changes__has_any_keys=_ROW))
        then = {
            row["id"]: {**row, **back[row["id"]]} for row in seen.filter(pk__in=back).values(*_ROW)
        }
        events = events.filter(at__lt=until)
    else:
        then = {}
    stands = Q(run__isnull=True) | ~Q(run__kind=Run.Kind.UNDO) & ~Q(run__state=Run.State.UNDONE)
    read: dict[int, _Read] = defaultdict(_Read)
    for pk, event, changes in (
        events.filter(stands).order_by("id").values_list("record_id", "id", "changes")
    ):
        read[pk].take(event, changes or {})
    return {pk: replace(read[pk].past, then=then.get(pk)) for pk in {*read, *then}}


@dataclass(slots=True)
class _Read:
    """What the events of one subscription have told so far."""

    changes: list[Change] = field(default_factory=list)
    plans: list[tuple[date, int]] = field(default_factory=list)
    anchor_on: date | None = None

    def take(self, event: int, changes: Mapping[str, Sequence[Any]]) -> None:
        self.changes += _changes(event, changes)
        if "anchor_on" in changes:
            begun = self.anchor_on = date.fromisoformat(changes["anchor_on"][1])
            # A plan that was agreed for a later day holds as soon as another stretch begins.
            self.plans = [(min(on, begun), before) for on, before in self.plans]
        if "plan_id" in changes and self.anchor_on is not None:
            self.plans.append((self.anchor_on, changes["plan_id"][0]))
        if _PLANS in changes:
            self.plans += [(date.fromisoformat(on), before) for on, before in changes[_PLANS][1]]

    @property
    def past(self) -> Past:
        return replace(_past(self.changes), plans=sorted(self.plans, key=itemgetter(0)))


def owners_before(kind: RecordKind, until: datetime) -> dict[int, int | None]:
    """Return the owners that records had before a moment, of those whose owner was changed since. One query."""
    changed = Event.objects.filter(
        record_kind=str(kind), at__gte=until, changes__has_key="owner_id"
    ).order_by("-id")
    return {
        pk: (changes or {})["owner_id"][0]
        for pk, changes in changed.values_list("record_id", "changes")
    }


def _taken_back(events: QuerySet[Event]) -> dict[int, dict[str, Any]]:
    """Return what each subscription's columns held before the first of these events."""
    before: dict[int, dict[str, Any]] = {}
    for pk, changes in events.order_by("-id").values_list("record_id", "changes"):
        cells = {cell: pair[0] for cell, pair in (changes or {}).items() if cell in _ROW}
        cells |= {cell: date.fromisoformat(cells[cell]) for cell in _DAYS if cells.get(cell)}
        before.setdefault(pk, {}).update(cells)
    return before


def _changes(event: int, changes: Mapping[str, Sequence[Any]]) -> Iterator[Change]:
    after = {cell: pair[1] for cell, pair in changes.items()}
    if after.get("paused_on"):
        yield _change(Reason.PAUSE, event, after["paused_on"])
    if after.get("end_on"):
        yield _change(Reason.CANCELLATION, event, after["end_on"])
    if after.get("anchor_on"):
        reason = _reason(after)
        if reason is not None:
            yield _change(reason, event, after["anchor_on"])


def _reason(after: Mapping[str, Any]) -> Reason | None:
    """Return why a new stretch began; None: a deal was won late, and is the cause itself."""
    if after.get("state") == Subscription.State.ACTIVE:
        return Reason.RESUME
    if "plan_id" in after:
        return Reason.PLAN_CHANGE
    return Reason.PRICE_CHANGE if "price_e4" in after else None


def _change(reason: Reason, event: int, day: str) -> Change:
    return Change(Cause(reason, event=event), date.fromisoformat(day))


def _past(changes: Sequence[Change]) -> Past:
    """Return the past that follows from changes in the order in which they were made: of two for one day the later stands."""
    begins = {Reason.RESUME, Reason.PRICE_CHANGE, Reason.PLAN_CHANGE}
    dated = [(one.on, one.cause) for one in changes if one.on is not None]
    return Past(
        {on: cause for on, cause in dated if cause.reason in begins},
        pauses_of(changes),
        {on: cause for on, cause in dated if cause.reason is Reason.CANCELLATION},
    )
