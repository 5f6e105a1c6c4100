"""Raising the prices of many subscriptions: how much, a preview, then exactly these as a run."""

from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from turnus.core.fields import FieldKind, ParseError, parse
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.revenue.subscriptions.actions.prices import (
    NewPrice,
    PriceRise,
    carry_out_prices,
    preview_prices,
)
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of
from turnus.web.list_selection import LIST_PARTS, selected
from turnus.web.once import once

_SHOWN = 200
#: Ten-thousandths -> how prices are rounded.
_STEPS = (100, 10_000, 50_000, 100_000)


@require_POST
@once
def prices(request: SignedInRequest) -> HttpResponse:
    """Draw the form, the preview below it, or carry the preview out if it still holds."""
    chosen, posted, lines, words = (
        selected(request, RecordKind.SUBSCRIPTION),
        request.POST,
        None,
        "",
    )
    step = posted.get("step")
    try:
        if step:
            lines = preview_prices(
                subscriptions=chosen, by=request.user, rise=_rise(request)
            )
            if step == "do" and posted.get("digest") == _digest(lines):
                return _carried_out(request, lines)
            words = (
                _("Prices have changed since the preview. Review it again.")
                if step == "do"
                else ""
            )
    except UserError as error:
        words = say(error)
    return render(
        request,
        "subscriptions/prices.html",
        {
            "count": chosen.count(),
            "words": words,
            "lines": lines and lines[:_SHOWN],
            "hidden": len(lines or ()) - _SHOWN,
            "is_previewed": lines is not None,
            "digest": _digest(lines or []),
            "number": len(lines or ()),
            "percent": posted.get("percent", ""),
            "amount": posted.get("amount", ""),
            "ids": posted.getlist("id"),
            "everything": posted.get("everything", ""),
            "parts": [(part, posted[part]) for part in LIST_PARTS if posted.get(part)],
            "steps": [
                (
                    one,
                    Money(one, request.company.currency),
                    str(one) == posted.get("rounding"),
                )
                for one in _STEPS
            ],
        },
        status=422 if words else 200,
    )


def _carried_out(request: SignedInRequest, lines: list[NewPrice]) -> HttpResponse:
    run = carry_out_prices(
        lines=lines, by=request.user, at=request.at, title=_("Prices changed")
    )
    count = run.totals["count"]
    words = ngettext("%(count)s price changed.", "%(count)s prices changed.", count) % {
        "count": count
    }
    messages.success(request, words, extra_tags=f"undo-subscriptions-{run.pk}")
    parts = {part: request.POST[part] for part in LIST_PARTS if request.POST.get(part)}
    return redirect(
        reverse("list", args=["subscriptions"])
        + (f"?{urlencode(parts)}" if parts else "")
    )


def _rise(request: SignedInRequest) -> PriceRise:
    inputs = Inputs(request.user, request.company, language_of(request))
    notation = inputs.notation

    def number(name: str) -> Decimal:
        text = request.POST.get(name, "").strip()
        try:
            value: Any = (
                parse(FieldKind.NUMBER, text, notation=notation) if text else Decimal(0)
            )
        except ParseError:
            raise UserError("value.invalid", text=text) from None
        return Decimal(value)

    rounding = request.POST.get("rounding", "")
    step = int(rounding) if rounding in {str(one) for one in _STEPS} else _STEPS[0]
    percent, amount = number("percent"), number("amount")
    if not percent and not amount:
        raise UserError("renewal.no_rise")
    return PriceRise(
        percent, Money.of(amount, request.company.currency).amount_e4, step
    )


def _digest(lines: list[NewPrice]) -> str:
    """Return a mark of the preview, by which a changed one is detected."""
    return sha256(
        repr([(one.subscription_id, one.old, one.new) for one in lines]).encode()
    ).hexdigest()
