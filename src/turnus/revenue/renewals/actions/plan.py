"""Planning renewal runs: stored with a line for each term, changed, sent off or discarded."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.fields.changing import refuse_strangers
from turnus.history.actions import discard_run, move_run, start_run
from turnus.history.models import Run
from turnus.jobs.actions import enqueue
from turnus.jobs.lanes import lane_of_rows
from turnus.jobs.models import Job
from turnus.kit.errors import UserError
from turnus.kit.sql import insert_rows, take_turns, update_rows
from turnus.revenue.models import RenewalLine, Subscription
from turnus.revenue.renewals.queries import DueTerm, due_terms


class _LineCells(NamedTuple):
    """A line as it is inserted in bulk: its columns, in order."""

    run_id: int
    position: int
    subscription_id: int
    number: int
    starts_on: date
    ends_on: date
    won_on: date | None
    price_e4: int
    held_price_e4: int
    currency: str
    state: RenewalLine.State
    deal_id: int | None


class _LinePrice(NamedTuple):
    pk: int
    subscription_id: int
    price_e4: int

    def is_like(self, other: "_LinePrice") -> bool:
        is_same_price = self.price_e4 == other.price_e4
        return is_same_price and self.subscription_id == other.subscription_id


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
    """Store a run with a line for each term that is due up to `until`; None where nothing is.

    Books nothing yet.
    """
    refuse_strangers(subscriptions, by)
    terms = due_terms(subscriptions, until=until, as_plans_say=as_plans_say)
    first = next(terms, None)
    if first is None:
        return None
    run = start_run(kind=Run.Kind.RENEWAL, by_id=by.pk, at=at, title=title)
    count = insert_lines(run, chain([first], terms))
    move_run(run=run, state=Run.State.PLANNED, at=at, totals={"lines": count})
    return run


def insert_lines(run: Run, terms: Iterable[DueTerm]) -> int:
    """Store a planned line of `run` for each of `terms`; return how many.

    For the caller's transaction.
    """
    lines = (
        _cells(run, position, term) for position, term in enumerate(terms)
    )
    return insert_rows(RenewalLine, _LineCells._fields, lines)


def _cells(run: Run, position: int, term: DueTerm) -> _LineCells:
    price_e4 = term.row["price_e4"]
    return _LineCells(
        run_id=run.pk,
        position=position,
        subscription_id=term.row["id"],
        number=term.number,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        won_on=None if term.is_open else term.starts_on,
        price_e4=price_e4,
        held_price_e4=price_e4,
        currency=term.row["currency"],
        state=RenewalLine.State.PLANNED,
        deal_id=None,
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
    """Skip lines or take them in again, by id; `prices` gives lines another price (in e4).

    A price holds from its term on: the later lines of the subscription follow, up to one that had
    another price or gets its own.
    """
    _require_planned(run, by)
    if any(price < 0 for price in prices.values()):
        raise UserError("renewal.price_negative")
    lines = RenewalLine.objects.filter(run=run)
    lines.filter(pk__in=skip).update(state=RenewalLine.State.SKIPPED)
    lines.filter(pk__in=take).update(state=RenewalLine.State.PLANNED)
    repriced = lines.filter(pk__in=prices).values("subscription")
    touched = lines.filter(subscription__in=repriced).order_by(
        "subscription", "number"
    )
    stored = [
        _LinePrice(*cells)
        for cells in touched.values_list("pk", "subscription", "price_e4")
    ]
    update_rows(RenewalLine, ["price_e4"], _prices_followed(stored, prices))


def _prices_followed(
    lines: Iterable[_LinePrice], prices: Mapping[int, int]
) -> Iterator[tuple[int, int]]:
    """Yield (new price, id) of the lines, in order of terms, whose price changes."""
    before: _LinePrice | None = None
    new_price: int | None = None
    for line in lines:
        follows = before is not None and before.is_like(line)
        if line.pk in prices:
            new_price = prices[line.pk]
        elif not follows:
            new_price = line.price_e4
        before = line
        if new_price is not None and new_price != line.price_e4:
            yield new_price, line.pk


@transaction.atomic
def request_renewals(*, run: Run, by: User, at: datetime) -> None:
    """Let a job book the planned lines; once, however often it is asked for."""
    _require_planned(run, by)
    _enqueue(run, by=by, at=at, automatic=False)


@transaction.atomic
def renew_as_plans_say(*, by: User, at: datetime, on: date) -> Run | None:
    """Plan what renews by itself up to the day `on` and let it be booked, both or neither.

    None where nothing is due. While the run before is still being booked, nothing is planned: its
    terms would only be planned twice.
    """
    take_turns("revenue.renew_as_plans_say")
    unfinished = (Job.State.QUEUED, Job.State.RUNNING)
    jobs = Job.objects.filter(
        name="revenue.renew", state__in=unfinished, by=by
    )
    if jobs.filter(arguments__automatic=True).exists():
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
    enqueue(
        "revenue.renew",
        at=at,
        by_id=by.pk,
        lane=lane_of_rows(run.totals["lines"]),
        unique_key=key,
        run_id=run.pk,
        automatic=automatic,
    )


@transaction.atomic
def discard_renewals(*, run: Run, by: User) -> None:
    """Throw a run away that was planned but not carried out."""
    _require_planned(run, by)
    run.renewal_lines.all().delete()
    discard_run(run=run)


def _require_planned(run: Run, by: User) -> None:
    """Refuse a run that is not waiting.

    It is locked, so that no line changes while another window sends it off.
    """
    run.state = (
        Run.objects.select_for_update()
        .values_list("state", flat=True)
        .get(pk=run.pk)
    )
    if run.by_id != by.pk and not by.is_admin:
        raise UserError("access.denied", permission="renewals")
    if run.kind != Run.Kind.RENEWAL or run.state != Run.State.PLANNED:
        raise UserError("renewal.wrong_state")
