"""One application of a set-up file: on whose behalf, what changed so far, what is wrong."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar

from turnus.accounts.models import User
from turnus.kit.errors import UserError
from turnus.setup.changes import ChangeLines
from turnus.setup.map_reader import unknown_word
from turnus.setup.problems import Problems

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Application:
    """What every section of a file needs to be applied."""

    by: User
    at: datetime
    changes: ChangeLines = field(default_factory=ChangeLines)
    problems: Problems = field(default_factory=Problems)

    @contextmanager
    def entry(self, line: int, place: str) -> Iterator[None]:
        """Note a refusal within the block as a problem of the entry on this line."""
        try:
            yield
        except UserError as error:
            self.problems.add(line, place, error)


def by_name(rows: Iterable[T]) -> Mapping[str, T]:
    """Return rows by their names; of two with the same name, the first."""
    found: dict[str, T] = {}
    for row in rows:
        found.setdefault(str(row), row)
    return found


def found_by_name(rows: Mapping[str, T], name: str) -> T:
    """Return the row of this name; refuses with the nearest name where there is none."""
    row = rows.get(tidied(name))
    if row is None:
        raise unknown_word(name, list(rows))
    return row


def tidied(name: str) -> str:
    """Return a name with single spaces, as it is stored."""
    return " ".join(name.split())


def in_order_of(
    present: Sequence[int], wanted: Sequence[int]
) -> list[int] | None:
    """Return the order in which the `wanted` ids stand in their order, and others where they are.

    Of 1, 2, 3, 4 and wanted 4, 2 that is 1, 4, 3, 2. None if it is the present order.
    """
    moved = iter(wanted)
    order = [next(moved) if pk in wanted else pk for pk in present]
    return None if order == list(present) else order
