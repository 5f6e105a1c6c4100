"""Letters as readers of values compare them: signs that nobody sees are gone, wide ones are the usual ones."""

import unicodedata
from collections.abc import Mapping

from turnus.core.folding import visible_letters
from turnus.core.tables import FormattedNumber

#: Full-width letters of Asian keyboards stand in the same order as the usual ones.
_WIDE: Mapping[int, int] = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}


def visible(text: str) -> str:
    r"""Return `text` without signs that nobody can see, and without blanks at its ends.

    >>> visible("\ufeff100\u200b ")
    '100'
    """
    return visible_letters(text).strip()


def plain(text: str) -> str:
    r"""Return `text` as numbers, days and words of choices are read: visible, of usual width, single spaces.

    >>> plain("14.\u00a0November   ２０１８")
    '14. November 2018'
    """
    usual = (
        text
        if text.isascii()
        else unicodedata.normalize("NFC", visible_letters(text).translate(_WIDE))
    )
    return " ".join(usual.split())


def shown_number(cell: FormattedNumber) -> str:
    """Return a number as its cell shows it to a person, in plain notation.

    >>> from decimal import Decimal
    >>> shown_number(FormattedNumber(Decimal("0.5"), is_percent=True)), shown_number(FormattedNumber(Decimal(1067), least_digits=5))
    ('50 %', '01067')
    """
    number = cell.number * 100 if cell.is_percent else cell.number
    digits, mark, decimals = f"{abs(number):f}".partition(".")
    decimals = decimals.rstrip("0")
    text = digits.zfill(cell.least_digits) + (mark + decimals if decimals else "")
    sign = "-" if number < 0 else ""
    behind = f" {cell.currency}" if cell.currency else ""
    return f"{sign}{text}{cell.suffix}{' %' if cell.is_percent else ''}{behind}"
