"""Changing or deleting many rows at once: chosen first, shown with their number, then carried out as a run."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from turnus.core.records import RecordKind
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.sales.actions_bulk import change_many, trash_many, undo_many
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs, editable_fields
from turnus.web.language import language_of
from turnus.web.list_selection import selected
from turnus.web.lists.state import ListAddress
from turnus.web.once import once
from turnus.web.record_lookup import kind_of
from turnus.web.redirects import go_back

#: Fields that no record can be without.
_NEVER_BLANK = frozenset(
    {"title", "name", "status", "stage", "owner", "value", "currency", "visibility"}
)


@require_POST
@once
def bulk(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    address = ListAddress.of(request, kind, request.POST)
    records = selected(request, kind)
    is_trash = request.POST.get("action") == "trash"
    if request.POST.get("step") == "do":
        return (
            _trash(request, word, kind, records)
            if is_trash
            else _change(request, word, kind, records, address)
        )
    context = _context(request, word, records, address)
    return (
        render(request, "bulk/trash.html", context)
        if is_trash
        else _choose_value(request, address, context)
    )


@require_POST
def undo_bulk(request: SignedInRequest, word: str, run: int) -> HttpResponse:
    result = undo_many(run_id=run, by=request.user, at=request.at)
    messages.success(
        request, _("Undone: %(count)s records.") % {"count": result.restored}
    )
    if result.conflicts:
        left = len(result.conflicts)
        messages.warning(
            request,
            _("%(count)s values have changed since and were kept.") % {"count": left},
        )
    return go_back(request, reverse("list", args=[word]))


def _context(
    request: SignedInRequest, word: str, records: QuerySet[Any], address: ListAddress
) -> dict[str, Any]:
    return {
        "word": word,
        "address": address,
        "count": records.count(),
        "ids": request.POST.getlist("id"),
        "everything": request.POST.get("everything", ""),
    }


def _choose_value(
    request: SignedInRequest,
    address: ListAddress,
    context: dict[str, Any],
    *,
    words: str = "",
) -> HttpResponse:
    """Draw the form; where it was refused, as it was posted, with the words."""
    inputs = Inputs(request.user, request.company, language_of(request))
    fields = editable_fields(address.catalog, is_admin=request.user.is_admin)
    field = next(
        (one for one in fields if one.key == request.POST.get("field")), fields[0]
    )
    context |= {
        "fields": [(one.key, one.name(inputs.language)) for one in fields],
        "field": field,
        "input": inputs.redraw(field, request.POST)
        if words
        else inputs.draw(field, None),
        "words": words,
    }
    return render(request, "bulk/edit.html", context, status=422 if words else 200)


def _change(
    request: SignedInRequest,
    word: str,
    kind: RecordKind,
    records: QuerySet[Any],
    address: ListAddress,
) -> HttpResponse:
    try:
        run = _changed(request, kind, records, address)
    except UserError as error:
        if error.is_denial:
            raise
        return _choose_value(
            request,
            address,
            _context(request, word, records, address),
            words=say(error),
        )
    count = run.totals["count"]
    words = ngettext(
        "%(count)s record changed.", "%(count)s records changed.", count
    ) % {"count": count}
    messages.success(request, words, extra_tags=f"undo-{word}-{run.pk}")
    return redirect(address.address())


def _changed(
    request: SignedInRequest,
    kind: RecordKind,
    records: QuerySet[Any],
    address: ListAddress,
) -> Run:
    """Carry the posted change out; return its run."""
    inputs = Inputs(request.user, request.company, language_of(request))
    fields = {
        one.key: one
        for one in editable_fields(address.catalog, is_admin=request.user.is_admin)
    }
    field = fields.get(request.POST.get("field", ""))
    if field is None:
        raise UserError("field.unknown", field=request.POST.get("field", ""))
    value = inputs.read(field, request.POST)
    if value is None and (field.is_required or field.key in _NEVER_BLANK):
        raise UserError("field.required", field=field.name(inputs.language))
    return change_many(
        kind,
        records=records,
        by=request.user,
        at=request.at,
        values={field.key: value},
        title=field.name(inputs.language),
    )


def _trash(
    request: SignedInRequest, word: str, kind: RecordKind, records: QuerySet[Any]
) -> HttpResponse:
    run = trash_many(kind, records=records, by=request.user, at=request.at)
    count = run.totals["count"]
    words = ngettext(
        "%(count)s record deleted.", "%(count)s records deleted.", count
    ) % {"count": count}
    messages.success(request, words, extra_tags=f"undo-{word}-{run.pk}")
    return redirect("list", word)
