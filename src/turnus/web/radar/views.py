"""The radar: what is found, a preview of putting it right, and putting it right."""

from collections.abc import Sequence
from hashlib import sha256
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from turnus.core.money import Money
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.radar.actions import call_right, look_again, repair
from turnus.radar.findings import Action, Finding, Kind
from turnus.radar.queries import changeable, findings, named, totals
from turnus.radar.words import what, why
from turnus.revenue.models import Subscription
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.parameters import page_in

_SHOWN = 100
#: Subscriptions up to which the day's page shows the figure.
_AT_ONCE = 5_000
_KINDS = {
    Kind.MISSED: gettext_lazy("Due and not booked"),
    Kind.NUMBER: gettext_lazy("Missing between two terms"),
    Kind.GONE: gettext_lazy("Deal removed for good"),
    Kind.FORGOTTEN: gettext_lazy("Never entered"),
    Kind.TRASHED: gettext_lazy("Deal in the trash"),
    Kind.LOST: gettext_lazy("Deal lost, later terms booked"),
    Kind.OPEN: gettext_lazy("Deal still open"),
    Kind.DEAL_TWICE: gettext_lazy("Won twice"),
    Kind.SUBSCRIPTION_TWICE: gettext_lazy("Subscription twice"),
    Kind.CREDIT: gettext_lazy("Taken back, but goes on"),
}
_ACTIONS = {
    Action.BOOK: gettext_lazy("Book"),
    Action.SKIP: gettext_lazy("Leave out"),
    Action.TRASH: gettext_lazy("To the trash"),
    Action.END: gettext_lazy("End it"),
}


@require_GET
def radar(request: SignedInRequest) -> HttpResponse:
    """Show what is found, of one kind if the address names it; `right`: what was called right instead."""
    if request.GET.get("part") == "figure":
        return _figure(request)
    is_right = bool(request.GET.get("right"))
    found = findings(request.user, on=request.on, called_right=is_right)
    kind = _kind_in(request.GET)
    chosen = [one for one in found if kind in {None, one.kind}]
    number = page_in(request.GET.get("page"))
    shown = chosen[(number - 1) * _SHOWN : number * _SHOWN]
    language = language_of(request)
    return render(
        request,
        "radar/page.html",
        {
            "totals": [(one.kind, _KINDS[one.kind], one) for one in totals(found)],
            "kind": kind,
            "is_right": is_right,
            "rows": [
                (row, _KINDS[row.finding.kind], why(row.finding, language))
                for row in named(shown, request.user)
            ],
            "actions": [
                (one, _ACTIONS[one]) for one in Action if any(one in each.actions for each in shown)
            ],
            "page": number,
            "has_next": len(chosen) > number * _SHOWN,
            "count": len(found),
            "everything": len(changeable(chosen, request.user))
            if kind and len(chosen) > _SHOWN
            else 0,
        },
    )


def _kind_in(given: QueryDict) -> Kind | None:
    return next((one for one in Kind if one == given.get("kind")), None)


def _figure(request: SignedInRequest) -> HttpResponse:
    """Answer with the figure of the day's page; where finding takes longer than that is worth, with the link alone."""
    found = (
        None if Subscription.objects.count() > _AT_ONCE else findings(request.user, on=request.on)
    )
    sums: dict[str, int] = {}
    for one in found or ():
        sums[one.money.currency] = sums.get(one.money.currency, 0) + one.money.amount_e4
    context = {
        "count": None if found is None else len(found),
        "sums": [Money(amount, code) for code, amount in sums.items()],
    }
    return render(request, "radar/_figure.html", context)


@require_POST
def put_right(request: SignedInRequest) -> HttpResponse:
    """Preview what is done about the ticked findings, or all of a kind, do it if the preview still holds, or call them right."""
    action = request.POST.get("action", "")
    is_again = action == "again"
    found = _chosen(request, findings(request.user, on=request.on, called_right=is_again))
    if not found:
        raise UserError("radar.none_chosen")
    if is_again:
        look_again(found=found, by=request.user)
        return redirect("radar")
    if action == "right":
        return _called_right(request, found)
    if action not in set(Action):
        raise UserError("value.invalid", text=action)
    return _repaired(request, found, Action(action))


def _chosen(request: SignedInRequest, found: Sequence[Finding]) -> Sequence[Finding]:
    """Return what was ticked, or all of the kind that the person may put right."""
    kind, wanted = _kind_in(request.POST), set(request.POST.getlist("finding"))
    if request.POST.get("everything") and kind is not None:
        return changeable([one for one in found if one.kind is kind], request.user)
    return [one for one in found if one.key in wanted]


def _called_right(request: SignedInRequest, found: Sequence[Finding]) -> HttpResponse:
    count = call_right(found=found, by=request.user, at=request.at)
    words = ngettext("%(count)s finding stays away.", "%(count)s findings stay away.", count) % {
        "count": count
    }
    messages.success(request, words)
    return redirect("radar")


def _repaired(request: SignedInRequest, found: Sequence[Finding], action: Action) -> HttpResponse:
    fitting = [one for one in found if action in one.actions]
    digest, words = _digest(fitting, action), ""
    if request.POST.get("step") == "do":
        if request.POST.get("digest") == digest:
            return _done(request, fitting, action)
        words = say(UserError("radar.changed"))
    if not fitting:
        raise UserError("radar.does_not_fit")
    language = language_of(request)
    return render(
        request,
        "radar/preview.html",
        {
            "rows": [
                (row, what(row.finding, action, language))
                for row in named(fitting[:_SHOWN], request.user)
            ],
            "count": len(fitting),
            "hidden": max(len(fitting) - _SHOWN, 0),
            "everything": request.POST.get("everything", ""),
            "kind": _kind_in(request.POST) or "",
            "keys": [one.key for one in fitting],
            "left": len(found) - len(fitting),
            "action": action,
            "title": _ACTIONS[action],
            "digest": digest,
            "words": words,
            "totals": totals(fitting),
        },
        status=422 if words else 200,
    )


def _done(request: SignedInRequest, found: Sequence[Finding], action: Action) -> HttpResponse:
    title = f"{_('Radar')}: {_ACTIONS[action]}"
    run = repair(
        found=found, action=action, by=request.user, at=request.at, on=request.on, title=title
    )
    count = len(found)
    words = ngettext("%(count)s finding put right.", "%(count)s findings put right.", count) % {
        "count": count
    }
    messages.success(request, words, extra_tags=f"undo-run-{run.pk}")
    kind = request.POST.get("kind", "")
    return redirect(reverse("radar") + (f"?{urlencode({'kind': kind})}" if kind else ""))


def _digest(found: Sequence[Finding], action: Action) -> str:
    """Return a mark of the preview, by which a changed one is detected."""
    in_order = sorted(found, key=lambda one: one.key)
    shown = [
        (one.key, one.on, one.money, one.count, sorted(map(repr, one.params.items())))
        for one in in_order
    ]
    return sha256(repr((action, shown)).encode()).hexdigest()
