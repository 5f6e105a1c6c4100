"""Undoing runs: what a run booked goes to the trash, and its terms are due again."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.fields.changing import change_each, refuse_strangers
from turnus.history.actions import (
    lock_records,
    move_run,
    run_to_undo,
    start_undo,
)
from turnus.history.cells import cell_of
from turnus.history.models import Event, Run
from turnus.history.restorable import Conflict
from turnus.history.tracked import StoredRow, tracked
from turnus.history.undoing import UndoResult, undo_block
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import term_days
from turnus.revenue.subscriptions.actions.write import change_ids, locked
from turnus.revenue.terms.actions.write import restore_terms

_KINDS = (Run.Kind.RENEWAL, Run.Kind.SUBSCRIPTIONS, Run.Kind.DETECTION)

#: A run that failed in the middle has booked something too.
_STATES = (Run.State.DONE, Run.State.FAILED)


@transaction.atomic
def undo_renewals(*, run: Run, by: User, at: datetime) -> UndoResult:
    """Undo a run of renewals, or one that started subscriptions, skipped terms or changed plans.

    Its deals and subscriptions go to the trash, its terms are due again, and terms that it cut run
    to their end. What somebody changed since stays and is reported. Refused while later terms, or a
    later stretch, build on it, and where `by` may not change one of its subscriptions any more.
    """
    run = run_to_undo(
        run.pk, kinds=_KINDS, states=_STATES, by_id=by.pk, is_admin=by.is_admin
    )
    changed = _subscription_events(run).values("record_id")
    refuse_strangers(Subscription.objects.filter(pk__in=changed), by)
    # Locked before anybody asks what builds on it: no later term is booked meanwhile.
    is_meant = Q(pk__in=changed) | Q(pk__in=run.terms.values("subscription"))
    lock_records(Subscription.objects.filter(is_meant))
    _refuse_built_upon(run)
    stretched = _stretched(run)
    undo = start_undo(of=run, by_id=by.pk, at=at)
    result = _undo_events(run, undo, at)
    _keep_what_lies_before(run, undo, by, at, result)
    _unbooked_terms(run).delete()
    restore_terms(run)
    _go_on_after_what_stayed(run, undo, by, at)
    _lengthen_last_terms(stretched)
    move_run(run=run, state=Run.State.UNDONE, at=at)
    move_run(run=undo, state=Run.State.DONE, at=at)
    return result


def _subscription_events(run: Run) -> QuerySet[Event]:
    return run.events.filter(record_kind=str(RecordKind.SUBSCRIPTION))


def _refuse_built_upon(run: Run) -> None:
    # Terms that filled a gap were never the last: nothing was built upon them.
    added = run.terms.exclude(pk__in=run.totals.get("filled", ()))
    own = Term.objects.filter(subscription=OuterRef("subscription"))
    later = own.filter(number__gt=OuterRef("number")).exclude(run=run)
    if added.filter(
        Exists(later), subscription__trashed_at__isnull=True
    ).exists():
        raise UserError("renewal.undo_later_first")
    # Due dates are counted from the anchor: a term before it has none any more. What the run
    # started goes as a whole.
    started = (
        _subscription_events(run)
        .filter(action=Event.Action.CREATED)
        .values("record_id")
    )
    before_stretch = added.filter(number__lt=F("subscription__anchor_number"))
    if before_stretch.exclude(subscription__in=started).exists():
        raise UserError("renewal.undo_new_stretch")


def _stretched(run: Run) -> set[int]:
    """Return the subscriptions in which the run began a new stretch.

    Refused where something builds on the stretch, for then it stays.
    """
    begun = _subscription_events(run).filter(
        changes__has_any_keys=["plan_id", "anchor_on"]
    )
    changes: dict[int, StoredRow] = {}
    for pk, changed in begun.values_list("record_id", "changes"):
        changes[pk] = changed or {}
    for pk, row in locked(changes).items():
        if row["state"] != "active" or not _is_as_changed(row, changes[pk]):
            raise UserError("renewal.undo_new_stretch")
    present_stretch = Term.objects.filter(
        subscription__in=changes, number__gte=F("subscription__anchor_number")
    )
    if present_stretch.exclude(run=run).exists():
        raise UserError("renewal.undo_later_first")
    return set(changes)


def _is_as_changed(row: SubscriptionRow, changes: StoredRow) -> bool:
    """Return whether a subscription still has what an event gave it."""
    return all(
        cell_of(row, cell) == after
        for cell, (_before, after) in changes.items()
    )


def _lengthen_last_terms(ids: set[int]) -> None:
    """Let the last terms of subscriptions run to their due end again.

    A new stretch had cut them.
    """
    rows = locked(ids)
    last = Term.objects.filter(
        subscription__in=ids, number=F("subscription__next_number") - 1
    )
    terms = list(last)
    for term in terms:
        term.ends_on = term_days(rows[term.subscription_id], term.number).end
    Term.objects.bulk_update(terms, ["ends_on"])


def _undo_events(run: Run, undo: Run, at: datetime) -> UndoResult:
    whole = UndoResult()
    before_id = None
    while True:
        before_id, part = undo_block(
            run=run, undo=undo, before_id=before_id, at=at
        )
        whole.trashed += part.trashed
        whole.restored += part.restored
        whole.conflicts += part.conflicts
        if before_id is None:
            return whole


def _keep_what_lies_before(
    run: Run, undo: Run, by: User, at: datetime, result: UndoResult
) -> None:
    """Restore the deals of terms before one that stays: nothing may be missing in between."""
    later = run.terms.filter(
        subscription=OuterRef("subscription"), number__gt=OuterRef("number")
    )
    staying = later.filter(deal__trashed_at__isnull=True, deal__isnull=False)
    needed = run.terms.filter(Exists(staying), deal__trashed_at=at)
    deal_ids = [
        pk for pk in needed.values_list("deal", flat=True) if pk is not None
    ]
    restored = {"trashed_at": None, "trashed_by_id": None}
    kind = tracked(RecordKind.DEAL)
    action = Event.Action.RESTORED
    change_each(
        kind,
        deal_ids,
        lambda _row: restored,
        by=by,
        at=at,
        run=undo,
        action=action,
    )
    result.trashed -= len(deal_ids)
    result.conflicts.extend(
        Conflict(str(RecordKind.DEAL), pk, "") for pk in deal_ids
    )


def _unbooked_terms(run: Run) -> QuerySet[Term]:
    """Return the run's terms that nothing books any more.

    Deals that were detected were there before, and stay.
    """
    if run.kind == Run.Kind.DETECTION:
        return run.terms.all()
    deal_is_gone = Q(deal__isnull=True) | Q(deal__trashed_at__isnull=False)
    return run.terms.filter(
        deal_is_gone | Q(subscription__trashed_at__isnull=False)
    )


def _go_on_after_what_stayed(
    run: Run, undo: Run, by: User, at: datetime
) -> None:
    staying = (
        run.terms.values("subscription")
        .annotate(last=Max("number"))
        .order_by()
    )
    last_numbers = dict(staying.values_list("subscription", "last"))

    def after_last(row: SubscriptionRow) -> SubscriptionChange:
        return {
            "next_number": max(row["next_number"], last_numbers[row["id"]] + 1)
        }

    change_ids(last_numbers, after_last, by=by, at=at, run=undo)
