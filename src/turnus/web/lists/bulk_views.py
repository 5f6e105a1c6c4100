"""Changing or deleting many rows at once.

They are chosen first, shown with their number, then changed as a run.
"""

from dataclasses import dataclass
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
from turnus.fields.field import Field
from turnus.kit.errors import UserError
from turnus.sales.actions_bulk import change_many, trash_many, undo_many
from turnus.web.buttons import sent_action, sent_text
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import editable_fields, inputs_of
from turnus.web.language import language_of
from turnus.web.list_selection import selected, selection_of
from turnus.web.lists.state import ListAddress
from turnus.web.once import once
from turnus.web.record_forms import ValueForm
from turnus.web.record_lookup import kind_of
from turnus.web.redirects import go_back

#: Fields that no record can be without.
_NEVER_BLANK = frozenset(
    {
        "title",
        "name",
        "status",
        "stage",
        "owner",
        "value",
        "currency",
        "visibility",
    }
)


@require_POST
@once
def bulk(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    many = _Many(
        word=word,
        kind=kind,
        records=selected(request, kind),
        address=ListAddress.of(request, kind, selection_of(request).parts),
    )
    is_confirmed = sent_text(request, "step") == "do"
    if sent_action(request) != "trash":
        return _change(request, many, is_confirmed=is_confirmed)
    if is_confirmed:
        return _trash(request, many)
    return render(request, "bulk/trash.html", _context(request, many))


@dataclass(frozen=True, slots=True)
class _Many:
    """The records that were chosen, and the list that they were chosen in."""

    word: str
    kind: RecordKind
    records: QuerySet[Any]
    address: ListAddress


@require_POST
def undo_bulk(request: SignedInRequest, word: str, run: int) -> HttpResponse:
    result = undo_many(run_id=run, by=request.user, at=request.at)
    messages.success(
        request, _("Undone: %(count)s records.") % {"count": result.restored}
    )
    if result.conflicts:
        conflict_count = len(result.conflicts)
        messages.warning(
            request,
            _(
                "%(count)s values were kept: they have changed since, "
                "or their earlier value is gone."
            )
            % {"count": conflict_count},
        )
    return go_back(request, reverse("list", args=[word]))


def _context(request: SignedInRequest, many: _Many) -> dict[str, object]:
    return {
        "word": many.word,
        "address": many.address,
        "count": many.records.count(),
        "selection": selection_of(request),
    }


def _change(
    request: SignedInRequest, many: _Many, *, is_confirmed: bool
) -> HttpResponse:
    """Ask for a field and its value; change the records once that is sent."""
    inputs = inputs_of(request)
    fields = editable_fields(
        many.address.catalog, is_admin=request.user.is_admin
    )
    by_key = {field.key: field for field in fields}
    key = sent_text(request, "field")
    if is_confirmed and key not in by_key:
        raise UserError("field.unknown", field=key)
    field = by_key.get(key, fields[0])
    data = posted(request) if is_confirmed else None
    form = ValueForm(data, field=field, inputs=inputs)
    answer = form.submit(lambda: _changed(request, many, field, form))
    if answer is not None:
        return answer
    context = {
        **_context(request, many),
        "fields": [(each.key, each.name(inputs.language)) for each in fields],
        "field": field,
        "form": form,
    }
    return render(request, "bulk/edit.html", context, status=form.status)


def _changed(
    request: SignedInRequest, many: _Many, field: Field, form: ValueForm
) -> HttpResponse:
    title = field.name(language_of(request))
    is_needed = field.is_required or field.key in _NEVER_BLANK
    if form.value is None and is_needed:
        raise UserError("field.required", field=title)
    run = change_many(
        many.kind,
        records=many.records,
        by=request.user,
        at=request.at,
        values={field.key: form.value},
        title=title,
    )
    count = run.totals["count"]
    words = ngettext(
        "%(count)s record changed.", "%(count)s records changed.", count
    )
    words %= {"count": count}
    messages.success(request, words, extra_tags=f"undo-{many.word}-{run.pk}")
    return redirect(many.address.address())


def _trash(request: SignedInRequest, many: _Many) -> HttpResponse:
    run = trash_many(
        many.kind, records=many.records, by=request.user, at=request.at
    )
    count = run.totals["count"]
    words = ngettext(
        "%(count)s record deleted.", "%(count)s records deleted.", count
    )
    words %= {"count": count}
    messages.success(request, words, extra_tags=f"undo-{many.word}-{run.pk}")
    return redirect("list", many.word)
