"""What rows of the plan do to subscriptions that are here, handed on to the actions of subscriptions."""

from collections.abc import Sequence
from datetime import date, datetime

from turnus.accounts.models import User
from turnus.history.models import Run
from turnus.imports.plan import Effect, PlannedRow
from turnus.revenue.subscriptions.actions.credit import (
    Credited,
    credit_subscriptions,
    moved_subscriptions,
)
from turnus.revenue.subscriptions.actions.write import locked
from turnus.revenue.terms.actions.book_imported import (
    Booked,
    WantedTerm,
    book_by_deals,
    moved_terms,
)

_BOOK, _END = "book", "end"


def moved_effects(effects: Sequence[Effect], by: User) -> set[Effect]:
    """Return the effects that cannot be carried out as planned any more: terms are booked by now, subscriptions have stopped."""
    if not effects:
        return set()
    locked({one.subscription for one in effects})  # until the block is written
    terms = moved_terms(
        {WantedTerm(one.subscription, one.number, one.deal) for one in effects if one.do == _BOOK},
        by,
    )
    stopped = moved_subscriptions(
        {(one.subscription, one.number) for one in effects if one.do != _BOOK}, by
    )
    return {
        one
        for one in effects
        if (one.subscription, one.number, one.deal) in terms
        or (one.subscription, one.number) in stopped
    }


def carry_out_effects(
    rows: Sequence[tuple[int, PlannedRow]], *, run: Run, by: User, at: datetime, on: date
) -> None:
    """Let new deals (id, row) do to subscriptions what was answered; for the caller's transaction."""
    effects = [(deal, row, row.effect) for deal, row in rows if row.effect is not None]
    booked = [
        Booked(deal, effect.subscription, effect.number, effect.deal)
        for deal, _row, effect in effects
        if effect.do == _BOOK
    ]
    credited = [
        Credited(
            effect.subscription,
            effect.number,
            effect.price_e4,
            effect.do == _END,
            str(row.columns["title"]),
        )
        for _deal, row, effect in effects
        if effect.do != _BOOK
    ]
    if booked:
        book_by_deals(run=run, booked=booked, by=by, at=at)
    if credited:
        credit_subscriptions(run=run, credited=credited, by=by, at=at, on=on)
