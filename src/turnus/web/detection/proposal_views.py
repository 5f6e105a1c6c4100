"""A proposal by customer, with its figures, while it is read, to review, and once written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.core.calendar import DateRange
from turnus.core.detection.facts import DealQuestion
from turnus.core.money import Money
from turnus.core.revenue.waterfall import periods_between
from turnus.detection.actions import discard_proposal
from turnus.detection.actions_approval import undo_proposal
from turnus.detection.line_reasons import DOUBTS
from turnus.detection.models import History, Proposal
from turnus.detection.queries import (
    MrrChange,
    MrrToday,
    Shown,
    by_stake,
    figures,
    mrr_today,
    open_decisions,
    own_proposals,
    shown,
)
from turnus.jobs.queries import newest
from turnus.web.buttons import sent_action
from turnus.web.detection.lanes import Picture, picture_of
from turnus.web.detection.range_bar import range_bar
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.parameters import page_in

_ROWS = 50
_JOBS: dict[str, str] = {
    Proposal.State.READING: "detection.read",
    Proposal.State.WRITING: "detection.write",
}


@dataclass(frozen=True, slots=True)
class ProposalRow:
    """A customer in the list; `change` is None once the proposal is written."""

    shown: Shown
    picture: Picture
    doubts: Sequence[str]
    change: MrrChange | None


@require_http_methods(["GET", "POST"])
def proposal_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a proposal by customer, most money in question first; discard it, or undo its run."""
    proposal = get_object_or_404(own_proposals(request.user), pk=pk)
    if request.method == "POST":
        return _acted(request, proposal)
    if proposal.state in {*_JOBS, Proposal.State.FAILED}:
        return _progress(request, proposal)
    number = page_in(request.GET.get("page"))
    first = (number - 1) * _ROWS
    histories = list(by_stake(proposal)[first : first + _ROWS + 1])
    customers = shown(histories[:_ROWS], proposal, request.user)
    currency = request.company.currency
    context = {
        "proposal": proposal,
        "page": number,
        "has_next": len(histories) > _ROWS,
        "figures": figures(proposal),
        "currency": currency,
        "chart": _chart(proposal, currency, language_of(request)),
        "may_undo": _may_undo(request, proposal),
        "change": None,
    }
    today = None
    if proposal.state == Proposal.State.READY:
        today = mrr_today(proposal, request.user)
        included = proposal.histories.exclude(state=History.State.LEFT_OUT)
        change = today.change(included)
        decisions = open_decisions(proposal, today.conversion)
        bar = range_bar(change, decisions, currency)
        context |= {"change": change, "range": bar}
    context["rows"] = [_row(each, proposal, today) for each in customers]
    return render(request, "detection/proposal.html", context)


def _row(
    customer: Shown, proposal: Proposal, today: MrrToday | None
) -> ProposalRow:
    deals = list(customer.sold.values())
    return ProposalRow(
        customer,
        picture_of(customer.reading, deals, proposal.on),
        _doubts(customer.reading.questions),
        None if today is None else today.change_of(customer),
    )


def _may_undo(request: SignedInRequest, proposal: Proposal) -> bool:
    if proposal.run is None:
        return False
    return request.user.is_admin or proposal.run.by_id == request.user.pk


def _progress(request: SignedInRequest, proposal: Proposal) -> HttpResponse:
    """Show how far the job of a proposal is, or that it failed."""
    context = {
        "proposal": proposal,
        "job": newest(_JOBS.get(proposal.state, ""), proposal_id=proposal.pk),
        "is_busy": proposal.state != Proposal.State.FAILED,
    }
    return render(request, "detection/progress.html", context)


def _acted(request: SignedInRequest, proposal: Proposal) -> HttpResponse:
    if sent_action(request) == "undo":
        undo_proposal(proposal=proposal, by=request.user, at=request.at)
        return redirect("proposal", proposal.pk)
    discard_proposal(proposal=proposal, by=request.user)
    messages.success(
        request, _("The proposal was discarded. Your answers are kept.")
    )
    return redirect("detection")


def _doubts(questions: Iterable[DealQuestion]) -> list[str]:
    """Return the doubts in words, each once."""
    return list(
        dict.fromkeys(str(DOUBTS[question.doubt]) for question in questions)
    )


def _chart(
    proposal: Proposal, currency: str, language: str
) -> dict[str, object]:
    exact = {
        month: Fraction(amount) for month, amount in proposal.months.items()
    }
    first = min(
        (month for month, amount in exact.items() if amount), default=""
    )
    months = [
        f"{days.start:%Y-%m}" for days in _months_between(first, proposal.on)
    ]
    amounts = [exact.get(month, Fraction(0)) for month in months]
    values = [
        float(Money.rounded_from(amount, currency).amount)
        for amount in amounts
    ]
    return {
        "kind": "area",
        "language": language,
        "currency": currency,
        "unit": "money",
        "periods": months,
        "series": [{"name": "MRR", "code": "mrr", "values": values}],
    }


def _months_between(first: str, last: date) -> Sequence[DateRange]:
    """Return the months from `first` (`2018-11`, empty for none) to that of the day `last`."""
    if not first:
        return ()
    return periods_between(date.fromisoformat(f"{first}-01"), last)
