"""What negative won deals of an import do: end a subscription, or lower its price."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from turnus.accounts.models import User
from turnus.fields.changing import refuse_strangers
from turnus.history.models import Run
from turnus.revenue.models import Subscription
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow
from turnus.revenue.rules import due_on
from turnus.revenue.subscriptions.actions.cancel import end_columns
from turnus.revenue.subscriptions.actions.write import change_ids

_REASON_LENGTH = 255


@dataclass(frozen=True, slots=True)
class Credited:
    """A negative won deal that takes `price_e4` (positive) back from a subscription.

    `number` is its next term. `ends`: the deal takes all of it back.
    """

    subscription: int
    number: int
    price_e4: int
    ends: bool
    reason: str = ""


def moved_subscriptions(
    wanted: Collection[tuple[int, int]], by: User
) -> set[tuple[int, int]]:
    """Return those of `wanted` (subscription, its next term) that are not as planned; one query.

    They have moved on, stopped, or `by` may not change them.
    """
    ids = {subscription for subscription, _number in wanted}
    mine = Subscription.objects.present().editable_by(by).filter(pk__in=ids)
    running = mine.filter(state=Subscription.State.ACTIVE, end_on=None)
    return set(wanted) - set(running.values_list("pk", "next_number"))


def credit_subscriptions(
    *, run: Run, credited: Sequence[Credited], by: User, at: datetime, on: date
) -> None:
    """End subscriptions with what is paid, or lower their prices from the next terms on.

    For the caller's transaction.
    """
    by_subscription: dict[int, list[Credited]] = {}
    for credit in credited:
        by_subscription.setdefault(credit.subscription, []).append(credit)
    refuse_strangers(Subscription.objects.filter(pk__in=by_subscription), by)

    def with_credits(row: SubscriptionRow) -> SubscriptionChange:
        return _credited(row, by_subscription[row["id"]], on=on)

    change_ids(by_subscription, with_credits, by=by, at=at, run=run)


def _credited(
    row: SubscriptionRow, own: Sequence[Credited], *, on: date
) -> SubscriptionChange:
    reduced_e4 = sum(credit.price_e4 for credit in own if not credit.ends)
    price_e4 = max(row["price_e4"] - reduced_e4, 0)
    endings = [credit for credit in own if credit.ends]
    if not endings:
        return {"price_e4": price_e4}
    end = due_on(row, row["next_number"])
    return {
        "price_e4": price_e4,
        "end_reason": endings[0].reason.strip()[:_REASON_LENGTH],
        **end_columns(row["state"], end, on=on),
    }
