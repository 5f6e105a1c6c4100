"""What the buttons of a deal do: win it, lose it, reopen it, move it on, archive it."""

from enum import StrEnum

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from turnus.core.records import RecordKind
from turnus.fields.actions_seen import do_as_seen, update_as_seen
from turnus.fields.catalog import catalog
from turnus.fields.choices import choices_of
from turnus.fields.seen import cells_of
from turnus.kit.errors import UserError
from turnus.revenue.subscriptions.actions.start import win_recurring
from turnus.sales.actions import (
    archive_deals,
    lose_deals,
    reopen_deals,
    win_deals,
)
from turnus.sales.models import Deal
from turnus.web.buttons import sent_action, sent_number, sent_verb
from turnus.web.edit_conflicts import (
    ask_again,
    change_of,
    has_moved,
    seen_by_form,
    seen_of,
)
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.once import once
from turnus.web.record_lookup import visible_record
from turnus.web.records.closing_forms import LostForm, WonForm
from turnus.web.records.sheet import field_text


class Closing(StrEnum):
    """What the buttons make of a deal."""

    WIN = "win"
    LOSE = "lose"
    REOPEN = "reopen"


_STATUSES = {Closing.WIN: "won", Closing.LOSE: "lost", Closing.REOPEN: "open"}


@require_POST
@once
def close_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    deal: Deal = visible_record(request, RecordKind.DEAL, pk)
    closing = sent_verb(request, Closing)
    if closing is Closing.REOPEN:
        return _closed(request, deal, closing, None)
    is_won = closing is Closing.WIN
    form = WonForm(request, deal=deal) if is_won else LostForm(request)
    answer = form.submit(lambda: _closed(request, deal, closing, form))
    if answer is not None:
        return answer
    context = {
        "record": deal,
        "form": form,
        "closing": str(closing),
        "seen_status": seen_by_form(request),
    }
    return render(request, "records/close.html", context, status=form.status)


def _closed(
    request: SignedInRequest,
    deal: Deal,
    closing: Closing,
    form: WonForm | LostForm | None,
) -> HttpResponse:
    """Close the deal or reopen it, if it is still as the form showed it."""

    def close() -> None:
        if isinstance(form, WonForm):
            _win(request, deal, form)
        elif isinstance(form, LostForm):
            _lose(request, deal, form)
        else:
            deals = Deal.objects.filter(pk=deal.pk)
            reopen_deals(deals=deals, by=request.user, at=request.at)

    status = cells_of(catalog(RecordKind.DEAL)["status"])
    seen = seen_by_form(request)
    try:
        do_as_seen(
            RecordKind.DEAL, pk=deal.pk, cells=status, seen=seen, do=close
        )
    except UserError as error:
        if has_moved(error):
            return _deal_moved(request, deal.pk, "status", _STATUSES[closing])
        raise
    return redirect("record", "deals", deal.pk)


def _win(request: SignedInRequest, deal: Deal, form: WonForm) -> None:
    if form.recurs:
        win_recurring(
            deal=deal,
            by=request.user,
            at=request.at,
            won=form.won_on,
            new=form.subscription(),
        )
        return
    deals = Deal.objects.filter(pk=deal.pk)
    win_deals(deals=deals, by=request.user, at=request.at, won=form.won_on)


def _lose(request: SignedInRequest, deal: Deal, form: LostForm) -> None:
    lose_deals(
        deals=Deal.objects.filter(pk=deal.pk),
        by=request.user,
        at=request.at,
        reason=form.lost_reason,
        comment=form.cleaned_data["comment"],
        lost=form.lost_on,
    )


@require_POST
def archive_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    deal = visible_record(request, RecordKind.DEAL, pk)
    is_unarchived = sent_action(request) == "take_out"
    archive_deals(
        deals=Deal.objects.filter(pk=deal.pk),
        by=request.user,
        at=request.at,
        archived_at=None if is_unarchived else request.at,
    )
    words = _("“%(name)s” was archived.")
    if is_unarchived:
        words = _("“%(name)s” was unarchived.")
    messages.success(request, words % {"name": deal})
    return redirect("record", "deals", pk)


@require_POST
def move_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    visible_record(request, RecordKind.DEAL, pk)
    stage = sent_number(request, "stage")
    if stage is None:
        raise UserError("stage.gone")
    try:
        update_as_seen(
            RecordKind.DEAL,
            pk=pk,
            by=request.user,
            at=request.at,
            values={"stage": stage},
            seen={"stage": seen_by_form(request)},
        )
    except UserError as error:
        if has_moved(error):
            return _deal_moved(request, pk, "stage", stage)
        raise
    return redirect("record", "deals", pk)


def _deal_moved(
    request: SignedInRequest, pk: int, key: str, wanted: int | str
) -> HttpResponse:
    """Ask what should hold, as somebody else moved or closed the deal meanwhile."""
    deal = visible_record(request, RecordKind.DEAL, pk)
    field = catalog(RecordKind.DEAL)[key]
    language = language_of(request)
    name = field.name(language)
    theirs = field_text(request, RecordKind.DEAL, deal, key)
    conflict = change_of(RecordKind.DEAL, pk, field, name=name, theirs=theirs)
    choices = choices_of(field, language)
    mine = choices.name(wanted) if choices else ""
    back = reverse("record", args=["deals", pk])
    seen = seen_of(field, deal)
    return ask_again(request, deal, conflict, mine=mine, seen=seen, back=back)
