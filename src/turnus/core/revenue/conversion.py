"""Prices of many currencies and cadences as whole numbers of one unit: sums are exact and fast."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import lcm

from turnus.core.cadence import Cadence
from turnus.core.money import Money, Rates
from turnus.core.revenue.facts import Exact, Segment


@dataclass(frozen=True, slots=True)
class Conversion:
    """In which currency figures are shown, and by which rates.

    `on` None: each period at the rate of its first day (booking rates). A day: everything at the
    rates of that day, which may be a chosen one (constant rates) or today.
    """

    rates: Rates
    currency: str
    on: date | None = None

    def rate(self, currency: str, period_start: date) -> Decimal | None:
        """Return what a unit of `currency` counts in a period; None: the figure is withheld."""
        on = self.on or period_start
        return self.rates.between(currency, self.currency, on)


def own_currency(currency: str) -> Conversion:
    """Return the conversion for accounts that know one currency only."""
    no_rates = Rates(currency, {})
    return Conversion(no_rates, currency)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A currency that is in no figure: the rate of `on`, the earliest such day, is missing."""

    currency: str
    on: date


RateKey = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Scale:
    """The common denominator of a set of prices.

    `arr` is a whole number of `per_e4`-ths of a ten-thousandth a year.
    """

    currency: str
    per_e4: int
    billings: dict[Cadence, int]
    rates: dict[RateKey, int]
    #: What a rate of 1 is, for amounts that are in the shown currency already.
    unit_rate: int
    withheld: tuple[Withheld, ...]

    @classmethod
    def of(
        cls,
        cadences: Iterable[Cadence],
        keys: Collection[RateKey],
        conversion: Conversion,
    ) -> "Scale":
        """Return the scale for prices of these cadences; `keys` say whose rates are needed."""
        all_rates = {key: conversion.rate(*key) for key in keys}
        withheld = _withheld(all_rates)
        rates = _usable(all_rates, withheld)
        unit_rate = _common_denominator(rates.values())
        billings = {cadence: cadence.billings_per_year for cadence in cadences}
        billing_unit = _common_denominator(billings.values())
        whole_rates = {
            key: int(rate * unit_rate) for key, rate in rates.items()
        }
        whole_billings = {}
        for cadence, per_year in billings.items():
            whole_billings[cadence] = int(per_year * billing_unit)
        return cls(
            currency=conversion.currency,
            per_e4=billing_unit * unit_rate,
            billings=whole_billings,
            rates=whole_rates,
            unit_rate=unit_rate,
            withheld=withheld,
        )

    @classmethod
    def of_segments(
        cls, segments: Collection[Segment], conversion: Conversion
    ) -> "Scale":
        """Return the scale for `segments`."""
        # By identity first: a million segments share a handful of cadences, and hashing one costs
        # more than looking at it.
        cadences = {id(each.cadence): each.cadence for each in segments}
        shown = conversion.currency
        foreign = [each for each in segments if each.currency != shown]
        keys = {(each.currency, each.rate_on) for each in foreign}
        return cls.of(set(cadences.values()), keys, conversion)

    def rate(self, currency: str, rate_on: date) -> int | None:
        """Return the rate as a whole number, None if the currency is withheld."""
        if currency == self.currency:
            return self.unit_rate
        return self.rates.get((currency, rate_on))

    def arr_of(self, segment: Segment) -> int:
        """Return what a segment costs a year; KeyError if its currency is withheld."""
        if segment.currency == self.currency:
            rate = self.unit_rate
        else:
            rate = self.rates[segment.currency, segment.rate_on]
        return segment.price_e4 * self.billings[segment.cadence] * rate

    def mrr_e4(self, arr: Exact) -> Fraction:
        """Return a year's whole number as an exact month, in ten-thousandths."""
        return Fraction(arr) / (self.per_e4 * 12)

    def mrr(self, arr: Exact) -> Money:
        """Return a year's whole number as a month's money, rounded."""
        return Money.rounded_from(self.mrr_e4(arr), self.currency)

    def arr(self, arr: Exact) -> Money:
        """Return a year's whole number as money; rounded once, never twelve rounded months."""
        exact = Fraction(arr) / self.per_e4
        return Money.rounded_from(exact, self.currency)


def _common_denominator(numbers: Iterable[Fraction]) -> int:
    denominators = [number.denominator for number in numbers]
    return lcm(*denominators)


def _withheld(rates: dict[RateKey, Decimal | None]) -> tuple[Withheld, ...]:
    earliest: dict[str, date] = {}
    for (currency, day), rate in rates.items():
        if rate is None:
            earliest_day = earliest.get(currency, day)
            earliest[currency] = min(day, earliest_day)
    in_order = sorted(earliest.items())
    return tuple(Withheld(currency, day) for currency, day in in_order)


def _usable(
    rates: dict[RateKey, Decimal | None], withheld: Collection[Withheld]
) -> dict[RateKey, Fraction]:
    """Return the exact rates of the currencies that have one on every day."""
    without = {each.currency for each in withheld}
    usable = {}
    for key, rate in rates.items():
        currency, _day = key
        if rate is not None and currency not in without:
            usable[key] = Fraction(rate)
    return usable
