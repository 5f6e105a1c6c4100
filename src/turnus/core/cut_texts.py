"""What files do to texts: one longer than a cell is cut, with a mark by which an import knows it; lines end in several ways."""

import re

#: In both languages: a file does not know who opens it.
_MARK = " [… gekürzt / cut: {length} Zeichen / characters]"
_CUT = re.compile(r" \[… gekürzt / cut: \d+ Zeichen / characters\]\s*\Z")
_LONGEST_MARK = 80


def cut(text: str, most: int) -> str:
    """Return a text of at most `most` letters: the beginning of a longer one, and how long that is.

    >>> cut("x" * 100, 55)
    'xxxxxxxxxxx [… gekürzt / cut: 100 Zeichen / characters]'
    >>> cut("x" * 55, 55) == "x" * 55
    True
    """
    if len(text) <= most:
        return text
    mark = _MARK.format(length=len(text))
    return text[: most - len(mark)] + mark


def is_cut(text: str) -> bool:
    """Return whether a text ends with the mark: the rest of it is elsewhere.

    >>> is_cut(cut("x" * 100, 90)), is_cut("x" * 100)
    (True, False)
    """
    return _CUT.search(text[-_LONGEST_MARK:]) is not None


def plain_lines(text: str) -> str:
    r"""Return a text whose lines end with a newline alone: forms and files of Windows put a carriage return before it.

    >>> plain_lines("a\r\nb\rc")
    'a\nb\nc'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")
