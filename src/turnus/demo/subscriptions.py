"""The demo's subscriptions: each customer's copied deals as terms; some paused or forgotten."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta

from turnus.accounts.models import User
from turnus.revenue.models import Plan, RenewalWay, Subscription
from turnus.revenue.plans.actions import PlanValues, save_plan
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import update_subscriptions
from turnus.revenue.subscriptions.actions.pause import pause_subscriptions
from turnus.revenue.subscriptions.actions.start import (
    NewSubscription,
    start_subscription,
)
from turnus.revenue.terms.actions.book import book_terms
from turnus.sales.models import Deal, Stage

#: Option of the custom field *Abo* -> name of the ready-made plan.
_PLANS = {
    "jährlich": "Jährlich",
    "monatlich": "Monatlich",
    "zweimal monatlich": "Zweimal monatlich",
}
_REASONS = ("Zu teuer", "Wechsel zum Wettbewerb", "Kein Bedarf mehr")
#: How long after its due day a missing copy counts as forgotten; later the customer has left.
_FORGOTTEN = timedelta(days=45)
#: One customer in so many ends with the paid term.
_CANCELS = 45
#: One customer in so many pauses.
_PAUSES = 60


def make_subscriptions(
    *,
    by: User,
    at: datetime,
    plans: Mapping[str, int],
    plan_key: str,
    stage: Stage,
) -> None:
    """Start a subscription with each customer's first deal; the others book its further terms.

    Yearly renewals open in `stage`.
    """
    by_name = {plan.name: plan for plan in Plan.objects.all()}
    yearly = by_name["Jährlich"]
    values = PlanValues(
        name=yearly.name,
        cadence=yearly.how,
        renewal_way=RenewalWay.OPEN,
        days_before=30,
        stage=stage,
    )
    save_plan(by=by, values=values, plan=yearly)
    plan_of = {option: by_name[_PLANS[word]] for word, option in plans.items()}
    for number, deals in enumerate(_deals_by_customer()):
        plan = plan_of[deals[0].custom[plan_key]]
        subscription = _subscribe(deals, plan, by=by, at=at)
        _let_live(subscription, number, by=by, at=at)


def _deals_by_customer() -> list[list[Deal]]:
    won = Deal.objects.filter(status="won").select_related(
        "organization", "person"
    )
    chains: dict[int, list[Deal]] = defaultdict(list)
    for deal in won.order_by("won_on", "pk"):
        chain = chains[deal.organization_id or 0]
        # A deal that was imported twice books no term.
        if not chain or chain[-1].won_on != deal.won_on:
            chain.append(deal)
    return list(chains.values())


def _subscribe(
    deals: list[Deal], plan: Plan, *, by: User, at: datetime
) -> Subscription:
    first, *others = deals
    start = first.won_on or at.date()
    name = f"{first.organization} {plan.name}"
    new = NewSubscription(
        plan=plan, price=first.value, starts_on=start, name=name
    )
    subscription = start_subscription(by=by, at=at, new=new, deal=first)
    book_terms(subscription=subscription, deals=others, by=by, at=at)
    subscription.refresh_from_db()
    return subscription


def _let_live(
    subscription: Subscription, number: int, *, by: User, at: datetime
) -> None:
    selected = Subscription.objects.filter(pk=subscription.pk)
    on = at.date()
    due = subscription.next_due_on
    reason = _REASONS[number % len(_REASONS)]
    if due is None or due < on - _FORGOTTEN:
        cancel_subscriptions(
            subscriptions=selected,
            by=by,
            at=at,
            on=on,
            ends_on=None,
            reason=reason,
        )
    elif due < on:
        update_subscriptions(
            subscriptions=selected,
            by=by,
            at=at,
            values={"renewal_way": RenewalWay.REMIND},
        )
    elif number % _CANCELS == 0:
        cancel_subscriptions(
            subscriptions=selected,
            by=by,
            at=at,
            on=on,
            ends_on=None,
            reason=reason,
        )
    elif number % _PAUSES == 1:
        pause_subscriptions(
            subscriptions=selected,
            by=by,
            at=at,
            pauses_on=on - timedelta(days=3),
        )
