"""What a person answers about a history: it is remembered by deal and applied at once."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import TypedDict

from django.db import transaction
from django.db.models import Min, Q

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.core.detection.decisions import DecisionReading
from turnus.core.detection.facts import Chain
from turnus.detection.actions import require_own
from turnus.detection.actions_reading import read_histories
from turnus.detection.models import Answer, History, Proposal
from turnus.detection.reading import (
    DetectedLine,
    Reading,
    can_be_chosen,
    restored,
)
from turnus.kit.errors import UserError
from turnus.sales.models import Deal

_OPEN = (
    History.State.PROPOSED,
    History.State.CONFIRMED,
    History.State.LEFT_OUT,
)


class _AnswersBefore(TypedDict):
    """A history's state and its answers: deal, number, cadence, by, at."""

    state: str
    said: list[tuple[int, int | None, str, int, str]]


@transaction.atomic
def confirm(*, history: History, by: User, at: datetime) -> None:
    """Confirm the history as it was read.

    Its lines are subscriptions; deals in question that are in no line do not recur.
    """
    reading = _locked(history, by)
    for line in reading.lines:
        _together(line.deals, line.subscription, by=by, at=at)
    asked = [question.deal for question in reading.questions]
    chained = _deals_in_lines(reading)
    _single([deal for deal in asked if deal not in chained], by=by, at=at)
    _read_again(history, History.State.CONFIRMED)


@transaction.atomic
def choose(
    *,
    history: History,
    asked: Collection[int],
    number: int,
    by: User,
    at: datetime,
) -> None:
    """Choose a reading of a decision by its `number`, from 1 on.

    The decision is the one about the deals `asked`; refused if it is not open any more.
    """
    reading = _locked(history, by)
    chosen = _chosen(reading, asked, number)
    own = _deals_in_lines(reading) | set(reading.loose)
    for chain in chosen.chains:
        deals = [deal for deal in chain.deals if deal in own]
        if deals:
            _take_chain(reading, chain, deals, by=by, at=at)
    loose = own | set(reading.credits)
    _single([deal for deal in chosen.single if deal in loose], by=by, at=at)
    _read_again(history)


def _chosen(
    reading: Reading, asked: Collection[int], number: int
) -> DecisionReading:
    """Return the reading `number` of the decision about `asked`; refused if there is none."""
    decision = next(
        (each for each in reading.decisions if set(each.asked) == set(asked)),
        None,
    )
    if decision is None or not 1 <= number <= len(decision.readings):
        raise UserError("detection.deal_unknown")
    chosen = decision.readings[number - 1]
    if not can_be_chosen(decision, chosen):
        raise UserError("detection.end_by_hand")
    return chosen


def _take_chain(
    reading: Reading,
    chain: Chain,
    deals: Sequence[int],
    *,
    by: User,
    at: datetime,
) -> None:
    """Answer that the deals of a chain are one subscription, with its cadence if that is new."""
    lines = [reading.line_of(deal) for deal in deals]
    before = [line for line in lines if line is not None]
    continued = [line.subscription for line in before if line.subscription]
    subscription = continued[0] if continued else None
    plan = chain.cadence.bare
    is_known = bool(before) and all(line.plan == plan for line in before)
    cadence = None if is_known else plan
    _together(deals, subscription, by=by, at=at, cadence=cadence)


def _deals_in_lines(reading: Reading) -> set[int]:
    return {deal for line in reading.lines for deal in line.deals}


@transaction.atomic
def split(*, history: History, deal: int, by: User, at: datetime) -> None:
    """Start another subscription with `deal`."""
    line = _line_with(_locked(history, by), deal)
    place = line.deals.index(deal)
    if place == 0 and line.subscription is None:
        raise UserError("detection.first_of_line")
    _together(line.deals[:place], line.subscription, by=by, at=at)
    _together(line.deals[place:], None, by=by, at=at)
    _read_again(history)


@transaction.atomic
def join(
    *, history: History, deals: Collection[int], by: User, at: datetime
) -> None:
    """Join the lines and single deals that contain `deals` to one subscription."""
    reading = _locked(history, by)
    wanted = set(deals)
    lines = [
        line for line in reading.lines if not wanted.isdisjoint(line.deals)
    ]
    loose = [deal for deal in reading.loose if deal in wanted]
    booked = {line.subscription for line in lines if line.subscription}
    if len(lines) + len(loose) < 2 or len(booked) > 1:
        raise UserError("detection.join_two")
    joined = [deal for line in lines for deal in line.deals] + loose
    subscription = next(iter(booked), None)
    _together(joined, subscription, by=by, at=at)
    _read_again(history)


@transaction.atomic
def call_single(
    *, history: History, deals: Collection[int], by: User, at: datetime
) -> None:
    """Answer that deals do not recur."""
    _single(_own(_locked(history, by), deals), by=by, at=at)
    _read_again(history)


@transaction.atomic
def call_recurring(
    *,
    history: History,
    deals: Collection[int],
    cadence: Cadence,
    by: User,
    at: datetime,
) -> None:
    """Answer that deals recur by `cadence`.

    A single deal becomes a subscription of its own; a deal in a line decides for the line.
    """
    reading = _locked(history, by)
    for deal in _own(reading, deals):
        line = reading.line_of(deal)
        if line is None:
            _together([deal], None, by=by, at=at, cadence=cadence)
        else:
            _together(
                line.deals, line.subscription, by=by, at=at, cadence=cadence
            )
    _read_again(history)


