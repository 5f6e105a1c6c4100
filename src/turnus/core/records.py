"""The kinds of records that have fields, lists, history and imports."""

from enum import StrEnum


class RecordKind(StrEnum):
    """A kind of record; the value is its word in URLs, files and the database."""

    DEAL = "deal"
    PERSON = "person"
    ORGANIZATION = "organization"
    SUBSCRIPTION = "subscription"
