"""Whether two names mean one contact: German first, one rule for imports, forms and detection.

Three degrees, the closest first: written alike, spelled alike (letter for letter), of one key. A
contact that is only of one key with what a file says is *taken for* it, and the person is told so.

The key is stored with each contact: a change of this rule needs a migration that computes it anew.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable
from enum import IntEnum
from functools import lru_cache
from typing import TypeVar

from turnus.core.folding import visible_letters

#: Longest key that is kept; names are at most 255 letters.
KEY_LENGTH = 510
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})
#: Letters that Unicode does not take apart, as people write them without them.
_PLAIN_LETTERS = str.maketrans(
    {
        "æ": "ae",
        "œ": "oe",
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ı": "i",
    }
)
_AND = re.compile(r"\b(?:and|und)\b|[&+]")
_NO_WORD = re.compile(r"[^\w]+|_+")
Named = TypeVar("Named")


class Likeness(IntEnum):
    """How much a name is like another one; the lower, the closer."""

    #: The very same signs.
    WRITTEN = 0
    #: The same letters: case, spaces and invisible signs aside.
    SPELLED = 1
    #: The same key: another spelling of what is probably the same name.
    TAKEN = 2


def spelling(name: str) -> str:
    r"""Return a name letter for letter: without case, invisible signs and the kind of spaces.

    >>> spelling("Ghost\u00a0AG\ufeff") == spelling("GHOST  ag")
    True
    >>> spelling("Weiß") == spelling("Weiss")
    False
    """
    if name.isascii() and name.isprintable():
        return " ".join(name.lower().split())
    return _spelling(name)


@lru_cache(maxsize=20_000)
def _spelling(name: str) -> str:
    composed = unicodedata.normalize("NFC", visible_letters(name))
    return " ".join(composed.lower().split())


def name_key(name: str) -> str:
    r"""Return the key of a name: contacts whose keys are equal are taken for one another.

    ä, ö, ü are ae, oe, ue and nothing else; ß is ss. Other accents, "&" and "und", the kinds of
    dash, apostrophe and quote, full-width forms and punctuation do not matter. A name of signs
    alone is its own key. At most 510 letters.

    >>> name_key("Müller GmbH") == name_key("MUELLER GMBH")
    True
    >>> name_key("Müller GmbH") == name_key("Muller GmbH")
    False
    >>> name_key("KÜHN & Söhne  e.K.") == name_key("Kuehn und Soehne e.K.")
    True
    >>> name_key("Geist\u2013Meyer KG") == name_key("Geist-Meyer KG")
    True
    >>> name_key("O\u2019Neill") == name_key("O'Neill")
    True
    """
    return _name_key(name)


@lru_cache(maxsize=20_000)
def _name_key(name: str) -> str:
    letters = unicodedata.normalize("NFKC", visible_letters(name)).casefold()
    # Case folding takes some letters apart again: composed, an umlaut is one letter, whichever way
    # it was typed.
    composed = unicodedata.normalize("NFC", letters)
    german = composed.translate(_UMLAUTS)
    plain = _without_accents(german).translate(_PLAIN_LETTERS)
    words = _NO_WORD.sub(" ", _AND.sub(" und ", plain)).strip()
    return (words or spelling(name))[:KEY_LENGTH]


def _without_accents(text: str) -> str:
    """Return `text` without the accents of Latin letters.

    In other scripts a mark makes another letter: й is not и.
    """
    if text.isascii():
        return text
    letters: list[str] = []
    base = ""
    for letter in unicodedata.normalize("NFKD", text):
        if not unicodedata.combining(letter):
            base = letter
        elif base.isascii():
            continue
        letters.append(letter)
    return unicodedata.normalize("NFC", "".join(letters))


def likeness(name: str, other: str) -> Likeness | None:
    """Return how much two names are alike, None if they are different names."""
    if name == other:
        return Likeness.WRITTEN
    if spelling(name) == spelling(other):
        return Likeness.SPELLED
    if name_key(name) == name_key(other):
        return Likeness.TAKEN
    return None


def closest(
    name: str, candidates: Iterable[Named], name_of: Callable[[Named], str]
) -> list[Named]:
    """Return the `candidates` that are most like `name`, in their order; none if no key is equal.

    >>> closest("Mueller", ["Müller", "mueller", "Muller"], str)
    ['mueller']
    """
    candidates = list(candidates)
    written_alike = [
        candidate for candidate in candidates if name_of(candidate) == name
    ]
    if written_alike:
        return written_alike
    by_likeness: dict[Likeness, list[Named]] = {}
    for candidate in candidates:
        degree = likeness(name, name_of(candidate))
        if degree is not None:
            by_likeness.setdefault(degree, []).append(candidate)
    return by_likeness[min(by_likeness)] if by_likeness else []