@transaction.atomic
def skip_or_include(*, history: History, by: User) -> None:
    """Skip a history, or include a skipped one again."""
    _locked(history, by)
    is_out = history.state == History.State.LEFT_OUT
    _read_again(
        history, History.State.PROPOSED if is_out else History.State.LEFT_OUT
    )


@transaction.atomic
def forget(*, history: History, by: User) -> None:
    """Forget everything that was answered about the history's deals."""
    _locked(history, by)
    _take_out(history.deals)
    _read_again(history, History.State.PROPOSED)


@transaction.atomic
def undo_answer(*, history: History, by: User) -> None:
    """Undo the last answer about the history; undone twice, it holds again."""
    _locked(history, by, keeps=True)
    before: _AnswersBefore | None = history.before
    now = _remembered(history)
    if before is None:
        raise UserError("detection.nothing_to_undo")
    answered = [deal for deal, *_rest in before["said"]]
    present = Deal.objects.filter(pk__in=answered)
    present_ids = set(present.values_list("pk", flat=True))
    Answer.objects.filter(deal__in={*history.deals, *present_ids}).delete()
    Answer.objects.bulk_create(
        Answer(
            deal_id=deal,
            number=number,
            cadence=cadence,
            by_id=who,
            at=datetime.fromisoformat(at),
        )
        for deal, number, cadence, who, at in before["said"]
        if deal in present_ids
    )
    history.before = now
    _read_again(history, History.State(before["state"]))


def _remembered(history: History) -> _AnswersBefore:
    """Return the answers about the history's deals and deals joined with them.

    Each is deal, number, cadence, by, at.
    """
    own = Answer.objects.filter(deal__in=history.deals)
    numbers = own.filter(number__gt=0).values("number")
    said = Answer.objects.filter(
        Q(deal__in=history.deals) | Q(number__in=numbers)
    ).order_by("deal")
    rows = said.values_list("deal", "number", "cadence", "by", "at")
    return {
        "state": history.state,
        "said": [
            (deal, number, cadence, who, at.isoformat())
            for deal, number, cadence, who, at in rows
        ],
    }


def _locked(history: History, by: User, *, keeps: bool = False) -> Reading:
    """Return the history's reading, locked against other answers; refused if it is too late.

    The answers until now are remembered for an undo, unless the caller `keeps` those
    that are remembered already.
    """
    proposal = (
        Proposal.objects.select_for_update(of=("self",))
        .select_related("by", "plan_field")
        .get(pk=history.proposal_id)
    )
    require_own(proposal, by)
    history.refresh_from_db()
    history.proposal = proposal
    if proposal.state != Proposal.State.READY or history.state not in _OPEN:
        raise UserError("detection.closed")
    if not keeps:
        history.before = _remembered(history)
    return restored(history.reading)


def _read_again(history: History, state: History.State | None = None) -> None:
    if state is not None:
        history.state = state
    elif history.state == History.State.CONFIRMED:
        history.state = History.State.PROPOSED
    read_histories(history.proposal, [history])
    history.save(update_fields=["before"])


def _line_with(reading: Reading, deal: int) -> DetectedLine:
    line = reading.line_of(deal)
    if line is None:
        raise UserError("detection.deal_unknown")
    return line


def _own(reading: Reading, deals: Collection[int]) -> list[int]:
    """Return the deals that are part of the history; refused if one is not."""
    own = _deals_in_lines(reading)
    own.update(reading.loose, reading.credits)
    if not deals or not own.issuperset(deals):
        raise UserError("detection.deal_unknown")
    return sorted(deals)


def _together(
    deals: Iterable[int],
    subscription: int | None,
    *,
    by: User,
    at: datetime,
    cadence: Cadence | None = None,
) -> None:
    """Answer that deals are one subscription: the existing one, if they continue it."""
    ids = sorted(deals)
    number = -subscription if subscription else min(ids, default=0)
    _say(
        ids,
        number,
        by=by,
        at=at,
        cadence="" if cadence is None else str(cadence),
    )


def _single(deals: Iterable[int], *, by: User, at: datetime) -> None:
    _say(list(deals), None, by=by, at=at)


def _say(
    deals: Sequence[int],
    number: int | None,
    *,
    by: User,
    at: datetime,
    cadence: str = "",
) -> None:
    _take_out(deals)
    # An answer from another proposal at the same moment is overruled, not refused.
    Answer.objects.bulk_create(
        (
            Answer(deal_id=deal, number=number, cadence=cadence, by=by, at=at)
            for deal in deals
        ),
        update_conflicts=True,
        unique_fields=["deal"],
        update_fields=["number", "cadence", "by", "at"],
    )


def _take_out(deals: Collection[int]) -> None:
    """Forget the answers about deals.

    Other deals of their subscriptions stay together, under their own smallest ID.
    """
    gone = Answer.objects.filter(deal__in=deals)
    numbers = set(gone.filter(number__gt=0).values_list("number", flat=True))
    gone.delete()
    left = Answer.objects.filter(number__in=numbers).values("number")
    for row in left.annotate(least=Min("deal")).order_by("number"):
        others = Answer.objects.filter(number=row["number"])
        others.update(number=row["least"])
