"""Retention, churn and the other rates; None where one would divide by 0."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from turnus.core.customers import CustomerKey
from turnus.core.money import rounded
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.waterfall import Waterfall, WaterfallLine

#: What each customer pays, in any one unit; customers who pay nothing are absent.
ByCustomer = Mapping[CustomerKey, Exact]


def ratio(part: Exact, whole: Exact) -> Fraction | None:
    """Return `part / whole`; None where `whole` is 0."""
    if not whole:
        return None
    return Fraction(part) / whole


def shown_rate(rate: Fraction | None) -> Decimal | None:
    """Return a rate with four decimals (0.01 %), half away from zero.

    >>> shown_rate(Fraction(2, 3))
    Decimal('0.6667')
    """
    if rate is None:
        return None
    # The yen has no decimals: this rounds to a whole number of ten-thousandths.
    whole_e4 = rounded(rate * 10_000 * 10_000, "JPY")
    return Decimal(whole_e4 // 10_000).scaleb(-4)


@dataclass(frozen=True, slots=True)
class FlowRates:
    """The rates of one period's flows; losses count as positive, currency stays apart."""

    table: Waterfall

    @property
    def losses(self) -> Fraction:
        """Churn and contraction, as a positive amount of MRR in ten-thousandths."""
        churn = self._line(WaterfallLine.CHURN)
        contraction = self._line(WaterfallLine.CONTRACTION)
        return -(churn + contraction)

    @property
    def net_new(self) -> Fraction:
        """What the period added, apart from currency."""
        gains = self._new + self._reactivation + self._expansion
        return gains - self.losses

    @property
    def gross_churn(self) -> Fraction | None:
        """Losses / opening."""
        return ratio(self.losses, self.table.opening)

    @property
    def net_churn(self) -> Fraction | None:
        """(Losses - expansion - reactivation) / opening; negative where growth outweighs losses."""
        net_losses = self.losses - self._expansion - self._reactivation
        return ratio(net_losses, self.table.opening)

    @property
    def quick_ratio(self) -> Fraction | None:
        """(New + expansion) / losses; without reactivation, as everywhere."""
        return ratio(self._new + self._expansion, self.losses)

    @property
    def growth(self) -> Fraction | None:
        """(Closing - opening) / opening."""
        added = self.table.closing - self.table.opening
        return ratio(added, self.table.opening)

    @property
    def _new(self) -> Fraction:
        return self._line(WaterfallLine.NEW)

    @property
    def _reactivation(self) -> Fraction:
        return self._line(WaterfallLine.REACTIVATION)

    @property
    def _expansion(self) -> Fraction:
        return self._line(WaterfallLine.EXPANSION)

    def _line(self, line: WaterfallLine) -> Fraction:
        return self.table.lines[line]


def net_retention(opening: ByCustomer, closing: ByCustomer) -> Fraction | None:
    """Return NRR: what the customers of the opening pay at the closing / what they paid.

    Both sides are at the opening's rates.

    >>> net_retention({1: 100, 2: 50}, {1: 120, 3: 99})
    Fraction(4, 5)
    """
    paid_before = sum(opening.values())
    stays = sum(closing.get(customer, 0) for customer in opening)
    return ratio(stays, paid_before)


def gross_retention(
    opening: ByCustomer, closing: ByCustomer
) -> Fraction | None:
    """Return GRR: as NRR, but nobody counts with more than at the opening; never above 1.

    >>> gross_retention({1: 100, 2: 50}, {1: 120, 3: 99})
    Fraction(2, 3)
    """
    paid_before = sum(opening.values())
    stays: Exact = 0
    for customer, paid in opening.items():
        paid_now = closing.get(customer, 0)
        stays += min(paid, paid_now)
    return ratio(stays, paid_before)


def customer_churn(
    opening: ByCustomer, closing: ByCustomer
) -> Fraction | None:
    """Return the part of the opening's customers who are gone at the closing; never above 1."""
    gone_count = sum(customer not in closing for customer in opening)
    return ratio(gone_count, len(opening))


def average_per_customer(
    mrr_e4: Exact, customer_count: int
) -> Fraction | None:
    """Return ARPA, and with new MRR and new customers ASP: exact, in ten-thousandths."""
    return ratio(mrr_e4, customer_count)


def lifetime_value(
    arpa_e4: Exact,
    monthly_churn: Sequence[Fraction | None],
    *,
    margin: Exact = 1,
) -> Fraction | None:
    """Return LTV from the customer churn of the six previous whole months.

    Months without customers are None and do not count.

    >>> lifetime_value(100, [Fraction(5, 100)] * 6)
    Fraction(2000, 1)
    """
    months = [churn for churn in monthly_churn if churn is not None]
    mean_churn = ratio(sum(months), len(months))
    if not mean_churn:
        return None
    return ratio(arpa_e4 * margin, mean_churn)
