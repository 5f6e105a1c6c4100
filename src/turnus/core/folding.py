"""The one meaning of text search: what counts as the same letters, in memory and on every database."""

import unicodedata
from functools import lru_cache

#: Signs that nobody sees and that are no format characters of Unicode: fillers, joiners, marks that choose a picture.
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0")
#: A blank picture of a letter's size: to a reader a space.
_BLANK = "\u2800"


def fold(text: str) -> str:
    r"""Return `text` as search compares it: no case, no accents, ß as ss, nothing invisible, single spaces, trimmed.

    Search takes "muller" for "Müller", so that nobody needs the right keyboard to find a record. Whether two names mean one
    contact is another question: see `core.naming`.

    >>> fold("  Ärzte   GmbH ")
    'arzte gmbh'
    >>> fold("STRASSE") == fold("Straße")
    True
    >>> fold("Gho\u00adst\u200b AG") == fold("Ghost AG")
    True
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return _fold(text)


@lru_cache(maxsize=20_000)
def _fold(text: str) -> str:
    text = visible_letters(text)
    # Case folding may uncover new compatibility forms, and the other way round: twice reaches the fixed point.
    for _ in range(2):
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(text.split())


def visible_letters(text: str) -> str:
    r"""Return `text` without signs that have no picture: zero-width spaces, soft hyphens, marks of direction, control characters.

    >>> visible_letters("Gho\u00adst\u200b AG\ufeff")
    'Ghost AG'
    """
    if text.isprintable() and text.isascii():
        return text
    return "".join(letter for letter in text.replace(_BLANK, " ") if not _is_invisible(letter))


def _is_invisible(letter: str) -> bool:
    if letter in _UNSEEN or "\ufe00" <= letter <= "\ufe0f" or "\U000e0100" <= letter <= "\U000e01ef":
        return True
    category = unicodedata.category(letter)
    return category == "Cf" or (category == "Cc" and not letter.isspace())
