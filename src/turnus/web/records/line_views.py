"""The lines of a deal as one little form: what each costs, and whether it recurs."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.core.deal_lines import DealLine
from turnus.core.fields import FieldKind, ParseError, parse
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions_seen import do_as_seen
from turnus.kit.errors import UserError
from turnus.kit.formats import money
from turnus.kit.messages import say
from turnus.sales.actions_lines import set_deal_lines
from turnus.sales.models import Deal
from turnus.web.edit_conflicts import SEEN, change_in, has_moved, seen_in
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of
from turnus.web.record_lookup import may_edit, visible_record

#: Rows to fill in, below those that are there.
_SPARE = 3
#: What the form shows of the deal.
_CELLS = ("lines", "value_e4", "currency")


@dataclass(frozen=True, slots=True)
class LineRow:
    """One row of the form, as it was stored or typed."""

    name: str = ""
    amount: str = ""
    recurs: bool = False


@require_http_methods(["GET", "POST"])
def deal_lines(request: SignedInRequest, pk: int) -> HttpResponse:
    deal: Deal = visible_record(request, RecordKind.DEAL, pk)
    if not may_edit(request, deal):
        raise UserError("access.denied", permission="edit")
    inputs = Inputs(request.user, request.company, language_of(request))
    rows = [
        LineRow(
            one.name, inputs.amount(Money(one.amount_e4, deal.currency)), one.recurs
        )
        for one in deal.parts
    ]
    context: dict[str, Any] = {"seen": seen_in(_CELLS, deal)}
    if request.method == "POST":
        rows = _posted(request)
        try:
            _save(request, pk, [_line(row, inputs, deal.currency) for row in rows])
        except UserError as error:
            is_moved = has_moved(error)
            context |= (
                _moved(request, pk)
                if is_moved
                else {"words": say(error), "seen": request.POST.get(SEEN, "")}
            )
        else:
            messages.success(request, _("Saved."))
            return redirect("record", "deals", pk)
    context |= {"deal": deal, "rows": [*rows, *[LineRow()] * _SPARE]}
    return render(
        request,
        "records/lines.html",
        context,
        status=422 if request.method == "POST" else 200,
    )


def _save(request: SignedInRequest, pk: int, lines: list[DealLine]) -> None:
    deals, seen = Deal.objects.filter(pk=pk), request.POST.get(SEEN, "")

    def save() -> int:
        return set_deal_lines(deals=deals, by=request.user, at=request.at, lines=lines)

    do_as_seen(RecordKind.DEAL, pk=pk, cells=_CELLS, seen=seen, do=save)


def _moved(request: SignedInRequest, pk: int) -> dict[str, Any]:
    """Return what somebody else saved meanwhile: the lines, and the value that follows from them."""
    deal: Deal = visible_record(request, RecordKind.DEAL, pk)
    language = language_of(request)
    amounts = [
        (one.name, money(one.amount_e4, deal.currency, language)) for one in deal.parts
    ]
    now = [*amounts, (_("Value"), money(deal.value_e4, deal.currency, language))]
    conflict = change_in(RecordKind.DEAL, pk, _CELLS, name=deal.title, now=now)
    return {"conflict": conflict, "seen": seen_in(_CELLS, deal)}


def _posted(request: SignedInRequest) -> list[LineRow]:
    """Return the rows that say anything; one whose name and amount are blank is taken out."""
    posted = (request.POST.getlist(key) for key in ("name", "amount", "recurs"))
    rows = [
        LineRow(name.strip(), amount.strip(), recurs == "yes")
        for name, amount, recurs in zip_longest(*posted, fillvalue="")
    ]
    return [row for row in rows if row.name or row.amount]


def _line(row: LineRow, inputs: Inputs, currency: str) -> DealLine:
    try:
        amount: Any = parse(
            FieldKind.MONEY,
            row.amount or "0",
            notation=inputs.notation,
            currency=currency,
        )
    except ParseError:
        raise UserError("value.invalid", text=row.amount) from None
    if amount.currency != currency:
        raise UserError("subscription.other_currency")
    return DealLine(row.name, amount.amount_e4, row.recurs)
