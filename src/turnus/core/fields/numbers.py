"""Reading numbers and amounts as people write them: what is not a number is an error."""

import re
from dataclasses import dataclass
from decimal import Decimal

from turnus.core.fields.currencies import currency_of
from turnus.core.fields.errors import ParseError
from turnus.core.fields.letters import plain
from turnus.core.fields.notation import needs_decimal_comma
from turnus.core.issues import IssueCode

#: Longer texts are no numbers; they are refused before anything looks into them.
LONGEST = 60
#: Dashes in the place of a minus sign, and in the place of cents.
_DASHES = "-–—−‐‑‒"
#: What stands before the first digit, between the first and the last one, and behind.
_PARTS = re.compile(r"(?P<before>\D*)(?P<digits>\d(?:.*\d)?)(?P<behind>\D*)")
#: Dashes in the place of cents: 250.– and 1.234,--
_NO_CENTS = re.compile(rf"(?P<mark>[.,]) ?[{_DASHES}]{{1,2}}(?P<rest>.*)")
#: Signs and brackets around a word: -CHF, (€, EUR -
_SIDE = re.compile(
    rf"(?P<outer>[{_DASHES}+()]*)(?P<word>[^{_DASHES}+()]*)(?P<inner>[{_DASHES}+()]*)"
)
#: Thousands parted by spaces or apostrophes of any kind.
_APOSTROPHES = str.maketrans(dict.fromkeys("’‘ʼ`´′", "'"))
_SPACED = re.compile(r"\d{1,3}([ '])\d{3}(?:\1\d{3})*(?P<decimals>[.,]\d+)?")
_COMMA = re.compile(r"(\d{1,3}(\.\d{3})+|\d+)(,\d+)?")
#: With points for decimals, groups of three or, in India, of two before the last three: 2,50,000.00
_POINT = re.compile(r"(\d{1,3}(,\d{3})+|\d{1,2}(,\d{2})+,\d{3}|\d+)(\.\d+)?")
#: Digits before the decimal mark: the limit of what 64 bits hold in millionths, and far above any
#: deal.
_MAX_DIGITS = 12


@dataclass(frozen=True, slots=True)
class Amount:
    """A number with its currency: a code, a sign that several currencies share, or nothing."""

    number: Decimal
    currency: str = ""


@dataclass(frozen=True, slots=True)
class _Side:
    """What stands on one side of the digits."""

    marks: str = ""
    currency: str = ""

    @property
    def minus_count(self) -> int:
        return sum(mark in _DASHES for mark in self.marks)


def parse_number(text: str, *, decimal_comma: bool | None) -> Decimal:
    """Return the number that `text` says in a notation; with a currency beside it, it is none.

    `decimal_comma` None: the text must read the same in both, else NUMBER_AMBIGUOUS. Raises
    ParseError NUMBER_INVALID for anything else, OUT_OF_RANGE beyond twelve digits before the
    decimal mark.

    >>> parse_number("1.234,50", decimal_comma=True), parse_number("-490", decimal_comma=None)
    (Decimal('1234.50'), Decimal('-490'))
    """
    amount = parse_amount(text, decimal_comma=decimal_comma)
    if amount.currency:
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    return amount.number


def parse_amount(text: str, *, decimal_comma: bool | None) -> Amount:
    """Return the number that `text` says and the currency beside it; errors as `parse_number`.

    The minus sign may stand on either side, brackets mean one, dashes may stand for the cents, or
    for nothing at all.

    >>> parse_amount("1.234,50- €", decimal_comma=None)
    Amount(number=Decimal('-1234.50'), currency='EUR')
    >>> parse_amount("CHF (1'234.–)", decimal_comma=None)
    Amount(number=Decimal('-1234'), currency='CHF')
    >>> parse_amount("- €", decimal_comma=None)
    Amount(number=Decimal('0'), currency='EUR')
    """
    if len(text) > LONGEST:
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    found = _PARTS.fullmatch(plain(text))
    if found is None:
        return _nothing(text)
    digits = found["digits"]
    behind = found["behind"]
    without_cents = _NO_CENTS.fullmatch(behind)
    if without_cents is not None:
        behind = without_cents["rest"]
    before = _side(found["before"], text)
    after = _side(behind, text)
    if before.currency and after.currency:
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    is_negative = _is_negative(before, after, behind, text)
    if without_cents is not None:
        number = _whole(digits, without_cents["mark"], text)
    else:
        number = _number(digits, text, decimal_comma=decimal_comma)
    if is_negative:
        number = -number
    currency = before.currency or after.currency
    return Amount(in_range(number, text), currency)


