"""What files do to texts: long ones are cut, with a mark that imports know; line ends differ."""

import re
from collections.abc import Mapping

#: In both languages: a file does not know who opens it.
_MARK = " [… gekürzt / cut: {length} Zeichen / characters]"
_CUT = re.compile(r" \[… gekürzt / cut: \d+ Zeichen / characters\]\s*\Z")
_LONGEST_MARK = 80
#: What sounded bells and moved print heads once, but for tabs and line ends; and the two codes that
#: are no letters.
_CONTROLS: Mapping[int, None] = dict.fromkeys(
    (*range(0x09), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F, 0xFFFE, 0xFFFF)
)


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
    r"""Return a text whose lines end with a newline alone, without carriage returns.

    >>> plain_lines("a\r\nb\rc")
    'a\nb\nc'
    """
    return text.replace("\r\n", "\n").replace("\r", "\n")


def without_controls(text: str) -> str:
    r"""Return `text` without control characters; all programs' line ends become a plain newline.

    >>> without_controls("Hosting\r\nJanuar\a")
    'Hosting\nJanuar'
    """
    if text.isprintable():
        return text
    return plain_lines(text).translate(_CONTROLS)
