"""The renewals inbox, and runs: previewed, changed line by line, carried out, undone."""

from datetime import timedelta
from enum import StrEnum

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import (
    require_GET,
    require_http_methods,
    require_POST,
)

from turnus.core.records import RecordKind
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import RenewalLine, Subscription, Term
from turnus.revenue.renewals.actions.plan import (
    change_lines,
    discard_renewals,
    plan_renewals,
    request_renewals,
)
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.renewals.inbox import due_groups, waiting_deals
from turnus.revenue.renewals.queries import (
    RUN_KINDS,
    lines_of,
    renewal_runs,
    sums_of,
)
from turnus.sales.models import Deal
from turnus.web.buttons import sent_day, sent_text, sent_verb
from turnus.web.gate import SignedInRequest
from turnus.web.list_selection import selected, selection_of
from turnus.web.once import once
from turnus.web.parameters import day_in, page_in
from turnus.web.redirects import go_back
from turnus.web.renewals.run_forms import RunLinesForm, posted_lines

_AHEAD = timedelta(days=30)
#: Lines on a page, and of each group of what is due.
_SHOWN = 200


@require_GET
def renewals(request: SignedInRequest) -> HttpResponse:
    """Show what is due until a day, usually in thirty days, and the latest runs."""
    until = day_in(request.GET.get("until")) or request.on + _AHEAD
    titles = {
        "risk": _("At risk: later than the grace of the plan"),
        "due": _("Due"),
        "coming": _("Upcoming"),
    }
    groups = due_groups(request.user, on=request.on, until=until, shown=_SHOWN)
    drawn = [
        {"word": word, "title": titles[word], "group": group}
        for word, group in groups.items()
        if group.count
    ]
    waiting = waiting_deals(request.user, on=request.on, shown=_SHOWN)
    context = {
        "groups": drawn,
        "waiting": waiting,
        "until": until,
        "runs": renewal_runs(request.user, limit=20),
        "today": request.on,
    }
    return render(request, "renewals/page.html", context)


@require_POST
@once
def plan(request: SignedInRequest) -> HttpResponse:
    """Store the preview of a run: of chosen subscriptions, a list's result, or all that is due."""
    run = plan_renewals(
        by=request.user,
        at=request.at,
        subscriptions=_chosen(request),
        until=sent_day(request, "until") or request.on,
        title=sent_text(request, "title"),
    )
    if run is None:
        messages.info(request, _("Nothing is due by that day."))
        return redirect("renewals")
    return redirect("renewal-run", run.pk)


class RunButton(StrEnum):
    """What the buttons do with a run."""

    BOOK = "book"
    KEEP = "keep"
    DISCARD = "discard"
    UNDO = "undo"


@require_http_methods(["GET", "POST"])
@once
def run_page(request: SignedInRequest, pk: int) -> HttpResponse:
    run = _run(request, pk)
    if request.method == "GET":
        number = page_in(request.GET.get("page"))
        return _draw(
            request, run, RunLinesForm(request, _page_of(run, number))
        )
    button = sent_verb(request, RunButton)
    if button is RunButton.UNDO:
        _undo(request, run)
        return go_back(request, reverse("renewal-run", args=[run.pk]))
    if button is RunButton.DISCARD:
        discard_renewals(run=run, by=request.user)
        return redirect("renewals")
    form = RunLinesForm(request, posted_lines(request, run))
    answer = form.submit(lambda: _keep(request, run, button, form))
    return _draw(request, run, form) if answer is None else answer


def _draw(
    request: SignedInRequest, run: Run, form: RunLinesForm
) -> HttpResponse:
    number = page_in(request.GET.get("page"))
    sums = sums_of(run)
    context = {
        "run": run,
        "outcome": _outcome(run),
        "form": form,
        "sums": sums.sums,
        "count": sums.count,
        "page": number,
        "has_next": lines_of(run)[number * _SHOWN :].exists(),
        "is_planned": run.state == Run.State.PLANNED,
        "is_running": run.state == Run.State.RUNNING,
    }
    return render(request, "renewals/run.html", context, status=form.status)


def _keep(
    request: SignedInRequest, run: Run, button: RunButton, form: RunLinesForm
) -> HttpResponse:
    """Keep which lines are taken, and their prices; then book them if that was asked."""
    change_lines(
        run=run,
        by=request.user,
        skip=form.skipped,
        take=form.taken,
        prices=form.prices_e4,
    )
    if button is RunButton.BOOK:
        request_renewals(run=run, by=request.user, at=request.at)
    page = page_in(request.GET.get("page"))
    query = f"?page={page}" if page > 1 else ""
    return redirect(reverse("renewal-run", args=[run.pk]) + query)


def _outcome(run: Run) -> str:
    """Return what a run did: `lines` if it books renewals."""
    for word in ("repaired", "plans", "skipped"):
        if run.totals.get(word):
            return word
    return "started" if run.kind == Run.Kind.SUBSCRIPTIONS else "lines"


def _undo(request: SignedInRequest, run: Run) -> None:
    result = undo_renewals(run=run, by=request.user, at=request.at)
    count = result.trashed
    words = ngettext(
        "%(count)s deal moved to the trash.",
        "%(count)s deals moved to the trash.",
        count,
    )
    messages.success(
        request, words % {"count": count} if count else _("Undone.")
    )
    if result.conflicts:
        conflict_count = len(result.conflicts)
        messages.warning(
            request,
            _(
                "%(count)s values were kept: they have changed since, "
                "or their earlier value is gone."
            )
            % {"count": conflict_count},
        )


def _page_of(run: Run, number: int) -> list[RenewalLine]:
    """Return the lines of a page, the first is number 1."""
    start = (number - 1) * _SHOWN
    return list(lines_of(run)[start : start + _SHOWN])


def _chosen(request: SignedInRequest) -> QuerySet[Subscription]:
    if sent_text(request, "due"):
        return Subscription.objects.present().editable_by(request.user)
    if selection_of(request).is_empty:
        raise UserError("renewal.none_chosen")
    if sent_text(request, "of") == RecordKind.DEAL:
        return _subscriptions_of(request, selected(request, RecordKind.DEAL))
    return selected(request, RecordKind.SUBSCRIPTION)


def _subscriptions_of(
    request: SignedInRequest, deals: QuerySet[Deal]
) -> QuerySet[Subscription]:
    """Return the subscriptions whose terms the deals book; says how many deals book none."""
    found = Subscription.objects.present().editable_by(request.user)
    found = found.filter(
        pk__in=Term.objects.filter(deal__in=deals).values("subscription")
    )
    if not found.exists():
        raise UserError("renewal.deals_without_subscription")
    without_term = deals.filter(term__isnull=True).count()
    if without_term:
        words = ngettext(
            "%(count)s deal belongs to no subscription.",
            "%(count)s deals belong to no subscription.",
            without_term,
        )
        messages.info(request, words % {"count": without_term})
    return found


def _run(request: SignedInRequest, pk: int) -> Run:
    run = (
        Run.objects.select_related("by")
        .filter(pk=pk, kind__in=RUN_KINDS)
        .first()
    )
    if run is None or (
        run.by_id != request.user.pk and not request.user.is_admin
    ):
        raise Http404
    return run
