"""How numbers and dates are written: German or English, guessed for a whole column, never for one cell."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

_NOT_NUMBER = re.compile(r"[^\d.,]")
_SLASHED = re.compile(r"^\s*(\d{1,2})[/\-](\d{1,2})[/\-](\d{4}|\d{2})\b")


@dataclass(frozen=True, slots=True)
class Notation:
    """How a person or a column writes.

    `decimal_comma`: 1.234,5 (True) or 1,234.5 (False). `day_first`: 03/04/2018 is the 3rd of April (True) or the
    4th of March (False). None: not known; a text that needs it is then an error, never a guess.
    """

    decimal_comma: bool | None = None
    day_first: bool | None = None

    def or_else(self, other: "Notation") -> "Notation":
        """Return this notation with its unknown parts taken from `other`."""
        return replace(
            self,
            decimal_comma=other.decimal_comma if self.decimal_comma is None else self.decimal_comma,
            day_first=other.day_first if self.day_first is None else self.day_first,
        )


GERMAN = Notation(decimal_comma=True, day_first=True)
ENGLISH = Notation(decimal_comma=False, day_first=True)


def guess_notation(texts: Iterable[str]) -> Notation:
    """Return what the texts of one column prove about its notation; None where they prove nothing, or both.

    >>> guess_notation(["1.234", "99,50"]).decimal_comma
    True
    >>> guess_notation(["1.234", "5.678"]).decimal_comma is None
    True
    >>> guess_notation(["03/04/2018", "14/11/2018"]).day_first
    True
    """
    commas: set[bool] = set()
    orders: set[bool] = set()
    for text in texts:
        commas |= _comma_evidence(text)
        orders |= _order_evidence(text)
    return Notation(_agreed(commas), _agreed(orders))


def needs_decimal_comma(text: str) -> bool:
    """Say whether `text` reads as a different number in German and in English notation: 1.234 or 1,234."""
    digits = _NOT_NUMBER.sub("", text)
    return bool(re.fullmatch(r"[1-9]\d{0,2}[.,]\d{3}", digits))


def needs_day_first(text: str) -> bool:
    """Say whether `text` is a date that has two readings: 03/04/2018."""
    found = _SLASHED.match(text)
    return found is not None and int(found[1]) <= 12 and int(found[2]) <= 12 and found[1].zfill(2) != found[2].zfill(2)


def _comma_evidence(text: str) -> set[bool]:
    if _SLASHED.match(text) or text.count(":") or re.match(r"^\s*\d{1,2}\.\d{1,2}\.\d{2}", text):
        return set()
    digits = _NOT_NUMBER.sub("", text)
    last = max(digits.rfind("."), digits.rfind(","))
    if last < 0 or needs_decimal_comma(text):
        return set()
    mark, other = (",", ".") if digits[last] == "," else (".", ",")
    if digits.count(mark) > 1:
        return {mark == "."}
    return {mark == ","} if other in digits or digits.count(mark) == 1 else set()


def _order_evidence(text: str) -> set[bool]:
    found = _SLASHED.match(text)
    if not found or (int(found[1]) > 12) == (int(found[2]) > 12):
        return set()
    return {int(found[1]) > 12}


def _agreed(evidence: set[bool]) -> bool | None:
    return evidence.pop() if len(evidence) == 1 else None
