"""Reading numbers and amounts as people write them, strictly: what is not a number is an error, never something near it."""

import re
from decimal import Decimal

from turnus.core.fields.errors import ParseError
from turnus.core.fields.notation import needs_decimal_comma
from turnus.core.issues import IssueCode

#: Signs people put beside amounts. A dollar sign alone says USD, as in Pipedrive's exports.
_SIGNS = {
    "€": "EUR",
    "$": "USD",
    "US$": "USD",
    "£": "GBP",
    "¥": "JPY",
    "Fr.": "CHF",
    "SFr.": "CHF",
    "zł": "PLN",
    "Kč": "CZK",
}
_SPACES = dict.fromkeys(map(ord, " \u00a0\u2009\u202f'’"))
_CURRENCY = re.compile(
    r"^(?P<before>[A-Za-z]{3}|(?:US)?\$|[€£¥]|S?Fr\.)?\s*(?P<number>[-+−(]?[\d.,'’\s\u00a0\u2009\u202f]*\d[\d.,\s)-]*)\s*"
    r"(?P<after>[A-Za-z]{3}|(?:US)?\$|[€£¥]|S?Fr\.|zł|Kč)?$"
)
_COMMA = re.compile(r"[-+]?(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
_POINT = re.compile(r"[-+]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?")
#: Digits before the decimal mark: the limit of what 64 bits hold in millionths, and far above any deal.
_MAX_DIGITS = 12


def split_currency(text: str) -> tuple[str, str | None]:
    """Return the number in `text` and the ISO code of the currency beside it, None without one.

    >>> split_currency("1.234,50 €"), split_currency("USD 99"), split_currency("490")
    (('1.234,50', 'EUR'), ('99', 'USD'), ('490', None))
    """
    found = _CURRENCY.match(text.strip())
    if not found or (found["before"] and found["after"]):
        return text, None
    word = found["before"] or found["after"]
    return found["number"].strip(), (_SIGNS.get(word) or word.upper()) if word else None


def parse_number(text: str, *, decimal_comma: bool | None) -> Decimal:
    """Return the number that `text` says in the given notation.

    `decimal_comma` None: the text must read the same in both, else NUMBER_AMBIGUOUS.
    Raises ParseError NUMBER_INVALID for anything else, OUT_OF_RANGE beyond twelve digits before the decimal mark.

    >>> parse_number("1.234,50", decimal_comma=True), parse_number("-490", decimal_comma=None)
    (Decimal('1234.50'), Decimal('-490'))
    """
    digits = text.translate(_SPACES).replace("−", "-")
    if decimal_comma is None:
        decimal_comma = _only_reading(digits, text)
    pattern = _COMMA if decimal_comma else _POINT
    if not pattern.fullmatch(digits):
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    plain = digits.replace(".", "").replace(",", ".") if decimal_comma else digits.replace(",", "")
    return in_range(Decimal(plain), text)


def in_range(number: Decimal, text: str) -> Decimal:
    """Return `number` if it can be stored, else raise OUT_OF_RANGE."""
    if not number.is_finite():
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    if abs(number) >= 10**_MAX_DIGITS:
        raise ParseError(IssueCode.OUT_OF_RANGE, text=text)
    return number


def _only_reading(digits: str, text: str) -> bool:
    if needs_decimal_comma(digits):
        raise ParseError(IssueCode.NUMBER_AMBIGUOUS, text=text)
    return bool(_COMMA.fullmatch(digits)) and not _POINT.fullmatch(digits)
