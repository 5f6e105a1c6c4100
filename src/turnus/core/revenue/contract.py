"""What a deal that books a term is worth: a month, a year, its first year and its whole term."""

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from turnus.core.cadence import Cadence
from turnus.core.calendar import add_months
from turnus.core.money import Money

#: What a contract without an end is taken for (mrr.md: What a deal is worth).
USUAL_MONTHS = 12


@dataclass(frozen=True, slots=True)
class DealFigures:
    """MRR and ARR of the recurring part on the day `on`; ACV and TCV include what is one-off.

    All are exact until they are shown. `until` is the end of the term that TCV counts.
    `is_open`: no end is agreed, so the term counts as twelve months.
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
    """A deal's recurring price per period from `start` on; amounts in ten-thousandths.

    `end` is exclusive; None: open. Due days are those of `cadence`, counted from `anchor`;
    the deal books term `number`.
    """

    cadence: Cadence
    anchor: date
    number: int
    start: date
    end: date | None
    price_e4: int
    one_off_e4: int
    currency: str

    def figures(self, today: date) -> DealFigures:
        """Return the figures; MRR is that of `today` or, outside the contract, of its first day.

        The rule: (mrr.md: What a deal is worth).
        """
        year = Fraction(self.price_e4) * self.cadence.billings_per_year
        whole_term = self._whole_term(year)
        first_year = min(whole_term, year)
        on = today if self._covers(today) else self.start
        return DealFigures(
            on=on,
            one_off=self._money(self.one_off_e4),
            mrr=self._money(year / 12),
            arr=self._money(year),
            acv=self._money(self.one_off_e4 + first_year),
            tcv=self._money(self.one_off_e4 + whole_term),
            until=self.end or add_months(self.start, USUAL_MONTHS),
            is_open=self.end is None,
        )

    def _covers(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def _whole_term(self, year: Fraction) -> Fraction:
        """Return what all periods cost; without an end a year, one period at least."""
        if self.end is None:
            return max(year, Fraction(self.price_e4))
        return Fraction(self.price_e4 * self._periods(self.end))

    def _periods(self, end: date) -> int:
        """Return how many periods begin before `end`, the deal's own at least."""
        count = 1
        while self.cadence.due(self.anchor, self.number + count) < end:
            count += 1
        return count

    def _money(self, exact: int | Fraction) -> Money:
        return Money.rounded_from(Fraction(exact), self.currency)
