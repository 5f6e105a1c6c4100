"""Which ids the new records of a plan got; kept with each block as it is carried out.

The numbers of contacts are those of the plan, those of other records count from 0 in each block.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NotRequired, TypedDict

from turnus.core.records import RecordKind
from turnus.imports.plan import ContactRef

CONTACTS = (RecordKind.ORGANIZATION, RecordKind.PERSON)


@dataclass(frozen=True, slots=True, order=True)
class ContactBlock:
    """New contacts that follow each other, in the plan and by their ids."""

    number: int
    first_id: int
    size: int


class StretchJson(TypedDict):
    """A `Stretch` as it is stored."""

    number: int
    first_id: int
    size: int


class CreatedJson(TypedDict):
    """What a block has brought, by kind of record."""

    stretches: NotRequired[dict[str, list[StretchJson]]]
    #: Numbers of contacts that existed when the block was carried out.
    found: NotRequired[dict[str, list[int]]]


@dataclass(slots=True)
class ContactIds:
    """The ids of the new contacts of one plan, as far as it is carried out."""

    stretches: dict[str, list[ContactBlock]] = field(
        default_factory=lambda: {kind: [] for kind in CONTACTS}
    )
    #: Numbers of those that existed when their block was carried out: others created them.
    found: dict[str, set[int]] = field(
        default_factory=lambda: {kind: set() for kind in CONTACTS}
    )

    def add(self, created: CreatedJson) -> None:
        """Learn what a block has brought."""
        for kind in CONTACTS:
            self.stretches[kind] += stretches_of(created, kind)
            self.found[kind].update(created.get("found", {}).get(kind, ()))

    def next_number(self, kind: RecordKind) -> int:
        """Return the number of the next new contact in the plan."""
        stretches = self.stretches[kind]
        return stretches[-1].number + stretches[-1].size if stretches else 0

    def settled(
        self, ref: ContactRef | None, kind: RecordKind
    ) -> ContactRef | None:
        """Return the reference by id if the contact exists by now, else as it is."""
        if ref is None or ref.id is not None or ref.number is None:
            return ref
        stretches = self.stretches[kind]
        place = bisect_right(stretches, ref.number, key=_number_of) - 1
        if place < 0:
            return ref
        stretch = stretches[place]
        offset = ref.number - stretch.number
        return (
            ref
            if offset >= stretch.size
            else ContactRef(stretch.first_id + offset)
        )

    def id_of(self, ref: ContactRef | None, kind: RecordKind) -> int | None:
        """Return the id of a contact, also of a new one that an earlier block has brought."""
        known = self.settled(ref, kind)
        return None if known is None else known.id

    def is_found(self, ref: ContactRef | None, kind: RecordKind) -> bool:
        """Return whether a new contact of the plan turned out to be here already."""
        return ref is not None and ref.number in self.found[kind]

    def has_created(self, kind: RecordKind, pk: int) -> bool:
        """Return whether this import created the contact."""
        for stretch in self.stretches[kind]:
            place = pk - stretch.first_id
            if (
                0 <= place < stretch.size
                and stretch.number + place not in self.found[kind]
            ):
                return True
        return False


def stretches_of(created: CreatedJson, kind: RecordKind) -> list[ContactBlock]:
    """Return what a block has brought of one kind."""
    stored = created.get("stretches", {}).get(kind, [])
    return [
        ContactBlock(part["number"], part["first_id"], part["size"])
        for part in stored
    ]


def _number_of(stretch: ContactBlock) -> int:
    return stretch.number


def joined(first_number: int, ids: Sequence[int]) -> list[ContactBlock]:
    """Return stretches for contacts that are numbered one after the other and got `ids`."""
    stretches: list[ContactBlock] = []
    for number, pk in enumerate(ids, first_number):
        last = stretches[-1] if stretches else None
        if last is not None and pk == last.first_id + last.size:
            stretches[-1] = ContactBlock(
                last.number, last.first_id, last.size + 1
            )
        else:
            stretches.append(ContactBlock(number, pk, 1))
    return stretches


def stretches_to_json(stretches: Iterable[ContactBlock]) -> list[StretchJson]:
    """Return stretches as they are stored."""
    return [
        StretchJson(number=part.number, first_id=part.first_id, size=part.size)
        for part in stretches
    ]
