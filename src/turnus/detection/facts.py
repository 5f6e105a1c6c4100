"""What there is to read: customers' won deals, their booked terms, and people's answers."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from hashlib import sha256
from typing import TypedDict, cast
from zoneinfo import ZoneInfo

from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.contacts.billing import bought_by
from turnus.contacts.queries import names_seen
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.customers import Customer, CustomerKey, customer_key
from turnus.core.deal_lines import StoredLine, read_lines, sum_e4
from turnus.core.detection.doubles import repeated_in
from turnus.core.detection.facts import Said, Sold
from turnus.core.fields import FieldKind
from turnus.detection.bookings import ExistingBookings, bookings_of
from turnus.detection.models import Answer, History, Proposal
from turnus.detection.reading import restored
from turnus.fields.changing import blocks
from turnus.fields.models import CustomField
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

_BLOCK = 2_000
_COLUMNS = (
    "pk",
    "won_at",
    "won_on",
    "value_e4",
    "currency",
    "title",
    "organization_id",
    "person_id",
    "lines",
    "custom",
)
_TERMS = (
    "pk",
    "subscription_id",
    "subscription__name",
    "subscription__state",
    "subscription__organization_id",
    "subscription__person_id",
    "starts_on",
    "ends_on",
    "price_e4",
    "currency",
    "cadence",
    "deal_id",
)


class _HistoryDeal(TypedDict):
    """What is read of a deal."""

    pk: int
    won_at: datetime
    won_on: date
    value_e4: int
    currency: str
    title: str
    organization_id: int | None
    person_id: int | None
    organization_name: str | None
    person_name: str | None
    lines: Iterable[StoredLine] | None
    custom: dict[str, object] | None


class _TermRow(TypedDict):
    """What is read of a term and its subscription."""

    pk: int
    subscription_id: int
    subscription__name: str
    subscription__state: str
    subscription__organization_id: int | None
    subscription__person_id: int | None
    starts_on: date
    ends_on: date
    price_e4: int
    currency: str
    cadence: str
    deal_id: int | None


@dataclass(slots=True)
class Facts:
    """The facts of one history: its deals, and booked terms as deals with negative IDs."""

    sold: list[Sold] = field(default_factory=list)
    booked: list[Sold] = field(default_factory=list)
    #: Deal -> what a person answered.
    answers: dict[int, Said] = field(default_factory=dict)
    #: Term, as a deal -> its subscription.
    subscriptions: dict[int, int] = field(default_factory=dict)
    #: Deals that book the terms.
    paying: set[int] = field(default_factory=set)
    #: Of `sold`, those that were imported twice, and the other one is booked.
    doubles: set[int] = field(default_factory=set)
    #: Whether all of `sold` is what an approved reading left: unless something is added,
    #: it recurs no more than it did then.
    is_settled: bool = False
    #: Subscription -> the days that are booked of it.
    spans: dict[int, DateRange] = field(default_factory=dict)
    #: Those of the subscriptions that have ended.
    ended: set[int] = field(default_factory=set)
    #: Those that are paused.
    paused: set[int] = field(default_factory=set)
    #: What of `sold` is booked already, and the customer's subscriptions, including those
    #: that the person who asked may only see.
    bookings: ExistingBookings = field(default_factory=ExistingBookings)

    @property
    def covered(self) -> frozenset[int]:
        """Those of `sold` that pay for booked terms, except where a person decided otherwise."""
        return self.bookings.covered - self.answers.keys()

    @property
    def left_alone(self) -> set[int]:
        """Those of `sold` that are read no further: imported twice, or booked already."""
        return self.doubles | self.covered

    def value_e4(self, deal: int) -> int:
        """Return what of a deal recurs."""
        return next(sold.value_e4 for sold in self.sold if sold.deal == deal)

    @property
    def digest(self) -> str:
        """A mark of what was read; what people answered is no part of it."""
        sold = sorted(self.sold, key=lambda deal: deal.deal)
        booked = sorted(self.booked, key=lambda deal: deal.deal)
        covered = sorted(self.bookings.covered)
        facts = repr(((sold, booked), covered))
        return sha256(facts.encode()).hexdigest()


def facts_of(
    histories: Sequence[History], proposal: Proposal, zone: ZoneInfo
) -> dict[int, Facts]:
    """Return the facts of each history, by its id; a few queries for each two thousand deals.

    Only deals that are won, present, not booked yet, and that the person who asked may
    change; an admin who answers or approves for them writes no more. Subscriptions that
    they may not change are not read.
    """
    found = {history.pk: Facts() for history in histories}
    facts_by_deal = {
        deal: found[history.pk]
        for history in histories
        for deal in history.deals
    }
    for sold in sold_among(facts_by_deal, proposal, zone):
        facts_by_deal[sold.deal].sold.append(sold)
    for deal, answer in _answers(facts_by_deal).items():
        facts_by_deal[deal].answers[deal] = answer
    _add_booked(found, proposal.by)
    _add_doubles(found, proposal, zone)
    sold_by_history = {pk: facts.sold for pk, facts in found.items()}
    for pk, bookings in bookings_of(sold_by_history, proposal.by).items():
        found[pk].bookings = bookings
    _mark_settled(found, histories)
    return found


def sold_among(
    ids: Iterable[int], proposal: Proposal, zone: ZoneInfo
) -> list[Sold]:
    """Return the won deals among `ids` that book no term and that the proposal's owner edits."""
    mine = (
        Deal.objects.present()
        .editable_by(proposal.by)
        .filter(status=Deal.Status.WON, term__isnull=True)
    )
    return _sold_in(mine, ids, proposal, zone, user=proposal.by)


