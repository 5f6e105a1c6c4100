"""The page of one record, its fields, its life, its history."""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from turnus.accounts.access import sees
from turnus.accounts.queries import rates
from turnus.core.deal_lines import sum_e4
from turnus.core.fields import Operator
from turnus.core.filters import Condition
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.field import Field
from turnus.fields.queries import records_of
from turnus.fields.record_actions import actions_of
from turnus.history.queries import events_of
from turnus.kit.errors import UserError
from turnus.listing.lists import ListState, RecordList
from turnus.revenue.monthly import monthly_sum, subscriptions_of
from turnus.revenue.terms.queries import figures_of, term_of
from turnus.sales.models import Deal, Stage
from turnus.web.buttons import sent_text
from turnus.web.edit_conflicts import (
    EditConflict,
    change_of,
    has_moved,
    seen_by_form,
    seen_of,
)
from turnus.web.editing import change_field, present_contact, refuse_uneditable
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import editable_fields, inputs_of
from turnus.web.language import language_of
from turnus.web.record_forms import ValueForm
from turnus.web.record_lookup import kind_of, may_edit, visible_record
from turnus.web.records.closing_forms import LostForm, WonForm
from turnus.web.records.history import events_in_words
from turnus.web.records.sheet import field_rows, field_text, sheet_of, value_at
from turnus.web.viewer import viewer_of

#: Persons, and organizations billed here, that the page of an organization names.
_LINKED = 20


