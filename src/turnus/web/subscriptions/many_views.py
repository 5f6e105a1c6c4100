"""Starting subscriptions from deals chosen in a list: plan, preview, then exactly these."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan
from turnus.revenue.subscriptions.actions.from_deals import (
    StartLine,
    preview_chosen,
    start_chosen,
)
from turnus.web.buttons import sent_text
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.list_selection import selected, selection_of
from turnus.web.once import once
from turnus.web.subscriptions.many_forms import PlanChoiceForm

_SHOWN = 200


@dataclass(frozen=True, slots=True)
class _StartPreview:
    """The subscriptions that would start by a plan."""

    plan: Plan
    lines: Sequence[StartLine]

    @property
    def deal_count(self) -> int:
        """How many deals book a term of them."""
        return sum(line.term_count for line in self.lines)

    @property
    def digest(self) -> str:
        """A mark of the preview, by which a changed one is detected."""
        shown = repr((self.plan.pk, self.lines))
        return sha256(shown.encode()).hexdigest()


@require_POST
@once
def subscribe_many(request: SignedInRequest) -> HttpResponse:
    """Draw the form, the preview below it, or begin what was previewed if it still holds."""
    step = sent_text(request, "step")
    form = PlanChoiceForm(posted(request) if step else None)
    answer = form.submit(lambda: _previewed(request, form, step))
    return _page(request, form, None) if answer is None else answer


def _previewed(
    request: SignedInRequest, form: PlanChoiceForm, step: str
) -> HttpResponse:
    plan: Plan = form.cleaned_data["plan"]
    lines = preview_chosen(
        deals=selected(request, RecordKind.DEAL),
        by=request.user,
        on=request.on,
        plan=plan,
    )
    preview = _StartPreview(plan, lines)
    if step == "do":
        if sent_text(request, "digest") == preview.digest:
            return _begun(request, preview)
        form.refuse(UserError("subscription.preview_moved"))
    return _page(request, form, preview)


def _page(
    request: SignedInRequest,
    form: PlanChoiceForm,
    preview: _StartPreview | None,
) -> HttpResponse:
    count = selected(request, RecordKind.DEAL).count()
    lines = preview.lines if preview else []
    context = {
        "form": form,
        "count": count,
        "selection": selection_of(request),
        "is_previewed": preview is not None,
        "lines": lines[:_SHOWN],
        "number": len(lines),
        "hidden": len(lines) - _SHOWN,
        "digest": preview.digest if preview else "",
        "rest": count - preview.deal_count if preview else 0,
    }
    return render(
        request, "subscriptions/many.html", context, status=form.status
    )


def _begun(request: SignedInRequest, preview: _StartPreview) -> HttpResponse:
    run = start_chosen(
        deals=selected(request, RecordKind.DEAL),
        by=request.user,
        at=request.at,
        on=request.on,
        plan=preview.plan,
        expected=preview.lines,
        title=_("Subscriptions from deals"),
    )
    return redirect("renewal-run", run.pk)
