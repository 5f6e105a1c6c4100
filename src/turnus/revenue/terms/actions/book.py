"""Booking the next terms of a subscription by won deals."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.fields.changing import refuse_strangers
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows
from turnus.revenue.models import Subscription, Term
from turnus.revenue.subscriptions.actions.write import change, locked
from turnus.revenue.terms.actions.write import TERM_COLUMNS
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
    """Let won deals, in order, book the subscription's next terms, each at what of the deal's own value recurs."""
    row = locked([subscription.pk])[subscription.pk]
    cadence, first = Cadence.parse(row["cadence"]), row["next_number"]
    terms = []
    for number, deal in enumerate(fit_deals(deals, by), first):
        days = cadence.term(row["anchor_on"], number - row["anchor_number"]).days
        price = (deal.recurring.amount_e4, deal.currency, row["cadence"])
        terms.append(
            (subscription.pk, number, days.start, days.end, *price, deal.pk, run and run.pk, at)
        )
    insert_rows(Term, TERM_COLUMNS, terms)
    after = {"next_number": first + len(terms)} | (
        {"price_e4": deals[-1].recurring.amount_e4} if deals else {}
    )
    one = Subscription.objects.filter(pk=subscription.pk)
    change(one, lambda _row: after, by=by, at=at, run=run)


def fit_deal(deal: Deal, by: User) -> Deal:
    """Return the deal as it is now, locked: two windows that begin a subscription with it come one after the other."""
    return fit_deals([deal], by)[0]


def fit_deals(deals: Sequence[Deal], by: User) -> list[Deal]:
    """Return deals that may book a term, as they are now, locked and in the same order; three queries."""
    ids = [deal.pk for deal in deals]
    refuse_strangers(Deal.objects.filter(pk__in=ids), by)
    won = Deal.objects.select_for_update().filter(
        pk__in=ids, trashed_at__isnull=True, status=Deal.Status.WON
    )
    found = {deal.pk: deal for deal in won.order_by("pk")}
    if len(found) < len(ids):
        raise UserError("subscription.deal_not_won")
    if Term.objects.filter(deal__in=ids).exists():
        raise UserError("subscription.deal_taken")
    return [found[pk] for pk in ids]
