"""Renewal runs: planned and stored as previewed, carried out block by block, taken back.

A term is booked once because its number is unique within its subscription; whoever comes second, in another window, on another
process or after a crash, finds the subscription moved on and leaves the line alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count, OuterRef, QuerySet, Subquery

from turnus.accounts.models import User
from turnus.core.deal_lines import read_lines, renewed_lines, stored_lines
from turnus.core.deals import Stamps, Status
from turnus.core.records import RecordKind
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import discard_run, move_run, rows_of, start_run, write_changes
from turnus.history.models import Run
from turnus.history.tracked import tracked
from turnus.jobs.actions import enqueue
from turnus.jobs.models import Job
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, take_turns, update_rows
from turnus.revenue.actions import TERM_COLUMNS
from turnus.revenue.actions_changing import locked
from turnus.revenue.actions_undoing import undo_renewals as undo_renewals  # noqa: PLC0414 (asked for here)
from turnus.revenue.models import Plan, RenewalLine, Subscription, Term
from turnus.revenue.queries import DueTerm, due_terms
from turnus.revenue.rules import term_days
from turnus.sales.actions import insert_deals
from turnus.sales.rules import DealRules

#: Lines booked in one step of the job.
BLOCK = 500
_LINE_COLUMNS = (
    "run_id",
    "position",
    "subscription_id",
    "number",
    "starts_on",
    "ends_on",
    "won_on",
    "price_e4",
    "held_price_e4",
    "currency",
    "state",
    "deal_id",
)
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
def plan_renewals(
    *,
    by: User,
    at: datetime,
    subscriptions: QuerySet[Subscription],
    until: date,
    title: str,
    as_plans_say: bool = False,
) -> Run | None:
    """Store a run with a line for each term that is due up to `until`; None where nothing is. Books nothing yet."""
    refuse_strangers(subscriptions, by)
    terms = due_terms(subscriptions, until=until, as_plans_say=as_plans_say)
    first = next(terms, None)
    if first is None:
        return None
    run = start_run(kind=Run.Kind.RENEWAL, by_id=by.pk, at=at, title=title)
    move_run(
        run=run,
        state=Run.State.PLANNED,
        at=at,
        totals={"lines": insert_lines(run, _chained(first, terms))},
    )
    return run


def insert_lines(run: Run, terms: Iterable[DueTerm]) -> int:
    """Store a planned line of `run` for each of `terms`; return how many. For the caller's transaction."""
    lines = ((run.pk, position, *_line(term)) for position, term in enumerate(terms))
    return insert_rows(RenewalLine, _LINE_COLUMNS, lines)


def _chained(first: DueTerm, rest: Iterable[DueTerm]) -> Iterator[DueTerm]:
    yield first
    yield from rest


def _line(term: DueTerm) -> tuple[Any, ...]:
    won_on = None if term.is_open else term.starts_on
    price, currency = term.row["price_e4"], term.row["currency"]
    days = (term.starts_on, term.ends_on, won_on)
    return (
        term.row["id"],
        term.number,
        *days,
        price,
        price,
        currency,
        RenewalLine.State.PLANNED,
        None,
    )


@transaction.atomic
def change_lines(
    *,
    run: Run,
    by: User,
    skip: Sequence[int] = (),
    take: Sequence[int] = (),
    prices: Mapping[int, int],
) -> None:
    """Leave lines out or take them in again, by id; `prices` gives lines another price (ten-thousandths).

    A price holds from its term on: the later lines of the subscription follow, up to one that had another price or is given its own.
    """
    _require_planned(run, by)
    if any(price < 0 for price in prices.values()):
        raise UserError("renewal.price_negative")
    lines = RenewalLine.objects.filter(run=run)
    lines.filter(pk__in=skip).update(state=RenewalLine.State.SKIPPED)
    lines.filter(pk__in=take).update(state=RenewalLine.State.PLANNED)
    touched = lines.filter(subscription__in=lines.filter(pk__in=prices).values("subscription"))
    held = list(
        touched.order_by("subscription", "number").values_list("pk", "subscription", "price_e4")
    )
    update_rows(
        RenewalLine, ["price_e4"], ((price, pk) for pk, price in _prices_followed(held, prices))
    )


def _prices_followed(
    lines: Iterable[tuple[int, int, int]], prices: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield (id, new price) of the lines (id, subscription, price; in order of terms) whose price changes."""
    was = now = last = None
    for pk, subscription, price in lines:
        follows = subscription == last and price == was
        was, last = price, subscription
        now = prices.get(pk, now if follows and now is not None else price)
        if now != price:
            yield pk, now


@transaction.atomic
def request_renewals(*, run: Run, by: User, at: datetime) -> None:
    """Let a job book the planned lines; a run is carried out once, however often it is asked for."""
    _require_planned(run, by)
    _enqueue(run, by=by, at=at, automatic=False)


@transaction.atomic
def renew_as_plans_say(*, by: User, at: datetime, on: date) -> Run | None:
    """Plan what renews by itself up to the day `on` and let it be booked, both or neither; None where nothing is due.

    While the run before is still being booked, nothing is planned: its terms would only be planned twice.
    """
    take_turns("revenue.renew_as_plans_say")
    busy = Job.objects.filter(
        name="revenue.renew", state__in=(Job.State.QUEUED, Job.State.RUNNING), by=by
    )
    if busy.filter(arguments__automatic=True).exists():
        return None
    run = plan_renewals(
        by=by,
        at=at,
        subscriptions=Subscription.objects.all(),
        until=on,
        title="",
        as_plans_say=True,
    )
    if run is not None:
        _enqueue(run, by=by, at=at, automatic=True)
    return run


def _enqueue(run: Run, *, by: User, at: datetime, automatic: bool) -> None:
    move_run(run=run, state=Run.State.RUNNING, at=at)
    key = f"revenue.renew:{run.pk}"
    enqueue("revenue.renew", at=at, by_id=by.pk, unique_key=key, run_id=run.pk, automatic=automatic)


@transaction.atomic
def discard_renewals(*, run: Run, by: User) -> None:
    """Throw a run away that was planned but not carried out."""
    _require_planned(run, by)
    run.renewal_lines.all().delete()
    discard_run(run=run)


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


def _require_planned(run: Run, by: User) -> None:
    """Refuse a run that is not waiting; it is locked, so that no line changes while another window sends it off."""
    run.state = Run.objects.select_for_update().values_list("state", flat=True).get(pk=run.pk)
    if run.by_id != by.pk and not by.is_admin:
        raise UserError("access.denied", permission="renewals")
    if run.kind != Run.Kind.RENEWAL or run.state != Run.State.PLANNED:
        raise UserError("renewal.wrong_state")
