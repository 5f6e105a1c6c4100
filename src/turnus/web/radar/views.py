"""The radar: what is found, a preview of putting it right, and putting it right."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from turnus.core.money import Money
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.radar.actions import dismiss, repair, undismiss
from turnus.radar.findings import Action, Finding, FindingKind, NamedFinding
from turnus.radar.queries import changeable, findings, named, totals
from turnus.radar.words import what, why
from turnus.revenue.models import Subscription
from turnus.web.buttons import sent_action, sent_text, sent_texts
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.parameters import page_in

_SHOWN = 100
#: Subscriptions up to which the day's page shows the figure.
_AT_ONCE = 5_000
_KINDS = {
    FindingKind.MISSED: gettext_lazy("Due and not booked"),
    FindingKind.NUMBER: gettext_lazy("Missing between two terms"),
    FindingKind.GONE: gettext_lazy("Deal removed for good"),
    FindingKind.FORGOTTEN: gettext_lazy("Missed renewal"),
    FindingKind.TRASHED: gettext_lazy("Deal in the trash"),
    FindingKind.LOST: gettext_lazy("Deal lost, later terms booked"),
    FindingKind.OPEN: gettext_lazy("Deal still open"),
    FindingKind.DEAL_TWICE: gettext_lazy("Duplicate deal"),
    FindingKind.SUBSCRIPTION_TWICE: gettext_lazy("Duplicate subscription"),
    FindingKind.CREDIT: gettext_lazy("Credited, but still running"),
}
_ACTIONS = {
    Action.BOOK: gettext_lazy("Book"),
    Action.SKIP: gettext_lazy("Skip"),
    Action.TRASH: gettext_lazy("Move to trash"),
    Action.END: gettext_lazy("Cancel the subscription"),
}


@require_GET
def radar(request: SignedInRequest) -> HttpResponse:
    """Show what is found, of one kind if the address names it; `dismissed`: those instead."""
    if request.GET.get("part") == "figure":
        return _figure(request)
    is_dismissed = bool(request.GET.get("dismissed"))
    found = findings(request.user, on=request.on, dismissed=is_dismissed)
    kind = _kind_called(request.GET.get("kind"))
    chosen = [finding for finding in found if kind in {None, finding.kind}]
    number = page_in(request.GET.get("page"))
    shown = chosen[(number - 1) * _SHOWN : number * _SHOWN]
    has_more_than_a_page = kind is not None and len(chosen) > _SHOWN
    context = {
        "totals": [
            (sums.kind, _KINDS[sums.kind], sums) for sums in totals(found)
        ],
        "kind": kind,
        "is_dismissed": is_dismissed,
        "dismissed_query": "&dismissed=1" if is_dismissed else "",
        "rows": _rows(request, shown),
        "actions": _actions_for(shown),
        "page": number,
        "has_next": len(chosen) > number * _SHOWN,
        "count": len(found),
        "everything": len(changeable(chosen, request.user))
        if has_more_than_a_page
        else 0,
    }
    return render(request, "radar/page.html", context)


@dataclass(frozen=True, slots=True)
class _Link:
    """Where more is to be seen about a finding."""

    href: str
    words: str


_Row = tuple[NamedFinding, str, str, _Link | None]


def _rows(request: SignedInRequest, shown: Sequence[Finding]) -> list[_Row]:
    language = language_of(request)
    rows: list[_Row] = []
    for row in named(shown, request.user):
        finding = row.finding
        rows.append(
            (
                row,
                str(_KINDS[finding.kind]),
                why(finding, language),
                _link_of(finding),
            )
        )
    return rows


def _link_of(finding: Finding) -> _Link | None:
    """Return the link to the deal, or the other subscription, that a finding is about."""
    if finding.kind in {FindingKind.MISSED, FindingKind.NUMBER}:
        return None
    if finding.kind is FindingKind.SUBSCRIPTION_TWICE:
        return _Link(
            reverse("subscription", args=[finding.other]),
            _("Open the other one"),
        )
    is_about_deal = finding.kind in {
        FindingKind.DEAL_TWICE,
        FindingKind.CREDIT,
    }
    deal_id = finding.one if is_about_deal else finding.other
    if not deal_id:
        return None
    return _Link(
        reverse("record", args=["deals", deal_id]), _("Open the deal")
    )


def _actions_for(shown: Sequence[Finding]) -> list[tuple[Action, str]]:
    """Return the actions that fit one of the findings at least."""
    fitting: set[Action] = set()
    for finding in shown:
        fitting.update(finding.actions)
    in_order = [action for action in Action if action in fitting]
    return [(action, str(_ACTIONS[action])) for action in in_order]


def _sent_kind(request: SignedInRequest) -> FindingKind | None:
    return _kind_called(sent_text(request, "kind"))


def _kind_called(word: str | None) -> FindingKind | None:
    return FindingKind(word) if word in set(FindingKind) else None


def _figure(request: SignedInRequest) -> HttpResponse:
    """Answer with the figure of the day's page; with the link alone where finding takes long."""
    found = None
    if Subscription.objects.count() <= _AT_ONCE:
        found = findings(request.user, on=request.on)
    sums: dict[str, int] = defaultdict(int)
    for finding in found or ():
        sums[finding.money.currency] += finding.money.amount_e4
    context = {
        "count": None if found is None else len(found),
        "sums": [Money(amount, code) for code, amount in sums.items()],
    }
    return render(request, "radar/_figure.html", context)


