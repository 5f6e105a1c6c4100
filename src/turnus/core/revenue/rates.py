"""Retention, churn and the other rates (metrics 1.7); None wherever the denominator is 0, shown as a dash."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from turnus.core.customers import CustomerKey
from turnus.core.money import rounded
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.waterfall import Line, Waterfall

#: What each customer pays, in any one unit; customers who pay nothing are absent.
ByCustomer = Mapping[CustomerKey, Exact]


def ratio(part: Exact, whole: Exact) -> Fraction | None:
    """Return `part / whole`; None where `whole` is 0."""
    return Fraction(part) / whole if whole else None


def shown_rate(rate: Fraction | None) -> Decimal | None:
    """Return a rate with four decimals (0.01 %), half away from zero.

    >>> shown_rate(Fraction(2, 3))
    Decimal('0.6667')
    """
    return (
        None
        if rate is None
        else Decimal(rounded(rate * 10_000 * 10_000, "JPY") // 10_000).scaleb(-4)
    )


@dataclass(frozen=True, slots=True)
class FlowRates:
    """The rates of one period's flows. Churn and contraction count as positive losses; currency stays apart."""

    table: Waterfall

    @property
    def losses(self) -> Fraction:
        """Churn and contraction, as a positive amount of MRR in ten-thousandths."""
        return -(self.table.lines[Line.CHURN] + self.table.lines[Line.CONTRACTION])

    @property
    def net_new(self) -> Fraction:
        """What the period added, apart from currency."""
        lines = self.table.lines
        return lines[Line.NEW] + lines[Line.REACTIVATION] + lines[Line.EXPANSION] - self.losses

    @property
    def gross_churn(self) -> Fraction | None:
        """Losses / opening."""
        return ratio(self.losses, self.table.opening)

    @property
    def net_churn(self) -> Fraction | None:
        """(Losses - expansion - reactivation) / opening; negative when the remaining customers grow faster."""
        lines = self.table.lines
        return ratio(
            self.losses - lines[Line.EXPANSION] - lines[Line.REACTIVATION], self.table.opening
        )

    @property
    def quick_ratio(self) -> Fraction | None:
        """(New + expansion) / losses; reactivation is left out, as everywhere (metrics 2, 20)."""
        return ratio(self.table.lines[Line.NEW] + self.table.lines[Line.EXPANSION], self.losses)

    @property
    def growth(self) -> Fraction | None:
        """(Closing - opening) / opening."""
        return ratio(self.table.closing - self.table.opening, self.table.opening)


def net_retention(opening: ByCustomer, closing: ByCustomer) -> Fraction | None:
    """Return NRR: what the customers of the opening pay at the closing / what they paid; both at the opening's rates.

    >>> net_retention({1: 100, 2: 50}, {1: 120, 3: 99})
    Fraction(4, 5)
    """
    return ratio(sum(closing.get(customer, 0) for customer in opening), sum(opening.values()))


def gross_retention(opening: ByCustomer, closing: ByCustomer) -> Fraction | None:
    """Return GRR: as NRR, but nobody counts with more than at the opening; never above 1.

    >>> gross_retention({1: 100, 2: 50}, {1: 120, 3: 99})
    Fraction(2, 3)
    """
    kept = sum(min(paid, closing.get(customer, 0)) for customer, paid in opening.items())
    return ratio(kept, sum(opening.values()))


def customer_churn(opening: ByCustomer, closing: ByCustomer) -> Fraction | None:
    """Return the part of the opening's customers who are gone at the closing; never above 1."""
    return ratio(sum(customer not in closing for customer in opening), len(opening))


def average_per_customer(mrr_e4: Exact, customer_count: int) -> Fraction | None:
    """Return ARPA, and with new MRR and new customers ASP: exact, in ten-thousandths."""
    return ratio(mrr_e4, customer_count)


def lifetime_value(
    arpa_e4: Exact, monthly_churn: Sequence[Fraction | None], *, margin: Exact = 1
) -> Fraction | None:
    """Return LTV from the customer churn of the six previous whole months (months without customers are None and do not count).

    >>> lifetime_value(100, [Fraction(5, 100)] * 6)
    Fraction(2000, 1)
    """
    known = [churn for churn in monthly_churn if churn is not None]
    mean = ratio(sum(known), len(known))
    return ratio(arpa_e4 * margin, mean) if mean else None
