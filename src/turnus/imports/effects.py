"""What rows of the plan do to existing subscriptions, by the actions of subscriptions."""

from collections.abc import Sequence
from datetime import date, datetime

from turnus.accounts.models import User
from turnus.history.models import Run
from turnus.imports.plan import Effect, EffectKind, PlannedRow
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


def moved_effects(effects: Sequence[Effect], by: User) -> set[Effect]:
    """Return the effects that can no longer be carried out as planned.

    Their terms are booked by now, or their subscriptions have stopped.
    """
    if not effects:
        return set()
    locked(
        {effect.subscription for effect in effects}
    )  # until the block is written
    terms = {
        _wanted(effect) for effect in effects if effect.do is EffectKind.BOOK
    }
    credited = {
        (effect.subscription, effect.number)
        for effect in effects
        if effect.do is not EffectKind.BOOK
    }
    moved = moved_terms(terms, by)
    stopped = moved_subscriptions(credited, by)
    return {
        effect
        for effect in effects
        if _wanted(effect) in moved
        or (effect.subscription, effect.number) in stopped
    }


def _wanted(effect: Effect) -> WantedTerm:
    return WantedTerm(effect.subscription, effect.number, effect.deal)


def carry_out_effects(
    rows: Sequence[tuple[int, PlannedRow]],
    *,
    run: Run,
    by: User,
    at: datetime,
    on: date,
) -> None:
    """Let new deals (id, row) book, end or reduce; for the caller's transaction."""
    booked = []
    credited = []
    for deal, row in rows:
        effect = row.effect
        if effect is None:
            continue
        if effect.do is EffectKind.BOOK:
            booked.append(
                Booked(deal, effect.subscription, effect.number, effect.deal)
            )
        else:
            credited.append(_credited(effect, row.columns["title"]))
    if booked:
        book_by_deals(run=run, booked=booked, by=by, at=at)
    if credited:
        credit_subscriptions(run=run, credited=credited, by=by, at=at, on=on)


def _credited(effect: Effect, title: str) -> Credited:
    return Credited(
        effect.subscription,
        effect.number,
        effect.price_e4,
        effect.do is EffectKind.END,
        title,
    )
