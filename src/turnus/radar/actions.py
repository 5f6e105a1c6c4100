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
    run = start_run(
        kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title
    )
    repair = _Repair(found, run, by, at, on)
    carry_out = _REPAIRS[action]
    carry_out(repair)
    totals = {"repaired": len(found)}
    move_run(run=run, state=Run.State.DONE, at=at, totals=totals)
    return run


@transaction.atomic
def dismiss(*, found: Sequence[Finding], by: User, at: datetime) -> int:
    """Let findings stay away, because they are no mistakes; return how many."""
    refuse_strangers(_subscriptions_of(found), by)
    dismissals = [_dismissal(finding, by, at) for finding in found]
    created = Dismissal.objects.bulk_create(dismissals, ignore_conflicts=True)
    return len(created)


def _dismissal(finding: Finding, by: User, at: datetime) -> Dismissal:
    return Dismissal(
        kind=str(finding.kind),
        one=finding.one,
        other=finding.other,
        by=by,
        at=at,
    )


@transaction.atomic
def undismiss(*, found: Sequence[Finding], by: User) -> None:
    """Let findings be found again that were dismissed."""
    refuse_strangers(_subscriptions_of(found), by)
    wanted = {
        (str(finding.kind), finding.one, finding.other) for finding in found
    }
    ids = []
    dismissals = Dismissal.objects.values_list("pk", "kind", "one", "other")
    for pk, *dismissed in dismissals:
        if tuple(dismissed) in wanted:
            ids.append(pk)
    for block in blocks(ids, BLOCK):
        Dismissal.objects.filter(pk__in=block).delete()


def _subscriptions_of(found: Sequence[Finding]) -> QuerySet[Subscription]:
    ids = [finding.subscription_id for finding in found]
    return Subscription.objects.filter(pk__in=ids)


def _book(repair: _Repair) -> None:
    run = repair.run
    by = repair.by
    at = repair.at
    missed = _of_kind(repair.found, FindingKind.MISSED)
    counts = {finding.one: finding.count for finding in missed}
    subscriptions = Subscription.objects.filter(pk__in=counts)
    yesterday = repair.on - timedelta(days=1)
    booked_count = book_due(
        run=run, subscriptions=subscriptions, by=by, at=at, until=yesterday
    )
    missed_count = sum(counts.values())
    if booked_count != missed_count:
        raise UserError("radar.changed")  # somebody else was quicker
    book_holes(run=run, holes=_holes(repair.found), by=by, at=at)
    terms = _terms_with_deal(repair.found)
    win_terms(run=run, terms=terms, by=by, at=at)


def _skip(repair: _Repair) -> None:
    run = repair.run
    by = repair.by
    at = repair.at
    missed = _of_kind(repair.found, FindingKind.MISSED)
    most = max((finding.count for finding in missed), default=0)
    for step in range(most):
        # One term of each subscription at a time, the oldest first.
        numbers: dict[int, int] = {}
        for finding in missed:
            if step < finding.count:
                numbers[finding.one] = finding.other + step
        subscriptions = Subscription.objects.filter(pk__in=numbers)
        skip_terms(
            subscriptions=subscriptions, by=by, at=at, numbers=numbers, run=run
        )
    skip_holes(run=run, holes=_holes(repair.found), by=by, at=at)
    terms = _terms_with_deal(repair.found)
    skip_unbooked_terms(run=run, terms=terms, by=by, at=at)


def _trash(repair: _Repair) -> None:
    duplicates_of_deals = _of_kind(repair.found, FindingKind.DEAL_TWICE)
    deal_ids = [finding.one for finding in duplicates_of_deals]
    deals = Deal.objects.filter(pk__in=deal_ids)
    trash_deals(deals=deals, by=repair.by, at=repair.at, run=repair.run)
    duplicates = _duplicate_subscriptions(repair.found)
    trash_subscriptions(
        subscriptions=duplicates, by=repair.by, at=repair.at, run=repair.run
    )


def _end(repair: _Repair) -> None:
    duplicates = _duplicate_subscriptions(repair.found)
    _cancel(repair, duplicates)
    for finding in _of_kind(repair.found, FindingKind.CREDIT):
        credited = Subscription.objects.filter(pk=finding.other)
        reason = finding.details["title"]
        _cancel(repair, credited, reason=reason)


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


def _of_kind(found: Sequence[Finding], kind: FindingKind) -> list[Finding]:
    return [finding for finding in found if finding.kind is kind]


def _terms_with_deal(found: Sequence[Finding]) -> list[int]:
    return [finding.one for finding in found if finding.kind in _WITH_DEAL]


def _duplicate_subscriptions(
    found: Sequence[Finding],
) -> QuerySet[Subscription]:
    duplicates = _of_kind(found, FindingKind.SUBSCRIPTION_TWICE)
    ids = [finding.one for finding in duplicates]
    return Subscription.objects.filter(pk__in=ids)


def _holes(found: Sequence[Finding]) -> list[Hole]:
    return [_hole(finding) for finding in found if finding.kind in _HOLES]


def _hole(finding: Finding) -> Hole:
    details = finding.details
    price = finding.money
    has_term = finding.kind is not FindingKind.NUMBER
    return Hole(
        subscription_id=finding.subscription_id,
        number=details["number"],
        starts_on=finding.on,
        ends_on=details["ends_on"],
        price_e4=price.amount_e4,
        currency=price.currency,
        term_id=finding.one if has_term else None,
    )


_REPAIRS: Mapping[Action, Callable[[_Repair], None]] = {
    Action.BOOK: _book,
    Action.SKIP: _skip,
    Action.TRASH: _trash,
    Action.END: _end,
}
