"""Kinds of records in addresses: `/deals/`, `/persons/`, `/organizations/`."""

from functools import lru_cache
from typing import Any

from django.http import Http404
from django.urls import reverse

from turnus.core.records import RecordKind
from turnus.history.tracked import tracked
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
    return next(word for word, one in _WORDS.items() if one is kind)


def record_address(word: str, pk: int) -> str:
    """Return the address of a record's page; a list names hundreds: the word's is cached."""
    return f"{_list_address(word)}{pk}/"


@lru_cache
def _list_address(word: str) -> str:
    return reverse("list", args=[word])


def visible_record(request: SignedInRequest, kind: RecordKind, pk: int) -> Any:
    """Return a record that the person may see, from the trash as well; 404 otherwise."""
    model: Any = tracked(kind).model
    found = model.objects.visible_to(request.user).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def may_edit(request: SignedInRequest, record: Any) -> bool:
    """Return whether the person may change the record; one query."""
    return bool(
        type(record).objects.editable_by(request.user).filter(pk=record.pk).exists()
    )
