"""What the number format of a cell tells: a day, a share, an amount in a currency, how it is shown.

A format has up to four sections for positive, negative, zero and text, or for conditions; see
ECMA-376, part 1, 18.8.31.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache

from turnus.sheets.currency_signs import currency_of, find_currency
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_FORMAT

#: Formats known by their number alone. 37 to 44 look as usual in the reader's country, without a
#: certain currency.
_BUILT_IN = {
    **dict.fromkeys((9, 67), "0%"),
    **dict.fromkeys((10, 68), "0.00%"),
    **dict.fromkeys((14, 15, 16, 17), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21, 45), "hh:mm:ss"),
    22: "yyyy-mm-dd hh:mm",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
    # Days and times of East Asian and Thai calendars.
    **dict.fromkeys(
        (*range(27, 32), *range(34, 37), *range(50, 59), *range(71, 75), 81),
        "yyyy-mm-dd",
    ),
    **dict.fromkeys((32, 33, 75, 76, 78, 80), "hh:mm:ss"),
    77: "yyyy-mm-dd hh:mm",
    79: "[h]:mm:ss",
}

_TOKEN = re.compile(
    r"""
      "(?P<quoted>[^"]*)"?
    | \\(?P<escaped>.)
    | [_*].                            # room as wide as a letter, or a letter repeated
    | \[(?P<bracket>[^\]]*)\]
    | (?P<general>general|standard)
    | (?P<half>am/pm|a/p)
    | (?P<exponent>e[+-])
    | (?P<digits>[0\#?]+)
    | (?P<letters>(?P<letter>[a-z])(?P=letter)*)
    | (?P<other>.)
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_CURRENCY = re.compile(r"\$(?P<sign>[^-]*)(?:-(?P<place>.*))?")
_CONDITION = re.compile(
    r"(?P<comparison><=|>=|<>|<|>|=)\s*(?P<limit>-?\d+(?:\.\d+)?)"
)
_MINUS = frozenset("-−–")
#: A code glued to the digits behind it: INV-, KD.
_CODE_BEFORE = re.compile(r"[^\W\d_]{2}[-/#_]?$")
_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "<": lambda number, limit: number < limit,
    "<=": lambda number, limit: number <= limit,
    ">": lambda number, limit: number > limit,
    ">=": lambda number, limit: number >= limit,
    "=": lambda number, limit: number == limit,
    "<>": lambda number, limit: number != limit,
}
#: Words beside a number that mean a multiple of it, without their dots.
_MULTIPLES = frozenset(
    {
        "k",
        "t",
        "tsd",
        "tausend",
        "thousand",
        "thousands",
        "m",
        "mm",
        "mn",
        "mio",
        "mill",
        "million",
        "millions",
        "millionen",
        "b",
        "bn",
        "bio",
        "mrd",
        "mia",
        "md",
        "milliarden",
        "billion",
        "billions",
    }
)


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece of a format: `kind` is the name of its group above, `text` what stands there."""

    kind: str
    text: str


_FRACTION = Piece("other", "/")


@dataclass(slots=True)
class Section:
    """One section of a format: what it says about the numbers it is for."""

    pieces: list[Piece] = field(default_factory=list)
    condition: Callable[[float], bool] | None = None
    shows_day: bool = False
    shows_time: bool = False
    #: Whether hours, minutes or seconds go on beyond a day: `[h]:mm`.
    is_elapsed: bool = False
    is_percent: bool = False
    #: ISO code of the currency that is shown, or its sign; empty without one.
    currency: str = ""
    #: Digits before the decimal mark that are shown at least; 0 for the usual one.
    least_digits: int = 0
    #: A word such as k or Mio. behind a number that the format does not divide.
    multiple: str = ""
    #: Whether letters or digits of the format stand where a person takes them for the cell's own.
    is_written_out: bool = False
    #: Whether the format itself puts a minus before positive numbers: `"-"0`.
    is_negated: bool = False

    @property
    def is_moment(self) -> bool:
        """Whether numbers are shown as days or times."""
        return self.shows_day or self.shows_time

    @property
    def is_plain(self) -> bool:
        """Whether a number means what its digits say."""
        says_more = (
            self.is_percent
            or self.currency
            or self.least_digits
            or self.multiple
            or self.is_written_out
            or self.is_negated
        )
        return not (self.is_moment or says_more)


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """A format with its sections."""

    sections: tuple[Section, ...]

    @property
    def is_plain(self) -> bool:
        """Whether every number means what its digits say."""
        return all(section.is_plain for section in self.sections)

    def section_for(self, number: float) -> Section:
        """Return the section that shows `number`."""
        if any(section.condition for section in self.sections):
            return self._section_by_condition(number)
        if number < 0 and len(self.sections) > 1:
            return self.sections[1]
        if number == 0 and len(self.sections) > 2:
            return self.sections[2]
        return self.sections[0]

    def _section_by_condition(self, number: float) -> Section:
        for section in self.sections[:-1]:
            applies = section.condition or (lambda number: number < 0)
            if applies(number):
                return section
        return self.sections[-1]


def number_format(number: int, code: str | None) -> NumberFormat:
    """Return what a format means: its code, else that of the built-in format with this number.

    Raises SheetError for a code far longer than any program writes.
    """
    if code is not None and len(code) > MAX_FORMAT:
        raise SheetError("sheet.broken", reason=code[:40])
    if code is None:
        code = _BUILT_IN.get(number, "General")
    return _parsed(code)


@cache
def _parsed(code: str) -> NumberFormat:
    sections = [_section(pieces) for pieces in _split(code)]
    # The fourth is for texts, as is a last one with the sign of a text.
    numeric = [
        section for section in sections[:3] if not _is_for_text(section)
    ]
    if numeric and numeric[0].condition is None:
        numeric[0].is_negated = _begins_with_minus(numeric[0].pieces)
    return NumberFormat(tuple(numeric) or (Section(),))


def _begins_with_minus(pieces: list[Piece]) -> bool:
    """Return whether a number section first shows a minus.

    In the section of positive numbers, that makes them negative.
    """
    first = next(
        (
            piece
            for piece in pieces
            if piece.kind != "bracket" and piece.text.strip()
        ),
        None,
    )
    return (
        _is_number(pieces)
        and first is not None
        and first.text.strip() in _MINUS
    )


def _split(code: str) -> Iterator[list[Piece]]:
    pieces: list[Piece] = []
    for found in _TOKEN.finditer(code):
        kind = found.lastgroup or ""
        kind = "letters" if kind == "letter" else kind
        text = found[kind] if kind else ""
        if kind == "other" and text == ";":
            yield pieces
            pieces = []
        elif kind:
            pieces.append(Piece(kind, text))
    yield pieces


def _is_for_text(section: Section) -> bool:
    return any(piece == Piece("other", "@") for piece in section.pieces)


def _section(pieces: list[Piece]) -> Section:
    section = Section(pieces)
    for piece in pieces:
        if piece.kind == "bracket":
            _read_bracket(section, piece.text)
    if _is_number(pieces):
        _read_number(section)
    elif not _is_for_text(section):
        _read_moment(section)
    return section


def _read_bracket(section: Section, text: str) -> None:
    """Read a condition, or a currency with its country; colors and the like tell nothing here."""
    condition = _CONDITION.fullmatch(text.strip())
    currency = _CURRENCY.fullmatch(text)
    if condition:
        compare = _COMPARISONS[condition["comparison"]]
        limit = float(condition["limit"])
        section.condition = lambda number: compare(number, limit)
    elif currency and currency["sign"].strip():
        section.currency = currency_of(
            currency["sign"], currency["place"] or ""
        )


def _is_number(pieces: list[Piece]) -> bool:
    """Return whether digits other than parts of a second are shown: letters are no days then."""
    has_second = False
    for piece in pieces:
        letters = piece.text.lower()
        is_digits = piece.kind == "digits" and not has_second
        if piece.kind in {"letters", "bracket"}:
            has_second = set(letters) == {"s"}
        elif piece.kind == "general" or is_digits:
            return True
        elif piece.text != ".":
            has_second = False
    return False


def _read_number(section: Section) -> None:
    pieces = section.pieces
    digit_places = [
        place
        for place, piece in enumerate(pieces)
        if piece.kind in {"digits", "general"}
    ]
    first = digit_places[0]
    last = digit_places[-1]
    pieces_behind = pieces[last + 1 :]
    section.is_percent = Piece("other", "%") in pieces
    section.least_digits = _least_digits(pieces)
    before = _words(pieces[:first])
    behind = _words(pieces_behind)
    for words in (before, behind):
        currency, rest = find_currency(words)
        section.currency = section.currency or currency
        is_multiple = rest.strip().rstrip(".").lower() in _MULTIPLES
        if is_multiple and not _divides(pieces_behind):
            section.multiple = rest.strip()
    pieces_between = [
        piece for piece in pieces[first:last] if piece != _FRACTION
    ]
    between = _words(pieces_between)
    has_digits = re.search(r"\d", before + between + behind) is not None
    is_code = not section.currency and _CODE_BEFORE.search(before) is not None
    has_signs = re.search(r"[-/()+]", between) is not None
    section.is_written_out = has_digits or is_code or has_signs


def _least_digits(pieces: list[Piece]) -> int:
    """Return the least digits that the format shows before the decimal mark; 0 for the usual."""
    zeros = 0
    for piece in pieces:
        if piece.kind == "exponent" or piece == _FRACTION:
            return 0
        if piece == Piece("other", "."):
            break
        if piece.kind == "digits":
            zeros += piece.text.count("0")
    return zeros if zeros > 1 else 0


def _words(pieces: list[Piece]) -> str:
    """Return the text that the pieces add to a number: quoted, escaped, or as it is."""
    kinds = {"quoted", "escaped", "letters", "other"}
    return "".join(
        piece.text
        for piece in pieces
        if piece.kind in kinds and piece.text not in {",", ".", "%"}
    )


def _divides(behind: list[Piece]) -> bool:
    """Return whether commas right behind the last digit divide the number by thousands."""
    return bool(behind) and behind[0] == Piece("other", ",")


def _read_moment(section: Section) -> None:
    pieces = section.pieces
    section.is_elapsed = any(map(_is_elapsed, pieces))
    units = [piece.text.lower() for piece in pieces if _is_unit(piece)]
    for number, unit in enumerate(units):
        previous = units[number - 1] if number else ""
        following = units[number + 1] if number + 1 < len(units) else ""
        if unit[0] == "m" and unit not in {"m", "mm"}:
            section.shows_day = True
        elif unit[0] == "m":
            is_minute = (
                previous[:1] == "h"
                or following[:1] == "s"
                or section.is_elapsed
            )
            section.shows_time = section.shows_time or is_minute
            section.shows_day = section.shows_day or not is_minute
        elif unit[0] in "yde":
            section.shows_day = True
        elif unit[0] in "hs" or "/" in unit:
            section.shows_time = True
    section.shows_time = section.shows_time or section.is_elapsed
    section.is_written_out = not section.is_moment and bool(
        re.search(r"\w", _words(section.pieces))
    )


def _is_unit(piece: Piece) -> bool:
    """Return whether a piece stands for hours, days or the like, or for a half of the day."""
    return piece.kind in {"letters", "half"} or _is_elapsed(piece)


def _is_elapsed(piece: Piece) -> bool:
    """Return whether a piece shows a whole duration in one unit: `[h]`."""
    if piece.kind != "bracket":
        return False
    return re.fullmatch(r"h+|m+|s+", piece.text.lower()) is not None
