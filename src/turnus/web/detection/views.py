"""Detecting subscriptions: which deals, the proposal by customer, its approval."""

from collections.abc import Iterable, Sequence
from datetime import date
from fractions import Fraction

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from turnus.accounts.access import Permission, may
from turnus.core.cadence import Cadence
from turnus.core.cadence_words import Certainty, guess_cadence
from turnus.core.calendar import DateRange
from turnus.core.detection.facts import DealQuestion
from turnus.core.fields import FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.revenue.waterfall import periods_between
from turnus.detection.actions import discard_proposal, request_proposal
from turnus.detection.actions_approval import (
    Approval,
    approve,
    missing_plans,
    to_write,
    undo_proposal,
)
from turnus.detection.cadence_names import plan_name
from turnus.detection.line_reasons import DOUBTS
from turnus.detection.models import History, Proposal
from turnus.detection.queries import (
    MrrChange,
    by_stake,
    figures,
    mrr_today,
    own_proposals,
    shown,
)
from turnus.fields.models import CustomField
from turnus.imports.queries import own_imports
from turnus.jobs.queries import newest
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.listing.queries import filter_chosen, filters_for
from turnus.revenue.models import RenewalWay
from turnus.sales.models import Deal
from turnus.web.detection.lanes import picture_of
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.list_selection import LIST_PARTS, records_in, selected
from turnus.web.once import once
from turnus.web.parameters import number_in, page_in

_SHOWN = 50
_JOBS: dict[str, str] = {
    Proposal.State.READING: "detection.read",
    Proposal.State.WRITING: "detection.write",
}


@require_GET
def detection(request: SignedInRequest) -> HttpResponse:
    """Show which deals may be read, and the proposals that there are."""
    return render(request, "detection/page.html", _choices(request, ""))


@require_POST
@once
def detect(request: SignedInRequest) -> HttpResponse:
    """Ask how to read the deals chosen in a list, or read them.

    `source` names deals that were chosen otherwise.
    """
    posted = request.POST
    if not posted.get("step"):
        chosen = selected(request, RecordKind.DEAL)
        context = _choices(request, "") | {
            "count": chosen.count(),
            "ids": posted.getlist("id"),
            "everything": posted.get("everything", ""),
            "is_chosen": True,
            "parts": [(part, posted[part]) for part in LIST_PARTS if posted.get(part)],
        }
        return render(request, "detection/chosen.html", context)
    try:
        deals, title = _deals(request)
        field = (
            plan_fields().filter(pk=number_in(posted.get("plan_field")) or 0).first()
        )
        proposal = request_proposal(
            deals=deals,
            by=request.user,
            at=request.at,
            on=request.on,
            title=title,
            plan_field=field,
        )
    except UserError as error:
        return render(
            request, "detection/page.html", _choices(request, say(error)), status=422
        )
    return redirect("proposal", proposal.pk)


@require_http_methods(["GET", "POST"])
def proposal_page(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show a proposal by customer, most money in question first; discard it, or undo its run."""
    proposal = get_object_or_404(own_proposals(request.user), pk=pk)
    if request.method == "POST":
        return _acted(request, proposal)
    if proposal.state in {*_JOBS, Proposal.State.FAILED}:
        return _progress(request, proposal)
    number = page_in(request.GET.get("page"))
    histories = list(by_stake(proposal)[(number - 1) * _SHOWN : number * _SHOWN + 1])
    language = language_of(request)
    today = (
        mrr_today(proposal, request.user)
        if proposal.state == Proposal.State.READY
        else None
    )
    rows = [
        (
            one,
            picture_of(one.reading, list(one.sold.values()), proposal.on),
            _doubts(one.reading.questions),
            today and today.change_of(one),
        )
        for one in shown(histories[:_SHOWN], proposal, request.user)
    ]
    context = {
        "proposal": proposal,
        "rows": rows,
        "change": today
        and today.change(proposal.histories.exclude(state=History.State.LEFT_OUT)),
        "page": number,
        "has_next": len(histories) > _SHOWN,
        "figures": figures(proposal),
        "currency": request.company.currency,
        "chart": _chart(proposal, request.company.currency, language),
        "may_undo": proposal.run is not None
        and (request.user.is_admin or proposal.run.by_id == request.user.pk),
    }
    return render(request, "detection/proposal.html", context)


def _progress(request: SignedInRequest, proposal: Proposal) -> HttpResponse:
    """Show how far the job of a proposal is, or that it failed."""
    context = {
        "proposal": proposal,
        "job": newest(_JOBS.get(proposal.state, ""), proposal_id=proposal.pk),
        "is_busy": proposal.state != Proposal.State.FAILED,
    }
    return render(request, "detection/progress.html", context)


@require_http_methods(["GET", "POST"])
@once
def approval(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what approval writes, and let it be written."""
    proposal = get_object_or_404(own_proposals(request.user), pk=pk)
    if proposal.state != Proposal.State.READY:
        return redirect("proposal", pk)
    form = request.POST if request.method == "POST" else request.GET
    only_sure = form.get("what", "sure") == "sure"
    words = ""
    chosen = to_write(proposal, only_sure=only_sure)
    plans = missing_plans(chosen)
    change = mrr_today(proposal, request.user).change(chosen)
    if request.method == "POST":
        try:
            asked = _approval_in(form, plans, only_sure=only_sure)
            _approve(request, proposal, change, asked)
        except UserError as error:
            words = say(error)
        else:
            return redirect("proposal", pk)
    context = {
        "proposal": proposal,
        "change": change,
        "currency": request.company.currency,
        "only_sure": only_sure,
        "count": chosen.count(),
        "words": words,
        "subscriptions": sum(chosen.values_list("subscription_count", flat=True)),
        "left": proposal.histories.filter(subscription_count__gt=0)
        .exclude(pk__in=chosen.values("pk"))
        .count(),
        "plans": [
            (f"plan-{cadence}", form.get(f"plan-{cadence}") or plan_name(cadence))
            for cadence in plans
        ],
        "may_add_plans": may(request.user, Permission.PIPELINES),
    }
    return render(
        request, "detection/approval.html", context, status=422 if words else 200
    )


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
        plan_names={cadence: form.get(f"plan-{cadence}", "") for cadence in plans},
    )


