"""How terms are stored, and given another deal and price."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import NamedTuple

from turnus.history.models import Run
from turnus.kit.sql import insert_rows
from turnus.revenue.models import Term
from turnus.sales.models import Deal


class NewTerm(NamedTuple):
    """A term as it is inserted in bulk: its columns, in order."""

    subscription_id: int
    number: int
    starts_on: date
    ends_on: date
    price_e4: int
    currency: str
    cadence: str
    deal_id: int | None
    run_id: int | None
    recorded_at: datetime


class TermPayment(NamedTuple):
    """The deal that books a term, None for none, and what the term costs."""

    deal_id: int | None
    price_e4: int


#: A term that was skipped.
UNPAID = TermPayment(None, 0)


def insert_terms(terms: Iterable[NewTerm]) -> None:
    """Insert terms of subscriptions that are stored; for the caller's transaction."""
    insert_rows(Term, NewTerm._fields, terms)


def set_terms(run: Run, after: Mapping[int, TermPayment]) -> None:
    """Give terms, by id, another deal and price; the run remembers what they had."""
    terms = list(Term.objects.select_for_update().filter(pk__in=after))
    replaced = [(term.pk, term.deal_id, term.price_e4) for term in terms]
    run.totals["terms"] = [*run.totals.get("terms", ()), *replaced]
    for term in terms:
        payment = after[term.pk]
        term.deal_id = payment.deal_id
        term.price_e4 = payment.price_e4
    Term.objects.bulk_update(terms, ["deal", "price_e4"])


def restore_terms(run: Run) -> None:
    """Give the terms that a run changed their deal and price again.

    What the run gave them stays where its deal stays.
    """
    replaced = {
        pk: TermPayment(deal, price)
        for pk, deal, price in run.totals.get("terms", ())
    }
    payments = replaced.values()
    deal_ids = [
        payment.deal_id for payment in payments if payment.deal_id is not None
    ]
    existing = set(
        Deal.objects.filter(pk__in=deal_ids).values_list("pk", flat=True)
    )
    restored = []
    for term in Term.objects.filter(pk__in=replaced).select_related("deal"):
        payment = replaced[term.pk]
        deal_is_gone = term.deal is None or term.deal.trashed_at is not None
        if deal_is_gone or term.deal_id == payment.deal_id:
            term.deal_id = (
                payment.deal_id if payment.deal_id in existing else None
            )
            term.price_e4 = payment.price_e4
            restored.append(term)
    Term.objects.bulk_update(restored, ["deal", "price_e4"])
