"""Forms of settings that show one thing whole: saved if it is still as it was shown, else the person chooses."""

from collections.abc import Callable, Collection, Sequence
from typing import Any

from django.db.models import Model
from django.http import HttpResponse

from turnus.fields.actions_seen import do_row_as_seen
from turnus.kit.errors import UserError
from turnus.web.gate import SignedInRequest
from turnus.web.meanwhile import SEEN, Meanwhile, ask_again, has_moved, seen_in

#: Field and value in words, of the row as it is by now.
Now = Callable[[Any], Sequence[tuple[str, str]]]


def saved_as_seen(
    request: SignedInRequest,
    row: Model,
    columns: Collection[str],
    save: Callable[[], object],
    *,
    now: Now,
    back: str,
) -> HttpResponse | None:
    """Save; return None, or the question where somebody else saved meanwhile (`back` leads to what they saved)."""
    try:
        do_row_as_seen(row, columns=columns, seen=request.POST.get(SEEN, ""), do=save)
    except UserError as error:
        if not has_moved(error):
            raise
        row.refresh_from_db()
        meanwhile = Meanwhile(str(row), "", now=now(row))
        return ask_again(request, row, meanwhile, mine="", seen=seen_in(columns, row), back=back)
    return None
