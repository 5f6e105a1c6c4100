"""What becomes of a term when its deal is won late, or lost (decision 0012)."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.revenue.models import Plan, RenewalLine, Subscription, Term
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.subscriptions.actions.write import locked, write_planned
from turnus.revenue.subscriptions.stretches import new_stretch

States = Subscription.State


@transaction.atomic
def settle_deals(*, by: User, at: datetime) -> int:
    """Let each term follow its deal; return how many subscriptions changed.

    Lost: the subscription ends on the term's due day. Won later than due + grace: a new stretch
    begins on the won day. Won within grace, open, or in the trash: nothing changes. Done twice, it
    changes nothing more.
    """
    graces = {plan.pk: plan.grace for plan in Plan.objects.all()}
    return _end_lost(by, at) + _stretch_late(graces, by, at)


def _end_lost(by: User, at: datetime) -> int:
    """End subscriptions whose last term's deal was lost; the term is not booked any more."""
    lost = Term.objects.filter(
        deal__status="lost",
        deal__trashed_at__isnull=True,
        subscription__trashed_at__isnull=True,
        subscription__state=States.ACTIVE,
        number=F("subscription__next_number") - 1,
    )
    count = 0
    while rows := locked(lost.values_list("subscription", flat=True)):
        # Asked once more when the subscriptions are locked.
        terms = list(lost.filter(subscription__in=rows).select_related("deal"))
        if not terms:
            break
        after = {}
        for term in terms:
            after[term.subscription_id] = _ended_by(
                term, rows[term.subscription_id]
            )
        Term.objects.filter(pk__in=[term.pk for term in terms]).delete()
        count += write_planned(after, by=by, at=at)
        # The terms before may be lost too.
    return count


def _ended_by(term: Term, row: SubscriptionRow) -> SubscriptionChange:
    """Return the columns of a subscription that ends with a term whose deal was lost."""
    ended: SubscriptionChange = {
        "next_number": term.number,
        "end_on": term.starts_on,
        "end_reason": term.deal.lost_reason if term.deal else "",
    }
    if row["anchor_number"] > term.number:
        ended["anchor_number"] = term.number
    return ended


def _stretch_late(graces: Mapping[int, int], by: User, at: datetime) -> int:
    """Begin a new stretch where a deal that was opened ahead was won after its grace."""
    won_late = _won_after_their_due_day()
    count = 0
    for term in won_late.select_related("deal").order_by(
        "subscription", "number"
    ):
        row = locked([term.subscription_id])[term.subscription_id]
        if not won_late.filter(pk=term.pk, starts_on=term.starts_on).exists():
            continue  # somebody else let it follow its deal, or undid it
        won_on = term.deal.won_on if term.deal else None
        if (
            won_on is None
            or (won_on - term.starts_on).days <= graces[row["plan_id"]]
        ):
            continue
        stretch = new_stretch(row, won_on, term.number)
        write_planned({row["id"]: stretch}, by=by, at=at)
        _move_terms(term, Cadence.parse(stretch["cadence"]), won_on)
        count += 1
    return count


def _won_after_their_due_day() -> QuerySet[Term]:
    """Return the terms of running subscriptions whose deals were opened ahead and won late."""
    opened_ahead = RenewalLine.objects.filter(
        won_on__isnull=True,
        deal=OuterRef("deal"),
        starts_on=OuterRef("starts_on"),
    )
    return Term.objects.filter(
        Exists(opened_ahead),
        deal__status="won",
        deal__trashed_at__isnull=True,
        deal__won_on__gt=F("starts_on"),
        subscription__trashed_at__isnull=True,
        subscription__state=States.ACTIVE,
    )


def _move_terms(first: Term, cadence: Cadence, on: date) -> None:
    """Let a term and the later ones lie in the stretch that begins with it on the day `on`."""
    terms = list(
        Term.objects.filter(
            subscription=first.subscription_id, number__gte=first.number
        )
    )
    for term in terms:
        days = cadence.term(on, term.number - first.number).days
        term.starts_on = days.start
        term.ends_on = days.end
        term.cadence = str(cadence)
    Term.objects.bulk_update(terms, ["starts_on", "ends_on", "cadence"])
