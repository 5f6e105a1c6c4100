"""Rows that are in one file twice."""

from collections.abc import Hashable


class DuplicateRows:
    """The rows of one check by their content."""

    def __init__(self) -> None:
        #: Hash of a row's content -> its number: a file may have a million rows.
        self.first: dict[int, int] = {}

    def find(self, content: Hashable) -> int | None:
        """Return the number of the first row with this content, None if there is none yet."""
        return self.first.get(hash(content))

    def remember(self, row: int, content: Hashable) -> None:
        """Note that a row has this content."""
        self.first.setdefault(hash(content), row)
