"""What negative won deals of an import do: end a subscription, or lower its price."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from turnus.accounts.models import User
from turnus.fields.changing import refuse_strangers
from turnus.history.models import Run
from turnus.revenue.models import Subscription
from turnus.revenue.rules import due_on
from turnus.revenue.subscriptions.actions.cancel import end_columns
from turnus.revenue.subscriptions.actions.write import change_ids


@dataclass(frozen=True, slots=True)
class Credited:
    """A negative won deal that takes `price_e4` (positive) back from a subscription whose next term is `number`; `ends`: all of it."""

    subscription: int
    number: int
    price_e4: int
    ends: bool
    reason: str = ""


def moved_subscriptions(wanted: Collection[tuple[int, int]], by: User) -> set[tuple[int, int]]:
    """Return those of `wanted` (subscription, number of its next term) that have moved on, stopped, or that `by` may not change; one query."""
    mine = Subscription.objects.present().editable_by(by).filter(pk__in={one for one, _ in wanted})
    running = mine.filter(state=Subscription.State.ACTIVE, end_on=None)
    return set(wanted) - set(running.values_list("pk", "next_number"))


def credit_subscriptions(
    *, run: Run, credited: Sequence[Credited], by: User, at: datetime, on: date
) -> None:
    """End subscriptions with what is paid, or take something off their prices from the next terms on; for the caller's transaction."""
    refuse_strangers(Subscription.objects.filter(pk__in={one.subscription for one in credited}), by)
    own: dict[int, list[Credited]] = {}
    for one in credited:
        own.setdefault(one.subscription, []).append(one)

    def rule(row: Mapping[str, Any]) -> Mapping[str, Any]:
        price = row["price_e4"] - sum(one.price_e4 for one in own[row["id"]] if not one.ends)
        ending = next((one for one in own[row["id"]] if one.ends), None)
        if ending is None:
            return {"price_e4": max(price, 0)}
        end = end_columns(row, due_on(row, row["next_number"]), on=on)
        return {"price_e4": max(price, 0), "end_reason": ending.reason.strip()[:255], **end}

    change_ids(own, rule, by=by, at=at, run=run)