def seen_among(
    ids: Iterable[int], proposal: Proposal, zone: ZoneInfo, *, user: User
) -> list[Sold]:
    """Return the won deals among `ids` that `user` may see, whether or not they book a term."""
    won = (
        Deal.objects.present().visible_to(user).filter(status=Deal.Status.WON)
    )
    return _sold_in(won, ids, proposal, zone, user=user)


def _sold_in(
    deals: QuerySet[Deal],
    ids: Iterable[int],
    proposal: Proposal,
    zone: ZoneInfo,
    *,
    user: User,
) -> list[Sold]:
    """Return deals with the names of their contacts that `user` may see."""
    words = _plan_words(proposal.plan_field)
    sold: list[Sold] = []
    for block in blocks(sorted(ids), _BLOCK):
        found = deals.filter(pk__in=block).values(
            *_COLUMNS, **names_seen(user)
        )
        rows = cast("Iterable[_HistoryDeal]", found)
        sold += [_sold(row, words, zone) for row in rows]
    return sold


def _plan_words(
    field: CustomField | None,
) -> Callable[[Mapping[str, object]], str]:
    """Return how the words of the plan field are read from a deal's own cells."""
    if field is None:
        return lambda _custom: ""
    key = field.key
    names: dict[object, str] = dict(field.options.values_list("pk", "name"))
    if field.kind == FieldKind.OPTION:
        return lambda custom: names.get(custom.get(key), "")
    return lambda custom: str(custom.get(key) or "")


def _sold(
    row: _HistoryDeal,
    words: Callable[[Mapping[str, object]], str],
    zone: ZoneInfo,
) -> Sold:
    won_at = row["won_at"].astimezone(zone)
    lines = read_lines(row["lines"])
    return Sold(
        deal=row["pk"],
        won_on=row["won_on"],
        value_e4=sum_e4(lines, recurs=True) if lines else row["value_e4"],
        currency=row["currency"],
        title=row["title"],
        plan=words(row["custom"] or {}),
        organization=row["organization_name"] or "",
        person=row["person_name"] or "",
        organization_id=str(row["organization_id"] or ""),
        person_id=str(row["person_id"] or ""),
        minute=_minute(won_at),
    )


def _minute(won_at: datetime) -> int | None:
    """Return the minute of the day; None at midnight.

    A file that knows only days puts everything there, which does not tell a duplicate
    import from two subscriptions.
    """
    if won_at.time() == time():
        return None
    return won_at.hour * 60 + won_at.minute


def _answers(deals: Iterable[int]) -> dict[int, Said]:
    answers: dict[int, Said] = {}
    for block in blocks(sorted(deals), _BLOCK):
        stored = Answer.objects.filter(deal__in=block)
        rows = list(stored.values_list("deal", "number", "cadence"))
        booked = _booked_by(
            {number for _deal, number, _cadence in rows if number}
        )
        for deal, number, word in rows:
            is_recurring = number is not None
            cadence = Cadence.parse(word) if word and is_recurring else None
            answers[deal] = Said(booked.get(number, number), cadence)
    return answers


def _booked_by(numbers: Collection[int]) -> dict[int | None, int]:
    """Return for each answer number with booked deals that of the latest subscription."""
    booked = Answer.objects.filter(
        number__in=numbers,
        number__gt=0,
        deal__term__subscription__trashed_at__isnull=True,
    )
    found = booked.order_by("deal__term__starts_on").values_list(
        "number", "deal__term__subscription"
    )
    return {
        number: -subscription for number, subscription in found if subscription
    }


