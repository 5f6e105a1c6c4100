"""Taking what identifies a person out of texts and of JSON, wherever it stands."""

import re
from collections.abc import Iterable
from typing import Any

#: Shorter words would be found inside of others.
_SHORTEST = 4
#: Keys of what is written beside a whole name.
_PARTS = frozenset({"first_name", "last_name"})


class Redaction:
    """Words to be taken out, and what stands in their place; letters of either case are the same, and so are any spaces.

    >>> redaction = Redaction(["Eva Böhm", "eva@example.org"], "Person 7")
    >>> redaction.text("Abo eva  böhm (EVA@example.org)")
    'Abo Person 7 (Person 7)'
    >>> redaction.text("Evangelische Böhmen")
    'Evangelische Böhmen'
    """

    def __init__(self, words: Iterable[str], stand_in: str) -> None:
        self.stand_in = stand_in
        told = {" ".join(word.split()) for word in words}
        # The longest first: an address may begin with a name.
        self.words = tuple(
            sorted((word for word in told if len(word) >= _SHORTEST), key=len, reverse=True)
        )
        patterns = (r"\s+".join(map(re.escape, word.split())) for word in self.words)
        self._pattern = (
            re.compile(rf"(?<!\w)(?:{'|'.join(patterns)})(?!\w)", re.IGNORECASE)
            if self.words
            else None
        )

    def text(self, text: str) -> str:
        """Return a text without the words."""
        return self._pattern.sub(lambda _found: self.stand_in, text) if self._pattern else text

    def value(self, value: Any) -> Any:
        """Return JSON without the words, in keys as in values; what has none is returned as it is."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, dict):
            return self._object(value)
        return value

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        redacted = {self.text(key): self.value(each) for key, each in value.items()}
        if redacted.get("name") != value.get("name"):
            # The parts of a name are too common to be looked for; beside the whole name they mean the same person.
            redacted |= dict.fromkeys(_PARTS & redacted.keys(), "")
        return redacted
