"""Letters as readers of values compare them: without invisible signs, of usual width."""

import unicodedata
from collections.abc import Mapping

from turnus.core.folding import visible_letters
from turnus.core.tables import FormattedNumber

#: Full-width letters of Asian keyboards stand in the same order as the usual ones.
_WIDE: Mapping[int, int] = {
    code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)
}


def visible(text: str) -> str:
    r"""Return `text` without signs that nobody can see, and without blanks at its ends.

    >>> visible("\ufeff100\u200b ")
    '100'
    """
    return visible_letters(text).strip()


def plain(text: str) -> str:
    r"""Return `text` as values are read: visible letters of usual width, single spaces.

    >>> plain("14.\u00a0November   ２０１８")
    '14. November 2018'
    """
    usual = text
    if not text.isascii():
        narrow = visible_letters(text).translate(_WIDE)
        usual = unicodedata.normalize("NFC", narrow)
    return " ".join(usual.split())


def shown_number(cell: FormattedNumber) -> str:
    """Return a number as its cell shows it to a person, in plain notation.

    >>> from decimal import Decimal
    >>> half, postcode = Decimal("0.5"), Decimal(1067)
    >>> percent = FormattedNumber(half, is_percent=True)
    >>> padded = FormattedNumber(postcode, least_digits=5)
    >>> shown_number(percent), shown_number(padded)
    ('50 %', '01067')
    """
    number = cell.number * 100 if cell.is_percent else cell.number
    digits, _point, decimals = f"{abs(number):f}".partition(".")
    text = digits.zfill(cell.least_digits)
    decimals = decimals.rstrip("0")
    if decimals:
        text = f"{text}.{decimals}"
    if number < 0:
        text = f"-{text}"
    text += cell.suffix
    if cell.is_percent:
        text += " %"
    if cell.currency:
        text += f" {cell.currency}"
    return text
