"""The renewals inbox, and runs: previewed, changed line by line, carried out, taken back."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from turnus.core.fields import FieldKind, ParseError, parse
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalogue import catalogue
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.listing.lists import RecordList, Viewer
from turnus.revenue.actions_renewals import (
    change_lines,
    discard_renewals,
    plan_renewals,
    request_renewals,
    undo_renewals,
)  # fmt: skip
from turnus.revenue.models import RenewalLine, Subscription
from turnus.revenue.queries import Due, due_for, lines_of, renewal_runs
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of
from turnus.web.listed import listed
from turnus.web.posted import day_in, ids_in

_AHEAD = timedelta(days=30)


@require_GET
def renewals(request: SignedInRequest) -> HttpResponse:
    """Show what is due until a day, the next thirty days unless asked otherwise, and the latest runs."""
    until = day_in(request.GET.get("until")) or request.on + _AHEAD
    due = due_for(request.user, on=request.on, until=until)
    groups = [
        ("risk", _("At risk: later than the grace of the plan"), [one for one in due if one.is_at_risk]),
        ("due", _("Due"), [one for one in due if not one.is_at_risk and one.days_late >= 0]),
        ("coming", _("Coming"), [one for one in due if one.days_late < 0]),
    ]
    drawn = [{"word": word, "title": title, "due": own, "sums": _sums(own)} for word, title, own in groups if own]
    context = {"groups": drawn, "until": until, "runs": renewal_runs(request.user, limit=20), "today": request.on}
    return render(request, "renewals/page.html", context)


@require_POST
def plan(request: SignedInRequest) -> HttpResponse:
    """Store the preview of a run: of the chosen subscriptions, of a list's result, or of everything that is due."""
    until = day_in(request.POST.get("until")) or request.on
    chosen = _chosen(request)
    run = plan_renewals(
        by=request.user, at=request.at, subscriptions=chosen, until=until, title=request.POST.get("title", "")[:255]
    )
    if run is None:
        messages.info(request, _("Nothing is due until that day."))
        return redirect("renewals")
    return redirect("renewal-run", run.pk)


@require_http_methods(["GET", "POST"])
def run_page(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    if request.method == "POST":
        return _act(request, run)
    lines = lines_of(run)
    taken = [line for line in lines if line.state != RenewalLine.State.SKIPPED]
    context = {
        "run": run,
        "lines": [(line, _amount(request, line.price)) for line in lines],
        "sums": _totals(line.price for line in taken),
        "count": len(taken),
        "is_planned": run.state == Run.State.PLANNED,
        "is_running": run.state == Run.State.RUNNING,
    }
    return render(request, "renewals/run.html", context)


def _act(request: SignedInRequest, run: Run) -> HttpResponse:
    action = request.POST.get("action")
    if action == "undo":
        result = undo_renewals(run=run, by=request.user, at=request.at)
        count = result.trashed
        messages.success(
            request,
            ngettext("%(count)s deal moved to the trash.", "%(count)s deals moved to the trash.", count)
            % {"count": count},
        )
        if result.conflicts:
            left = len(result.conflicts)
            messages.warning(
                request, _("%(count)s values had been changed since and were left alone.") % {"count": left}
            )
    elif action == "discard":
        discard_renewals(run=run, by=request.user)
        return redirect("renewals")
    else:
        _keep_lines(request, run)
        if action == "book":
            request_renewals(run=run, by=request.user, at=request.at)
    return redirect("renewal-run", run.pk)


def _keep_lines(request: SignedInRequest, run: Run) -> None:
    """Keep which lines are taken, and their prices."""
    ticked = set(ids_in(request.POST.getlist("take")))
    lines = lines_of(run)
    prices = {}
    for line in lines:
        given = request.POST.get(f"price-{line.pk}", "")
        if given and given != _amount(request, line.price):
            prices[line.pk] = _price(request, given, line)
    skip = [line.pk for line in lines if line.pk not in ticked]
    change_lines(run=run, by=request.user, skip=skip, take=sorted(ticked), prices=prices)


def _price(request: SignedInRequest, text: str, line: RenewalLine) -> int:
    inputs = Inputs(request.user, request.company, language_of(request))
    try:
        price = parse(FieldKind.MONEY, text, notation=inputs.notation, currency=line.currency)
    except ParseError:
        raise UserError("value.invalid", text=text) from None
    if not isinstance(price, Money) or price.currency != line.currency:
        raise UserError("subscription.other_currency")
    return price.amount_e4


def _chosen(request: SignedInRequest) -> QuerySet[Subscription]:
    mine = Subscription.objects.present().editable_by(request.user)
    if request.POST.get("everything"):
        state, _saved = listed(request, RecordKind.SUBSCRIPTION, request.POST)
        viewer = Viewer(request.user, request.on, request.company.zone, language_of(request))
        records = RecordList(RecordKind.SUBSCRIPTION, catalogue(RecordKind.SUBSCRIPTION), state, viewer).records
        return mine.filter(pk__in=records.values("pk"))
    ids = ids_in(request.POST.getlist("id"))
    if ids:
        return mine.filter(pk__in=ids)
    return mine


def _run(request: SignedInRequest, pk: int) -> Run:
    run = Run.objects.select_related("by").filter(pk=pk, kind=Run.Kind.RENEWAL).first()
    if run is None or (run.by_id != request.user.pk and not request.user.is_admin):
        raise Http404
    return run


def _sums(due: list[Due]) -> list[Money]:
    return _totals(one.subscription.price for one in due)


def _totals(prices: Any) -> list[Money]:
    sums: dict[str, int] = {}
    for price in prices:
        sums[price.currency] = sums.get(price.currency, 0) + price.amount_e4
    return [Money(amount, currency) for currency, amount in sorted(sums.items())]


def _amount(request: SignedInRequest, price: Money) -> str:
    inputs = Inputs(request.user, request.company, language_of(request))
    return inputs.amount(price)
