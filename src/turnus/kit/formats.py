"""Numbers, amounts, days and moments as people of a language write them; fast, because patterns are parsed once."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.numbers import NumberPattern, get_currency_symbol, parse_pattern

from turnus.core.money import decimals_of, from_e4, rounded

#: Language -> the region whose notation is used.
_REGIONS = {"de": "de_DE", "en": "en_GB"}


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(_REGIONS.get(language, "en_GB"))


@lru_cache
def _pattern(places: int) -> NumberPattern:
    return parse_pattern("#,##0" + ("." + "0" * places if places else ""))


@lru_cache(maxsize=1000)
def _symbol(currency: str, language: str) -> str:
    return get_currency_symbol(currency, _locale(language))


def money(amount_e4: int, currency: str, language: str) -> str:
    """Return an amount with its currency, rounded to the currency's decimals: `1.234,50 €`, `€1,234.50`."""
    places = decimals_of(currency)
    number = from_e4(rounded(amount_e4, currency))
    shown = _pattern(places).apply(abs(number), _locale(language))
    symbol = _symbol(currency, language)
    sign = "-" if number < 0 else ""
    if language == "de":
        return f"{sign}{shown}\u00a0{symbol}"
    space = "\u00a0" if symbol[-1].isalpha() else ""
    return f"{sign}{symbol}{space}{shown}"


def number(value: Decimal | int, language: str) -> str:
    """Return a number with thousands marks and its own decimals: `1.234,5`."""
    exponent = value.as_tuple().exponent if isinstance(value, Decimal) else 0
    places = -exponent if isinstance(exponent, int) and exponent < 0 else 0
    return str(_pattern(places).apply(value, _locale(language)))


def day(value: date, language: str) -> str:
    """Return a day: `14.11.2018`, `14 Nov 2018`."""
    if language == "de":
        return f"{value:%d.%m.%Y}"
    return f"{value.day} {_month_name(value.month, language)} {value.year}"


@lru_cache
def _month_name(month: int, language: str) -> str:
    return babel_date(date(2000, month, 1), "MMM", _locale(language))


@lru_cache(maxsize=2000)
def month(value: date, language: str) -> str:
    """Return the month that a day lies in: `November 2018`, short: `Nov. 2018`."""
    return babel_date(value, "MMM yyyy", _locale(language))


def moment(value: datetime, zone: ZoneInfo, language: str) -> str:
    """Return a moment as clocks in `zone` showed it: `14.11.2018 09:30`."""
    local = value.astimezone(zone)
    return f"{day(local.date(), language)} {local:%H:%M}"
