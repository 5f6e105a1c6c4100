"""Forms of settings that show one thing whole: saved if it is still as it was shown, else the person chooses."""

from collections.abc import Callable, Collection, Sequence
from typing import TypeVar

from django.db.models import Model
from django.http import HttpResponse

from turnus.fields.actions_seen import do_row_as_seen
from turnus.kit.errors import UserError
from turnus.web.edit_conflicts import SEEN, EditConflict, ask_again, has_moved, seen_in
from turnus.web.gate import SignedInRequest

M = TypeVar("M", bound=Model)


def seen_mark(request: SignedInRequest, columns: Collection[str], row: Model) -> str:
    """Return what the form says that it showed: a form that was refused still says what it showed at first."""
    return request.POST.get(SEEN) or seen_in(columns, row)


def saved_as_seen(
    request: SignedInRequest,
    row: M,
    columns: Collection[str],
    save: Callable[[], object],
    *,
    now: Callable[[M], Sequence[tuple[str, str]]],
    back: str,
) -> HttpResponse | None:
    """Save; return None, or the question to the person where somebody else has saved in the meantime.

    `now` says field by field, in words, what the row is by now; `back` leads to the page that shows it.
    """
    try:
        do_row_as_seen(row, columns=columns, seen=request.POST.get(SEEN, ""), do=save)
    except UserError as error:
        if not has_moved(error):
            raise
        row.refresh_from_db()
        conflict = EditConflict(str(row), "", now=now(row))
        return ask_again(
            request, row, conflict, mine="", seen=seen_in(columns, row), back=back
        )
    return None
