"""Amounts with a currency: exact integers, rounding half away from zero, dated rates."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

#: Amounts are stored as ten-thousandths of one unit of their currency.
E4 = 10_000
#: Ten trillion units: far above any deal, and safely within 64 bits even as the sum of a million of
#: them at a usual size.
MAX_E4 = 10**17

#: Quotients of rates keep a common denominator, so that exact sums of a million of them stay fast.
_CROSS_RATE = Decimal(1).scaleb(-12)

#: Rates are stored with ten decimals.
_STORED_RATE = Decimal(1).scaleb(-10)

#: ISO 4217 currencies whose number of decimals is not two.
_DECIMALS = {
    **dict.fromkeys(
        ("BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF"),
        0,
    ),
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
    """Return `amount` in ten-thousandths, rounded half away from zero.

    Raises OverflowError beyond ten trillion.
    """
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
    if units == units.to_integral_value():
        return units.quantize(Decimal(1))
    return units.normalize()


def rounded(amount_e4: int | Fraction, currency: str) -> int:
    """Return ten-thousandths rounded to the decimals of `currency`, half away from zero.

    >>> rounded(1_234_550, "EUR"), rounded(-1_234_550, "EUR"), rounded(15_000, "JPY")
    (1234600, -1234600, 20000)
    """
    step = int(E4 / 10 ** decimals_of(currency))
    size_e4 = -amount_e4 if amount_e4 < 0 else amount_e4
    step_count, rest = divmod(size_e4, step)
    if 2 * rest >= step:
        step_count += 1
    result = int(step_count) * step
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
        """Return exact ten-thousandths as money with the decimals of its currency.

        The one place where figures are rounded.

        >>> Money.rounded_from(Fraction(1_000_000, 12), "EUR").amount
        Decimal('8.33')
        """
        return cls(rounded(amount_e4, currency), currency)

    @property
    def amount(self) -> Decimal:
        """The amount in units."""
        return from_e4(self.amount_e4)

    def __add__(self, other: "Money") -> "Money":
        return Money(
            self.amount_e4 + other._same(self.currency), self.currency
        )

    def __sub__(self, other: "Money") -> "Money":
        return Money(
            self.amount_e4 - other._same(self.currency), self.currency
        )

    def _same(self, currency: str) -> int:
        if currency != self.currency:
            message = f"{self.currency} and {currency} cannot be added: convert first"
            raise ValueError(message)
        return self.amount_e4


def allocate(total: int, weights: Sequence[int]) -> list[int]:
    """Split `total` in proportion to `weights`, so that the parts add up to it.

    What rounding down leaves goes to the parts with the largest remainders.

    >>> allocate(100, [1, 1, 1])
    [34, 33, 33]
    """
    whole = sum(weights)
    if whole <= 0 or min(weights) < 0:
        message = "weights must not be negative, and one must be positive"
        raise ValueError(message)
    shares = [divmod(abs(total) * weight, whole) for weight in weights]
    parts = [part for part, _remainder in shares]
    remainders = [remainder for _part, remainder in shares]
    # Sorting keeps the order of equal remainders.
    largest_first = sorted(
        range(len(weights)), key=lambda index: -remainders[index]
    )
    left_over = abs(total) - sum(parts)
    for index in largest_first[:left_over]:
        parts[index] += 1
    return parts if total >= 0 else [-part for part in parts]


@dataclass(frozen=True, slots=True)
class Rates:
    """What one unit of each currency was worth in `base`: (first day, rate), in order of days."""

    base: str
    by_currency: Mapping[str, Sequence[tuple[date, Decimal]]]

    def rate(self, currency: str, on: date) -> Decimal | None:
        """Return the last rate on or before `on`; None without one.

        An amount without a rate is never taken as it is.
        """
        if currency == self.base:
            return Decimal(1)
        dated = self.by_currency.get(currency, ())
        count_until = bisect_right(dated, on, key=lambda pair: pair[0])
        if count_until == 0:
            return None
        _first_day, rate = dated[count_until - 1]
        return rate

    def convert(self, amount_e4: int, currency: str, on: date) -> int | None:
        """Return an amount in ten-thousandths of the base currency; None without a rate."""
        rate = self.rate(currency, on)
        if rate is None:
            return None
        converted = (amount_e4 * rate).to_integral_value(
            rounding=ROUND_HALF_UP
        )
        return int(converted)

    def between(self, currency: str, to: str, on: date) -> Decimal | None:
        """Return what one unit of `currency` is worth in `to` on a day; None without a rate.

        Toward the base currency it is the rate as entered; otherwise a quotient of two rates,
        rounded to twelve decimals (decision 0010).
        """
        if currency == to:
            return Decimal(1)
        rate = self.rate(currency, on)
        rate_of_target = self.rate(to, on)
        if rate is None or not rate_of_target:
            return None
        if to == self.base:
            return rate
        with localcontext(prec=40):
            return (rate / rate_of_target).quantize(
                _CROSS_RATE, rounding=ROUND_HALF_UP
            )

    def rebased(self, base: str) -> "Rates":
        """Return the same rates into another currency, `base`.

        Days for which `base` has no rate have no rates any more. Rounded to ten decimals, as rates
        are stored.

        >>> june = date(2018, 6, 1)
        >>> rates = {"CHF": [(june, Decimal("0.8"))], "USD": [(june, Decimal("0.88"))]}
        >>> rebased = Rates("EUR", rates).rebased("CHF")
        >>> rebased.rate("EUR", june), rebased.rate("USD", june)
        (Decimal('1.2500000000'), Decimal('1.1000000000'))
        """
        if base == self.base:
            return self
        days_of_base = {day for day, _rate in self.by_currency.get(base, ())}
        rebased: dict[str, list[tuple[date, Decimal]]] = {}
        for currency in (self.base, *self.by_currency):
            if currency == base:
                continue
            own_days = {
                day for day, _rate in self.by_currency.get(currency, ())
            }
            dated = self._rebased_on(
                sorted(own_days | days_of_base), currency, base
            )
            if dated:
                rebased[currency] = dated
        return Rates(base, rebased)

    def _rebased_on(
        self, days: Iterable[date], currency: str, base: str
    ) -> list[tuple[date, Decimal]]:
        dated = []
        for day in days:
            rate = self.rate(currency, day)
            rate_of_base = self.rate(base, day)
            if rate is None or rate_of_base is None:
                continue
            with localcontext(prec=40):
                quotient = (rate / rate_of_base).quantize(
                    _STORED_RATE, rounding=ROUND_HALF_UP
                )
            dated.append((day, quotient))
        return dated
