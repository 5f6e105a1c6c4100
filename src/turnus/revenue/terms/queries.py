"""Reading the terms of one subscription: booked and coming."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from turnus.core.cadence import Cadence
from turnus.core.money import Money
from turnus.core.revenue.contract import Contract, DealFigures
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

#: How many coming terms a page shows.
COMING = 6
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ComingTerm:
    """A term that is not booked yet; `is_overdue`: its first day has passed."""

    number: int
    starts_on: date
    last_on: date
    price: Money
    is_overdue: bool


def terms_of(subscription: Subscription) -> Sequence[Term]:
    """Return the stored terms, the latest first, with their deals and runs; one query."""
    return list(
        subscription.terms.select_related("deal__owner", "run").order_by(
            "-number"
        )
    )


def coming_terms(
    subscription: Subscription, *, on: date, count: int = COMING
) -> list[ComingTerm]:
    """Return the next terms as they will fall due; no query.

    None while paused or after the end.
    """
    if subscription.next_due_on is None:
        return []
    cadence = Cadence.parse(subscription.cadence)
    first_number = subscription.next_number
    end_on = subscription.end_on
    coming = []
    for number in range(first_number, first_number + count):
        days = cadence.term(
            subscription.anchor_on, number - subscription.anchor_number
        ).days
        if end_on is not None and days.start >= end_on:
            break
        last_on = min(days.end, end_on or days.end) - _DAY
        is_overdue = days.start < on
        coming.append(
            ComingTerm(
                number, days.start, last_on, subscription.price, is_overdue
            )
        )
    return coming


def figures_of(term: Term, deal: Deal, *, on: date) -> DealFigures:
    """Return what the deal that books a term is worth, by the term's price; no query.

    The rest of the deal's value is one-off.
    """
    subscription = term.subscription
    end_on = subscription.end_on
    is_of_present_stretch = term.number >= subscription.anchor_number
    ends_after_start = end_on is None or end_on > term.starts_on
    contract = Contract(
        cadence=subscription.how,
        anchor=subscription.anchor_on
        if is_of_present_stretch
        else term.starts_on,
        number=term.number - subscription.anchor_number
        if is_of_present_stretch
        else 0,
        start=term.starts_on,
        end=end_on if ends_after_start else term.ends_on,
        price_e4=term.price_e4,
        one_off_e4=deal.value_e4 - term.price_e4
        if deal.currency == term.currency
        else 0,
        currency=term.currency,
    )
    return contract.figures(on)


def term_of(deal_id: int) -> Term | None:
    """Return the term that a deal books, with its subscription; None if it books none."""
    return (
        Term.objects.select_related("subscription__owner")
        .filter(deal=deal_id)
        .first()
    )
