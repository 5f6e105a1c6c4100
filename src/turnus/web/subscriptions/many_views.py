"""Starting subscriptions from deals chosen in a list: plan, preview, then exactly these as a run."""

from hashlib import sha256
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.revenue.models import Plan
from turnus.revenue.plans.queries import usable_plans
from turnus.revenue.subscriptions.actions.from_deals import (
    StartLine,
    preview_chosen,
    start_chosen,
)
from turnus.sales.models import Deal
from turnus.web.gate import SignedInRequest
from turnus.web.list_selection import LIST_PARTS, selected
from turnus.web.once import once
from turnus.web.subscription_form import plan_of

_SHOWN = 200


@require_POST
@once
def subscribe_many(request: SignedInRequest) -> HttpResponse:
    """Draw the form, the preview below it, or begin what was previewed if it still holds."""
    chosen, posted, words = selected(request, RecordKind.DEAL), request.POST, ""
    context: dict[str, Any] = {}
    try:
        if posted.get("step"):
            plan = plan_of(request)
            lines = preview_chosen(
                deals=chosen, by=request.user, on=request.on, plan=plan
            )
            digest = _digest(plan, lines)
            if posted["step"] == "do" and posted.get("digest") == digest:
                return _begun(request, chosen, plan, lines)
            words = (
                say(UserError("subscription.preview_moved"))
                if posted["step"] == "do"
                else ""
            )
            context = {
                "lines": lines[:_SHOWN],
                "hidden": len(lines) - _SHOWN,
                "number": len(lines),
                "digest": digest,
                "is_previewed": True,
                "rest": chosen.count() - sum(one.term_count for one in lines),
            }
    except UserError as error:
        words = say(error)
    context |= {
        "count": chosen.count(),
        "words": words,
        "plans": [(one, str(one.pk) == posted.get("plan")) for one in usable_plans()],
        "ids": posted.getlist("id"),
        "everything": posted.get("everything", ""),
        "parts": [(part, posted[part]) for part in LIST_PARTS if posted.get(part)],
    }
    return render(
        request, "subscriptions/many.html", context, status=422 if words else 200
    )


def _begun(
    request: SignedInRequest, chosen: QuerySet[Deal], plan: Plan, lines: list[StartLine]
) -> HttpResponse:
    run = start_chosen(
        deals=chosen,
        by=request.user,
        at=request.at,
        on=request.on,
        plan=plan,
        expected=lines,
        title=_("Subscriptions from deals"),
    )
    return redirect("renewal-run", run.pk)


def _digest(plan: Plan, lines: list[StartLine]) -> str:
    """Return a mark of the preview, by which a changed one is detected."""
    return sha256(repr((plan.pk, lines)).encode()).hexdigest()
