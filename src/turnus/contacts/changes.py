"""What can change about organizations and persons, by the columns that hold it."""

from typing import TypedDict

from turnus.fields.columns import RecordChanges


class StoredPoint(TypedDict):
    """An email address or phone number with what it is for: `work`, `home`, `mobile`, `other`."""

    value: str
    label: str


class ContactChanges(RecordChanges, total=False):
    """The columns of an organization or person that a change sets; those that are absent stay."""

    name: str


class OrganizationChanges(ContactChanges, total=False):
    """The columns of an organization that a change sets; those that are absent stay."""

    address: str
    country: str
    bills_with_id: int | None


class PersonChanges(ContactChanges, total=False):
    """The columns of a person that a change sets; those that are absent stay."""

    first_name: str
    last_name: str
    organization_id: int | None
    emails: list[StoredPoint]
    phones: list[StoredPoint]
