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
        return next(one.value_e4 for one in self.sold if one.deal == deal)

    @property
    def digest(self) -> str:
        """A mark of what was read; what people answered is no part of it."""
        known = (
            sorted(self.sold, key=lambda one: one.deal),
            sorted(self.booked, key=lambda one: one.deal),
        )
        return sha256(repr((known, sorted(self.bookings.covered))).encode()).hexdigest()


def facts_of(
    histories: Sequence[History], proposal: Proposal, zone: ZoneInfo
) -> dict[int, Facts]:
    """Return the facts of each history, by its id; a few queries for each two thousand deals.

    Only deals that are won, present, not booked yet, and that the person who asked may
    change; an admin who answers or approves for them writes no more. Subscriptions that
    they may not change are not read.
    """
    place = {deal: one.pk for one in histories for deal in one.deals}
    found = {one.pk: Facts() for one in histories}
    for sold in sold_among(place, proposal, zone):
        found[place[sold.deal]].sold.append(sold)
    for deal, answer in _answers(place).items():
        found[place[deal]].answers[deal] = answer
    _add_booked(found, proposal.by)
    _add_doubles(found, proposal, zone)
    for pk, one in bookings_of(
        {pk: facts.sold for pk, facts in found.items()}, proposal.by
    ).items():
        found[pk].bookings = one
    _mark_settled(found, histories)
    return found


def sold_among(ids: Iterable[int], proposal: Proposal, zone: ZoneInfo) -> list[Sold]:
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
    won = Deal.objects.present().visible_to(user).filter(status=Deal.Status.WON)
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
    words, sold = _plan_words(proposal.plan_field), []
    for block in blocks(sorted(ids), _BLOCK):
        sold += [
            _sold(cast("_HistoryDeal", row), words, zone)
            for row in deals.filter(pk__in=block).values(*_COLUMNS, **names_seen(user))
        ]
    return sold


def _plan_words(field: CustomField | None) -> Callable[[Mapping[str, object]], str]:
    """Return how the words of the plan field are read from a deal's own cells."""
    if field is None:
        return lambda _custom: ""
    key = field.key
    names: dict[object, str] = dict(field.options.values_list("pk", "name"))
    if field.kind == FieldKind.OPTION:
        return lambda custom: names.get(custom.get(key), "")
    return lambda custom: str(custom.get(key) or "")


def _sold(
    row: _HistoryDeal, words: Callable[[Mapping[str, object]], str], zone: ZoneInfo
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
        # A file that knows only days puts everything on midnight, which does not tell
        # a duplicate import from two subscriptions.
        minute=None if won_at.time() == time() else won_at.hour * 60 + won_at.minute,
    )


def _answers(deals: Iterable[int]) -> dict[int, Said]:
    answers: dict[int, Said] = {}
    for block in blocks(sorted(deals), _BLOCK):
        rows = Answer.objects.filter(deal__in=block).values_list(
            "deal", "number", "cadence"
        )
        booked = _booked_by({number for _, number, _ in rows if number})
        for deal, number, cadence in rows:
            how = Cadence.parse(cadence) if cadence and number is not None else None
            answers[deal] = Said(booked.get(number, number), how)
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
    return {number: -subscription for number, subscription in found if subscription}


def _add_booked(found: Mapping[int, Facts], by: User) -> None:
    """Add the terms of the customers' subscriptions in the same currency.

    Deals of one subscription are one chain already.
    """
    owners: dict[tuple[CustomerKey, str], list[Facts]] = defaultdict(list)
    for facts in found.values():
        for key in {(_customer(one), one.currency) for one in facts.sold}:
            owners[key].append(facts)
    customers = sorted({Customer.of_key(key) for key, _currency in owners})
    for block in blocks(customers, _BLOCK):
        mine = Subscription.objects.present().editable_by(by).filter(bought_by(block))
        terms = Term.objects.filter(subscription__in=mine).order_by("pk")
        for row in cast("Iterable[_TermRow]", terms.values(*_TERMS)):
            term = _term(row)
            for facts in owners.get((_customer(term), term.currency), ()):
                _add_term(facts, term, row)


def _add_term(facts: Facts, term: Sold, row: _TermRow) -> None:
    one = row["subscription_id"]
    span = facts.spans.get(one, DateRange(row["starts_on"], row["ends_on"]))
    facts.spans[one] = DateRange(
        min(span.start, row["starts_on"]), max(span.end, row["ends_on"])
    )
    if row["subscription__state"] == Subscription.State.ENDED:
        facts.ended.add(one)
    if row["subscription__state"] == Subscription.State.PAUSED:
        facts.paused.add(one)
    if term.value_e4 > 0:  # what was skipped is no copy of anything
        facts.booked.append(term)
        if row["deal_id"]:
            facts.paying.add(row["deal_id"])
        facts.subscriptions[term.deal] = one
        facts.answers[term.deal] = Said(-one, Cadence.parse(row["cadence"]))


def _add_doubles(
    found: Mapping[int, Facts], proposal: Proposal, zone: ZoneInfo
) -> None:
    ids = {deal for facts in found.values() for deal in facts.paying}
    seen = Deal.objects.visible_to(proposal.by)
    paying = {
        one.deal: one for one in _sold_in(seen, ids, proposal, zone, user=proposal.by)
    }
    for facts in found.values():
        unanswered = [one for one in facts.sold if one.deal not in facts.answers]
        facts.doubles = repeated_in(
            unanswered, [paying[deal] for deal in facts.paying if deal in paying]
        )


def _mark_settled(found: Mapping[int, Facts], histories: Sequence[History]) -> None:
    left = _left_of({one.name for one in histories})
    for one in histories:
        facts = found[one.pk]
        deals = {each.deal for each in facts.sold}
        recurring = {
            deal
            for deal, answer in facts.answers.items()
            if answer.together is not None
        }
        facts.is_settled = (
            deals <= left[one.name, one.currency] and not deals & recurring
        )


def _left_of(names: Collection[str]) -> dict[tuple[str, str], set[int]]:
    """Return by name and currency the deals that a written reading left in no line.

    They are read again together with later ones.
    """
    left: dict[tuple[str, str], set[int]] = defaultdict(set)
    written = History.objects.filter(
        state=History.State.WRITTEN, proposal__state=Proposal.State.WRITTEN
    )
    for name, currency, stored in written.filter(name__in=names).values_list(
        "name", "currency", "reading"
    ):
        reading = restored(stored)
        left[name, currency].update(
            reading.loose, reading.credits, *(line.credits for line in reading.lines)
        )
    return left


def _customer(one: Sold) -> CustomerKey:
    return customer_key(int(one.organization_id or 0), int(one.person_id or 0))


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