@require_GET
def record_page(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    kind = kind_of(word)
    record = visible_record(request, kind, pk)
    fields = catalog(kind)
    editable = may_edit(request, record) and record.trashed_at is None
    context = {
        "word": word,
        "kind": str(kind),
        "record": record,
        "is_editable": editable,
        "sheet": sheet_of(
            field_rows(request, kind, fields, record, is_editable=editable),
            frozenset(
                field.key for field in fields.own if not field.is_editable
            ),
        ),
        "events": events_in_words(events_of(kind, pk), fields, request),
    }
    if isinstance(record, Deal):
        context |= _deal_context(request, record)
    else:
        context |= _deals_of(request, kind, record)
    return render(
        request,
        f"records/{'deal' if kind is RecordKind.DEAL else 'contact'}.html",
        context,
    )


@require_POST
def save_field(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    kind = kind_of(word)
    record = visible_record(request, kind, pk)
    key = sent_text(request, "field")
    field = catalog(kind).get(key)
    if field is None:
        raise UserError("field.unknown", field=key)
    refuse_uneditable(request, kind, field)
    present = present_contact(record, field)
    form = ValueForm(
        posted(request),
        field=field,
        inputs=inputs_of(request),
        present=present,
    )
    shown = _ShownField(word, record, field, form, seen_by_form(request))
    answer = form.submit(lambda: _save_field(request, shown))
    return _field_form(request, shown) if answer is None else answer


@dataclass(frozen=True, slots=True)
class _ShownField:
    """A field of a record in a form; `seen` is the mark of what it showed."""

    word: str
    record: Any
    field: Field
    form: ValueForm
    seen: str


def _save_field(request: SignedInRequest, shown: _ShownField) -> HttpResponse:
    record = shown.record
    try:
        change_field(
            request, record, shown.field, shown.form.value, seen=shown.seen
        )
    except UserError as error:
        if has_moved(error):
            return _field_moved(request, shown)
        raise
    if not _is_in_place(request):
        messages.success(request, _("Saved."))
    return redirect("record", shown.word, record.pk)


@require_GET
def field_form(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    kind = kind_of(word)
    record = visible_record(request, kind, pk)
    fields = catalog(kind)
    allowed = {
        field.key: field
        for field in editable_fields(fields, is_admin=request.user.is_admin)
    }
    key = request.GET.get("field", "")
    field = allowed.get(key)
    if field is None:
        raise UserError("field.unknown", field=key)
    value = value_at(request, fields, record.pk, field.key)
    form = ValueForm(
        None, field=field, inputs=inputs_of(request), present=value
    )
    shown = _ShownField(word, record, field, form, seen_of(field, record))
    return _field_form(request, shown)


def _field_moved(request: SignedInRequest, shown: _ShownField) -> HttpResponse:
    """Return the form as it was posted, with what somebody else saved meanwhile.

    Sent once more, it overrules that.
    """
    field = shown.field
    kind = kind_of(shown.word)
    record = visible_record(request, kind, shown.record.pk)
    name = field.name(language_of(request))
    theirs = field_text(request, kind, record, field.key)
    conflict = change_of(kind, record.pk, field, name=name, theirs=theirs)
    anew = replace(shown, record=record, seen=seen_of(field, record))
    return _field_form(request, anew, conflict)


def _field_form(
    request: SignedInRequest,
    shown: _ShownField,
    conflict: EditConflict | None = None,
) -> HttpResponse:
    context = {
        "word": shown.word,
        "record": shown.record,
        "field": shown.field,
        "form": shown.form,
        "seen": shown.seen,
        "conflict": conflict,
    }
    status = shown.form.status if conflict is None else 422
    if not _is_in_place(request):
        return render(
            request, "records/field_form.html", context, status=status
        )
    answer = render(
        request, "records/_field_input.html", context, status=status
    )
    if status != 200:
        # The form leads to the whole page when it was saved; what was not stays where it is.
        answer["HX-Retarget"] = f'[data-field="{shown.field.key}"]'
        answer["HX-Reselect"] = ".t-field"
        answer["HX-Reswap"] = "outerHTML"
        answer["HX-Push-Url"] = "false"
    return answer


def _is_in_place(request: SignedInRequest) -> bool:
    return bool(request.headers.get("HX-Request"))


@require_POST
def trash_record(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    kind = kind_of(word)
    record = visible_record(request, kind, pk)
    actions_of(kind).trash(
        records_of(kind).filter(pk=pk), by=request.user, at=request.at
    )
    messages.success(
        request, _("“%(name)s” was moved to the trash.") % {"name": record}
    )
    return redirect("list", word)


@require_POST
def restore_record(
    request: SignedInRequest, word: str, pk: int
) -> HttpResponse:
    kind = kind_of(word)
    record = visible_record(request, kind, pk)
    actions_of(kind).restore(
        records_of(kind).filter(pk=pk), by=request.user, at=request.at
    )
    messages.success(request, _("“%(name)s” was restored.") % {"name": record})
    return redirect("record", word, pk)


def _deal_context(request: SignedInRequest, deal: Deal) -> dict[str, Any]:
    term = term_of(deal.pk)
    is_term_hidden = term is not None and not sees(
        request.user, term.subscription
    )
    if is_term_hidden:
        term = None
    rest_e4 = deal.value_e4 - sum_e4(deal.parts)
    fields = catalog(RecordKind.DEAL)
    return {
        "seen_stage": seen_of(fields["stage"], deal),
        "seen_status": seen_of(fields["status"], deal),
        "stages": _stages(deal),
        "won_form": WonForm(request, deal=deal),
        "lost_form": LostForm(request),
        "term": term,
        "is_term_hidden": is_term_hidden,
        "lines": [
            (line, Money(line.amount_e4, deal.currency)) for line in deal.parts
        ],
        "rest": Money(rest_e4, deal.currency)
        if rest_e4 and deal.parts
        else None,
        "figures": term and figures_of(term, deal, on=request.on),
    }


def _stages(deal: Deal) -> list[tuple[Stage, str]]:
    """Return the stages of the deal's pipeline: done, the one that it is in now, later."""
    stages = list(deal.pipeline.stages.all())
    ids = [stage.pk for stage in stages]
    now = ids.index(deal.stage_id) if deal.stage_id in ids else 0
    places = ["done"] * now + ["now"] + ["later"] * (len(stages) - now - 1)
    return list(zip(stages, places, strict=False))


def _deals_of(
    request: SignedInRequest, kind: RecordKind, record: Any
) -> dict[str, Any]:
    """Return the contact's deals, the latest first, with their sums."""
    viewer = viewer_of(request)
    state = ListState(
        Condition(str(kind), Operator.IS, record.pk), sort="-created_at"
    )
    deals = RecordList(
        RecordKind.DEAL, catalog(RecordKind.DEAL), state, viewer
    )
    shown = (
        Deal.objects.filter(pk__in=deals.page(size=20).ids)
        .select_related("stage")
        .order_by("-created_at", "-pk")
    )
    beside: dict[str, Any] = {}
    if kind is RecordKind.ORGANIZATION:
        beside = {"persons": record.persons, "billed": record.billed_here}
    linked = {
        name: list(hanging.present().visible_to(request.user)[:_LINKED])
        for name, hanging in beside.items()
    }
    monthly = monthly_sum(
        subscriptions_of(record, request.user), viewer, rates()
    )
    return {
        "deals": list(shown),
        "summary": deals.summary(rates()),
        "monthly": monthly,
        **linked,
    }
