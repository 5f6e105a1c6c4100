"""Repairing findings, as a run that can be undone, or dismissing them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.fields.changing import BLOCK, blocks, refuse_strangers
from turnus.history.actions import move_run, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.radar.findings import Action, Finding, FindingKind
from turnus.radar.models import Dismissal
from turnus.revenue.models import Subscription
from turnus.revenue.renewals.actions.book import book_due
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import trash_subscriptions
from turnus.revenue.terms.actions.repair import (
    Hole,
    book_holes,
    skip_holes,
    skip_unbooked_terms,
    win_terms,
)
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.sales.actions import trash_deals
from turnus.sales.models import Deal

_HOLES = (FindingKind.NUMBER, FindingKind.GONE, FindingKind.FORGOTTEN)
_WITH_DEAL = (FindingKind.TRASHED, FindingKind.LOST, FindingKind.OPEN)


@dataclass(frozen=True, slots=True)
class _Repair:
    """What is repaired, by whom, as which run; `on` is today."""

    found: Sequence[Finding]
    run: Run
    by: User
    at: datetime
    on: date


@transaction.atomic
def repair(
    *,
    found: Sequence[Finding],
    action: Action,
    by: User,
    at: datetime,
    on: date,
    title: str,
) -> Run:
    """Do the same thing about each of `found`, all or none, as a run.

    Refused where it does not fit one of them. `on` is today: missed terms, those before it, are
    booked or skipped.
    """
    if not found or any(action not in finding.actions for finding in found):
        raise UserError("radar.does_not_fit")
    refuse_strangers(_subscriptions_of(found), by)
    run = start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title)
    carry_out = _REPAIRS[action]
    carry_out(_Repair(found, run, by, at, on))
    move_run(run=run, state=Run.State.DONE, at=at, totals={"repaired": len(found)})
    return run


@transaction.atomic
def dismiss(*, found: Sequence[Finding], by: User, at: datetime) -> int:
    """Let findings stay away, because they are no mistakes; return how many."""
    refuse_strangers(_subscriptions_of(found), by)
    dismissals = [
        Dismissal(
            kind=str(finding.kind), one=finding.one, other=finding.other, by=by, at=at
        )
        for finding in found
    ]
    return len(Dismissal.objects.bulk_create(dismissals, ignore_conflicts=True))


@transaction.atomic
def undismiss(*, found: Sequence[Finding], by: User) -> None:
    """Let findings be found again that were dismissed."""
    refuse_strangers(_subscriptions_of(found), by)
    wanted = {(str(finding.kind), finding.one, finding.other) for finding in found}
    ids = []
    for pk, kind, one, other in Dismissal.objects.values_list(
        "pk", "kind", "one", "other"
    ):
        if (kind, one, other) in wanted:
            ids.append(pk)
    for block in blocks(ids, BLOCK):
        Dismissal.objects.filter(pk__in=block).delete()


def _subscriptions_of(found: Sequence[Finding]) -> QuerySet[Subscription]:
    ids = [finding.subscription_id for finding in found]
    return Subscription.objects.filter(pk__in=ids)


def _book(repair: _Repair) -> None:
    run, by, at = repair.run, repair.by, repair.at
    counts = {
        each.one: each.count for each in repair.found if each.kind is FindingKind.MISSED
    }
    subscriptions = Subscription.objects.filter(pk__in=counts)
    yesterday = repair.on - timedelta(days=1)
    booked = book_due(
        run=run, subscriptions=subscriptions, by=by, at=at, until=yesterday
    )
    if booked != sum(counts.values()):
        raise UserError("radar.changed")  # somebody else was quicker
    book_holes(run=run, holes=_holes(repair.found), by=by, at=at)
    win_terms(run=run, terms=_terms_with_deal(repair.found), by=by, at=at)


def _skip(repair: _Repair) -> None:
    run, by, at = repair.run, repair.by, repair.at
    missed = [finding for finding in repair.found if finding.kind is FindingKind.MISSED]
    most = max((finding.count for finding in missed), default=0)
    for step in range(most):
        numbers = {each.one: each.other + step for each in missed if step < each.count}
        subscriptions = Subscription.objects.filter(pk__in=numbers)
        skip_terms(subscriptions=subscriptions, by=by, at=at, numbers=numbers, run=run)
    skip_holes(run=run, holes=_holes(repair.found), by=by, at=at)
    skip_unbooked_terms(run=run, terms=_terms_with_deal(repair.found), by=by, at=at)


def _trash(repair: _Repair) -> None:
    deal_ids = [
        each.one for each in repair.found if each.kind is FindingKind.DEAL_TWICE
    ]
    deals = Deal.objects.filter(pk__in=deal_ids)
    trash_deals(deals=deals, by=repair.by, at=repair.at, run=repair.run)
    duplicates = _duplicate_subscriptions(repair.found)
    trash_subscriptions(
        subscriptions=duplicates, by=repair.by, at=repair.at, run=repair.run
    )


def _end(repair: _Repair) -> None:
    _cancel(repair, _duplicate_subscriptions(repair.found))
    for finding in repair.found:
        if finding.kind is FindingKind.CREDIT:
            credited = Subscription.objects.filter(pk=finding.other)
            _cancel(repair, credited, reason=finding.details["title"])


def _cancel(
    repair: _Repair, subscriptions: QuerySet[Subscription], *, reason: str = ""
) -> None:
    cancel_subscriptions(
        subscriptions=subscriptions,
        by=repair.by,
        at=repair.at,
        on=repair.on,
        ends_on=None,
        reason=reason,
        run=repair.run,
    )


def _terms_with_deal(found: Sequence[Finding]) -> list[int]:
    return [finding.one for finding in found if finding.kind in _WITH_DEAL]


def _duplicate_subscriptions(found: Sequence[Finding]) -> QuerySet[Subscription]:
    ids = [
        finding.one
        for finding in found
        if finding.kind is FindingKind.SUBSCRIPTION_TWICE
    ]
    return Subscription.objects.filter(pk__in=ids)


def _holes(found: Sequence[Finding]) -> list[Hole]:
    return [_hole(finding) for finding in found if finding.kind in _HOLES]


def _hole(finding: Finding) -> Hole:
    return Hole(
        subscription_id=finding.subscription_id,
        number=finding.details["number"],
        starts_on=finding.on,
        ends_on=finding.details["ends_on"],
        price_e4=finding.money.amount_e4,
        currency=finding.money.currency,
        term_id=None if finding.kind is FindingKind.NUMBER else finding.one,
    )


_REPAIRS: Mapping[Action, Callable[[_Repair], None]] = {
    Action.BOOK: _book,
    Action.SKIP: _skip,
    Action.TRASH: _trash,
    Action.END: _end,
}
