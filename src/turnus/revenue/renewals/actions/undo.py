"""Undoing runs: what a run booked goes to the trash, and its terms are due again."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.fields.changing import change_each, refuse_strangers
from turnus.history.actions import lock_records, move_run, run_to_undo, start_undo
from turnus.history.cells import cell_of
from turnus.history.models import Event, Run
from turnus.history.tracked import tracked
from turnus.history.undoing import Conflict, UndoResult, undo_block
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rules import term_days
from turnus.revenue.subscriptions.actions.write import change_ids, locked
from turnus.revenue.terms.actions.write import restore_terms

_KINDS = (Run.Kind.RENEWAL, Run.Kind.SUBSCRIPTIONS, Run.Kind.DETECTION)

#: A run that failed in the middle has booked something too.
_STATES = (Run.State.DONE, Run.State.FAILED)


@transaction.atomic
def undo_renewals(*, run: Run, by: User, at: datetime) -> UndoResult:
    """Take a run of renewals back, or one that began, skipped or changed plans.

    Its deals and subscriptions go to the trash, its terms are due again, and terms that it cut run to their end.
    What somebody changed since stays and is reported. Refused while later terms, or a later stretch, build on it, and
    where `by` may not change one of its subscriptions any more.
    """
    run = run_to_undo(run.pk, kinds=_KINDS, states=_STATES, by_id=by.pk, is_admin=by.is_admin)
    about = run.events.filter(record_kind=str(RecordKind.SUBSCRIPTION)).values("record_id")
    refuse_strangers(Subscription.objects.filter(pk__in=about), by)
    _lock_subscriptions(run)
    _refuse_built_upon(run)
    stretched = _stretched(run)
    undo = start_undo(of=run, by_id=by.pk, at=at)
    result = _events_back(run, undo, at)
    _keep_what_lies_before(run, undo, by, at, result)
    _gone(run).delete()
    restore_terms(run)
    _go_on_after_what_stayed(run, undo, by, at)
    _make_whole(stretched)
    move_run(run=run, state=Run.State.UNDONE, at=at)
    move_run(run=undo, state=Run.State.DONE, at=at)
    return result


def _lock_subscriptions(run: Run) -> None:
    """Lock what the run is about before anybody asks what builds on it: no later term is booked meanwhile."""
    changed = run.events.filter(record_kind=str(RecordKind.SUBSCRIPTION)).values("record_id")
    is_meant = Q(pk__in=changed) | Q(pk__in=run.terms.values("subscription"))
    lock_records(Subscription.objects.filter(is_meant))


def _refuse_built_upon(run: Run) -> None:
    # Terms that filled a gap were never the last: nothing was built upon them.
    added = run.terms.exclude(pk__in=run.totals.get("filled", ()))
    later = Term.objects.filter(
        subscription=OuterRef("subscription"), number__gt=OuterRef("number")
    ).exclude(run=run)
    if added.filter(Exists(later), subscription__trashed_at__isnull=True).exists():
        raise UserError("renewal.undo_later_first")
    # Due dates are counted from the anchor: a term before it has none any more. What the run began goes as a whole.
    begun = run.events.filter(
        record_kind=str(RecordKind.SUBSCRIPTION), action=Event.Action.CREATED
    ).values("record_id")
    if (
        added.filter(number__lt=F("subscription__anchor_number"))
        .exclude(subscription__in=begun)
        .exists()
    ):
        raise UserError("renewal.undo_new_stretch")


def _stretched(run: Run) -> set[int]:
    """Return the subscriptions in which the run began a new stretch; refused where something builds on it, for then it stays."""
    begun = run.events.filter(
        changes__has_any_keys=["plan_id", "anchor_on"], record_kind=str(RecordKind.SUBSCRIPTION)
    )
    changes: dict[int, Any] = dict(begun.values_list("record_id", "changes"))
    for pk, row in locked(changes).items():
        if row["state"] != "active" or any(
            cell_of(row, cell) != after for cell, (_, after) in changes[pk].items()
        ):
            raise UserError("renewal.undo_new_stretch")
    terms = Term.objects.filter(
        subscription__in=changes, number__gte=F("subscription__anchor_number")
    ).exclude(run=run)
    if terms.exists():
        raise UserError("renewal.undo_later_first")
    return set(changes)


def _make_whole(ids: set[int]) -> None:
    """Let the last terms of subscriptions run to their due end again, where a new stretch had cut them."""
    rows = locked(ids)
    terms = list(
        Term.objects.filter(subscription__in=ids, number=F("subscription__next_number") - 1)
    )
    for term in terms:
        term.ends_on = term_days(rows[term.subscription_id], term.number).end
    Term.objects.bulk_update(terms, ["ends_on"])


def _events_back(run: Run, undo: Run, at: datetime) -> UndoResult:
    whole, before = UndoResult(), None
    while True:
        before, part = undo_block(run=run, undo=undo, before_id=before, at=at)
        whole.trashed += part.trashed
        whole.restored += part.restored
        whole.conflicts += part.conflicts
        if before is None:
            return whole


def _keep_what_lies_before(run: Run, undo: Run, by: User, at: datetime, result: UndoResult) -> None:
    """Restore the deals of terms before one that stays: nothing may be missing in between."""
    later = run.terms.filter(subscription=OuterRef("subscription"), number__gt=OuterRef("number"))
    stays = later.filter(deal__trashed_at__isnull=True, deal__isnull=False)
    deals = list(
        run.terms.filter(Exists(stays), deal__trashed_at=at).values_list("deal", flat=True)
    )
    rule = {"trashed_at": None, "trashed_by_id": None}
    kind = tracked(RecordKind.DEAL)
    change_each(
        kind, deals, lambda _row: rule, by=by, at=at, run=undo, action=Event.Action.RESTORED
    )
    result.trashed -= len(deals)
    result.conflicts.extend(Conflict(str(RecordKind.DEAL), one, "") for one in deals)


def _gone(run: Run) -> QuerySet[Term]:
    """Return the run's terms that nothing books any more; deals that were detected were here before, and stay."""
    if run.kind == Run.Kind.DETECTION:
        return run.terms.all()
    nothing = (
        Q(deal__isnull=True)
        | Q(deal__trashed_at__isnull=False)
        | Q(subscription__trashed_at__isnull=False)
    )
    return run.terms.filter(nothing)


def _go_on_after_what_stayed(run: Run, undo: Run, by: User, at: datetime) -> None:
    kept = dict(
        run.terms.values("subscription")
        .annotate(last=Max("number"))
        .values_list("subscription", "last")
        .order_by()
    )
    change_ids(
        kept,
        lambda row: {"next_number": max(row["next_number"], kept[row["id"]] + 1)},
        by=by,
        at=at,
        run=undo,
    )
