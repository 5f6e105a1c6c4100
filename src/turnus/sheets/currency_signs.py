"""Which currency a number format means: by a code, a sign, or a sign with its country."""

import locale
import re
import unicodedata
from functools import cache

from turnus.core.currencies import CODES, SIGNS

#: Signs that several countries use: which currency they mean is for the country to say.
_SHARED = frozenset({"$", "¥", "kr", "kr.", "R", "Rs", "lei"})
#: Signs as they are looked for: US$ before $.
_LONGEST_FIRST = sorted(SIGNS, key=len, reverse=True)
#: A code, perhaps with the letter of its multiple before it: EUR, TEUR, kEUR.
_CODE = re.compile(
    r"(?<![A-Za-z])(?P<multiple>[TkKM]?)(?P<code>[A-Z]{3})(?![A-Za-z])"
)


def currency_of(sign: str, place: str = "") -> str:
    """Return the ISO code of a sign or code in a format; the sign itself if it is not certain.

    `place` is what a format says about the country: a Windows locale in hexadecimal digits (409),
    or a tag (en-US).

    >>> currency_of("CHF"), currency_of("$", "409"), currency_of("$", "C09")
    ('CHF', 'USD', 'AUD')
    >>> currency_of("kr", "sv-SE"), currency_of("kr")
    ('SEK', 'kr')
    """
    sign = unicodedata.normalize("NFKC", sign).strip()
    if sign in CODES:
        return sign
    if place and sign in _SHARED:
        return _used_in(place, sign)
    return _meant_by(sign) or sign


def find_currency(text: str) -> tuple[str, str]:
    """Return the currency in the words that a format puts beside a number, and the other words.

    >>> find_currency("Mio. €"), find_currency("CHF "), find_currency("kg")
    (('EUR', 'Mio. '), ('CHF', ' '), ('', 'kg'))
    """
    for found in _CODE.finditer(text):
        if found["code"] in CODES:
            return found["code"], text.replace(found["code"], "", 1)
    for sign in _LONGEST_FIRST:
        if _holds(text, sign):
            return currency_of(sign), text.replace(sign, "", 1)
    word = text.strip()
    if word in _SHARED:
        return word, ""
    return "", text


def _holds(text: str, sign: str) -> bool:
    """Return whether the sign stands in the text, one of letters as a word of its own."""
    if not sign[0].isalpha():
        return sign in text
    return (
        re.search(rf"(?<![^\W\d_]){re.escape(sign)}(?![^\W\d_])", text)
        is not None
    )


@cache
def _used_in(place: str, sign: str) -> str:
    """Return the currency of a sign in a country; sign and place if the country is unknown."""
    # Loaded where it is needed, by few formats: a reader of files starts in a process of its own.
    from babel import Locale
    from babel.core import UnknownLocaleError
    from babel.numbers import get_currency_symbol, get_territory_currencies

    try:
        country = Locale.parse(_locale_name(place))
    except (ValueError, UnknownLocaleError):
        return f"{sign} ({place})"
    for code in get_territory_currencies(country.territory or ""):
        own_sign = unicodedata.normalize(
            "NFKC", get_currency_symbol(code, country)
        )
        if sign.rstrip(".") == own_sign.rstrip("."):
            return str(code)
    return _meant_by(sign) or sign


def _meant_by(sign: str) -> str | None:
    """Return the code that a sign or a word beside an amount means, None where it is none."""
    from turnus.core.fields.currencies import currency_of as meant_by

    return meant_by(sign)


def _locale_name(place: str) -> str:
    """Return Babel's name of a Windows locale, such as en_US for 409; leading digits are flags."""
    if re.fullmatch(r"[0-9A-Fa-f]+", place):
        return locale.windows_locale.get(int(place, 16) & 0xFFFF, "")
    return place.replace("-", "_")