@require_POST
def put_right(request: SignedInRequest) -> HttpResponse:
    """Preview a repair of findings, carry it out if the preview still holds, or dismiss them."""
    action = sent_action(request)
    is_undismissal = action == "undismiss"
    found = _chosen(
        request,
        findings(request.user, on=request.on, dismissed=is_undismissal),
    )
    if not found:
        raise UserError("radar.none_chosen")
    if is_undismissal:
        undismiss(found=found, by=request.user)
        return redirect("radar")
    if action == "dismiss":
        return _dismissed(request, found)
    if action not in set(Action):
        raise UserError("value.invalid", text=action)
    return _repaired(request, found, Action(action))


def _chosen(
    request: SignedInRequest, found: Sequence[Finding]
) -> Sequence[Finding]:
    """Return what was ticked, or all of the kind that the person may put right."""
    kind = _sent_kind(request)
    wanted = set(sent_texts(request, "finding"))
    if sent_text(request, "everything") and kind is not None:
        of_kind = [finding for finding in found if finding.kind is kind]
        return changeable(of_kind, request.user)
    return [finding for finding in found if finding.key in wanted]


def _dismissed(
    request: SignedInRequest, found: Sequence[Finding]
) -> HttpResponse:
    count = dismiss(found=found, by=request.user, at=request.at)
    words = ngettext(
        "%(count)s finding dismissed.", "%(count)s findings dismissed.", count
    )
    words %= {"count": count}
    messages.success(request, words)
    return redirect("radar")


def _repaired(
    request: SignedInRequest, found: Sequence[Finding], action: Action
) -> HttpResponse:
    fitting = [finding for finding in found if action in finding.actions]
    digest = _digest(fitting, action)
    words = ""
    if sent_text(request, "step") == "do":
        if sent_text(request, "digest") == digest:
            return _done(request, fitting, action)
        words = say(UserError("radar.changed"))
    if not fitting:
        raise UserError("radar.does_not_fit")
    language = language_of(request)
    shown = named(fitting[:_SHOWN], request.user)
    context = {
        "rows": [(row, what(row.finding, action, language)) for row in shown],
        "count": len(fitting),
        "hidden": max(len(fitting) - _SHOWN, 0),
        "everything": sent_text(request, "everything"),
        "kind": _sent_kind(request) or "",
        "keys": [finding.key for finding in fitting],
        "left": len(found) - len(fitting),
        "action": action,
        "title": _ACTIONS[action],
        "digest": digest,
        "words": words,
        "totals": totals(fitting),
    }
    status = 422 if words else 200
    return render(request, "radar/preview.html", context, status=status)


def _done(
    request: SignedInRequest, found: Sequence[Finding], action: Action
) -> HttpResponse:
    title = f"{_('Radar')}: {_ACTIONS[action]}"
    run = repair(
        found=found,
        action=action,
        by=request.user,
        at=request.at,
        on=request.on,
        title=title,
    )
    count = len(found)
    words = ngettext(
        "%(count)s finding repaired.", "%(count)s findings repaired.", count
    )
    words %= {"count": count}
    messages.success(request, words, extra_tags=f"undo-run-{run.pk}")
    kind = sent_text(request, "kind")
    query = f"?{urlencode({'kind': kind})}" if kind else ""
    return redirect(reverse("radar") + query)


def _digest(found: Sequence[Finding], action: Action) -> str:
    """Return a mark of the preview, by which a changed one is detected."""
    in_order = sorted(found, key=lambda finding: finding.key)
    shown = [
        (
            finding.key,
            finding.on,
            finding.money,
            finding.count,
            sorted(map(repr, finding.details.items())),
        )
        for finding in in_order
    ]
    return sha256(repr((action, shown)).encode()).hexdigest()
