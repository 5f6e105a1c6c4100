"""Marking a deal as won and as recurring, in one step."""

from datetime import date, datetime

from django.db import transaction

from turnus.accounts.models import User
from turnus.revenue.actions import NewSubscription, start_subscription
from turnus.revenue.models import Subscription
from turnus.sales.actions import win_deals
from turnus.sales.models import Deal


@transaction.atomic
def win_recurring(
    *, deal: Deal, by: User, at: datetime, won: date | None, new: NewSubscription
) -> Subscription:
    """Win a deal on the day `won` (None: now) and let it book the first term of `new`; if either is refused, nothing happens."""
    win_deals(deals=Deal.objects.filter(pk=deal.pk), by=by, at=at, won=won)
    return start_subscription(by=by, at=at, new=new, deal=deal)
