"""How terms are stored, and given another deal and price."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from turnus.history.models import Run
from turnus.kit.sql import insert_rows
from turnus.revenue.models import Term
from turnus.sales.models import Deal

#: What a term is written with, in bulk.
TERM_COLUMNS = (
    "subscription_id",
    "number",
    "starts_on",
    "ends_on",
    "price_e4",
    "currency",
    "cadence",
    "deal_id",
    "run_id",
    "recorded_at",
)


def insert_terms(rows: Iterable[Sequence[Any]]) -> None:
    """Insert terms of subscriptions that are here, each in the order of `TERM_COLUMNS`; for the caller's transaction."""
    insert_rows(Term, TERM_COLUMNS, rows)


def set_terms(run: Run, after: Mapping[int, tuple[int | None, int]]) -> None:
    """Give terms (id -> deal, price) another deal and price; the run remembers what they had."""
    terms = list(Term.objects.select_for_update().filter(pk__in=after))
    held = [(term.pk, term.deal_id, term.price_e4) for term in terms]
    run.totals["terms"] = [*run.totals.get("terms", ()), *held]
    for term in terms:
        term.deal_id, term.price_e4 = after[term.pk]
    Term.objects.bulk_update(terms, ["deal", "price_e4"])


def restore_terms(run: Run) -> None:
    """Give the terms that a repair changed their deal and price again, unless what it gave them stays."""
    held = {pk: (deal, price) for pk, deal, price in run.totals.get("terms", ())}
    known = set(
        Deal.objects.filter(pk__in=[deal for deal, _price in held.values()]).values_list(
            "pk", flat=True
        )
    )
    back = []
    for term in Term.objects.filter(pk__in=held).select_related("deal"):
        deal, price = held[term.pk]
        if term.deal is None or term.deal.trashed_at is not None or term.deal_id == deal:
            term.deal_id, term.price_e4 = deal if deal in known else None, price
            back.append(term)
    Term.objects.bulk_update(back, ["deal", "price_e4"])
