"""What a person should know of a value that was read: notes beside it, in no human language."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from turnus.core.fields.values import Value
from turnus.core.issues import IssueCode


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to know of a value; `code` and `params` make the sentence."""

    code: IssueCode
    params: Mapping[str, str | int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Noted:
    """A value with notes; `value` is None where the cell counts as blank."""

    value: Value | None
    notes: tuple[Note, ...]


class Notes:
    """The notes of one cell, collected while it is read."""

    def __init__(self) -> None:
        self.found: list[Note] = []

    def add(self, code: IssueCode, **params: str | int) -> None:
        """Note something about the cell."""
        self.found.append(Note(code, params))

    def beside(self, value: Value | None) -> Value | Noted | None:
        """Return `value` with what was noted of it; the value alone if nothing was."""
        return Noted(value, tuple(self.found)) if self.found else value
