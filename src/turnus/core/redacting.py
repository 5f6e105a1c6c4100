"""Taking what identifies a person out of texts and of JSON, wherever it stands."""

import re
from collections.abc import Iterable
from typing import TypeVar, cast

Shape = TypeVar("Shape")

#: Shorter words would be found inside of others.
_SHORTEST = 4
#: Keys of what is written beside a whole name.
_PARTS = frozenset({"first_name", "last_name"})


class Redaction:
    """Words to take out, and what replaces them; case and the kind of spaces do not matter.

    >>> redaction = Redaction(["Eva Böhm", "eva@example.org"], "Person 7")
    >>> redaction.text("Abo eva  böhm (EVA@example.org)")
    'Abo Person 7 (Person 7)'
    >>> redaction.text("Evangelische Böhmen")
    'Evangelische Böhmen'
    """

    def __init__(self, words: Iterable[str], stand_in: str) -> None:
        self.stand_in = stand_in
        spaced = {" ".join(word.split()) for word in words}
        long_enough = [word for word in spaced if len(word) >= _SHORTEST]
        # The longest first: an address may begin with a name.
        long_enough.sort(key=len, reverse=True)
        self.words = tuple(long_enough)
        self._pattern = _pattern_of(self.words) if self.words else None

    def text(self, text: str) -> str:
        """Return a text without the words."""
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda _match: self.stand_in, text)

    def value(self, value: Shape) -> Shape:
        """Return JSON of the same shape without the words, in keys as in values."""
        return cast("Shape", self._value(value))

    def _value(self, value: object) -> object:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._value(each) for each in value]
        if isinstance(value, dict):
            return self._object(value)
        return value

    def _object(self, value: dict[str, object]) -> dict[str, object]:
        redacted = {}
        for key, part in value.items():
            redacted[self.text(key)] = self._value(part)
        if redacted.get("name") != value.get("name"):
            # The parts of a name are too common to be looked for; beside the whole name they mean
            # the same person.
            for part_of_name in _PARTS & redacted.keys():
                redacted[part_of_name] = ""
        return redacted


def _pattern_of(words: Iterable[str]) -> re.Pattern[str]:
    any_space = r"\s+"
    alternatives = []
    for word in words:
        escaped = [re.escape(part) for part in word.split()]
        alternatives.append(any_space.join(escaped))
    any_word = "|".join(alternatives)
    return re.compile(rf"(?<!\w)(?:{any_word})(?!\w)", re.IGNORECASE)
