"""Rows that stand in one file twice."""

from collections.abc import Hashable


class Twins:
    """Remembers the rows of one check by what they say."""

    def __init__(self) -> None:
        #: Hash of what a row says -> its number: a file may have a million rows.
        self.first: dict[int, int] = {}

    def earlier(self, row: int, saying: Hashable) -> int | None:
        """Return the number of the first row that said the same, None if this one is the first."""
        first = self.first.setdefault(hash(saying), row)
        return None if first == row else first
