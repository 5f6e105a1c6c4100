"""Amounts with a currency: exact integers, rounding half away from zero, conversion by dated rates."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

#: Amounts are stored as ten-thousandths of one unit of their currency.
E4 = 10_000
#: Ten trillion units: far above any deal, and safely within 64 bits even as the sum of a million of them at a usual size.
MAX_E4 = 10**17

#: Quotients of rates keep a common denominator, so that exact sums of a million of them stay fast.
_CROSS_RATE = Decimal(1).scaleb(-12)

#: Rates are stored with ten decimals.
_STORED_RATE = Decimal(1).scaleb(-10)

#: ISO 4217 currencies whose number of decimals is not two.
_DECIMALS = {
    **dict.fromkeys(("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"), 0),
    **dict.fromkeys(("UGX", "UYI", "VND", "VUV", "XAF", "XOF", "XPF"), 0),
    **dict.fromkeys(("BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"), 3),
}


def decimals_of(currency: str) -> int:
    """Return how many decimals amounts in `currency` are shown with.

    >>> decimals_of("JPY"), decimals_of("EUR"), decimals_of("KWD")
    (0, 2, 3)
    """
    return _DECIMALS.get(currency, 2)


def known_decimals() -> Mapping[str, int]:
    """Return the decimals of the currencies that have other than two.

    >>> sorted(set(known_decimals().values()))
    [0, 3]
    """
    return _DECIMALS


def to_e4(amount: Decimal) -> int:
    """Return `amount` in ten-thousandths, rounded half away from zero; raises OverflowError beyond ten trillion."""
    scaled = (amount * E4).to_integral_value(rounding=ROUND_HALF_UP)
    if abs(scaled) > MAX_E4:
        raise OverflowError
    return int(scaled)


def from_e4(amount_e4: int) -> Decimal:
    """Return ten-thousandths as a decimal number of units.

    >>> from_e4(12_345_000)
    Decimal('1234.5')
    """
    units = Decimal(amount_e4) / E4
    return units.quantize(Decimal(1)) if units == units.to_integral_value() else units.normalize()


def rounded(amount_e4: int | Fraction, currency: str) -> int:
    """Return ten-thousandths, whole or exact, rounded to the decimals of `currency`, half away from zero.

    >>> rounded(1_234_550, "EUR"), rounded(-1_234_550, "EUR"), rounded(15_000, "JPY")
    (1234600, -1234600, 20000)
    """
    step = int(E4 / 10 ** decimals_of(currency))
    whole, rest = divmod(-amount_e4 if amount_e4 < 0 else amount_e4, step)
    result = (int(whole) + (2 * rest >= step)) * step
    return result if amount_e4 >= 0 else -result


@dataclass(frozen=True, slots=True, order=False)
class Money:
    """An amount in ten-thousandths of one unit of an ISO 4217 currency."""

    amount_e4: int
    currency: str

    @classmethod
    def of(cls, amount: Decimal | str | int, currency: str) -> "Money":
        """Return money from units: `Money.of("99.50", "EUR")`."""
        return cls(to_e4(Decimal(amount)), currency)

    @classmethod
    def rounded_from(cls, amount_e4: int | Fraction, currency: str) -> "Money":
        """Return exact ten-thousandths as money with the decimals of its currency: the one place where figures are rounded.

        >>> Money.rounded_from(Fraction(1_000_000, 12), "EUR").amount
        Decimal('8.33')
        """
        return cls(rounded(amount_e4, currency), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in units."""
        return from_e4(self.amount_e4)

    def __add__(self, other: "Money") -> "Money":
        return Money(self.amount_e4 + other._same(self.currency), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.amount_e4 - other._same(self.currency), self.currency)

    def _same(self, currency: str) -> int:
        if currency != self.currency:
            message = (
                f"{self.currency} and {currency} cannot be added: convert first, by a dated rate"
            )
            raise ValueError(message)
        return self.amount_e4


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights` so that the parts add up to it; the largest remainders get the rest.

    >>> allocate(100, [1, 1, 1])
    [34, 33, 33]
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        message = "weights must not be negative, and one must be positive"
        raise ValueError(message)
    parts = [abs(total) * weight // whole for weight in weights]
    by_remainder = sorted(
        range(len(weights)), key=lambda i: (-(abs(total) * weights[i] % whole), i)
    )
    for i in by_remainder[: abs(total) - sum(parts)]:
        parts[i] += 1
    return parts if total >= 0 else [-part for part in parts]


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of each currency was worth in `base`, by day: (first day, rate), in order of the days."""

    base: str
    by_currency: Mapping[str, Sequence[tuple[date, Decimal]]]

    def rate(self, currency: str, on: date) -> Decimal | None:
        """Return the last rate on or before `on`; None where there is none: an amount is then never taken as is."""
        if currency == self.base:
            return Decimal(1)
        dated = self.by_currency.get(currency, ())
        found = bisect_right(dated, on, key=lambda pair: pair[0])
        return dated[found - 1][1] if found else None

    def convert(self, amount_e4: int, currency: str, on: date) -> int | None:
        """Return an amount of `currency` in ten-thousandths of the base currency; None without a rate."""
        rate = self.rate(currency, on)
        return (
            None
            if rate is None
            else int((amount_e4 * rate).to_integral_value(rounding=ROUND_HALF_UP))
        )

    def between(self, currency: str, to: str, on: date) -> Decimal | None:
        """Return what one unit of `currency` is worth in `to` on a day, by way of the base currency; None without a rate.

        Towards the base currency it is the rate as entered; otherwise a quotient, rounded to twelve decimals (decision 0010).
        """
        rate, other = self.rate(currency, on), self.rate(to, on)
        if currency == to:
            return Decimal(1)
        if rate is None or not other or to == self.base:
            return rate if other else None
        with localcontext(prec=40):
            return (rate / other).quantize(_CROSS_RATE, rounding=ROUND_HALF_UP)

    def rebased(self, base: str) -> "Rates":
        """Return the same rates into another currency, `base`: what was worth what on a day stays so.

        Days on which nothing is known of `base` have no rates any more. Rounded to ten decimals, as rates are stored.

        >>> francs = {"CHF": [(date(2018, 1, 1), Decimal("0.8"))], "USD": [(date(2018, 6, 1), Decimal("0.88"))]}
        >>> rebased = Rates("EUR", francs).rebased("CHF")
        >>> rebased.rate("EUR", date(2018, 6, 1)), rebased.rate("USD", date(2018, 6, 1))
        (Decimal('1.2500000000'), Decimal('1.1000000000'))
        """
        if base == self.base:
            return self
        days_of_base = {day for day, _rate in self.by_currency.get(base, ())}
        rebased: dict[str, list[tuple[date, Decimal]]] = {}
        for currency in (self.base, *self.by_currency):
            own_days = {day for day, _rate in self.by_currency.get(currency, ())}
            dated = [
                self._rebased_on(day, currency, base) for day in sorted(own_days | days_of_base)
            ]
            found = [pair for pair in dated if pair is not None]
            if found and currency != base:
                rebased[currency] = found
        return Rates(base, rebased)

    def _rebased_on(self, day: date, currency: str, base: str) -> tuple[date, Decimal] | None:
        rate, rate_of_base = self.rate(currency, day), self.rate(base, day)
        if rate is None or rate_of_base is None:
            return None
        with localcontext(prec=40):
            return day, (rate / rate_of_base).quantize(_STORED_RATE, rounding=ROUND_HALF_UP)
