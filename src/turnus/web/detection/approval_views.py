"""Approving a proposal: what is written, the plans that are missing, and the MRR afterwards."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission, may
from turnus.core.cadence import Cadence
from turnus.detection.actions_approval import (
    Approval,
    approve,
    missing_plans,
    to_write,
)
from turnus.detection.cadence_names import plan_name
from turnus.detection.models import History, Proposal
from turnus.detection.queries import MrrChange, mrr_today, own_proposals
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.revenue.models import RenewalWay
from turnus.web.buttons import sent_text
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.parameters import number_in


@require_http_methods(["GET", "POST"])
@once
def approval(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what approval writes, and let it be written."""
    proposal = get_object_or_404(own_proposals(request.user), pk=pk)
    if proposal.state != Proposal.State.READY:
        return redirect("proposal", pk)
    sent = posted(request)
    form = request.GET if sent is None else sent
    only_sure = form.get("what", "sure") == "sure"
    chosen = to_write(proposal, only_sure=only_sure)
    plans = missing_plans(chosen)
    change = mrr_today(proposal, request.user).change(chosen)
    words = ""
    if request.method == "POST":
        try:
            asked = _approval_in(form, plans, only_sure=only_sure)
            _approve(request, proposal, change, asked)
        except UserError as error:
            words = say(error)
        else:
            return redirect("proposal", pk)
    count = chosen.count()
    subscription_counts = chosen.values_list("subscription_count", flat=True)
    may_add_plans = may(request.user, Permission.PIPELINES)
    has_plans = may_add_plans or not plans
    context = {
        "proposal": proposal,
        "change": change,
        "currency": request.company.currency,
        "only_sure": only_sure,
        "count": count,
        "words": words,
        "subscriptions": sum(subscription_counts),
        "left": _left_count(proposal, chosen),
        "plans": _plan_inputs(form, plans),
        "plan_names": ", ".join(plan_name(cadence) for cadence in plans),
        "may_add_plans": may_add_plans,
        "can_be_written": count > 0 and has_plans,
    }
    status = 422 if words else 200
    return render(request, "detection/approval.html", context, status=status)


def _left_count(proposal: Proposal, chosen: QuerySet[History]) -> int:
    """Return how many customers with subscriptions are not written."""
    histories = proposal.histories.filter(subscription_count__gt=0)
    return histories.exclude(pk__in=chosen.values("pk")).count()


def _plan_inputs(
    form: QueryDict, plans: Iterable[Cadence]
) -> list[tuple[str, str]]:
    """Return the inputs for names of missing plans: what each is called, and what stands in it."""
    inputs = []
    for cadence in plans:
        name = _input(cadence)
        inputs.append((name, form.get(name) or plan_name(cadence)))
    return inputs


def _input(cadence: Cadence) -> str:
    """Return the form's name for that of a missing plan."""
    return f"plan-{cadence}"


def _approval_in(
    form: QueryDict, plans: Sequence[Cadence], *, only_sure: bool
) -> Approval:
    """Return what a person approves, as the form has it."""
    way = form.get("way", "")
    return Approval(
        only_sure,
        expected=number_in(form.get("expected")) or 0,
        adds_e4=_whole(form.get("adds")),
        renewal_way=way if way in RenewalWay.values else "",
        plan_names={
            cadence: form.get(_input(cadence), "") for cadence in plans
        },
    )


def _approve(
    request: SignedInRequest,
    proposal: Proposal,
    change: MrrChange,
    approval: Approval,
) -> None:
    """Let the proposal be written; refused where it changes the MRR and nobody confirmed that."""
    if change.confirmed_e4 and not sent_text(request, "confirmed"):
        raise UserError("detection.unconfirmed")
    approve(
        proposal=proposal, by=request.user, at=request.at, approval=approval
    )


def _whole(text: str | None) -> int | None:
    """Return the whole number that a form sent, even a negative one; None otherwise."""
    if text and text.removeprefix("-").isdecimal():
        return int(text)
    return None
