"""Won deals that pay for a booked or due term of their customer's subscription: asked about.

Which term a deal pays for, `core.detect.covered` says. See docs/decisions/0026.
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
from turnus.imports.subscriber_deals import CustomerSubscription, SubscriberDeal
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

    held: CustomerSubscription
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
    """Handles the rows of one check that pay for terms; each term takes one row only."""

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
        terms = [
            term for one in sold for held in one.subscriptions for term in held.terms
        ]
        deals = [
            term.row["deal_id"] for term in terms if term.row["deal_id"] is not None
        ]
        replaceable = Deal.objects.editable_by(self.by).filter(pk__in=deals)
        return set(replaceable.values_list("pk", flat=True))

    def _apply(self, sold: SubscriberDeal, place: _Place, mine: set[int]) -> None:
        row = sold.row
        earlier = self.rows.get(place.key)
        is_covered = place.is_booked or earlier is not None
        kind = QuestionKind.COVERED if is_covered else QuestionKind.DUE
        answer = choice_at(self.answers, kind, row.number)
        if answer not in ANSWERS[kind]:
            question = self.questions.ask(kind, kind, row.number)
            question.add_money(Money(sold.value_e4, sold.currency))
            row.verdict = Verdict.QUESTION
        severity = (
            Severity.QUESTION if row.verdict is Verdict.QUESTION else Severity.WARNING
        )
        if earlier is None:
            row.issues.append(_issue(kind, place, row.number, severity))
        else:
            row.issues.append(_taken(row.number, earlier, severity))
        if answer == "skip":
            row.verdict = Verdict.SKIP
        elif answer == "attach":
            self._attach(sold, place, mine, earlier)
        may_book = row.verdict in {Verdict.QUESTION, Verdict.NEW} and answer != "add"
        if may_book and not place.is_booked:
            self.rows.setdefault(place.key, row.number)

    def _attach(
        self, sold: SubscriberDeal, place: _Place, mine: set[int], earlier: int | None
    ) -> None:
        row = sold.row
        if earlier is not None:
            row.verdict = Verdict.PROBLEM
            row.issues[-1] = _taken(row.number, earlier, Severity.PROBLEM)
        elif not place.held.is_editable or (
            place.deal is not None and place.deal not in mine
        ):
            row.verdict = Verdict.PROBLEM
            row.issues.append(Issue(IssueCode.RECORD_DENIED, row=row.number))
        else:
            self.rows[place.key] = row.number
            row.effect = Effect(EffectKind.BOOK, *place.key, deal=place.deal)
            row.begins_plan = None  # it is a term of the one that is here


def _stored(held: CustomerSubscription) -> Iterator[_Place]:
    """Yield the stored terms; those that no won deal books can still be booked."""
    for term in held.terms:
        is_booked = (
            term.row["deal__status"] == Deal.Status.WON
            and term.row["deal__trashed_at"] is None
        )
        yield _Place(held, term.time, is_booked, term)


def _due(held: CustomerSubscription, sold: SubscriberDeal) -> Iterator[_Place]:
    """Yield the terms that come after those that are here, as far as the deal may pay for them."""
    row = held.row
    if row["state"] != Subscription.State.ACTIVE or row["next_due_on"] is None:
        return
    last = held.terms[-1].time if held.terms else None
    amounts = frozenset({row["price_e4"]}) | (last.amounts_e4 if last else frozenset())
    names = (row["name"], row["plan__name"], *(last.names if last else ()))
    for number in sorted(_numbers(row, sold)):
        if row["end_on"] is None or due_on(row, number) < row["end_on"]:
            time = PaidTime(row["pk"], number, term_days(row, number), amounts, names)
            yield _Place(held, time)


def _numbers(row: StoredColumns, sold: SubscriberDeal) -> set[int]:
    """Return the numbers of due terms in which the deal was won, or early before which."""
    cadence = Cadence.parse(row["cadence"])
    early = timedelta(days=early_days(term_days(row, row["next_number"])))
    numbers = set()
    for day in (sold.won_on, sold.won_on + early):
        place = cadence.number_on(row["anchor_on"], day)
        if place is not None and row["anchor_number"] + place >= row["next_number"]:
            numbers.add(row["anchor_number"] + place)
    return numbers


def _is_booked_by_itself(sold: SubscriberDeal, place: _Place) -> bool:
    """Return whether the import books the term unasked: plan and name fit, and it is in time."""
    held, row = place.held.row, sold.row
    is_stored = place.time.term is not None
    if is_stored or not place.held.is_editable:
        return False
    names_plan = row.begins_plan == held["plan_id"]
    names_subscription = fold(str(row.columns["title"])) == held["name_folded"]
    if not names_plan or not names_subscription:
        return False
    grace_days = held["plan__grace_days"]
    if grace_days is None:
        grace_days = Cadence.parse(held["cadence"]).default_grace_days
    days_off = abs((sold.won_on - place.time.days.start).days)
    return bool(days_off <= grace_days)


def _most_likely(sold: SubscriberDeal, places: Sequence[_Place]) -> _Place | None:
    sale = Sale(str(sold.row.columns["title"]), sold.names, sold.won_on, sold.value_e4)
    times = [place.time for place in places]
    cover = covering(sale, times, at_any_price=True)
    if cover is None:
        return None
    return next(place for place in places if place.time is cover.time)


def _issue(kind: QuestionKind, place: _Place, row: int, severity: Severity) -> Issue:
    days = place.time.days
    params = {
        "subscription": place.held.row["name"],
        "first_day": days.start.isoformat(),
        "last_day": days.last_day.isoformat(),
    }
    return Issue(_CODES[kind], severity, row, params=params)


def _taken(row: int, earlier: int, severity: Severity) -> Issue:
    return Issue(IssueCode.TERM_TAKEN, severity, row, params={"row": earlier})
