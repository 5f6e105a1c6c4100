"""Whether a text can be a phone number; `kit.phones`, which knows countries, compares them."""

import re

#: What a spreadsheet makes of a long number: 4,91702E+11. The digits behind are lost.
SCIENTIFIC = re.compile(r"[-+]?\d+(?:[.,]\d+)?[Ee]\+?\d{1,3}")
#: Commas and semicolons between several numbers; not the decimal comma of a scientific one.
BETWEEN = re.compile(r"[;\n]|,(?!\d{1,30}[Ee]\+?\d)")
#: A run of digits as people part them, with a plus sign or brackets before it.
_RUN = re.compile(r"[+(\d][\d ()/.\-–‑\u00a0]*")
#: A day is no number, though it has eight digits.
_DAY = re.compile(r"\d{1,2}\.\d{1,2}\.\d{2,4}|\d{4}-\d{1,2}-\d{1,2}")
#: The shortest numbers are extensions inside a company; the longest have 15 digits (E.164), dialled
#: from abroad.
_LEAST_DIGITS, _MOST_DIGITS = 4, 19
#: Among other words only what is plainly a number is one, not a year.
_LEAST_AMONG_WORDS = 6
#: With an apostrophe people keep a spreadsheet from reckoning with a number.
_TEXT_MARKS = "'’"
#: What may stand before a number or between it and its extension.
_BESIDE = re.compile(
    r"(?:tel|telefon|phone|fon|fax|mobil|mobile|handy|cell|dw|durchwahl|nst|nebenstelle"
    r"|app|apparat|ext|extn|extension|intern|x|t|m|f|p)?[.:]?",
    re.IGNORECASE,
)


def is_phone(text: str) -> bool:
    """Return whether `text` can be a phone number, with an extension or a remark beside it.

    >>> numbers = ("+49 40 123456", "040/1234-0 DW 12", "4711", "0171 1234567 (nur abends)")
    >>> tuple(is_phone(number) for number in numbers)
    (True, True, True, True)
    >>> is_phone("keine"), is_phone("4,91702E+11"), is_phone("siehe Notiz 2018"), is_phone("12")
    (False, False, False, False)
    """
    if SCIENTIFIC.fullmatch(text) or _DAY.fullmatch(text):
        return False
    number = text.lstrip(_TEXT_MARKS)
    runs = _RUN.findall(number)
    digit_counts: list[int] = [
        sum(letter.isdigit() for letter in run) for run in runs
    ]
    if not digit_counts or max(digit_counts) > _MOST_DIGITS:
        return False
    words = _RUN.sub(" ", number).split()
    is_bare = all(_BESIDE.fullmatch(word) for word in words)
    least = _LEAST_DIGITS if is_bare else _LEAST_AMONG_WORDS
    return max(digit_counts) >= least