def _approve(
    request: SignedInRequest, proposal: Proposal, change: MrrChange, approval: Approval
) -> None:
    """Let the proposal be written; refused where it changes the MRR and nobody confirmed that."""
    if change.confirmed_e4 and not request.POST.get("confirmed"):
        raise UserError("detection.unconfirmed")
    approve(proposal=proposal, by=request.user, at=request.at, approval=approval)


def plan_fields() -> QuerySet[CustomField]:
    """Return the fields of deals whose words may name a plan."""
    return CustomField.objects.filter(
        record_kind=RecordKind.DEAL, kind__in=(FieldKind.OPTION, FieldKind.TEXT)
    )


def _whole(text: str | None) -> int | None:
    """Return the whole number that a form sent, even a negative one; None otherwise."""
    return int(text) if text and text.removeprefix("-").isdecimal() else None


def _acted(request: SignedInRequest, proposal: Proposal) -> HttpResponse:
    if request.POST.get("action") == "undo":
        undo_proposal(proposal=proposal, by=request.user, at=request.at)
        return redirect("proposal", proposal.pk)
    discard_proposal(proposal=proposal, by=request.user)
    messages.success(request, _("The proposal was discarded. Your answers are kept."))
    return redirect("detection")


def _choices(request: SignedInRequest, words: str) -> dict[str, object]:
    fields = list(plan_fields().prefetch_related("options"))
    chosen = request.POST.get("plan_field")
    guessed = str(next((one.pk for one in fields if _names_plans(one)), ""))
    return {
        "words": words,
        "fields": [
            (one, str(one.pk) == (guessed if chosen is None else chosen))
            for one in fields
        ],
        "filters": filters_for(request.user, RecordKind.DEAL),
        "source": request.POST.get("source") or request.GET.get("source", ""),
        "proposals": list(own_proposals(request.user).defer("deals", "months")[:50]),
    }


def _names_plans(field: CustomField) -> bool:
    """Return whether a field's options are plans: most of them name a cadence, or none."""
    guesses = [guess_cadence(option.name).certainty for option in field.options.all()]
    return sum(one is not Certainty.NONE for one in guesses) * 2 > len(guesses)


def _deals(request: SignedInRequest) -> tuple[QuerySet[Deal], str]:
    """Return the deals that were chosen, and what they are called."""
    posted, everything = request.POST, Deal.objects.present()
    kind, _dash, number = posted.get("source", "").partition("-")
    if kind == "filter":
        saved = filter_chosen(filters_for(request.user, RecordKind.DEAL), number)
        if saved is None:
            raise Http404
        return records_in(request, RecordKind.DEAL, {"filter": number}), saved.name
    if kind == "import":
        return everything.filter(origin="import", origin_id=number), _file_name(
            request, number
        )
    if kind == "chosen":
        return selected(request, RecordKind.DEAL), _("Chosen deals")
    return everything, _("All won deals")


def _file_name(request: SignedInRequest, number: str) -> str:
    """Return the file name of an import; another person's would reveal what they work on."""
    mine = own_imports(request.user).filter(run=number_in(number) or 0).first()
    return mine.file_name if mine else _("Deals of an import")


def _doubts(questions: Iterable[DealQuestion]) -> list[str]:
    return list(dict.fromkeys(str(DOUBTS[one.doubt]) for one in questions))


def _chart(proposal: Proposal, currency: str, language: str) -> dict[str, object]:
    exact = {
        month: amount
        for month, total in proposal.months.items()
        if (amount := Fraction(total))
    }
    months = [
        f"{each.start:%Y-%m}"
        for each in _months_between(min(exact, default=""), proposal.on)
    ]
    values = [
        float(Money.rounded_from(exact.get(month, Fraction(0)), currency).amount)
        for month in months
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
    return periods_between(date.fromisoformat(f"{first}-01"), last) if first else ()
