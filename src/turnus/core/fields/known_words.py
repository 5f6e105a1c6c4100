"""What must be known of the words of choices to read and show them."""

from typing import Protocol


class Choices(Protocol):
    """The words of the choices of one field: options, users, stages, labels, statuses ..."""

    def find(self, word: str) -> int | str | None:
        """Return the stored form of the choice called `word` in any language, else None."""

    def name(self, stored: int | str) -> str:
        """Return what people call a stored choice."""
