"""The figures of one deal that books a term: what it is worth a month, a year, over its first year and over its whole term."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from turnus.core.cadence import Cadence
from turnus.core.calendar import add_months
from turnus.core.money import Money

#: What a contract without an end is taken for (metrics 1.8).
USUAL_MONTHS = 12


@dataclass(frozen=True, slots=True)
class DealFigures:
    """MRR and ARR of the recurring part on the day `on`; ACV and TCV with what is one-off; exact until they are shown.

    `until` is the end of the term that TCV counts; `is_open`: there is none agreed, so that it is twelve months.
    """

    on: date
    one_off: Money
    mrr: Money
    arr: Money
    acv: Money
    tcv: Money
    until: date
    is_open: bool


@dataclass(frozen=True, slots=True)
class Contract:
    """A deal's recurring price per period from `start` on, `end` exclusive (None: open), in ten-thousandths of `currency`."""

    cadence: Cadence
    anchor: date
    number: int
    start: date
    end: date | None
    price_e4: int
    one_off_e4: int
    currency: str

    def figures(self, today: date) -> DealFigures:
        """Return the figures; MRR is that of `today` if it lies in the contract, else of its first day (metrics 1.8)."""
        year = Fraction(self.price_e4) * self.cadence.billings_per_year
        whole = (
            max(year, Fraction(self.price_e4))
            if self.end is None
            else Fraction(self.price_e4 * self._periods(self.end))
        )
        is_inside = self.start <= today and (self.end is None or today < self.end)

        def money(exact: Fraction) -> Money:
            return Money.rounded_from(exact, self.currency)

        return DealFigures(
            today if is_inside else self.start,
            money(Fraction(self.one_off_e4)),
            money(year / 12),
            money(year),
            money(self.one_off_e4 + min(whole, year)),
            money(self.one_off_e4 + whole),
            self.end or add_months(self.start, USUAL_MONTHS),
            self.end is None,
        )

    def _periods(self, end: date) -> int:
        """Return how many periods begin before `end`, the deal's own at least."""
        count = 1
        while self.cadence.due(self.anchor, self.number + count) < end:
            count += 1
        return count
