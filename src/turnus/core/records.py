"""The kinds of records that carry fields, lists, history and imports; nothing about how they are stored."""

from enum import StrEnum


class RecordKind(StrEnum):
    """A kind of record a person works with; the value is its word in URLs, files and the database."""

    DEAL = "deal"
    PERSON = "person"
    ORGANIZATION = "organization"
    SUBSCRIPTION = "subscription"
