"""Custom fields with their options; labels."""

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission
from turnus.core.fields import FieldKind
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
from turnus.fields.models import CustomField, FieldOption, Label
from turnus.fields.queries import (
    ids_with_label,
    ids_with_option,
    ids_with_value,
)
from turnus.web.access import needs
from turnus.web.buttons import is_sent, sent_action, sent_numbers, sent_text
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.parameters import chosen, chosen_or_none
from turnus.web.record_lookup import kind_of
from turnus.web.settings.field_forms import (
    KIND_NAMES,
    FieldForm,
    LabelForm,
    NewFieldForm,
    OptionForm,
)
from turnus.web.settings.saving import saved_as_seen, seen_mark


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOM_FIELDS)
@once
def fields(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    if sent_action(request) == "order":
        order_fields(
            by=request.user, record=kind, ids=sent_numbers(request, "order")
        )
        return HttpResponse(status=204)
    form = NewFieldForm(posted(request))

    def add() -> HttpResponse:
        added = create_field(
            by=request.user,
            at=request.at,
            record=kind,
            kind=FieldKind(form.cleaned_data["kind"]),
            name=form.cleaned_data["name"],
            options=form.cleaned_data["options"].splitlines(),
        )
        messages.success(
            request,
            _("The field “%(name)s” was added.") % {"name": added.name},
        )
        return redirect("fields", word)

    answer = form.submit(add)
    if answer is not None:
        return answer
    own = CustomField.objects.filter(record_kind=str(kind)).prefetch_related(
        "options"
    )
    context = {
        "word": word,
        "kind": str(kind),
        "fields": [
            (field, KIND_NAMES[FieldKind(field.kind)]) for field in own
        ],
        "form": form,
    }
    return render(request, "settings/fields.html", context, status=form.status)


class OptionRow(NamedTuple):
    """An option of a field, how many records have it, and the form of its name."""

    option: FieldOption
    record_count: int
    form: OptionForm


#: What the form of a field shows.
_COLUMNS = ("name", "description", "is_required")


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOM_FIELDS)
@once
def field(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    changed = get_object_or_404(
        CustomField, pk=pk, record_kind=str(kind_of(word))
    )
    action = sent_action(request)
    if action == "delete":
        count = delete_field(field=changed, by=request.user, at=request.at)
        words = _("The field and %(count)s values were deleted.") % {
            "count": count
        }
        messages.success(request, words)
        return redirect("fields", word)
    if action == "order":
        ids = sent_numbers(request, "order")
        order_options(field=changed, by=request.user, ids=ids)
        return redirect("field", word, pk)
    if action == "delete-option":
        option = chosen(changed.options.all(), sent_text(request, "option"))
        delete_option(option=option, by=request.user, at=request.at)
        return redirect("field", word, pk)
    return _edit_field(request, word, changed)


def _edit_field(
    request: SignedInRequest, word: str, changed: CustomField
) -> HttpResponse:
    """Change the field, rename one of its options, or add one; else show them."""
    names_option = sent_action(request) in {"add-option", "rename-option"}
    field_form = FieldForm(
        None if names_option else posted(request), initial=vars(changed)
    )
    option = chosen_or_none(
        changed.options.all(), sent_text(request, "option")
    )
    option_form = OptionForm(
        posted(request) if names_option else None, row=option
    )

    def save_option() -> HttpResponse:
        name = option_form.cleaned_data["option_name"]
        if option is None:
            add_option(field=changed, by=request.user, name=name)
        else:
            rename_option(option=option, by=request.user, name=name)
        return redirect("field", word, changed.pk)

    answer = field_form.submit(
        lambda: _save_field(request, word, changed, field_form)
    )
    answer = answer or option_form.submit(save_option)
    if answer is not None:
        return answer
    context = {
        "word": word,
        "field": changed,
        "field_form": field_form,
        "new_option_form": option_form.for_new(),
        "seen": seen_mark(request, _COLUMNS, changed),
        "kind_name": KIND_NAMES[FieldKind(changed.kind)],
        "has_options": changed.kind in {FieldKind.OPTION, FieldKind.OPTIONS},
        "options": _option_rows(changed, option_form),
        "value_count": len(ids_with_value(changed)),
    }
    status = max(field_form.status, option_form.status)
    return render(request, "settings/field.html", context, status=status)


def _option_rows(changed: CustomField, form: OptionForm) -> list[OptionRow]:
    return [
        OptionRow(option, len(ids_with_option(option)), form.for_row(option))
        for option in changed.options.all()
    ]


def _save_field(
    request: SignedInRequest, word: str, changed: CustomField, form: FieldForm
) -> HttpResponse:
    def save() -> None:
        update_field(field=changed, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))

    back = reverse("field", args=[word, changed.pk])
    question = saved_as_seen(
        request, changed, _COLUMNS, save, now=_now, back=back
    )
    return question or redirect("field", word, changed.pk)


def _now(changed: CustomField) -> list[tuple[str, str]]:
    name = changed.name
    if changed.is_required:
        name = f"{name} ({_('Required')})"
    return [(_("Name"), name), (_("Description"), changed.description)]


@require_http_methods(["GET", "POST"])
@needs(Permission.CUSTOM_FIELDS)
@once
def labels(request: SignedInRequest, word: str) -> HttpResponse:
    kind = kind_of(word)
    own = Label.objects.filter(record_kind=str(kind))
    if is_sent(request, "delete"):
        label = chosen(own, sent_text(request, "delete"))
        delete_label(label=label, by=request.user, at=request.at)
        return redirect("labels", word)
    changed = chosen_or_none(own, sent_text(request, "label"))
    form = LabelForm(posted(request), row=changed)

    def save() -> HttpResponse:
        save_label(
            by=request.user, record=kind, label=changed, **form.cleaned_data
        )
        return redirect("labels", word)

    answer = form.submit(save)
    if answer is not None:
        return answer
    context = {
        "word": word,
        "kind": str(kind),
        "new_form": form.for_new(),
        "labels": [
            (label, len(ids_with_label(label)), form.for_row(label))
            for label in own
        ],
    }
    return render(request, "settings/labels.html", context, status=form.status)
