"""The lines of a deal as one little form: what each costs, and whether it recurs."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.core.records import RecordKind
from turnus.fields.actions_seen import do_as_seen
from turnus.kit.errors import UserError
from turnus.kit.formats import money
from turnus.sales.actions_lines import set_deal_lines
from turnus.sales.models import Deal
from turnus.web.edit_conflicts import (
    EditConflict,
    change_in,
    has_moved,
    seen_by_form,
    seen_in,
)
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.record_lookup import may_edit, visible_record
from turnus.web.records.line_forms import LinesForm

#: What the form shows of the deal.
_CELLS = ("lines", "value_e4", "currency")


@require_http_methods(["GET", "POST"])
def deal_lines(request: SignedInRequest, pk: int) -> HttpResponse:
    deal: Deal = visible_record(request, RecordKind.DEAL, pk)
    if not may_edit(request, deal):
        raise UserError("access.denied", permission="edit")
    form = LinesForm(request, deal)
    answer = form.submit(lambda: _save(request, deal, form))
    if answer is not None:
        return answer
    context = {
        "deal": deal,
        "form": form,
        "seen": seen_by_form(request) or seen_in(_CELLS, deal),
    }
    return render(request, "records/lines.html", context, status=form.status)


def _save(
    request: SignedInRequest, deal: Deal, form: LinesForm
) -> HttpResponse:
    def save() -> int:
        deals = Deal.objects.filter(pk=deal.pk)
        return set_deal_lines(
            deals=deals, by=request.user, at=request.at, lines=form.lines
        )

    seen = seen_by_form(request)
    try:
        do_as_seen(
            RecordKind.DEAL, pk=deal.pk, cells=_CELLS, seen=seen, do=save
        )
    except UserError as error:
        if has_moved(error):
            return _moved(request, deal.pk, form)
        raise
    messages.success(request, _("Saved."))
    return redirect("record", "deals", deal.pk)


def _moved(request: SignedInRequest, pk: int, form: LinesForm) -> HttpResponse:
    """Show the form as it was posted, and what somebody else saved meanwhile."""
    deal: Deal = visible_record(request, RecordKind.DEAL, pk)
    context = {
        "deal": deal,
        "form": form,
        "seen": seen_in(_CELLS, deal),
        "conflict": _conflict(request, deal),
    }
    return render(request, "records/lines.html", context, status=422)


def _conflict(request: SignedInRequest, deal: Deal) -> EditConflict:
    """Return what the deal is by now: its lines, and the value that follows from them."""
    language = language_of(request)
    now = [
        (line.name, money(line.amount_e4, deal.currency, language))
        for line in deal.parts
    ]
    now.append((_("Value"), money(deal.value_e4, deal.currency, language)))
    return change_in(
        RecordKind.DEAL, deal.pk, _CELLS, name=deal.title, now=now
    )
