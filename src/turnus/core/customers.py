"""A customer: the organization or person whose revenue it is, as one value everywhere."""

from dataclasses import dataclass
from typing import Literal, NewType

from turnus.core.records import RecordKind

#: A customer as one number, for the figures of millions of terms.
#: `Customer.key` makes it, `Customer.of_key` reads it.
CustomerKey = NewType("CustomerKey", int)
#: The kinds of record that can be a customer.
CustomerKind = Literal[RecordKind.ORGANIZATION, RecordKind.PERSON]


def customer_key(
    organization_id: int | None, person_id: int | None
) -> CustomerKey:
    """Return the key of a customer: its organization, or its person where it has none.

    >>> customer_key(7, 12), customer_key(None, 12)
    (14, 25)
    """
    if organization_id:
        return CustomerKey(organization_id * 2)
    return CustomerKey((person_id or 0) * 2 + 1)


@dataclass(frozen=True, slots=True, order=True)
class Customer:
    """An organization, or a person who buys without one.

    Who is billed for it: `contacts.billing.Billing`.
    """

    kind: CustomerKind
    id: int

    @classmethod
    def of(
        cls, organization_id: int | None, person_id: int | None
    ) -> "Customer":
        """Return the customer of a deal or subscription with these contacts.

        Raises ValueError where both are missing.
        """
        if organization_id:
            return cls(RecordKind.ORGANIZATION, organization_id)
        if person_id:
            return cls(RecordKind.PERSON, person_id)
        message = "neither an organization nor a person"
        raise ValueError(message)

    @classmethod
    def of_key(cls, key: CustomerKey) -> "Customer":
        """Return the customer that a key stands for."""
        number, is_person = divmod(key, 2)
        if is_person:
            return cls(RecordKind.PERSON, number)
        return cls(RecordKind.ORGANIZATION, number)

    def __str__(self) -> str:
        """Return the one text form, for URLs and JSON: `organization-7`."""
        return f"{self.kind}-{self.id}"

    def __hash__(self) -> int:
        """Return the key: customers are hashed by the million, and enums hash slowly."""
        return self.id * 2 + (self.kind is RecordKind.PERSON)

    @property
    def is_person(self) -> bool:
        """Whether a person buys, without an organization."""
        return self.kind is RecordKind.PERSON

    @property
    def organization_id(self) -> int | None:
        """The id of the organization; None for a person."""
        return None if self.is_person else self.id

    @property
    def person_id(self) -> int | None:
        """The id of the person who buys without an organization; None for an organization."""
        return self.id if self.is_person else None

    @property
    def key(self) -> CustomerKey:
        """The customer as one number."""
        return CustomerKey(self.id * 2 + self.is_person)
