"""The one meaning of text search: what counts as the same letters, in memory and on every database."""

import unicodedata
from functools import lru_cache


def fold(text: str) -> str:
    """Return `text` as search compares it: no case, no accents, ß as ss, single spaces, trimmed.

    >>> fold("  Ärzte   GmbH ")
    'arzte gmbh'
    >>> fold("STRASSE") == fold("Straße")
    True
    """
    if text.isascii():
        return " ".join(text.lower().split())
    return _fold(text)


@lru_cache(maxsize=20_000)
def _fold(text: str) -> str:
    # Case folding may uncover new compatibility forms, and the other way round: twice reaches the fixed point.
    for _ in range(2):
        decomposed = unicodedata.normalize("NFKD", text.casefold())
        text = "".join(letter for letter in decomposed if not unicodedata.combining(letter))
    return " ".join(text.split())
