"""Renewal runs: planned and stored as previewed, carried out block by block, taken back.

A term is booked once because its number is unique within its subscription; whoever comes second, in another window, on another
process or after a crash, finds the subscription moved on and leaves the line alone.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import discard_run, move_run, start_run
from turnus.history.models import Run
from turnus.jobs.actions import enqueue
from turnus.jobs.models import Job
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, take_turns, update_rows
from turnus.revenue.models import RenewalLine, Subscription
from turnus.revenue.renewals.queries import DueTerm, due_terms

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


def _require_planned(run: Run, by: User) -> None:
    """Refuse a run that is not waiting; it is locked, so that no line changes while another window sends it off."""
    run.state = Run.objects.select_for_update().values_list("state", flat=True).get(pk=run.pk)
    if run.by_id != by.pk and not by.is_admin:
        raise UserError("access.denied", permission="renewals")
    if run.kind != Run.Kind.RENEWAL or run.state != Run.State.PLANNED:
        raise UserError("renewal.wrong_state")
