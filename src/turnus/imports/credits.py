"""Negative won deals: it is asked whether one ends or reduces a subscription, or is a credit.

Which subscription a negative deal refers to: docs/decisions/0010.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from turnus.core.detection.covered import Wording, wording
from turnus.core.detection.credits import NEAR_DAYS
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.money import Money
from turnus.fields.columns import StoredColumns
from turnus.imports.plan import Effect, EffectKind, Verdict
from turnus.imports.questions import ANSWERS, QuestionKind, choice_at
from turnus.imports.rows import RowReader
from turnus.imports.subscriber_deals import (
    CustomerSubscription,
    SubscriberDeal,
)
from turnus.revenue.models import Subscription

_NEAR = timedelta(days=NEAR_DAYS)
_CODES = {
    QuestionKind.CREDIT: IssueCode.CREDIT_ENDS,
    QuestionKind.REDUCTION: IssueCode.CREDIT_REDUCES,
}
_EFFECTS: frozenset[str] = frozenset({EffectKind.END, EffectKind.REDUCE})


@dataclass(frozen=True, slots=True)
class _Reference:
    """The subscription that a negative deal refers to; `price_e4` is what it costs now."""

    subscription: CustomerSubscription
    price_e4: int
    kind: QuestionKind

    @property
    def row(self) -> StoredColumns:
        """The subscription's columns."""
        return self.subscription.row


class Credits:
    """The negative won deals of one check; each subscription ends or is reduced once."""

    def __init__(self, reader: RowReader) -> None:
        self.answers = reader.answers
        self.questions = reader.questions
        self.ended: set[int] = set()
        #: Subscription -> what it costs after the rows so far.
        self.prices: dict[int, int] = {}

    def see_to(self, sold: Sequence[SubscriberDeal]) -> None:
        """Change the verdicts of negative won deals as was answered, or ask."""
        for deal in sold:
            if deal.value_e4 >= 0:
                continue
            reference = self._reference(deal)
            if reference is None:
                row = deal.row
                issue = Issue(
                    IssueCode.CREDIT_ALONE, Severity.WARNING, row.number
                )
                row.issues.append(issue)
            else:
                self._apply(deal, reference)

    def _apply(self, sold: SubscriberDeal, reference: _Reference) -> None:
        row = sold.row
        kind = reference.kind
        answer = choice_at(self.answers, kind, row.number)
        if answer not in ANSWERS[kind]:
            question = self.questions.ask(kind, kind, row.number)
            question.add_money(Money(sold.value_e4, sold.currency))
            row.verdict = Verdict.QUESTION
        is_asked = row.verdict is Verdict.QUESTION
        severity = Severity.QUESTION if is_asked else Severity.WARNING
        params = _params(reference, sold)
        row.issues.append(
            Issue(_CODES[kind], severity, row.number, params=params)
        )
        if answer == "skip":
            row.verdict = Verdict.SKIP
        elif answer in _EFFECTS:
            self._change(sold, reference, EffectKind(answer))
        may_go_in = row.verdict in {Verdict.QUESTION, Verdict.NEW}
        if may_go_in and answer != "credit":
            self._remember(sold, reference)

    def _change(
        self, sold: SubscriberDeal, reference: _Reference, kind: EffectKind
    ) -> None:
        row = sold.row
        if not reference.subscription.is_editable:
            row.verdict = Verdict.PROBLEM
            row.issues.append(Issue(IssueCode.RECORD_DENIED, row=row.number))
            return
        row.effect = Effect(
            kind,
            reference.row["pk"],
            reference.row["next_number"],
            price_e4=-sold.value_e4,
        )

    def _remember(self, sold: SubscriberDeal, reference: _Reference) -> None:
        """Let later rows of the file find the subscription as this one leaves it, or would."""
        subscription_id = reference.row["pk"]
        if reference.kind is QuestionKind.CREDIT:
            self.ended.add(subscription_id)
        else:
            self.prices[subscription_id] = reference.price_e4 + sold.value_e4

    def _reference(self, sold: SubscriberDeal) -> _Reference | None:
        """Return the subscription that the deal refers to: the whole price comes before a part."""
        references = []
        for subscription in sold.subscriptions:
            is_ended = subscription.row["pk"] in self.ended
            if is_ended or not _may_refer_to(subscription, sold):
                continue
            reference = self._reference_to(subscription, sold)
            if reference is not None:
                references.append(reference)
        return min(
            references, key=lambda each: _order(each, sold), default=None
        )

    def _reference_to(
        self, subscription: CustomerSubscription, sold: SubscriberDeal
    ) -> _Reference | None:
        subscription_id: int = subscription.row["pk"]
        present_price_e4: int = subscription.row["price_e4"]
        price_e4 = self.prices.get(subscription_id, present_price_e4)
        paid_amounts = {price_e4}
        if subscription.terms and subscription_id not in self.prices:
            paid_amounts |= subscription.terms[-1].time.amounts_e4
        credit_e4 = -sold.value_e4
        if credit_e4 in paid_amounts:
            return _Reference(subscription, price_e4, QuestionKind.CREDIT)
        if credit_e4 < price_e4:
            return _Reference(subscription, price_e4, QuestionKind.REDUCTION)
        return None


def _may_refer_to(
    subscription: CustomerSubscription, sold: SubscriberDeal
) -> bool:
    """Return whether the subscription runs on, and the deal lies in its last term or near it."""
    row = subscription.row
    is_active = row["state"] == Subscription.State.ACTIVE
    has_next_term = row["end_on"] is None and row["next_due_on"] is not None
    if not is_active or not has_next_term or row["currency"] != sold.currency:
        return False
    first_day = _last_start(subscription) - _NEAR
    last_day: date = row["next_due_on"] + _NEAR
    return first_day <= sold.won_on <= last_day


def _last_start(subscription: CustomerSubscription) -> date:
    """Return the first day of the last term; of one that is not booked or far off, the due day."""
    due_on: date = subscription.row["next_due_on"]
    if not subscription.terms:
        return due_on
    last = subscription.terms[-1].time
    is_just_before = last.number == subscription.row["next_number"] - 1
    return last.days.start if is_just_before else due_on


def _order(
    reference: _Reference, sold: SubscriberDeal
) -> tuple[bool, int, int]:
    row = reference.row
    title = str(sold.row.columns["title"])
    names = (row["name"], row["plan__name"])
    rank = list(Wording).index(wording(title, names, sold.names))
    return reference.kind is QuestionKind.REDUCTION, rank, row["pk"]


def _params(reference: _Reference, sold: SubscriberDeal) -> StoredColumns:
    row = reference.row
    last_day = row["next_due_on"] - timedelta(days=1)
    params = {
        "subscription": row["name"],
        "due_day": row["next_due_on"].isoformat(),
        "last_day": last_day.isoformat(),
    }
    before = Money(reference.price_e4, sold.currency)
    after = Money(reference.price_e4 + sold.value_e4, sold.currency)
    return params | {
        "before": f"{before.amount:f} {sold.currency}",
        "after": f"{after.amount:f} {sold.currency}",
    }
