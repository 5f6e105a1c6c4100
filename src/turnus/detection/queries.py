"""Reading proposals: whose they are, their figures, their histories with the deals."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from django.db.models import Count, Q, QuerySet, Sum

from turnus.accounts.models import User
from turnus.accounts.queries import company, rates
from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing
from turnus.core.detection.decisions import Decision
from turnus.core.detection.facts import Sold
from turnus.core.revenue.conversion import Conversion
from turnus.core.revenue.mrr import Recurring, recurring_on
from turnus.detection.facts import seen_among
from turnus.detection.models import History, Proposal
from turnus.detection.reading import Reading, restored
from turnus.revenue.loading import load_segments


@dataclass(frozen=True, slots=True)
class Shown:
    """A history with what it is read as, and its deals by id."""

    history: History
    reading: Reading
    sold: Mapping[int, Sold]


@dataclass(frozen=True, slots=True)
class Figures:
    """A proposal's counts, and a month's share of what recurs and of what is in question."""

    count: int
    subscriptions: int
    questions: int
    mrr_e4: int
    stake_e4: int


def own_proposals(user: User) -> QuerySet[Proposal]:
    """Return the proposals that `user` asked for; an admin sees all."""
    found = Proposal.objects.select_related("by", "run")
    return found if user.is_admin else found.filter(by=user)


def own_histories(user: User) -> QuerySet[History]:
    """Return the histories of those proposals."""
    return History.objects.filter(
        proposal__in=own_proposals(user)
    ).select_related("proposal__by", "proposal__plan_field")


def by_stake(proposal: Proposal) -> QuerySet[History]:
    """Return the proposal's histories, the most money in question first."""
    return proposal.histories.order_by("-stake_e4", "-mrr_e4", "pk")


def shown(
    histories: Sequence[History], proposal: Proposal, user: User
) -> list[Shown]:
    """Return histories with the deals that `user` may see; a query for each 2,000 deals."""
    ids = [deal for one in histories for deal in one.deals]
    sold = {
        one.deal: one
        for one in seen_among(ids, proposal, company().zone, user=user)
    }
    return [
        Shown(
            one,
            restored(one.reading),
            {deal: sold[deal] for deal in one.deals if deal in sold},
        )
        for one in histories
    ]


def figures(proposal: Proposal) -> Figures:
    """Return the proposal's figures; skipped histories do not count."""
    sums = proposal.histories.exclude(state=History.State.LEFT_OUT).aggregate(
        count=Count("pk"),
        subscriptions=Sum("subscription_count"),
        questions=Sum("question_count"),
        mrr_e4=Sum("mrr_e4"),
        stake_e4=Sum("stake_e4"),
    )
    return Figures(**{key: value or 0 for key, value in sums.items()})


@dataclass(frozen=True, slots=True)
class OpenDecision:
    """A decision of a proposal, and the money between its readings in the company's currency."""

    history: History
    decision: Decision
    stake_e4: Fraction
    below_e4: Fraction
    above_e4: Fraction

    @property
    def key(self) -> str:
        """What names it in an address: its history and its first deal in question."""
        return f"{self.history.pk}-{self.decision.asked[0]}"


def open_decisions(
    proposal: Proposal, conversion: Conversion | None = None
) -> list[OpenDecision]:
    """Return the decisions of histories neither confirmed nor skipped, most money first.

    One query, and three more where `conversion` into the company's currency is None.
    """
    if conversion is None:
        conversion = Conversion(rates(), company().currency)
    found: list[OpenDecision] = []
    histories = by_stake(proposal).filter(
        question_count__gt=0, state=History.State.PROPOSED
    )
    for history in histories:
        rate = Fraction(conversion.rate(history.currency, proposal.on) or 0)
        found += [
            OpenDecision(
                history,
                decision,
                decision.stake_e4 * rate,
                decision.below_e4 * rate,
                decision.above_e4 * rate,
            )
            for decision in restored(history.reading).decisions
        ]
    return sorted(found, key=_most_money_first)


