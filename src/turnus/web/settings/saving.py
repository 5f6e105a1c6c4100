"""Settings forms that show one thing whole: saved if nobody else has changed it."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from django.db.models import Model
from django.http import HttpResponse

from turnus.fields.actions_seen import do_row_as_seen
from turnus.kit.errors import UserError
from turnus.web.edit_conflicts import (
    EditConflict,
    ask_again,
    has_moved,
    seen_by_form,
    seen_in,
)
from turnus.web.gate import SignedInRequest

M = TypeVar("M", bound=Model)


def seen_mark(
    request: SignedInRequest, columns: Collection[str], row: Model
) -> str:
    """Return the mark of what the form showed; a refused form keeps its first mark."""
    return seen_by_form(request) or seen_in(columns, row)


def saved_as_seen(
    request: SignedInRequest,
    row: M,
    columns: Collection[str],
    save: Callable[[], object],
    *,
    now: Callable[[M], Sequence[tuple[str, str]]],
    back: str,
) -> HttpResponse | None:
    """Save; return None, or the question where somebody else has saved in the meantime.

    `now` has the row's current values in words; `back` leads to the page that shows it.
    """
    try:
        do_row_as_seen(
            row, columns=columns, seen=seen_by_form(request), do=save
        )
    except UserError as error:
        if not has_moved(error):
            raise
        row.refresh_from_db()
        conflict = EditConflict(str(row), "", now=now(row))
        return ask_again(
            request,
            row,
            conflict,
            mine="",
            seen=seen_in(columns, row),
            back=back,
        )
    return None
