"""Booking renewals: the lines of a run block by block, or one term at once."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines, renewed_lines, stored_lines
from turnus.core.deals import Stamps, Status
from turnus.core.records import RecordKind
from turnus.fields.changing import present_ids, refuse_strangers
from turnus.history.actions import move_run, rows_of, start_run, write_changes
from turnus.history.models import Run
from turnus.history.tracked import tracked
from turnus.kit.sql import insert_rows, update_rows
from turnus.revenue.models import Plan, RenewalLine, Subscription, Term
from turnus.revenue.renewals.actions.plan import insert_lines
from turnus.revenue.renewals.queries import due_terms
from turnus.revenue.rules import term_days
from turnus.revenue.subscriptions.actions.write import lock_next_term, locked
from turnus.revenue.terms.actions.write import TERM_COLUMNS
from turnus.sales.actions import insert_deals
from turnus.sales.rules import DealRules

#: Lines booked in one step of the job.
BLOCK = 500

#: What a renewal deal takes over from the deal before it.
_COPIED = (
    "title",
    "person_id",
    "organization_id",
    "owner_id",
    "visibility",
    "labels",
    "custom",
    "stage_id",
    "pipeline_id",
)


@transaction.atomic
def renew_next(*, subscription: Subscription, number: int, by: User, at: datetime) -> Run:
    """Book the next term of one subscription, here and now, as a run; refused if `number` is not the next one any more."""
    due_on = lock_next_term(subscription, number)
    run = start_run(kind=Run.Kind.RENEWAL, by_id=by.pk, at=at, title=subscription.name)
    count = book_due(
        run=run,
        subscriptions=Subscription.objects.filter(pk=subscription.pk),
        by=by,
        at=at,
        until=due_on,
    )
    move_run(run=run, state=Run.State.RUNNING, at=at, totals={"lines": count})
    finish_renewals(run, at=at)
    return run


@transaction.atomic
def book_due(
    *, run: Run, subscriptions: QuerySet[Subscription], by: User, at: datetime, until: date
) -> int:
    """Book every term that is due up to the day `until`, each won on its own day; return how many."""
    refuse_strangers(subscriptions, by)
    locked(present_ids(subscriptions))
    count, rules = (
        insert_lines(run, list(due_terms(subscriptions, until=until, as_plans_say=False))),
        DealRules.load(),
    )
    for first in range(0, count, BLOCK):
        book_block(run, rules=rules, at=at, first=first)
    return count


def book_block(run: Run, *, rules: DealRules, at: datetime, first: int) -> None:
    """Book the planned lines from position `first` on, at most `BLOCK`, with deals and history; for the caller's transaction."""
    lines = list(
        run.renewal_lines.filter(position__gte=first, position__lt=first + BLOCK, state="planned")
    )
    kind = tracked(RecordKind.SUBSCRIPTION)
    before = locked({line.subscription_id for line in lines})
    # Rights and records may have changed since the run was planned.
    mine = set(
        Subscription.objects.editable_by(run.by).filter(pk__in=before).values_list("pk", flat=True)
    )
    after: dict[int, dict[str, Any]] = {}
    held, booked = _prices_held(run, lines), []
    for line in lines:
        one = line.subscription_id
        if one not in mine or _has_moved(
            line, before[one] | after.get(one, {}), held.get(one, line.held_price_e4)
        ):
            line.state = RenewalLine.State.REFUSED
        else:
            booked.append(line)
            held[one] = line.price_e4
            after[one] = {"next_number": line.number + 1, "price_e4": line.price_e4}
    _book(run, booked, before, rules, at)
    write_changes(kind, before, after, by_id=run.by_id, at=at, run=run)
    update_rows(
        RenewalLine, ["state", "deal_id"], ((line.state, line.deal_id, line.pk) for line in lines)
    )


def _prices_held(run: Run, lines: Sequence[RenewalLine]) -> dict[int, int]:
    """Return the price that a subscription must still have, where the block before booked a term of it; it is the first one."""
    if not lines:
        return {}
    mine = run.renewal_lines.filter(
        subscription=lines[0].subscription_id, state=RenewalLine.State.BOOKED
    )
    return dict(mine.order_by("position").values_list("subscription", "price_e4"))


def _has_moved(line: RenewalLine, row: Mapping[str, Any], held_e4: int) -> bool:
    """Return whether a subscription is no longer as the preview showed it."""
    if (
        row["state"] != "active"
        or row["trashed_at"] is not None
        or row["next_number"] != line.number
    ):
        return True
    if (row["price_e4"], row["currency"]) != (held_e4, line.currency):
        return True
    days = term_days(row, line.number)
    return (line.starts_on, line.ends_on) != (days.start, days.end)


