"""What somebody else saved while a form was open: who, when, what it is now.

The second chooses, and nothing typed is lost.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import render

from turnus.core.records import RecordKind
from turnus.fields.field import Field
from turnus.fields.seen import cells_of, mark, mark_of
from turnus.history.cells import cell_of
from turnus.history.queries import latest_change
from turnus.kit.errors import UserError
from turnus.web.buttons import sent_text
from turnus.web.gate import SignedInRequest

#: Where forms say what they showed: the mark of a field, or of a whole record.
SEEN = "seen"
_MOVED = frozenset({"field.changed_meanwhile", "record.changed_meanwhile"})
#: Of a form sent again: who sends it, and what it has seen, are said anew.
_SAID_ANEW = frozenset({"csrfmiddlewaretoken", "once", SEEN})


@dataclass(frozen=True, slots=True)
class EditConflict:
    """What somebody else saved; `who` is empty and `at` None where the history has no event."""

    #: The field; of a record as a whole, its name.
    name: str
    #: What it is now, in the reader's language; empty if it is blank now.
    theirs: str
    who: str = ""
    at: datetime | None = None
    #: Of a change that is more than one field: what holds now, field by field.
    now: Sequence[tuple[str, str]] = ()


def seen_by_form(request: SignedInRequest) -> str:
    """Return what the posted form says that it showed, empty where it does not say."""
    return sent_text(request, SEEN)


def has_moved(error: UserError) -> bool:
    """Return whether something was refused because somebody else was quicker."""
    return error.code in _MOVED


def seen_of(field: Field, record: Model) -> str:
    """Return what a form that shows the field of a record says that it showed."""
    return mark(field, vars(record))


def seen_in(cells: Collection[str], record: Model) -> str:
    """Return what a form that shows these cells of a record says that it showed."""
    return mark_of(
        {cell: cell_of(vars(record), cell) for cell in cells}, of=record.pk
    )


def change_of(
    kind: RecordKind, pk: int, field: Field, *, name: str, theirs: str
) -> EditConflict:
    """Return who changed a field of a record last, and when; `theirs` is what it holds now."""
    return change_in(kind, pk, cells_of(field), name=name, theirs=theirs)


def change_in(
    kind: RecordKind,
    pk: int,
    cells: Collection[str],
    *,
    name: str,
    theirs: str = "",
    now: Sequence[tuple[str, str]] = (),
) -> EditConflict:
    """Return who changed one of the cells of a record last, and when."""
    event = latest_change(kind, pk, cells)
    if event is None:
        return EditConflict(name, theirs, now=now)
    return EditConflict(
        name, theirs, event.by.name if event.by else "", event.at, now
    )


def ask_again(
    request: SignedInRequest,
    record: Model,
    conflict: EditConflict,
    *,
    mine: str,
    seen: str,
    back: str,
) -> HttpResponse:
    """Answer a posted form by what was saved meanwhile.

    `back` keeps that, the same form sent again with `seen` overrules it. `mine`: what the form was
    to do, in words.
    """
    posted: list[tuple[str, object]] = []
    for key, values in request.POST.lists():
        if key not in _SAID_ANEW:
            posted += [(key, value) for value in values]
    context = {
        "record": record,
        "conflict": conflict,
        "mine": mine,
        "posted": posted,
        "seen": seen,
        "back": back,
    }
    return render(request, "errors/edit_conflict.html", context, status=422)
