"""Booking the next terms of a subscription by won deals."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.fields.changing import refuse_strangers
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.rows import SubscriptionChange
from turnus.revenue.subscriptions.actions.write import change, locked
from turnus.revenue.terms.actions.write import NewTerm, insert_terms
from turnus.sales.models import Deal


@transaction.atomic
def book_terms(
    *,
    subscription: Subscription,
    deals: Sequence[Deal],
    by: User,
    at: datetime,
    run: Run | None = None,
) -> None:
    """Let won deals, in order, book the subscription's next terms.

    Each term costs what of the deal's own value recurs.
    """
    row = locked([subscription.pk])[subscription.pk]
    cadence = Cadence.parse(row["cadence"])
    first_number = row["next_number"]
    terms = []
    for number, deal in enumerate(fit_deals(deals, by), first_number):
        days = cadence.term(
            row["anchor_on"], number - row["anchor_number"]
        ).days
        term = NewTerm(
            subscription_id=subscription.pk,
            number=number,
            starts_on=days.start,
            ends_on=days.end,
            price_e4=deal.recurring.amount_e4,
            currency=deal.currency,
            cadence=row["cadence"],
            deal_id=deal.pk,
            run_id=run.pk if run else None,
            recorded_at=at,
        )
        terms.append(term)
    insert_terms(terms)
    after = SubscriptionChange(next_number=first_number + len(terms))
    if deals:
        after["price_e4"] = deals[-1].recurring.amount_e4
    own = Subscription.objects.filter(pk=subscription.pk)
    change(own, lambda _row: after, by=by, at=at, run=run)


def fit_deal(deal: Deal, by: User) -> Deal:
    """Return the deal as it is now, locked.

    Two windows that start a subscription with it come one after the other.
    """
    return fit_deals([deal], by)[0]


def fit_deals(deals: Sequence[Deal], by: User) -> list[Deal]:
    """Return deals that may book a term, as they are now, locked and in the same order.

    Three queries.
    """
    ids = [deal.pk for deal in deals]
    refuse_strangers(Deal.objects.filter(pk__in=ids), by)
    present = Deal.objects.select_for_update().filter(
        pk__in=ids, trashed_at__isnull=True
    )
    won = present.filter(status=Deal.Status.WON).order_by("pk")
    by_id = {deal.pk: deal for deal in won}
    if len(by_id) < len(ids):
        raise UserError("subscription.deal_not_won")
    if Term.objects.filter(deal__in=ids).exists():
        raise UserError("subscription.deal_taken")
    return [by_id[pk] for pk in ids]
