"""The one meaning of text search, in memory and on every database: which letters are the same."""

import re
import unicodedata
from functools import lru_cache

#: Signs without a picture: format characters of Unicode (Cf), control characters (Cc) but for
#: blanks and line ends, fillers, joiners, and marks that choose a picture.
_UNSEEN = re.compile(
    "["
    "\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u115f\u1160\u17b4\u17b5\u180e"
    "\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff9-\ufffb"
    "\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0001\U000e0020-\U000e007f\U000e0100-\U000e01ef"
    "]"
)
#: A blank picture of a letter's size: to a reader a space.
_BLANK = "\u2800"

#: Letters of a folded name: twice those of the name, as "ß" needs.
FOLDED_LENGTH = 510


def fold(text: str) -> str:
    r"""Return `text` as search compares it: no case, no accents, ß as ss, nothing invisible.

    Search takes "muller" for "Müller", so that nobody needs the right keyboard to find a record.
    Whether two names mean one contact is another question: see `core.naming`.

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


def fold_name(name: str) -> str:
    """Return a folded name, cut to its column: one letter may unfold into eighteen.

    >>> fold_name("Straße"), len(fold_name("\ufdfa" * 255))
    ('strasse', 510)
    """
    return fold(name)[:FOLDED_LENGTH]


@lru_cache(maxsize=20_000)
def _fold(text: str) -> str:
    text = visible_letters(text)
    # Case folding may uncover new compatibility forms, and the other way round: twice reaches the
    # fixed point.
    for _ in range(2):
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(
            letter
            for letter in decomposed
            if not unicodedata.combining(letter)
        )
    return " ".join(text.split())


def visible_letters(text: str) -> str:
    r"""Return `text` without invisible signs: zero-width spaces, soft hyphens, control characters.

    >>> visible_letters("Gho\u00adst\u200b AG\ufeff")
    'Ghost AG'
    """
    if text.isprintable() and text.isascii():
        return text
    return _UNSEEN.sub("", text.replace(_BLANK, " "))
