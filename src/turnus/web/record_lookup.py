"""Kinds of records in addresses: `/deals/`, `/persons/`, `/organizations/`."""

from functools import lru_cache
from typing import Literal, cast, overload

from django.http import Http404
from django.urls import reverse

from turnus.accounts.access import editable, visible
from turnus.contacts.models import Organization, Person
from turnus.core.records import RecordKind
from turnus.fields.models import Record
from turnus.fields.queries import records_of
from turnus.revenue.models import Subscription
from turnus.sales.models import Deal
from turnus.web.gate import SignedInRequest

_WORDS = {
    "deals": RecordKind.DEAL,
    "persons": RecordKind.PERSON,
    "organizations": RecordKind.ORGANIZATION,
    "subscriptions": RecordKind.SUBSCRIPTION,
}


def kind_of(word: str) -> RecordKind:
    """Return the kind of record that an address names; 404 for anything else."""
    try:
        return _WORDS[word]
    except KeyError:
        raise Http404 from None


def word_of(kind: RecordKind) -> str:
    """Return the word for a kind in addresses."""
    return next(word for word, named in _WORDS.items() if named is kind)


def record_address(word: str, pk: int) -> str:
    """Return the address of a record's page; a list names hundreds: the word's is cached."""
    return f"{_list_address(word)}{pk}/"


@lru_cache
def _list_address(word: str) -> str:
    return reverse("list", args=[word])


@overload
def visible_record(
    request: SignedInRequest, kind: Literal[RecordKind.DEAL], pk: int
) -> Deal: ...
@overload
def visible_record(
    request: SignedInRequest, kind: Literal[RecordKind.PERSON], pk: int
) -> Person: ...
@overload
def visible_record(
    request: SignedInRequest, kind: Literal[RecordKind.ORGANIZATION], pk: int
) -> Organization: ...
@overload
def visible_record(
    request: SignedInRequest, kind: Literal[RecordKind.SUBSCRIPTION], pk: int
) -> Subscription: ...
@overload
def visible_record(
    request: SignedInRequest, kind: RecordKind, pk: int
) -> Record: ...
def visible_record(
    request: SignedInRequest, kind: RecordKind, pk: int
) -> Record:
    """Return a record that the person may see, from the trash as well; 404 otherwise."""
    record = records_of(kind).visible_to(request.user).filter(pk=pk).first()
    if record is None:
        raise Http404
    return cast("Record", record)


def may_edit(request: SignedInRequest, record: Record) -> bool:
    """Return whether the person may change the record; one query."""
    user = request.user
    records = type(record)._default_manager  # noqa: SLF001 (Django documents it)
    return records.filter(visible(user), editable(user), pk=record.pk).exists()
