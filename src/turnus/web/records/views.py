"""The page of one record, its fields, its life, its history."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from turnus.accounts.access import sees
from turnus.accounts.queries import rates
from turnus.core.deal_lines import sum_e4
from turnus.core.fields import Operator
from turnus.core.filters import Condition
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions_seen import do_as_seen, update_as_seen
from turnus.fields.catalog import catalog
from turnus.fields.choices import choices_of
from turnus.fields.field import Field
from turnus.fields.queries import records_of
from turnus.fields.record_actions import actions_of
from turnus.fields.seen import cells_of
from turnus.history.queries import events_of
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.listing.lists import ListState, RecordList
from turnus.revenue.monthly import monthly_sum, subscriptions_of
from turnus.revenue.plans.queries import usable_plans
from turnus.revenue.subscriptions.actions.start import win_recurring
from turnus.revenue.terms.queries import figures_of, term_of
from turnus.sales.actions import archive_deals, lose_deals, reopen_deals, win_deals
from turnus.sales.models import Deal, LostReason
from turnus.web.edit_conflicts import SEEN, ask_again, change_of, has_moved, seen_of
from turnus.web.editing import change_field
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs, editable_fields
from turnus.web.language import language_of
from turnus.web.once import once
from turnus.web.parameters import day_in, number_in
from turnus.web.record_lookup import kind_of, may_edit, visible_record
from turnus.web.records.history import events_in_words
from turnus.web.records.sheet import field_rows, field_text, sheet_of, value_at
from turnus.web.subscription_form import new_subscription
from turnus.web.viewer import viewer_of

#: What the buttons make of a deal.
_STATUSES = {"win": "won", "lose": "lost"}
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
            frozenset(one.key for one in fields.own if not one.is_editable),
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
    field = catalog(kind).get(request.POST.get("field", ""))
    if field is None:
        raise UserError("field.unknown", field=request.POST.get("field", ""))
    try:
        change_field(request, kind, record, field, request.POST)
    except UserError as error:
        if has_moved(error):
            return _field_moved(request, word, visible_record(request, kind, pk), field)
        if error.is_denial or request.headers.get("HX-Request"):
            raise
        inputs = Inputs(request.user, request.company, language_of(request))
        drawn = inputs.redraw(field, request.POST)
        context = {
            "field": field,
            "input": drawn,
            "refused": say(error),
            "seen": request.POST.get(SEEN, ""),
        }
        return _field_form(request, word, record, context)
    if not request.headers.get("HX-Request"):
        messages.success(request, _("Saved."))
    return redirect("record", word, pk)


@require_GET
def field_form(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    kind = kind_of(word)
    record = visible_record(request, kind, pk)
    fields = catalog(kind)
    inputs = Inputs(request.user, request.company, language_of(request))
    allowed = {
        one.key: one for one in editable_fields(fields, is_admin=request.user.is_admin)
    }
    field = allowed.get(request.GET.get("field", ""))
    if field is None:
        raise UserError("field.unknown", field=request.GET.get("field", ""))
    value = value_at(request, fields, record.pk, field.key)
    context = {
        "field": field,
        "input": inputs.draw(field, value),
        "seen": seen_of(field, record),
    }
    return _field_form(request, word, record, context)


def _field_moved(
    request: SignedInRequest, word: str, record: Any, field: Field
) -> HttpResponse:
    """Return the form as it was posted, with what somebody else saved meanwhile; sent once more, it overrules that."""
    kind, language = kind_of(word), language_of(request)
    drawn = Inputs(request.user, request.company, language).redraw(field, request.POST)
    theirs = field_text(request, kind, record, field.key)
    conflict = change_of(
        kind, record.pk, field, name=field.name(language), theirs=theirs
    )
    seen = seen_of(field, record)
    answer = _field_form(
        request,
        word,
        record,
        {"field": field, "input": drawn, "seen": seen, "conflict": conflict},
    )
    if request.headers.get("HX-Request"):
        # The form leads to the whole page when it was saved; what was not stays where it is.
        answer["HX-Retarget"] = f'[data-field="{field.key}"]'
        answer["HX-Reselect"] = ".t-field"
        answer["HX-Reswap"] = "outerHTML"
        answer["HX-Push-Url"] = "false"
    return answer


def _field_form(
    request: SignedInRequest, word: str, record: Any, context: dict[str, Any]
) -> HttpResponse:
    context |= {"word": word, "record": record}
    page = (
        "records/_field_input.html"
        if request.headers.get("HX-Request")
        else "records/field_form.html"
    )
    is_refused = context.get("refused") or context.get("conflict")
    return render(request, page, context, status=422 if is_refused else 200)


@require_POST
@once
def close_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    deal = visible_record(request, RecordKind.DEAL, pk)
    status = cells_of(catalog(RecordKind.DEAL)["status"])
    seen = request.POST.get(SEEN, "")
    try:
        do_as_seen(
            RecordKind.DEAL,
            pk=pk,
            cells=status,
            seen=seen,
            do=lambda: _close(request, deal),
        )
    except UserError as error:
        if has_moved(error):
            return _deal_moved(
                request,
                pk,
                "status",
                _STATUSES.get(request.POST.get("action", ""), "open"),
            )
        raise
    return redirect("record", "deals", pk)


def _close(request: SignedInRequest, deal: Deal) -> None:
    deals = Deal.objects.filter(pk=deal.pk)
    action = request.POST.get("action")
    day = day_in(request.POST.get("on"))
    effective = None if day == request.on else day
    if action == "win" and request.POST.get("plan"):
        new = new_subscription(
            request,
            currency=deal.currency,
            name=deal.title,
            starts_on=day,
            price=deal.recurring,
        )
        win_recurring(deal=deal, by=request.user, at=request.at, won=effective, new=new)
    elif action == "win":
        win_deals(deals=deals, by=request.user, at=request.at, won=effective)
    elif action == "lose":
        reason = (
            request.POST.get("reason", "").strip()
            or request.POST.get("free_reason", "").strip()
        )
        comment = request.POST.get("comment", "").strip()
        lose_deals(
            deals=deals,
            by=request.user,
            at=request.at,
            reason=reason,
            comment=comment,
            lost=effective,
        )
    else:
        reopen_deals(deals=deals, by=request.user, at=request.at)


@require_POST
def archive_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    deal = visible_record(request, RecordKind.DEAL, pk)
    is_out = request.POST.get("action") == "take_out"
    deals = Deal.objects.filter(pk=deal.pk)
    archive_deals(
        deals=deals,
        by=request.user,
        at=request.at,
        archived_at=None if is_out else request.at,
    )
    said = _("“%(name)s” was unarchived.") if is_out else _("“%(name)s” was archived.")
    messages.success(request, said % {"name": deal})
    return redirect("record", "deals", pk)


@require_POST
def move_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    visible_record(request, RecordKind.DEAL, pk)
    stage = number_in(request.POST.get("stage"))
    if stage is None:
        raise UserError("stage.gone")
    seen = {"stage": request.POST.get(SEEN, "")}
    try:
        update_as_seen(
            RecordKind.DEAL,
            pk=pk,
            by=request.user,
            at=request.at,
            values={"stage": stage},
            seen=seen,
        )
    except UserError as error:
        if has_moved(error):
            return _deal_moved(request, pk, "stage", stage)
        raise
    return redirect("record", "deals", pk)


def _deal_moved(
    request: SignedInRequest, pk: int, key: str, wanted: Any
) -> HttpResponse:
    """Ask what should hold, as somebody else moved or closed the deal meanwhile."""
    deal = visible_record(request, RecordKind.DEAL, pk)
    field = catalog(RecordKind.DEAL)[key]
    language = language_of(request)
    theirs = field_text(request, RecordKind.DEAL, deal, key)
    conflict = change_of(
        RecordKind.DEAL, pk, field, name=field.name(language), theirs=theirs
    )
    choices = choices_of(field, language)
    mine = choices.name(wanted) if choices else ""
    back = reverse("record", args=["deals", pk])
    return ask_again(
        request, deal, conflict, mine=mine, seen=seen_of(field, deal), back=back
    )


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
def restore_record(request: SignedInRequest, word: str, pk: int) -> HttpResponse:
    kind = kind_of(word)
    record = visible_record(request, kind, pk)
    actions_of(kind).restore(
        records_of(kind).filter(pk=pk), by=request.user, at=request.at
    )
    messages.success(request, _("“%(name)s” was restored.") % {"name": record})
    return redirect("record", word, pk)


def _deal_context(request: SignedInRequest, deal: Deal) -> dict[str, Any]:
    term, rest = term_of(deal.pk), deal.value_e4 - sum_e4(deal.parts)
    is_term_hidden = term is not None and not sees(request.user, term.subscription)
    if is_term_hidden:
        term = None
    stages = list(deal.pipeline.stages.all())
    here = next(
        (place for place, stage in enumerate(stages) if stage.pk == deal.stage_id), 0
    )
    places = [
        "done" if place < here else "now" if place == here else "later"
        for place in range(len(stages))
    ]
    fields = catalog(RecordKind.DEAL)
    return {
        "seen_stage": seen_of(fields["stage"], deal),
        "seen_status": seen_of(fields["status"], deal),
        "stages": list(zip(stages, places, strict=True)),
        "reasons": list(LostReason.objects.all()),
        "plans": usable_plans(),
        "price": Inputs(request.user, request.company, language_of(request)).amount(
            deal.recurring
        ),
        "term": term,
        "is_term_hidden": is_term_hidden,
        "lines": [(one, Money(one.amount_e4, deal.currency)) for one in deal.parts],
        "rest": Money(rest, deal.currency) if rest and deal.parts else None,
        "figures": term and figures_of(term, deal, on=request.on),
    }


def _deals_of(
    request: SignedInRequest, kind: RecordKind, record: Any
) -> dict[str, Any]:
    """Return the contact's deals, the latest first, with their sums."""
    viewer = viewer_of(request)
    state = ListState(Condition(str(kind), Operator.IS, record.pk), sort="-created_at")
    deals = RecordList(RecordKind.DEAL, catalog(RecordKind.DEAL), state, viewer)
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
    monthly = monthly_sum(subscriptions_of(record, request.user), viewer, rates())
    return {
        "deals": list(shown),
        "summary": deals.summary(rates()),
        "monthly": monthly,
        **linked,
    }
