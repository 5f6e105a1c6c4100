"""Adding a record; the trash; search."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from turnus.contacts.actions import create_contact
from turnus.core.fields import LINK_KINDS, FieldKind, Value
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.sales.actions import create_deal
from turnus.web.editing import contact_named
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Input, Inputs
from turnus.web.language import language_of
from turnus.web.once import once
from turnus.web.parameters import search_in
from turnus.web.record_lookup import kind_of, word_of

#: Fields of the form for a new record, before the custom ones.
_ASKED = {
    RecordKind.DEAL: (
        "title",
        "organization",
        "person",
        "value",
        "stage",
        "owner",
        "expected_close_on",
        "labels",
        "visibility",
    ),
    RecordKind.PERSON: (
        "name",
        "organization",
        "emails",
        "phones",
        "owner",
        "labels",
        "visibility",
    ),
    RecordKind.ORGANIZATION: (
        "name",
        "address",
        "country",
        "bills_with",
        "owner",
        "labels",
        "visibility",
    ),
}
_SEARCHED = 20


@require_http_methods(["GET", "POST"])
@once
def new_record(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    words = ""
    if request.method == "POST":
        try:
            record = _create(request, kind)
        except UserError as error:
            words = say(error)
        else:
            return redirect("record", word, record.pk)
    context = {
        "word": word,
        "kind": str(kind),
        "inputs": _inputs(request, kind),
        "words": words,
    }
    return render(request, "records/new.html", context, status=422 if words else 200)


def _inputs(request: SignedInRequest, kind: RecordKind) -> list[Input]:
    fields = catalog(kind)
    inputs = Inputs(request.user, request.company, language_of(request))
    # An address may name the contact: `/deals/new/?organization=...`, as the button on its page does.
    named = {
        link: request.GET[link]
        for link in ("organization", "person")
        if link in request.GET
    }
    usual: dict[str, Any] = {
        "owner": request.user.pk,
        "visibility": "everyone",
        **named,
    }
    drawn = []
    for path in [*_ASKED[kind], *(one.key for one in fields.own if one.is_custom)]:
        field = fields[path]
        is_posted = request.method == "POST"
        drawn.append(
            inputs.redraw(field, request.POST, name=path)
            if is_posted
            else inputs.draw(field, usual.get(path), name=path)
        )
    return drawn


def _create(request: SignedInRequest, kind: RecordKind) -> Any:
    fields = catalog(kind)
    inputs = Inputs(request.user, request.company, language_of(request))
    values: dict[str, Value | None] = {}
    for path in [*_ASKED[kind], *(one.key for one in fields.own if one.is_custom)]:
        field = fields[path]
        if field.kind in LINK_KINDS and not field.is_custom:
            name = request.POST.get(path, "").strip()
            employer = (
                {"organization": values.get("organization")}
                if field.kind is FieldKind.PERSON
                else None
            )
            values[path] = (
                contact_named(request, field.kind, name, employer) if name else None
            )
        else:
            values[path] = inputs.read(field, request.POST, name=path)
    given = {path: value for path, value in values.items() if value is not None}
    if kind is RecordKind.DEAL:
        return create_deal(by=request.user, at=request.at, values=given)
    return create_contact(kind, by=request.user, at=request.at, values=given)


@require_GET
def trash(request: SignedInRequest) -> HttpResponse:
    groups = []
    for kind in RecordKind:
        model: Any = tracked(kind).model
        records = (
            model.objects.trashed()
            .visible_to(request.user)
            .select_related("trashed_by")
            .order_by("-trashed_at")[:200]
        )
        groups.append(
            {"kind": str(kind), "word": word_of(kind), "records": list(records)}
        )
    return render(
        request,
        "records/trash.html",
        {"groups": groups, "is_empty": not any(one["records"] for one in groups)},
    )


@require_GET
def search(request: SignedInRequest) -> HttpResponse:
    text = search_in(request.GET.get("q"))
    groups = []
    if text:
        for kind in RecordKind:
            model: Any = tracked(kind).model
            column = "title_folded" if kind is RecordKind.DEAL else "name_folded"
            found = (
                model.objects.present()
                .visible_to(request.user)
                .filter(**{f"{column}__contains": fold(text)})
            )
            groups.append(
                {
                    "kind": str(kind),
                    "word": word_of(kind),
                    "records": list(found.order_by("-updated_at")[:_SEARCHED]),
                }
            )
    context = {
        "search_text": text,
        "groups": groups,
        "is_empty": not any(one["records"] for one in groups),
    }
    return render(request, "search/page.html", context)
