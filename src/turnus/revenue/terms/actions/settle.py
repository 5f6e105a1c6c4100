"""What becomes of a term when its deal is won late, or lost (decision 0012)."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.revenue.models import Plan, RenewalLine, Subscription, Term
from turnus.revenue.subscriptions.actions.write import change_ids, locked
from turnus.revenue.subscriptions.stretches import new_stretch

States = Subscription.State


@transaction.atomic
def settle_deals(*, by: User, at: datetime) -> int:
    """Let each term follow its deal; return how many subscriptions changed. Done twice, it changes nothing more.

    Lost: the subscription ends on the term's due day. Won later than due + grace: a new stretch begins on the won day. Won within grace,
    open, or in the trash: nothing changes.
    """
    plans = {plan.pk: plan for plan in Plan.objects.all()}
    return _end_lost(by, at) + _stretch_late(plans, by, at)


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
    while found := _locked_terms(lost):  # the one before may be lost too
        reasons = {one: term.deal.lost_reason if term.deal else "" for one, term in found.items()}

        def rule(row: Any, terms: Any = found, reasons: Any = reasons) -> dict[str, Any]:
            term = terms[row["id"]]
            stretch = {"anchor_number": term.number} if row["anchor_number"] > term.number else {}
            end = {"end_on": term.starts_on, "end_reason": reasons[row["id"]]}
            return {"next_number": term.number, **end, **stretch}

        Term.objects.filter(pk__in=[term.pk for term in found.values()]).delete()
        count += change_ids(found, rule, by=by, at=at)
    return count


def _locked_terms(terms: QuerySet[Term]) -> dict[int, Term]:
    """Return subscription -> its term among `terms`, asked once more when the subscriptions are locked."""
    ids = locked(terms.values_list("subscription", flat=True))
    return {
        term.subscription_id: term
        for term in terms.filter(subscription__in=ids).select_related("deal")
    }


def _stretch_late(plans: dict[int, Plan], by: User, at: datetime) -> int:
    """Begin a new stretch where a deal that was opened ahead was won after its grace."""
    opened = RenewalLine.objects.filter(
        won_on__isnull=True, deal=OuterRef("deal"), starts_on=OuterRef("starts_on")
    )
    won = Term.objects.filter(
        Exists(opened),
        deal__status="won",
        deal__trashed_at__isnull=True,
        deal__won_on__gt=F("starts_on"),
        subscription__trashed_at__isnull=True,
        subscription__state=States.ACTIVE,
    )
    count = 0
    for term in won.select_related("deal").order_by("subscription", "number"):
        row = locked([term.subscription_id])[term.subscription_id]
        if not won.filter(pk=term.pk, starts_on=term.starts_on).exists():
            continue  # somebody else let it follow its deal, or took it back
        won_on = term.deal.won_on if term.deal else None
        if won_on is None or (won_on - term.starts_on).days <= plans[row["plan_id"]].grace:
            continue
        stretch = new_stretch(row, won_on, term.number)
        change_ids([row["id"]], lambda _row, stretch=stretch: stretch, by=by, at=at)  # type: ignore[misc]
        _move_terms(term, Cadence.parse(stretch["cadence"]), won_on)
        count += 1
    return count


def _move_terms(first: Term, cadence: Cadence, on: date) -> None:
    """Let a term and those after it, which were opened ahead, lie in the stretch that begins with it on the day `on`."""
    terms = list(Term.objects.filter(subscription=first.subscription_id, number__gte=first.number))
    for term in terms:
        days = cadence.term(on, term.number - first.number).days
        term.starts_on, term.ends_on, term.cadence = days.start, days.end, str(cadence)
    Term.objects.bulk_update(terms, ["starts_on", "ends_on", "cadence"])
