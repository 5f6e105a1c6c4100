"""Custom fields with their options; labels."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission
from turnus.core.fields import CUSTOM_KINDS, FieldKind
from turnus.fields.actions import (
    add_option,
    create_field,
    delete_field,
    delete_label,
    delete_option,
    order_fields,
    order_options,
    rename_option,
    save_label,
    update_field,
)
from turnus.fields.models import CustomField, Label
from turnus.fields.queries import ids_with_label, ids_with_option, ids_with_value
from turnus.kit.errors import UserError
from turnus.web.access import needs
from turnus.web.gate import SignedInRequest
from turnus.web.kinds import kind_of
from turnus.web.meanwhile import seen_in
from turnus.web.once import once
from turnus.web.posted import chosen, ids_in
from turnus.web.settings.seen import saved_as_seen

KIND_NAMES = {
    FieldKind.TEXT: gettext_lazy("Text"),
    FieldKind.LARGE_TEXT: gettext_lazy("Large text"),
    FieldKind.AUTOCOMPLETE: gettext_lazy("Autocomplete"),
    FieldKind.NUMBER: gettext_lazy("Number"),
    FieldKind.MONEY: gettext_lazy("Monetary value"),
    FieldKind.OPTION: gettext_lazy("Single option"),
    FieldKind.OPTIONS: gettext_lazy("Multiple options"),
    FieldKind.USER: gettext_lazy("User"),
    FieldKind.PERSON: gettext_lazy("Person"),
    FieldKind.ORGANIZATION: gettext_lazy("Organization"),
    FieldKind.PHONE: gettext_lazy("Phone"),
    FieldKind.DATE: gettext_lazy("Date"),
    FieldKind.DATE_RANGE: gettext_lazy("Date range"),
    FieldKind.TIME: gettext_lazy("Time"),
    FieldKind.TIME_RANGE: gettext_lazy("Time range"),
    FieldKind.ADDRESS: gettext_lazy("Address"),
}


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOM_FIELDS)
@once
def fields(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    if request.method == "POST":
        given = request.POST
        if given.get("action") == "order":
            order_fields(by=request.user, record=kind, ids=ids_in(given.getlist("order")))
            return HttpResponse(status=204)
        if given.get("kind") not in CUSTOM_KINDS:
            raise UserError("field.kind_unknown", kind=given.get("kind", ""))
        options = given.get("options", "").splitlines()
        added = create_field(
            by=request.user,
            at=request.at,
            record=kind,
            kind=FieldKind(given["kind"]),
            name=given.get("name", ""),
            options=options,
        )
        messages.success(request, _("The field “%(name)s” was added.") % {"name": added.name})
        return redirect("fields", word)
    own = list(CustomField.objects.filter(record_kind=str(kind)).prefetch_related("options"))
    shown = [{"field": one, "kind_name": KIND_NAMES[FieldKind(one.kind)]} for one in own]
    context = {
        "word": word,
        "kind": str(kind),
        "fields": shown,
        "kinds": [(str(one), name) for one, name in KIND_NAMES.items()],
    }
    return render(request, "settings/fields.html", context)


#: What the form of a field shows.
_COLUMNS = ("name", "description", "is_required")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOM_FIELDS)
@once
def field(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    changed = get_object_or_404(CustomField, pk=pk, record_kind=str(kind_of(word)))
    if request.method == "POST":
        back = reverse("field", args=[word, pk])
        act = _ACTIONS.get(request.POST.get("action", ""), _save)
        moved = saved_as_seen(
            request, changed, _COLUMNS, lambda: act(request, changed), now=_now, back=back
        )
        if moved is not None:
            return moved
        gone = request.POST.get("action") == "delete"
        return redirect("fields", word) if gone else redirect("field", word, pk)
    options = [(one, len(ids_with_option(one))) for one in changed.options.all()]
    context = {
        "word": word,
        "field": changed,
        "seen": seen_in(_COLUMNS, changed),
        "kind_name": KIND_NAMES[FieldKind(changed.kind)],
        "has_options": changed.kind in {FieldKind.OPTION, FieldKind.OPTIONS},
        "options": options,
        "value_count": len(ids_with_value(changed)),
    }
    return render(request, "settings/field.html", context)


def _now(changed: CustomField) -> list[tuple[str, str]]:
    name = f"{changed.name} ({_('Required')})" if changed.is_required else changed.name
    return [(_("Name"), name), (_("Description"), changed.description)]


def _save(request: SignedInRequest, changed: CustomField) -> None:
    given = request.POST
    update_field(
        field=changed,
        by=request.user,
        name=given.get("name", ""),
        description=given.get("description", ""),
        is_required=bool(given.get("is_required")),
    )
    messages.success(request, _("Saved."))


def _delete(request: SignedInRequest, changed: CustomField) -> None:
    count = delete_field(field=changed, by=request.user, at=request.at)
    messages.success(request, _("The field and %(count)s values were deleted.") % {"count": count})


def _add_option(request: SignedInRequest, changed: CustomField) -> None:
    add_option(field=changed, by=request.user, name=request.POST.get("option_name", ""))


def _rename_option(request: SignedInRequest, changed: CustomField) -> None:
    option = chosen(changed.options.all(), request.POST.get("option"))
    rename_option(option=option, by=request.user, name=request.POST.get("option_name", ""))


def _delete_option(request: SignedInRequest, changed: CustomField) -> None:
    option = chosen(changed.options.all(), request.POST.get("option"))
    delete_option(option=option, by=request.user, at=request.at)


def _order(request: SignedInRequest, changed: CustomField) -> None:
    order_options(field=changed, by=request.user, ids=ids_in(request.POST.getlist("order")))


_ACTIONS: dict[str, Any] = {
    "delete": _delete,
    "add-option": _add_option,
    "rename-option": _rename_option,
    "delete-option": _delete_option,
    "order": _order,
}


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOM_FIELDS)
@once
def labels(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    own = Label.objects.filter(record_kind=str(kind))
    if request.method == "POST":
        given = request.POST
        if "delete" in given:
            delete_label(label=chosen(own, given["delete"]), by=request.user, at=request.at)
        else:
            label = chosen(own, given["label"]) if given.get("label") else None
            color = (
                given.get("color", "gray") if given.get("color") in Label.Color.values else "gray"
            )
            save_label(
                by=request.user, record=kind, name=given.get("name", ""), color=color, label=label
            )
        return redirect("labels", word)
    shown = [(one, len(ids_with_label(one))) for one in own]
    return render(
        request,
        "settings/labels.html",
        {"word": word, "kind": str(kind), "labels": shown, "colors": Label.Color.values},
    )