def _most_money_first(each: OpenDecision) -> tuple[Fraction, Fraction, str]:
    """Return what orders decisions: MRR first, then past revenue."""
    return -each.stake_e4, -each.decision.past_stake_e4, each.key


@dataclass(frozen=True, slots=True)
class MrrChange:
    """The MRR `before` writing and what it `adds`, in ten-thousandths of company currency."""

    before_e4: Fraction
    adds_e4: Fraction

    @property
    def after_e4(self) -> Fraction:
        """The MRR once it is written."""
        return self.before_e4 + self.adds_e4

    @property
    def confirmed_e4(self) -> int:
        """What is added, as a person confirms it: whole ten-thousandths."""
        return round(self.adds_e4)


@dataclass(frozen=True, slots=True)
class MrrRange:
    """What the MRR comes to: as it was read, at least, at most; company currency, exactly."""

    likely_e4: Fraction
    low_e4: Fraction
    high_e4: Fraction


def mrr_range(
    change: MrrChange, decisions: Iterable[OpenDecision]
) -> MrrRange:
    """Return the MRR after writing, and how far the open decisions may move it."""
    likely_e4 = low_e4 = high_e4 = change.after_e4
    for each in decisions:
        low_e4 -= each.below_e4
        high_e4 += each.above_e4
    return MrrRange(likely_e4, low_e4, high_e4)


@dataclass(frozen=True, slots=True)
class MrrToday:
    """The MRR on a proposal's day, in total and by customer, as the reports compute it."""

    recurring: Recurring
    month: str
    billing: Billing
    #: Into the company's currency.
    conversion: Conversion

    def change(self, histories: Iterable[History]) -> MrrChange:
        """Return what writing these histories comes to."""
        return MrrChange(
            self.recurring.mrr_e4,
            sum((self._adds(one) for one in histories), Fraction(0)),
        )

    def change_of(self, one: Shown) -> MrrChange:
        """Return the MRR of one history's customer, and what writing it adds."""
        sold = next(iter(one.sold.values()), None)
        key = (
            None
            if sold is None
            else self.billing.key_of(
                _number(sold.organization_id), _number(sold.person_id)
            )
        )
        arr = (
            self.recurring.by_customer.get(key, Fraction(0))
            if key is not None
            else Fraction(0)
        )
        return MrrChange(arr / 12, self._adds(one.history))

    def _adds(self, history: History) -> Fraction:
        return Fraction(history.months.get(self.month, 0))


def mrr_today(proposal: Proposal, user: User) -> MrrToday:
    """Return the MRR on the proposal's day that `user` may see.

    Five queries and the time of reading the terms once.
    """
    owner = company()
    conversion = Conversion(rates(), owner.currency)
    viewer = Viewer(user, proposal.on, owner.zone)
    segments = load_segments(
        viewer, merges=lambda currency: currency == owner.currency
    )
    recurring = recurring_on(proposal.on, segments, conversion=conversion)
    month = f"{proposal.on:%Y-%m}"
    return MrrToday(recurring, month, Billing.load(user), conversion)


def _number(text: str) -> int | None:
    return int(text) if text else None


def neighbors(history: History) -> tuple[int | None, int | None]:
    """Return the histories before and after this one by money in question; None at the ends."""
    others = by_stake(history.proposal)
    stake, mrr, pk = history.stake_e4, history.mrr_e4, history.pk
    after = others.filter(
        Q(stake_e4__lt=stake)
        | Q(stake_e4=stake, mrr_e4__lt=mrr)
        | Q(stake_e4=stake, mrr_e4=mrr, pk__gt=pk)
    )
    before = others.filter(
        Q(stake_e4__gt=stake)
        | Q(stake_e4=stake, mrr_e4__gt=mrr)
        | Q(stake_e4=stake, mrr_e4=mrr, pk__lt=pk)
    )
    first, last = (
        after.values_list("pk", flat=True).first(),
        before.values_list("pk", flat=True).last(),
    )
    return last, first
