"""Won deals that pay for a booked or due term of their customer's subscription: asked about.

Which term a deal pays for: `core.detection.covered`. See docs/decisions/0026.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from turnus.accounts.models import User
from turnus.core.cadence import Cadence
from turnus.core.detection.covered import PaidTime, Sale, covering, early_days
from turnus.core.folding import fold
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
from turnus.revenue.rules import due_on, term_days
from turnus.revenue.terms.covering import StoredTime
from turnus.sales.models import Deal

_CODES = {
    QuestionKind.COVERED: IssueCode.TERM_BOOKED,
    QuestionKind.DUE: IssueCode.TERM_DUE,
}


@dataclass(frozen=True, slots=True)
class _Place:
    """The term that a row pays for; `term` is None for one that is only due."""

    subscription: CustomerSubscription
    time: PaidTime
    is_booked: bool = False
    term: StoredTime | None = None

    @property
    def deal(self) -> int | None:
        """The deal that stands for the term, won or not; None if there is none."""
        return None if self.term is None else self.term.row["deal_id"]

    @property
    def key(self) -> tuple[int, int]:
        """Which term it is."""
        return self.time.subscription, self.time.number


class PaidTerms:
    """The rows of one check that pay for terms; each term takes one row only."""

    def __init__(self, reader: RowReader, *, by: User) -> None:
        self.answers = reader.answers
        self.questions = reader.questions
        self.by = by
        #: Term that a row of the file books, or may book -> the number of that row.
        self.rows: dict[tuple[int, int], int] = {}

    def see_to(self, sold: Sequence[SubscriberDeal]) -> list[StoredTime]:
        """Change the verdicts of rows that pay for terms as was answered, or ask; one query.

        Returns the terms whose won deals go to the trash, for others take their place.
        """
        replaceable = self._replaceable(sold)
        replaced = []
        for deal in sold:
            place = self._place(deal) if deal.value_e4 > 0 else None
            if place is None or _is_booked_by_itself(deal, place):
                continue
            self._apply(deal, place, replaceable)
            takes_place = deal.row.effect is not None and place.is_booked
            if takes_place and place.term is not None:
                replaced.append(place.term)
        return replaced

    def _place(self, sold: SubscriberDeal) -> _Place | None:
        """Return the term that a row pays for, if possible one that no other row takes."""
        places: list[_Place] = []
        for subscription in sold.subscriptions:
            if subscription.row["currency"] == sold.currency:
                places.extend(_stored(subscription))
                places.extend(_due(subscription, sold))
        free = [place for place in places if place.key not in self.rows]
        return _most_likely(sold, free) or _most_likely(sold, places)

    def _replaceable(self, sold: Sequence[SubscriberDeal]) -> set[int]:
        """Return which deals of terms the importer may replace; empty if no answer asks for it."""
        kinds = (QuestionKind.COVERED, QuestionKind.DUE)
        if not any("attach" in str(self.answers.get(kind)) for kind in kinds):
            return set()
        deal_ids: set[int] = set()
        for deal in sold:
            for subscription in deal.subscriptions:
                ids = (term.row["deal_id"] for term in subscription.terms)
                deal_ids.update(pk for pk in ids if pk is not None)
        replaceable = Deal.objects.editable_by(self.by).filter(pk__in=deal_ids)
        return set(replaceable.values_list("pk", flat=True))

    def _apply(
        self, sold: SubscriberDeal, place: _Place, mine: set[int]
    ) -> None:
        row = sold.row
        earlier = self.rows.get(place.key)
        is_covered = place.is_booked or earlier is not None
        kind = QuestionKind.COVERED if is_covered else QuestionKind.DUE
        answer = choice_at(self.answers, kind, row.number)
        if answer not in ANSWERS[kind]:
            question = self.questions.ask(kind, kind, row.number)
            question.add_money(Money(sold.value_e4, sold.currency))
            row.verdict = Verdict.QUESTION
        is_asked = row.verdict is Verdict.QUESTION
        severity = Severity.QUESTION if is_asked else Severity.WARNING
        if earlier is None:
            issue = _issue(kind, place, row.number, severity)
        else:
            issue = _taken(row.number, earlier, severity)
        row.issues.append(issue)
        if answer == "skip":
            row.verdict = Verdict.SKIP
        elif answer == "attach":
            self._attach(sold, place, mine, earlier)
        may_go_in = row.verdict in {Verdict.QUESTION, Verdict.NEW}
        may_book = may_go_in and answer != "add"
        if may_book and not place.is_booked:
            self.rows.setdefault(place.key, row.number)

    def _attach(
        self,
        sold: SubscriberDeal,
        place: _Place,
        mine: set[int],
        earlier: int | None,
    ) -> None:
        row = sold.row
        if earlier is not None:
            row.verdict = Verdict.PROBLEM
            row.issues[-1] = _taken(row.number, earlier, Severity.PROBLEM)
            return
        may_replace = place.deal is None or place.deal in mine
        if not place.subscription.is_editable or not may_replace:
            row.verdict = Verdict.PROBLEM
            row.issues.append(Issue(IssueCode.RECORD_DENIED, row=row.number))
            return
        self.rows[place.key] = row.number
        subscription_id, number = place.key
        row.effect = Effect(
            EffectKind.BOOK, subscription_id, number, deal=place.deal
        )
        row.begins_plan = None  # it is a term of the one that is here


def _stored(subscription: CustomerSubscription) -> Iterator[_Place]:
    """Yield the stored terms; those that no won deal books can still be booked."""
    for term in subscription.terms:
        is_won = term.row["deal__status"] == Deal.Status.WON
        is_booked = is_won and term.row["deal__trashed_at"] is None
        yield _Place(subscription, term.time, is_booked, term)


def _due(
    subscription: CustomerSubscription, sold: SubscriberDeal
) -> Iterator[_Place]:
    """Yield the terms that come after those that are here, as far as the deal may pay for them."""
    row = subscription.row
    if row["state"] != Subscription.State.ACTIVE or row["next_due_on"] is None:
        return
    end_on = row["end_on"]
    amounts_e4 = frozenset({row["price_e4"]})
    names = (row["name"], row["plan__name"])
    if subscription.terms:
        last = subscription.terms[-1].time
        amounts_e4 |= last.amounts_e4
        names += tuple(last.names)
    for number in sorted(_numbers(row, sold)):
        if end_on is not None and due_on(row, number) >= end_on:
            continue
        days = term_days(row, number)
        time = PaidTime(row["pk"], number, days, amounts_e4, names)
        yield _Place(subscription, time)


def _numbers(row: StoredColumns, sold: SubscriberDeal) -> set[int]:
    """Return the numbers of due terms in which the deal was won, or early before which."""
    cadence = Cadence.parse(row["cadence"])
    next_number = row["next_number"]
    days_early = early_days(term_days(row, next_number))
    latest_day = sold.won_on + timedelta(days=days_early)
    numbers = set()
    for day in (sold.won_on, latest_day):
        place = cadence.number_on(row["anchor_on"], day)
        if place is None:
            continue
        number = row["anchor_number"] + place
        if number >= next_number:
            numbers.add(number)
    return numbers


def _is_booked_by_itself(sold: SubscriberDeal, place: _Place) -> bool:
    """Return whether the import books the term unasked: plan and name fit, and it is in time."""
    row = sold.row
    subscription = place.subscription.row
    is_stored = place.time.term is not None
    if is_stored or not place.subscription.is_editable:
        return False
    title = str(row.columns["title"])
    names_plan = row.begins_plan == subscription["plan_id"]
    names_subscription = fold(title) == subscription["name_folded"]
    if not names_plan or not names_subscription:
        return False
    grace_days = subscription["plan__grace_days"]
    if grace_days is None:
        cadence = Cadence.parse(subscription["cadence"])
        grace_days = cadence.default_grace_days
    days_off = abs((sold.won_on - place.time.days.start).days)
    return bool(days_off <= grace_days)


def _most_likely(
    sold: SubscriberDeal, places: Sequence[_Place]
) -> _Place | None:
    title = str(sold.row.columns["title"])
    sale = Sale(title, sold.names, sold.won_on, sold.value_e4)
    times = [place.time for place in places]
    cover = covering(sale, times, at_any_price=True)
    if cover is None:
        return None
    return next(place for place in places if place.time is cover.time)


def _issue(
    kind: QuestionKind, place: _Place, row: int, severity: Severity
) -> Issue:
    days = place.time.days
    params = {
        "subscription": place.subscription.row["name"],
        "first_day": days.start.isoformat(),
        "last_day": days.last_day.isoformat(),
    }
    return Issue(_CODES[kind], severity, row, params=params)


def _taken(row: int, earlier: int, severity: Severity) -> Issue:
    return Issue(IssueCode.TERM_TAKEN, severity, row, params={"row": earlier})
