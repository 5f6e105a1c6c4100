"""Adding a record; the trash; search."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from turnus.contacts.actions import create_contact
from turnus.contacts.models import Organization, Person
from turnus.core.fields import LINK_KINDS, FieldKind, Value
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.history.tracked import tracked
from turnus.sales.actions import create_deal
from turnus.sales.models import Deal
from turnus.web.editing import contact_named
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.once import once
from turnus.web.parameters import search_in
from turnus.web.record_forms import RecordForm, record_field
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
    form = _form(request, kind)
    answer = form.submit(lambda: _create(request, kind, form))
    if answer is not None:
        return answer
    context = {"word": word, "kind": str(kind), "form": form}
    return render(request, "records/new.html", context, status=form.status)


class NewRecordForm(RecordForm):
    """What a new record is: the usual fields and the company's own."""

    refused_fields = {
        "contact.bills_with_itself": "bills_with",
        "contact.unknown": "organization",
        "deal.contact_missing": "organization",
        "deal.contact_trashed": "organization",
        "stage.gone": "stage",
        "stage.none": "stage",
    }


def _form(request: SignedInRequest, kind: RecordKind) -> NewRecordForm:
    fields = catalog(kind)
    inputs = inputs_of(request)
    custom_paths = [field.key for field in fields.own if field.is_custom]
    paths = [*_ASKED[kind], *custom_paths]
    initial: dict[str, object] = {
        "owner": request.user.pk,
        "visibility": "everyone",
    }
    # An address may name the contact, as the button on its page does:
    # `/deals/new/?organization=...`.
    for link in ("organization", "person"):
        if link in request.GET:
            initial[link] = request.GET[link]
    return NewRecordForm(
        posted(request),
        fields={
            path: record_field(fields[path], inputs, name=path)
            for path in paths
        },
        initial=initial,
    )


def _create(
    request: SignedInRequest, kind: RecordKind, form: NewRecordForm
) -> HttpResponse:
    values = _with_contacts(request, kind, form.cleaned_data)
    record: Deal | Person | Organization
    if kind is RecordKind.DEAL:
        record = create_deal(by=request.user, at=request.at, values=values)
    else:
        record = create_contact(
            kind, by=request.user, at=request.at, values=values
        )
    return redirect("record", word_of(kind), record.pk)


def _with_contacts(
    request: SignedInRequest,
    kind: RecordKind,
    typed: Mapping[str, Value | None],
) -> dict[str, Value]:
    """Return what was typed; a contact that is none yet is added, a person with its employer."""
    fields = catalog(kind)
    values: dict[str, Value] = {}
    for path, value in typed.items():
        field = fields[path]
        if value is None or value == "":
            continue
        if field.kind in LINK_KINDS and not field.is_custom:
            employer: dict[str, Value | None] = {}
            if field.kind is FieldKind.PERSON:
                employer["organization"] = values.get("organization")
            values[path] = contact_named(
                request, field.kind, str(value), employer
            )
        else:
            values[path] = value
    return values


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
            {
                "kind": str(kind),
                "word": word_of(kind),
                "records": list(records),
            }
        )
    return render(
        request,
        "records/trash.html",
        {
            "groups": groups,
            "is_empty": not any(group["records"] for group in groups),
        },
    )


@require_GET
def search(request: SignedInRequest) -> HttpResponse:
    text = search_in(request.GET.get("q"))
    groups = []
    if text:
        for kind in RecordKind:
            model: Any = tracked(kind).model
            column = (
                "title_folded" if kind is RecordKind.DEAL else "name_folded"
            )
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
        "is_empty": not any(group["records"] for group in groups),
    }
    return render(request, "search/page.html", context)
