"""Subscriptions from won deals whose plan is known: copies of one deal are its terms, in order (`core.revenue.chaining`)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines, sum_e4
from turnus.core.revenue.chaining import booked_terms
from turnus.core.revenue.runs import BookedTerm, Booking, SubscriptionFact
from turnus.fields.changing import blocks
from turnus.history.models import Run
from turnus.revenue.actions_importing import insert_with_terms
from turnus.revenue.models import Plan, Subscription, Term
from turnus.sales.models import Deal

States = Subscription.State
Deals = Sequence[Mapping[str, Any]]
#: Customer (`o` or `p` and id), folded title, plan, currency.
Line = tuple[str, int, str, int, str]
_BLOCK = 2_000
_DEAL = (
    "pk", "organisation_id", "person_id", "owner_id", "visibility", "title", "title_folded", "value_e4", "currency", "won_on", "lines",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Chain:
    """Won deals of one customer, title, plan and currency, in order, and the terms that they book."""

    plan: Plan
    deals: Deals
    terms: Sequence[BookedTerm]

    def ended_on(self, on: date) -> date | None:
        """Return the end of the last term if it and its grace are over on the day `on`, else None: the customer may still renew."""
        end = self.terms[-1].days.end
        return end if end + timedelta(days=self.plan.grace) < on else None


def chains_of(plans: Mapping[int, int]) -> list[Chain]:
    """Return what won deals (`plans`: deal -> plan) would begin; in bulk.

    The first deal of a customer, title, plan and currency books term 0; later ones book the following terms, or begin a new stretch if
    they come later than the grace. Left alone: deals of which nothing recurs, and lines that a subscription here stands for already.
    """
    known = {plan.pk: plan for plan in Plan.objects.filter(pk__in=set(plans.values()))}
    lines = _lines(plans)
    for line in _taken(lines):
        del lines[line]
    return [Chain(known[line[3]], deals, _terms(deals, known[line[3]])) for line, deals in lines.items()]


def begin_from_copies(*, chains: Sequence[Chain], by: User, at: datetime, on: date, run: Run) -> int:
    """Begin the subscriptions of chains and return how many; in bulk, for the caller's transaction. `on`: today."""
    # Terms of an import have no run: one whose deal is gone for good must not look like one that a file of subscriptions brought.
    of_run = None if run.kind == Run.Kind.IMPORT else run.pk
    told = [
        [(number, term.days.start, term.days.end, term.price_e4, term.deal, of_run) for number, term in enumerate(one.terms)]
        for one in chains
    ]  # fmt: skip
    columns = [_columns(one, one.ended_on(on)) for one in chains]
    return len(insert_with_terms(columns=columns, terms=told, by=by, at=at, run=run))


def free_deals(*, run: Run) -> None:
    """Let the deals of an import that was taken back book no terms any more; for the caller's transaction."""
    gone = Term.objects.filter(subscription__trashed_at__isnull=False, deal__trashed_at__isnull=False)
    gone.filter(deal__origin="import", deal__origin_id=str(run.pk)).delete()


def _lines(plans: Mapping[int, int]) -> dict[Line, list[Mapping[str, Any]]]:
    """Return the deals of each line, the first won first."""
    lines: dict[Line, list[Mapping[str, Any]]] = {}
    for block in blocks(sorted(plans), _BLOCK):
        won = Deal.objects.present().filter(pk__in=block, status=Deal.Status.WON, term__isnull=True)
        for row in won.order_by("pk").values(*_DEAL):
            if _price_e4(row) <= 0:
                continue
            line = (*_customer(row), row["title_folded"], plans[row["pk"]], row["currency"])
            lines.setdefault(line, []).append(row)
    for deals in lines.values():
        deals.sort(key=lambda row: (row["won_on"], row["pk"]))
    return lines


def _taken(lines: Mapping[Line, Any]) -> Iterator[Line]:
    """Yield the lines that a subscription here stands for already; two queries for each block."""
    for kind, column in (("o", "organisation_id"), ("p", "person_id")):
        for block in blocks({line[1] for line in lines if line[0] == kind}, _BLOCK):
            held = Subscription.objects.present().filter(**{f"{column}__in": block})
            columns = ("organisation_id", "person_id", "name_folded", "plan_id", "currency")
            for row in held.values(*columns):
                line = (*_customer(row), row["name_folded"], row["plan_id"], row["currency"])
                if line[0] == kind and line in lines:
                    yield line


def _customer(row: Mapping[str, Any]) -> tuple[str, int]:
    return ("o", row["organisation_id"]) if row["organisation_id"] else ("p", row["person_id"])


def _price_e4(row: Mapping[str, Any]) -> int:
    """Return what of the deal's value recurs."""
    lines = read_lines(row["lines"])
    return sum_e4(lines, recurs=True) if lines else int(row["value_e4"])


def _terms(deals: Deals, plan: Plan) -> list[BookedTerm]:
    bookings = [Booking(row["pk"], row["won_on"], _price_e4(row)) for row in deals]
    cadence = plan.how.anchored(deals[0]["won_on"])
    fact = SubscriptionFact(0, 0, deals[0]["currency"], cadence, bookings, grace_days=plan.grace)
    found, _due = booked_terms(fact, as_of=date.max)
    return [term for term in found if term.deal is not None]


def _columns(chain: Chain, ended_on: date | None) -> dict[str, Any]:
    first, term, last = chain.terms[0], chain.terms[-1], chain.deals[-1]
    return {
        **{key: last[key] for key in ("organisation_id", "person_id", "owner_id", "visibility", "currency")},
        "name": last["title"], "plan_id": chain.plan.pk, "cadence": str(term.cadence), "price_e4": term.price_e4,
        "state": States.ACTIVE if ended_on is None else States.ENDED, "started_on": first.days.start,
        "anchor_on": term.anchor, "anchor_number": len(chain.terms) - 1 - term.number, "next_number": len(chain.terms),
        "end_on": ended_on, "paused_on": None,
    }  # fmt: skip
