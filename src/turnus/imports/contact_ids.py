"""Which ids the new records of a plan got: created, or found to be here by now; kept with each block as it is carried out.

A block keeps `{kind: [[number of the first, id of the first, how many], ...], "found": {kind: [number, ...]}}`; the numbers of contacts
are those of the plan, those of other records count from 0 in each block.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from turnus.core.records import RecordKind
from turnus.imports.plan import ContactRef

FOUND = "found"
CONTACTS = (RecordKind.ORGANIZATION, RecordKind.PERSON)


@dataclass(frozen=True, slots=True, order=True)
class Stretch:
    """New contacts that follow each other, in the plan and by their ids."""

    number: int
    first_id: int
    size: int


@dataclass(slots=True)
class ContactIds:
    """The ids of the new contacts of one plan, as far as it is carried out."""

    stretches: dict[str, list[Stretch]] = field(
        default_factory=lambda: {kind: [] for kind in CONTACTS}
    )
    #: Numbers of those that were here when their block was carried out: this import did not create them.
    found: dict[str, set[int]] = field(default_factory=lambda: {kind: set() for kind in CONTACTS})

    def add(self, created: Mapping[str, Any]) -> None:
        """Learn what a block has brought."""
        for kind in CONTACTS:
            self.stretches[kind] += stretches_of(created, kind)
            self.found[kind].update(created.get(FOUND, {}).get(kind, ()))

    def next_number(self, kind: RecordKind) -> int:
        """Return the number of the next new contact in the plan."""
        held = self.stretches[kind]
        return held[-1].number + held[-1].size if held else 0

    def settled(self, ref: ContactRef | None, kind: RecordKind) -> ContactRef | None:
        """Return the reference by id, if the contact is here by now; else as it is."""
        if ref is None or ref.id is not None or ref.number is None:
            return ref
        held = self.stretches[kind]
        place = bisect_right(held, ref.number, key=lambda one: one.number) - 1
        if place < 0 or ref.number >= held[place].number + held[place].size:
            return ref
        return ContactRef(held[place].first_id + ref.number - held[place].number)

    def is_found(self, ref: ContactRef | None, kind: RecordKind) -> bool:
        """Return whether a new contact of the plan turned out to be here already."""
        return ref is not None and ref.number in self.found[kind]

    def has_created(self, kind: RecordKind, pk: int) -> bool:
        """Return whether this import created the contact."""
        for stretch in self.stretches[kind]:
            place = pk - stretch.first_id
            if 0 <= place < stretch.size and stretch.number + place not in self.found[kind]:
                return True
        return False


def stretches_of(created: Mapping[str, Any], kind: RecordKind) -> list[Stretch]:
    """Return what a block has brought of one kind; earlier versions kept one stretch without the list around it."""
    kept = created.get(kind, [])
    if kept and isinstance(kept[0], int):
        kept = [kept]
    return [Stretch(*one) for one in kept]


def joined(first_number: int, ids: Sequence[int]) -> list[Stretch]:
    """Return stretches for contacts that are numbered one after the other and got `ids`."""
    stretches: list[Stretch] = []
    for number, pk in enumerate(ids, first_number):
        last = stretches[-1] if stretches else None
        if last is not None and pk == last.first_id + last.size:
            stretches[-1] = Stretch(last.number, last.first_id, last.size + 1)
        else:
            stretches.append(Stretch(number, pk, 1))
    return stretches


def as_stored(stretches: Iterable[Stretch]) -> list[list[int]]:
    """Return stretches as JSON."""
    return [[one.number, one.first_id, one.size] for one in stretches]
