"""Negative won deals: it is asked whether one ends or reduces a subscription, or is a credit.

Metrics 4.6 and docs/decisions/0010 say which subscription a negative deal refers to.
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
from turnus.imports.subscriber_deals import CustomerSubscription, SubscriberDeal
from turnus.revenue.models import Subscription

_NEAR = timedelta(days=NEAR_DAYS)
_CODES = {
    QuestionKind.CREDIT: IssueCode.CREDIT_ENDS,
    QuestionKind.REDUCTION: IssueCode.CREDIT_REDUCES,
}
_EFFECTS: frozenset[str] = frozenset({EffectKind.END, EffectKind.REDUCE})


@dataclass(frozen=True, slots=True)
class _Meant:
    """The subscription that a negative deal refers to; `price_e4` is what it costs now."""

    held: CustomerSubscription
    price_e4: int
    kind: QuestionKind


class Credits:
    """Handles the negative won deals of one check; each subscription ends or is reduced once."""

    def __init__(self, reader: RowReader) -> None:
        self.answers = reader.answers
        self.questions = reader.questions
        self.ended: set[int] = set()
        #: Subscription -> what it costs after the rows so far.
        self.prices: dict[int, int] = {}

    def see_to(self, sold: Sequence[SubscriberDeal]) -> None:
        """Change the verdicts of negative won deals as was answered, or ask."""
        for one in sold:
            if one.value_e4 < 0:
                meant = self._meant(one)
                if meant is None:
                    one.row.issues.append(
                        Issue(IssueCode.CREDIT_ALONE, Severity.WARNING, one.row.number)
                    )
                else:
                    self._apply(one, meant)

    def _apply(self, sold: SubscriberDeal, meant: _Meant) -> None:
        row, kind = sold.row, meant.kind
        answer = choice_at(self.answers, kind, row.number)
        if answer not in ANSWERS[kind]:
            question = self.questions.ask(kind, kind, row.number)
            question.add_money(Money(sold.value_e4, sold.currency))
            row.verdict = Verdict.QUESTION
        severity = (
            Severity.QUESTION if row.verdict is Verdict.QUESTION else Severity.WARNING
        )
        row.issues.append(
            Issue(_CODES[kind], severity, row.number, params=_params(meant, sold))
        )
        if answer == "skip":
            row.verdict = Verdict.SKIP
        elif answer in _EFFECTS:
            self._change(sold, meant, EffectKind(answer))
        if row.verdict in {Verdict.QUESTION, Verdict.NEW} and answer != "credit":
            self._remember(sold, meant)

    def _change(self, sold: SubscriberDeal, meant: _Meant, kind: EffectKind) -> None:
        row, held = sold.row, meant.held
        if held.is_editable:
            row.effect = Effect(
                kind, held.row["pk"], held.row["next_number"], price_e4=-sold.value_e4
            )
        else:
            row.verdict = Verdict.PROBLEM
            row.issues.append(Issue(IssueCode.RECORD_DENIED, row=row.number))

    def _remember(self, sold: SubscriberDeal, meant: _Meant) -> None:
        """Let later rows of the file find the subscription as this one leaves it, or would."""
        if meant.kind is QuestionKind.CREDIT:
            self.ended.add(meant.held.row["pk"])
        else:
            self.prices[meant.held.row["pk"]] = meant.price_e4 + sold.value_e4

    def _meant(self, sold: SubscriberDeal) -> _Meant | None:
        """Return the subscription that the deal refers to: the whole price comes before a part."""
        found = []
        for held in sold.subscriptions:
            if held.row["pk"] in self.ended or not _may_mean(held, sold):
                continue
            meant = self._of(held, sold)
            if meant is not None:
                found.append(meant)
        return min(found, key=lambda meant: _order(meant, sold), default=None)

    def _of(self, held: CustomerSubscription, sold: SubscriberDeal) -> _Meant | None:
        subscription: int = held.row["pk"]
        present_price_e4: int = held.row["price_e4"]
        price_e4 = self.prices.get(subscription, present_price_e4)
        paid_amounts = {price_e4}
        if held.terms and subscription not in self.prices:
            paid_amounts |= held.terms[-1].time.amounts_e4
        credit_e4 = -sold.value_e4
        if credit_e4 in paid_amounts:
            return _Meant(held, price_e4, QuestionKind.CREDIT)
        if credit_e4 < price_e4:
            return _Meant(held, price_e4, QuestionKind.REDUCTION)
        return None


def _may_mean(held: CustomerSubscription, sold: SubscriberDeal) -> bool:
    """Return whether the subscription runs on, and the deal lies in its last term or near it."""
    row = held.row
    runs = (
        row["state"] == Subscription.State.ACTIVE
        and row["end_on"] is None
        and row["next_due_on"] is not None
    )
    if not runs or row["currency"] != sold.currency:
        return False
    until: date = row["next_due_on"] + _NEAR
    return _last_start(held) - _NEAR <= sold.won_on <= until


def _last_start(held: CustomerSubscription) -> date:
    """Return the first day of the last term; of one that is not booked or far off, the due day."""
    last = held.terms[-1].time if held.terms else None
    day: date = held.row["next_due_on"]
    return (
        last.days.start
        if last is not None and last.number == held.row["next_number"] - 1
        else day
    )


def _order(meant: _Meant, sold: SubscriberDeal) -> tuple[bool, int, int]:
    names = (meant.held.row["name"], meant.held.row["plan__name"])
    said = wording(str(sold.row.columns["title"]), names, sold.names)
    return (
        meant.kind is QuestionKind.REDUCTION,
        list(Wording).index(said),
        meant.held.row["pk"],
    )


def _params(meant: _Meant, sold: SubscriberDeal) -> StoredColumns:
    row = meant.held.row
    last_day = row["next_due_on"] - timedelta(days=1)
    params = {
        "subscription": row["name"],
        "due_day": row["next_due_on"].isoformat(),
        "last_day": last_day.isoformat(),
    }
    before = Money(meant.price_e4, sold.currency)
    after = Money(meant.price_e4 + sold.value_e4, sold.currency)
    return params | {
        "before": f"{before.amount:f} {sold.currency}",
        "after": f"{after.amount:f} {sold.currency}",
    }