def _add_booked(found: Mapping[int, Facts], by: User) -> None:
    """Add the terms of the customers' subscriptions in the same currency.

    Deals of one subscription are one chain already.
    """
    buyers: dict[_Buyer, list[Facts]] = defaultdict(list)
    for facts in found.values():
        for buyer in {_buyer(sold) for sold in facts.sold}:
            buyers[buyer].append(facts)
    customers = sorted({Customer.of_key(buyer.customer) for buyer in buyers})
    editable = Subscription.objects.present().editable_by(by)
    for block in blocks(customers, _BLOCK):
        own = editable.filter(bought_by(block))
        terms = Term.objects.filter(subscription__in=own).order_by("pk")
        for row in cast("Iterable[_TermRow]", terms.values(*_TERMS)):
            term = _term(row)
            for facts in buyers.get(_buyer(term), ()):
                _add_term(facts, term, row)


def _add_term(facts: Facts, term: Sold, row: _TermRow) -> None:
    subscription = row["subscription_id"]
    days = DateRange(row["starts_on"], row["ends_on"])
    span = facts.spans.get(subscription, days)
    start = min(span.start, days.start)
    end = max(span.end, days.end)
    facts.spans[subscription] = DateRange(start, end)
    state = row["subscription__state"]
    if state == Subscription.State.ENDED:
        facts.ended.add(subscription)
    if state == Subscription.State.PAUSED:
        facts.paused.add(subscription)
    if term.value_e4 <= 0:  # what was skipped is no copy of anything
        return
    facts.booked.append(term)
    if row["deal_id"]:
        facts.paying.add(row["deal_id"])
    facts.subscriptions[term.deal] = subscription
    cadence = Cadence.parse(row["cadence"])
    facts.answers[term.deal] = Said(-subscription, cadence)


def _add_doubles(
    found: Mapping[int, Facts], proposal: Proposal, zone: ZoneInfo
) -> None:
    ids = {deal for facts in found.values() for deal in facts.paying}
    visible = Deal.objects.visible_to(proposal.by)
    sold = _sold_in(visible, ids, proposal, zone, user=proposal.by)
    paying = {deal.deal: deal for deal in sold}
    for facts in found.values():
        unanswered = [
            deal for deal in facts.sold if deal.deal not in facts.answers
        ]
        own = [paying[deal] for deal in facts.paying if deal in paying]
        facts.doubles = repeated_in(unanswered, own)


def _mark_settled(
    found: Mapping[int, Facts], histories: Sequence[History]
) -> None:
    left = _left_of({history.name for history in histories})
    for history in histories:
        facts = found[history.pk]
        deals = {sold.deal for sold in facts.sold}
        recurring = {
            deal
            for deal, answer in facts.answers.items()
            if answer.together is not None
        }
        is_left = deals <= left[history.name, history.currency]
        facts.is_settled = is_left and deals.isdisjoint(recurring)


def _left_of(names: Collection[str]) -> dict[tuple[str, str], set[int]]:
    """Return by name and currency the deals that a written reading left in no line.

    They are read again together with later ones.
    """
    left: dict[tuple[str, str], set[int]] = defaultdict(set)
    written = History.objects.filter(
        state=History.State.WRITTEN, proposal__state=Proposal.State.WRITTEN
    )
    rows = written.filter(name__in=names).values_list(
        "name", "currency", "reading"
    )
    for name, currency, stored in rows:
        reading = restored(stored)
        own = left[name, currency]
        own.update(reading.loose, reading.credits)
        for line in reading.lines:
            own.update(line.credits)
    return left


@dataclass(frozen=True, slots=True)
class _Buyer:
    """A customer in one currency."""

    customer: CustomerKey
    currency: str


def _buyer(sold: Sold) -> _Buyer:
    organization = int(sold.organization_id or 0)
    person = int(sold.person_id or 0)
    return _Buyer(customer_key(organization, person), sold.currency)


def _term(row: _TermRow) -> Sold:
    return Sold(
        deal=-row["pk"],
        won_on=row["starts_on"],
        value_e4=row["price_e4"],
        currency=row["currency"],
        title=row["subscription__name"],
        organization_id=str(row["subscription__organization_id"] or ""),
        person_id=str(row["subscription__person_id"] or ""),
    )