def _book(
    run: Run,
    lines: Sequence[RenewalLine],
    subscriptions: Mapping[int, Mapping[str, Any]],
    rules: DealRules,
    at: datetime,
) -> None:
    rows = renewal_deals(lines, subscriptions, rules)
    ids = insert_deals(rows=rows, by=run.by, at=at, run=run)
    for line, deal in zip(lines, ids, strict=True):
        line.deal_id, line.state = deal, RenewalLine.State.BOOKED
    rest = (run.pk, at)
    insert_rows(
        Term,
        TERM_COLUMNS,
        (
            (
                one.subscription_id,
                one.number,
                one.starts_on,
                one.ends_on,
                one.price_e4,
                one.currency,
                subscriptions[one.subscription_id]["cadence"],
                one.deal_id,
                *rest,
            )
            for one in lines
        ),
    )


def renewal_deals(
    lines: Sequence[RenewalLine], subscriptions: Mapping[int, Mapping[str, Any]], rules: DealRules
) -> list[dict[str, Any]]:
    """Return the columns of the deals that book `lines`, like the deals before them; three queries."""
    earlier = _deals_before({line.subscription_id for line in lines})
    plans = {plan.pk: plan for plan in Plan.objects.select_related("stage")}
    rows = []
    for line in lines:
        subscription = subscriptions[line.subscription_id]
        rows.append(
            _deal(
                line,
                subscription,
                earlier.get(line.subscription_id),
                plans[subscription["plan_id"]],
                rules,
            )
        )
    return rows


def _deals_before(ids: set[int]) -> dict[int, Mapping[str, Any]]:
    """Return for each subscription the columns of the deal of its last term that has one; two queries."""
    known = Term.objects.filter(
        subscription__in=ids, deal__trashed_at__isnull=True, deal__isnull=False
    )
    last = (
        known.filter(subscription=OuterRef("subscription")).order_by("-number").values("number")[:1]
    )
    deal_of = dict(known.filter(number=Subquery(last)).values_list("subscription", "deal"))
    deals = rows_of(tracked(RecordKind.DEAL), deal_of.values())
    return {subscription: deals[deal] for subscription, deal in deal_of.items() if deal in deals}


def _deal(
    line: RenewalLine,
    subscription: Mapping[str, Any],
    earlier: Mapping[str, Any] | None,
    plan: Plan,
    rules: DealRules,
) -> dict[str, Any]:
    """Return the columns of a renewal deal: those of the deal before it, at the line's price and day."""
    held = {
        "title": subscription["name"],
        "stage_id": rules.default_stage,
        "pipeline_id": rules.pipeline_of[rules.default_stage],
        **{
            key: subscription[key]
            for key in ("person_id", "organization_id", "owner_id", "visibility")
        },
    }
    held |= {key: earlier[key] for key in _COPIED} if earlier else {}
    lines = read_lines(earlier["lines"]) if earlier and earlier["currency"] == line.currency else ()
    held["lines"] = stored_lines(renewed_lines(lines, line.price_e4, line.currency))
    held |= {"value_e4": line.price_e4, "currency": line.currency, "origin": "renewal"}
    if line.won_on is not None:
        won = Stamps(Status.OPEN).to(Status.WON, rules.moment(line.won_on))
        return held | rules.stamp_columns(won)
    stage = {"stage_id": plan.stage.pk, "pipeline_id": plan.stage.pipeline_id} if plan.stage else {}
    return {**held, **stage, "status": "open", "expected_close_on": line.starts_on}


@transaction.atomic
def finish_renewals(run: Run, *, at: datetime) -> None:
    """Mark the run done, with what it really did; once only: a job that comes again finds it done, or taken back by now."""
    _end(run, Run.State.DONE, at=at)


@transaction.atomic
def give_up_renewals(run: Run, *, at: datetime) -> None:
    """Mark a run failed whose job cannot go on; what it booked stays, and can be taken back."""
    _end(run, Run.State.FAILED, at=at)


def _end(run: Run, state: Run.State, *, at: datetime) -> None:
    run = Run.objects.select_for_update().get(pk=run.pk)
    if run.state != Run.State.RUNNING:
        return
    counts = dict(run.renewal_lines.values_list("state").annotate(number=Count("pk")).order_by())
    move_run(
        run=run,
        state=state,
        at=at,
        totals={f"lines_{word}": number for word, number in counts.items()},
    )
