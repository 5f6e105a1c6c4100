"""Plans from the values of a custom field: a reviewed mapping, then subscriptions from the won deals that hold them.

A simple rule: the latest won deal of each customer, option and title books term 0, if it still lies in its term. Reading whole histories into
one chain is `core.revenue.chaining`'s business.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Count

from turnus.accounts.models import User
from turnus.core.cadence_words import Certainty, Guess, guess_cadence
from turnus.core.records import RecordKind
from turnus.fields.changing import blocks
from turnus.fields.models import CustomField
from turnus.history.actions import move_run, record_created, start_run
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, json_integer, reserve_ids
from turnus.revenue.actions import TERM_COLUMNS
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.rules import derive_subscription
from turnus.sales.models import Deal

_DEAL = (
    "pk", "organisation_id", "person_id", "owner_id", "visibility", "title", "title_folded", "value_e4", "currency", "won_on", "option",
    "term",
)  # fmt: skip
_TAKEN_OVER = ("organisation_id", "person_id", "owner_id", "visibility", "currency")


@dataclass(frozen=True, slots=True)
class MappedOption:
    """One option of the field: how many won deals hold it, what its words say, the plan that fits (None: a question, or does not recur)."""

    option_id: int
    name: str
    won_count: int
    guess: Guess
    plan: Plan | None

    @property
    def is_question(self) -> bool:
        """Whether a person must say what it means: the words have several meanings, none, or one without a plan."""
        return self.plan is None and self.guess.certainty is not Certainty.ONE_OFF


def review_options(*, field: CustomField, by: User) -> list[MappedOption]:
    """Return the field's options with the plans that their words mean; three queries."""
    plans = {plan.cadence: plan for plan in Plan.objects.filter(is_active=True).order_by("-position", "-pk")}
    counts = dict(
        _won(field, by).values("option").annotate(count=Count("pk")).values_list("option", "count").order_by()
    )
    reviewed = []
    for option in field.options.all():
        guess = guess_cadence(option.name)
        plan = plans.get(str(guess.cadence)) if guess.cadence else None
        reviewed.append(MappedOption(option.pk, option.name, counts.get(option.pk, 0), guess, plan))
    return reviewed


@transaction.atomic
def begin_from_deals(
    *, field: CustomField, by: User, at: datetime, on: date, plans: Mapping[int, Plan | None], title: str = ""
) -> Run:
    """Begin subscriptions from the won deals that hold an option of the field, as a run.

    `plans`: option -> plan, None for one that does not recur; refused while an option of a won deal is left out. The run's totals: `count`
    begun, `lapsed` whose term and grace are over on the day `on`, `free` without a price. Customers who have such a subscription are left alone.
    """
    open_options = [
        one.name for one in review_options(field=field, by=by) if one.won_count and one.option_id not in plans
    ]
    if open_options:
        raise UserError("mapping.options_open", options=", ".join(open_options))
    run = start_run(kind=Run.Kind.SUBSCRIPTIONS, by_id=by.pk, at=at, title=title or field.name)
    totals = {"count": 0, "lapsed": 0, "free": 0}
    begun = list(_to_begin(field, by, plans, on, totals))
    for block in blocks((row["pk"] for row in begun), 2_000):
        list(Deal.objects.select_for_update().filter(pk__in=block).order_by("pk").values_list("pk"))
    _insert(begun, plans, run, by, at)
    move_run(run=run, state=Run.State.DONE, at=at, totals={**totals, "count": len(begun)})
    return run


def _won(field: CustomField, by: User) -> Any:
    won = Deal.objects.present().editable_by(by).filter(status=Deal.Status.WON)
    return won.annotate(option=json_integer("custom", field.key)).filter(option__isnull=False)


def _to_begin(
    field: CustomField, by: User, plans: Mapping[int, Plan | None], on: date, totals: dict[str, int]
) -> Iterator[Mapping[str, Any]]:
    """Yield the deals that begin a subscription, and count those that do not."""
    for row in _latest(_won(field, by).order_by("won_on", "pk").values(*_DEAL).iterator(chunk_size=2_000)):
        plan = plans.get(row["option"])
        if plan is None:
            continue
        ends_on = plan.how.anchored(row["won_on"]).term(row["won_on"], 0).days.end
        if row["value_e4"] <= 0:
            totals["free"] += 1
        elif ends_on + timedelta(days=plan.grace) < on:
            totals["lapsed"] += 1
        else:
            yield {**row, "ends_on": ends_on}


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
        (one, 0, deal["won_on"], deal["ends_on"], deal["value_e4"], deal["currency"], row["cadence"], deal["pk"], run.pk, at)
        for one, row, deal in zip(ids, rows, begun, strict=True)
    )  # fmt: skip
    insert_rows(Term, TERM_COLUMNS, terms)
    record_created(RecordKind.SUBSCRIPTION, ids, by_id=by.pk, at=at, run=run)


def _subscription(row: Mapping[str, Any], plans: Mapping[int, Plan | None], by: User, at: datetime) -> dict[str, Any]:
    plan, start = plans[row["option"]], row["won_on"]
    assert plan is not None  # noqa: S101 (those without one begin nothing)
    columns = {
        **{key: row[key] for key in _TAKEN_OVER}, "name": row["title"], "plan_id": plan.pk,
        "cadence": str(plan.how.anchored(start)), "price_e4": row["value_e4"], "state": Subscription.State.ACTIVE,
        "started_on": start, "anchor_on": start, "anchor_number": 0, "next_number": 1, "end_on": None, "end_reason": "",
        "renewal_way": "", "labels": [], "custom": {}, "creator_id": by.pk, "created_at": at, "updated_at": at,
    }  # fmt: skip
    return columns | derive_subscription(columns)
