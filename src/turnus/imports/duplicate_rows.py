"""Rows that stand in one file twice."""

from collections.abc import Hashable


class DuplicateRows:
    """Remembers the rows of one check by what they say."""

    def __init__(self) -> None:
        #: Hash of what a row says -> its number: a file may have a million rows.
        self.first: dict[int, int] = {}

    def find(self, saying: Hashable) -> int | None:
        """Return the number of the row that said this first, None if none has yet."""
        return self.first.get(hash(saying))

    def remember(self, row: int, saying: Hashable) -> None:
        """Note that a row says this."""
        self.first.setdefault(hash(saying), row)
