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


@dataclass(frozen=True, slots=True)
class ComingTerm:
    """A term that is not booked yet; `is_overdue`: its first day has passed."""

    number: int
    starts_on: date
    last_on: date
    price: Money
    is_overdue: bool


def terms_of(subscription: Subscription) -> Sequence[Term]:
    """Return the terms that are booked, the latest first, with their deals and runs; one query."""
    return list(subscription.terms.select_related("deal__owner", "run").order_by("-number"))


def coming_terms(subscription: Subscription, *, on: date, count: int = COMING) -> list[ComingTerm]:
    """Return the next terms as they will fall due; none while paused or after the end. Costs no query."""
    if subscription.next_due_on is None:
        return []
    cadence = Cadence.parse(subscription.cadence)
    coming = []
    for number in range(subscription.next_number, subscription.next_number + count):
        days = cadence.term(subscription.anchor_on, number - subscription.anchor_number).days
        if subscription.end_on is not None and days.start >= subscription.end_on:
            break
        last = min(days.end, subscription.end_on or days.end) - timedelta(days=1)
        coming.append(ComingTerm(number, days.start, last, subscription.price, days.start < on))
    return coming


def figures_of(term: Term, deal: Deal, *, on: date) -> DealFigures:
    """Return what the deal that books a term is worth, by the term's price; the rest of its value is one-off. Costs no query."""
    one = term.subscription
    anchor, number = (
        (one.anchor_on, term.number - one.anchor_number)
        if term.number >= one.anchor_number
        else (term.starts_on, 0)
    )
    rest = deal.value_e4 - term.price_e4 if deal.currency == term.currency else 0
    end = one.end_on if one.end_on is None or one.end_on > term.starts_on else term.ends_on
    return Contract(
        one.how, anchor, number, term.starts_on, end, term.price_e4, rest, term.currency
    ).figures(on)


def term_of(deal_id: int) -> Term | None:
    """Return the term that a deal books, with its subscription; None if it books none."""
    return Term.objects.select_related("subscription__owner").filter(deal=deal_id).first()