def in_range(number: Decimal, text: str) -> Decimal:
    """Return `number` if it can be stored, else raise OUT_OF_RANGE."""
    if not number.is_finite():
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    if abs(number) >= 10**_MAX_DIGITS:
        raise ParseError(IssueCode.OUT_OF_RANGE, text=text)
    return number


def _nothing(text: str) -> Amount:
    """Return zero for a dash beside a currency, as spreadsheets show it; all else is no number."""
    side = _side(plain(text), text)
    if not side.currency or side.minus_count != 1 or len(side.marks) != 1:
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    return Amount(Decimal(0), side.currency)


def _side(part: str, text: str) -> _Side:
    found = _SIDE.fullmatch(part.replace(" ", ""))
    if found is None:
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    currency = currency_of(found["word"]) if found["word"] else ""
    if currency is None:
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    return _Side(found["outer"] + found["inner"], currency)


def _is_negative(before: _Side, after: _Side, behind: str, text: str) -> bool:
    """Return whether the marks around the digits say minus; NUMBER_INVALID if that is unclear."""
    if before.marks + after.marks in {"", "+"} and not after.marks:
        return False
    is_bracketed = (before.marks, after.marks) == ("(", ")")
    has_sign_before = before.marks in set(_DASHES) and not after.marks
    # Behind, the sign stands at the last digit: with a space between it may be a dash that goes on
    # with something else.
    has_sign_behind = (
        after.marks in set(_DASHES)
        and not before.marks
        and behind[:1] in _DASHES
    )
    if not (is_bracketed or has_sign_before or has_sign_behind):
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    return True


def _whole(digits: str, cents_mark: str, text: str) -> Decimal:
    """Return the number of an amount with a dash for its cents, which shows the decimal mark."""
    group = "." if cents_mark == "," else ","
    compact = _without_groups(digits, text).replace(" ", "")
    if not re.fullmatch(rf"\d{{1,3}}(\{group}\d{{3}})+|\d+", compact):
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    return Decimal(compact.replace(group, ""))


def _number(digits: str, text: str, *, decimal_comma: bool | None) -> Decimal:
    compact = _without_groups(digits, text)
    if compact != digits:
        # Something else parted thousands: a mark that is left is the decimal mark.
        return Decimal(compact.replace(",", "."))
    if decimal_comma is None:
        decimal_comma = _only_reading(digits, text)
    pattern = _COMMA if decimal_comma else _POINT
    if not pattern.fullmatch(digits):
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    if decimal_comma:
        return Decimal(digits.replace(".", "").replace(",", "."))
    return Decimal(digits.replace(",", ""))


def _without_groups(digits: str, text: str) -> str:
    """Return `digits` without spaces and apostrophes, which must part thousands."""
    usual = digits.translate(_APOSTROPHES)
    if " " not in usual and "'" not in usual:
        return digits
    if not _SPACED.fullmatch(usual):
        raise ParseError(IssueCode.NUMBER_INVALID, text=text)
    return usual.replace(" ", "").replace("'", "")


def _only_reading(digits: str, text: str) -> bool:
    if needs_decimal_comma(digits):
        raise ParseError(IssueCode.NUMBER_AMBIGUOUS, text=text)
    return bool(_COMMA.fullmatch(digits)) and not _POINT.fullmatch(digits)
