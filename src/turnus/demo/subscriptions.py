"""The demonstration's subscriptions: each customer's copied deals as the terms of one subscription."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime

from turnus.accounts.models import User
from turnus.revenue.actions import NewSubscription, book_terms, cancel_subscriptions, start_subscription
from turnus.revenue.models import Plan, Subscription
from turnus.sales.models import Deal

#: Option of the custom field *Abo* -> name of the ready-made plan.
_PLANS = {"jährlich": "Jährlich", "monatlich": "Monatlich", "zweimal monatlich": "Zweimal monatlich"}
_REASONS = ("Zu teuer", "Wechsel zum Wettbewerb", "Kein Bedarf mehr")


def make_subscriptions(*, by: User, at: datetime, plans: Mapping[str, int], plan_key: str) -> None:
    """Begin a subscription with each customer's first deal and let the others book its further terms."""
    by_name = {plan.name: plan for plan in Plan.objects.all()}
    plan_of = {option: by_name[_PLANS[word]] for word, option in plans.items()}
    chains: dict[int, list[Deal]] = defaultdict(list)
    for deal in Deal.objects.filter(status="won").select_related("organisation", "person").order_by("won_on", "pk"):
        chains[deal.organisation_id or 0].append(deal)
    for number, deals in enumerate(chains.values()):
        _subscribe(deals, plan_of[deals[0].custom[plan_key]], by=by, at=at, reason=_REASONS[number % len(_REASONS)])


def _subscribe(deals: list[Deal], plan: Plan, *, by: User, at: datetime, reason: str) -> None:
    first, *others = deals
    start = first.won_on or at.date()
    new = NewSubscription(plan=plan, price=first.value, starts_on=start, name=f"{first.organisation} {plan.name}")
    subscription = start_subscription(by=by, at=at, new=new, deal=first)
    book_terms(subscription=subscription, deals=others, by=by, at=at)
    subscription.refresh_from_db()
    if (
        subscription.next_due_on is not None and subscription.next_due_on < at.date()
    ):  # the copies stopped: the customer left
        one = Subscription.objects.filter(pk=subscription.pk)
        cancel_subscriptions(subscriptions=one, by=by, at=at, on=at.date(), ends_on=None, reason=reason)
