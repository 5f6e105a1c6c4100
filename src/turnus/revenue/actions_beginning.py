"""Beginning many subscriptions at once from won deals: those that hold an option of a field, or those that a person chose.

A simple rule: the latest won deal of each customer, plan and title books term 0, if it still lies in its term. Reading whole histories into
one chain is `core.revenue.chaining`'s business.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import IntegerField, QuerySet, Value

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines, sum_e4
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.changing import blocks, refuse_strangers
from turnus.history.actions import move_run, record_created, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, reserve_ids
from turnus.revenue.actions import TERM_COLUMNS
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rules import derive_subscription
from turnus.sales.models import Deal

_DEAL = (
    "pk", "organisation_id", "person_id", "owner_id", "visibility", "title", "title_folded", "value_e4", "currency", "won_on", "option",
    "term", "lines",
)  # fmt: skip
#: The option that all deals have which a person chose: they recur by the same plan.
_ANY = 0
_TAKEN_OVER = ("organisation_id", "person_id", "owner_id", "visibility", "currency")


@dataclass(frozen=True, slots=True)
class Beginnings:
    """The deals that begin a subscription, as rows, and how many do not: `lapsed` whose term and grace are over, `free` of which nothing recurs."""

    rows: Sequence[Mapping[str, Any]]
    lapsed: int
    free: int

    @property
    def totals(self) -> dict[str, int]:
        """What the run says."""
        return {"count": len(self.rows), "lapsed": self.lapsed, "free": self.free}


@dataclass(frozen=True, slots=True)
class Begun:
    """One line of the preview: the deal, what it costs, the first day of the term that it books, the day that is due next."""

    deal_id: int
    title: str
    price: Money
    starts_on: date
    next_due_on: date


def preview_chosen(*, deals: QuerySet[Deal], by: User, on: date, plan: Plan) -> tuple[list[Begun], Beginnings]:
    """Return what begins if the chosen deals recur by `plan`; a few queries."""
    refuse_strangers(deals, by)
    found = beginnings(_chosen(deals), {_ANY: plan}, on)
    lines = [
        Begun(row["pk"], row["title"], Money(row["price_e4"], row["currency"]), row["won_on"], row["ends_on"])
        for row in found.rows
    ]
    return lines, found


@transaction.atomic
def begin_chosen(
    *, deals: QuerySet[Deal], by: User, at: datetime, on: date, plan: Plan, expected: Sequence[Begun], title: str
) -> Run:
    """Begin the subscriptions that the preview showed, as a run; refused if it does not hold any more."""
    list(deals.select_for_update(of=("self",)).order_by("pk").values_list("pk"))
    lines, found = preview_chosen(deals=deals, by=by, on=on, plan=plan)
    if lines != list(expected):
        raise UserError("subscription.preview_moved")
    return begin(found, {_ANY: plan}, by=by, at=at, title=title)


def beginnings(won: QuerySet[Any], plans: Mapping[int, Plan | None], on: date) -> Beginnings:
    """Return what begins from won deals that are annotated with an `option`; `plans`: option -> plan, None for one that does not recur."""
    rows, lapsed, free = [], 0, 0
    for row in _latest(won.order_by("won_on", "pk").values(*_DEAL).iterator(chunk_size=2_000)):
        plan = plans.get(row["option"])
        if plan is None:
            continue
        ends_on = plan.how.anchored(row["won_on"]).term(row["won_on"], 0).days.end
        lines = read_lines(row["lines"])
        price = sum_e4(lines, recurs=True) if lines else row["value_e4"]
        if price <= 0:
            free += 1
        elif ends_on + timedelta(days=plan.grace) < on:
            lapsed += 1
        else:
            rows.append({**row, "ends_on": ends_on, "price_e4": price})
    return Beginnings(rows, lapsed, free)


def begin(found: Beginnings, plans: Mapping[int, Plan | None], *, by: User, at: datetime, title: str) -> Run:
    """Begin the subscriptions as a run. For the caller's transaction."""
    run = start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title)
    for block in blocks((row["pk"] for row in found.rows), 2_000):
        list(Deal.objects.select_for_update().filter(pk__in=block).order_by("pk").values_list("pk"))
    _insert(found.rows, plans, run, by, at)
    move_run(run=run, state=Run.State.DONE, at=at, totals=found.totals)
    return run


def _chosen(deals: QuerySet[Deal]) -> QuerySet[Any]:
    won = deals.filter(status=Deal.Status.WON, trashed_at__isnull=True)
    return won.annotate(option=Value(_ANY, output_field=IntegerField()))


def _latest(rows: Iterable[Mapping[str, Any]]) -> Sequence[Mapping[str, Any]]:
    """Return the latest deal of each customer, option and title, none of whose deals books a term yet; `rows` in order of time."""
    latest: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    taken = set()
    for row in rows:
        customer = ("o", row["organisation_id"]) if row["organisation_id"] else ("p", row["person_id"])
        key = (*customer, row["option"], row["title_folded"])
        latest[key] = row
        if row["term"] is not None:
            taken.add(key)
    return [row for key, row in latest.items() if key not in taken]


def _insert(
    begun: Sequence[Mapping[str, Any]], plans: Mapping[int, Plan | None], run: Run, by: User, at: datetime
) -> None:
    if not begun:
        return
    ids = reserve_ids(Subscription, len(begun))
    rows = [_subscription(row, plans, by, at) for row in begun]
    names = list(rows[0])
    insert_rows(
        Subscription,
        ["id", *names],
        ([one, *(row[name] for name in names)] for one, row in zip(ids, rows, strict=True)),
    )
    terms = (
        (one, 0, deal["won_on"], deal["ends_on"], deal["price_e4"], deal["currency"], row["cadence"], deal["pk"], run.pk, at)
        for one, row, deal in zip(ids, rows, begun, strict=True)
    )  # fmt: skip
    insert_rows(Term, TERM_COLUMNS, terms)
    record_created(RecordKind.SUBSCRIPTION, ids, by_id=by.pk, at=at, run=run)


def _subscription(row: Mapping[str, Any], plans: Mapping[int, Plan | None], by: User, at: datetime) -> dict[str, Any]:
    plan, start = plans[row["option"]], row["won_on"]
    assert plan is not None  # noqa: S101 (those without one begin nothing)
    columns = {
        **{key: row[key] for key in _TAKEN_OVER}, "name": row["title"], "plan_id": plan.pk,
        "cadence": str(plan.how.anchored(start)), "price_e4": row["price_e4"], "state": Subscription.State.ACTIVE,
        "started_on": start, "anchor_on": start, "anchor_number": 0, "next_number": 1, "end_on": None, "end_reason": "",
        "renewal_way": "", "labels": [], "custom": {}, "creator_id": by.pk, "created_at": at, "updated_at": at,
    }  # fmt: skip
    return columns | derive_subscription(columns)
