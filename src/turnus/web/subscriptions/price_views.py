"""Raising the prices of many subscriptions: how much, a preview, then exactly these as a run."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from turnus.core.records import RecordKind
from turnus.revenue.subscriptions.actions.prices import (
    NewPrice,
    carry_out_prices,
    preview_prices,
)
from turnus.web.buttons import sent_text
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.list_selection import selected, selection_of
from turnus.web.once import once
from turnus.web.subscriptions.many_forms import PriceRiseForm

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _PricePreview:
    """The new prices, as the form says them now."""

    lines: Sequence[NewPrice]

    @property
    def digest(self) -> str:
        """A mark of the preview, by which a changed one is detected."""
        shown = [
            (line.subscription_id, line.old, line.new) for line in self.lines
        ]
        return sha256(repr(shown).encode()).hexdigest()


@require_POST
@once
def prices(request: SignedInRequest) -> HttpResponse:
    """Draw the form, the preview below it, or carry the preview out if it still holds."""
    step = sent_text(request, "step")
    form = PriceRiseForm(request, posted(request) if step else None)
    answer = form.submit(lambda: _previewed(request, form, step))
    return _page(request, form, None) if answer is None else answer


def _previewed(
    request: SignedInRequest, form: PriceRiseForm, step: str
) -> HttpResponse:
    chosen = selected(request, RecordKind.SUBSCRIPTION)
    lines = preview_prices(
        subscriptions=chosen, by=request.user, rise=form.rise
    )
    preview = _PricePreview(lines)
    if step == "do":
        if sent_text(request, "digest") == preview.digest:
            return _carried_out(request, lines)
        words = _("Prices have changed since the preview. Review it again.")
        form.add_error(None, words)
    return _page(request, form, preview)


def _page(
    request: SignedInRequest,
    form: PriceRiseForm,
    preview: _PricePreview | None,
) -> HttpResponse:
    lines = preview.lines if preview else []
    context = {
        "form": form,
        "count": selected(request, RecordKind.SUBSCRIPTION).count(),
        "selection": selection_of(request),
        "is_previewed": preview is not None,
        "lines": lines[:_SHOWN],
        "number": len(lines),
        "hidden": len(lines) - _SHOWN,
        "digest": preview.digest if preview else "",
    }
    return render(
        request, "subscriptions/prices.html", context, status=form.status
    )


def _carried_out(
    request: SignedInRequest, lines: list[NewPrice]
) -> HttpResponse:
    run = carry_out_prices(
        lines=lines, by=request.user, at=request.at, title=_("Prices changed")
    )
    count = run.totals["count"]
    words = ngettext(
        "%(count)s price changed.", "%(count)s prices changed.", count
    )
    words %= {"count": count}
    messages.success(request, words, extra_tags=f"undo-subscriptions-{run.pk}")
    parts = selection_of(request).parts
    query = f"?{urlencode(parts)}" if parts else ""
    return redirect(reverse("list", args=["subscriptions"]) + query)
