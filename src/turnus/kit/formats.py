"""Numbers, amounts, days and moments as a language writes them; patterns are parsed once."""

from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date as babel_date
from babel.numbers import NumberPattern, get_currency_symbol, parse_pattern

from turnus.core.money import decimals_of, from_e4, rounded

#: Language -> the region whose notation is used, where the language alone means another one.
_REGIONS = {"en": "en_GB"}


@lru_cache
def _locale(language: str) -> Locale:
    return Locale.parse(_REGIONS.get(language, language))


@lru_cache
def _pattern(places: int) -> NumberPattern:
    decimals = "." + "0" * places if places else ""
    return parse_pattern(f"#,##0{decimals}")


@lru_cache
def _has_symbol_first(language: str) -> bool:
    """Return whether the symbol of a currency stands before the amount."""
    pattern = _locale(language).currency_formats["standard"].pattern
    return str(pattern).startswith("¤")


@lru_cache(maxsize=1000)
def _symbol(currency: str, language: str) -> str:
    return get_currency_symbol(currency, _locale(language))


def money(amount_e4: int, currency: str, language: str) -> str:
    """Return an amount with its currency, rounded to its decimals: `1.234,50 €`, `€1,234.50`."""
    pattern = _pattern(decimals_of(currency))
    amount = from_e4(rounded(amount_e4, currency))
    digits = pattern.apply(abs(amount), _locale(language))
    symbol = _symbol(currency, language)
    sign = "-" if amount < 0 else ""
    if not _has_symbol_first(language):
        return f"{sign}{digits}\u00a0{symbol}"
    space = "\u00a0" if symbol[-1].isalpha() else ""
    return f"{sign}{symbol}{space}{digits}"


def number(value: Decimal | int, language: str) -> str:
    """Return a number with thousands marks and its own decimals: `1.234,5`."""
    pattern = _pattern(_decimals_in(value))
    return str(pattern.apply(value, _locale(language)))


def _decimals_in(value: Decimal | int) -> int:
    if isinstance(value, int):
        return 0
    exponent = value.as_tuple().exponent
    return max(-exponent, 0) if isinstance(exponent, int) else 0


@lru_cache(maxsize=2000)
def day(value: date, language: str) -> str:
    """Return a day: `14.11.2018`, `14 Nov 2018`."""
    return babel_date(value, "medium", _locale(language))


@lru_cache(maxsize=2000)
def month(value: date, language: str) -> str:
    """Return the month that a day lies in: `November 2018`, short: `Nov. 2018`."""
    return babel_date(value, "MMM yyyy", _locale(language))


def moment(value: datetime, zone: ZoneInfo, language: str) -> str:
    """Return a moment as clocks in `zone` showed it: `14.11.2018 09:30`."""
    local = value.astimezone(zone)
    return f"{day(local.date(), language)} {local:%H:%M}"
