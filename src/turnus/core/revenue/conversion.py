"""Prices of many currencies and cadences as whole numbers of one unit, so that sums are exact and fast."""

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

    `on` None: each period at the rate of its first day (booking rates). A day: everything at the rates of that day, which may be
    a chosen one (constant rates) or today.
    """

    rates: Rates
    currency: str
    on: date | None = None

    def rate(self, currency: str, period_start: date) -> Decimal | None:
        """Return what a unit of `currency` counts in a period; None without a rate: then the figure is withheld."""
        return self.rates.between(currency, self.currency, self.on or period_start)


def own_currency(currency: str) -> Conversion:
    """Return the conversion for accounts that know one currency only."""
    return Conversion(Rates(currency, {}), currency)


@dataclass(frozen=True, slots=True)
class Withheld:
    """A currency that is left out of a figure because the rate of `on`, the earliest such day, is missing."""

    currency: str
    on: date


RateKey = tuple[str, date]


@dataclass(frozen=True, slots=True)
class Scale:
    """The common denominator of a set of prices: `arr` is a whole number of `per_e4`-ths of a ten-thousandth a year."""

    currency: str
    per_e4: int
    billings: dict[Cadence, int]
    rates: dict[RateKey, int]
    #: What a rate of 1 is, for amounts that are in the shown currency already.
    one: int
    withheld: tuple[Withheld, ...]

    @classmethod
    def of(
        cls, cadences: Iterable[Cadence], keys: Collection[RateKey], conversion: Conversion
    ) -> "Scale":
        """Return the scale for prices of these cadences, in these currencies with the days of their rates."""
        billings = {each: each.billings_per_year for each in cadences}
        rates = {key: conversion.rate(*key) for key in keys}
        withheld = _withheld(rates)
        without = {each.currency for each in withheld}
        known = {
            key: Fraction(rate)
            for key, rate in rates.items()
            if rate is not None and key[0] not in without
        }
        billing_unit = lcm(*(each.denominator for each in billings.values()))
        one = lcm(*(each.denominator for each in known.values()))
        return cls(
            conversion.currency,
            billing_unit * one,
            {cadence: int(each * billing_unit) for cadence, each in billings.items()},
            {key: int(rate * one) for key, rate in known.items()},
            one,
            withheld,
        )

    @classmethod
    def of_segments(cls, segments: Collection[Segment], conversion: Conversion) -> "Scale":
        """Return the scale for `segments`."""
        # By identity first: a million segments share a handful of cadences, and hashing one costs more than looking at it.
        cadences = {id(each.cadence): each.cadence for each in segments}
        shown = conversion.currency
        keys = {(each.currency, each.rate_on) for each in segments if each.currency != shown}
        return cls.of(set(cadences.values()), keys, conversion)

    def rate(self, currency: str, rate_on: date) -> int | None:
        """Return the rate as a whole number, None if the currency is withheld."""
        return self.one if currency == self.currency else self.rates.get((currency, rate_on))

    def arr_of(self, segment: Segment) -> int:
        """Return what a segment costs a year; KeyError if its currency is withheld."""
        rate = (
            self.one
            if segment.currency == self.currency
            else self.rates[segment.currency, segment.rate_on]
        )
        return segment.price_e4 * self.billings[segment.cadence] * rate

    def mrr_e4(self, arr: Exact) -> Fraction:
        """Return a year's whole number as an exact month, in ten-thousandths."""
        return Fraction(arr) / (self.per_e4 * 12)

    def mrr(self, arr: Exact) -> Money:
        """Return a year's whole number as a month's money, rounded."""
        return Money.rounded_from(self.mrr_e4(arr), self.currency)

    def arr(self, arr: Exact) -> Money:
        """Return a year's whole number as money, rounded from the exact year: never twelve rounded months."""
        return Money.rounded_from(Fraction(arr) / self.per_e4, self.currency)


def _withheld(rates: dict[RateKey, Decimal | None]) -> tuple[Withheld, ...]:
    earliest: dict[str, date] = {}
    for (currency, day), rate in rates.items():
        if rate is None:
            earliest[currency] = min(day, earliest.get(currency, day))
    return tuple(Withheld(*each) for each in sorted(earliest.items()))
