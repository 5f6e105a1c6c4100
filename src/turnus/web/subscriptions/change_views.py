"""Changing a subscription: price, plan, a skipped term, pause, resume, cancel."""

from collections.abc import Callable, Mapping
from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from turnus.core.records import RecordKind
from turnus.fields.actions_seen import do_as_seen
from turnus.fields.catalog import catalog
from turnus.kit.errors import UserError
from turnus.kit.formats import day, money
from turnus.revenue.models import Subscription
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import change_price
from turnus.revenue.subscriptions.actions.pause import (
    pause_subscriptions,
    resume_subscriptions,
)
from turnus.revenue.subscriptions.actions.stretch import change_plan, change_price_now
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.web.edit_conflicts import SEEN, ask_again, change_in, has_moved, seen_in
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.once import once
from turnus.web.parameters import day_in
from turnus.web.record_lookup import visible_record
from turnus.web.records.sheet import field_rows
from turnus.web.subscription_form import day_of, last_day_of, plan_of, price_of

#: What a person looks at before they do something with a subscription.
LIFE = (
    "state",
    "plan_id",
    "cadence",
    "price_e4",
    "anchor_on",
    "anchor_number",
    "next_number",
    "paused_on",
    "end_on",
    "trashed_at",
)
#: What the second is shown of it.
_SHOWN = ("state", "plan", "price", "next_due_on", "end_on")
#: Does what was posted; returns where it leads, None back to the page.
Change = Callable[
    [SignedInRequest, Subscription, QuerySet[Subscription]], HttpResponse | None
]


@require_POST
@once
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    record: Subscription = visible_record(request, RecordKind.SUBSCRIPTION, pk)
    action = request.POST.get("action", "")
    if action not in _CHANGES:
        raise UserError("value.invalid", text=action)
    one = Subscription.objects.filter(pk=record.pk)
    # What a form without it would have shown, at the latest when it was sent.
    seen = request.POST.get(SEEN) or seen_in(LIFE, record)
    kind = RecordKind.SUBSCRIPTION
    try:
        elsewhere = do_as_seen(
            kind,
            pk=pk,
            cells=LIFE,
            seen=seen,
            do=lambda: _CHANGES[action](request, record, one),
        )
    except UserError as error:
        if has_moved(error):
            return _moved(request, pk)
        raise
    if elsewhere is not None:
        return elsewhere
    messages.success(request, _("Saved."))
    return redirect("subscription", pk)


def _moved(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask what should hold, as somebody else did something with the subscription meanwhile."""
    kind: Final = RecordKind.SUBSCRIPTION
    record = visible_record(request, kind, pk)
    rows = field_rows(
        request, kind, catalog(kind), record, is_editable=False, paths=_SHOWN
    )
    conflict = change_in(
        kind, pk, LIFE, name=record.name, now=[(row.name, row.text) for row in rows]
    )
    mine, back = str(_NAMES[request.POST["action"]]), reverse("subscription", args=[pk])
    return ask_again(
        request, record, conflict, mine=mine, seen=seen_in(LIFE, record), back=back
    )


def _price(
    request: SignedInRequest, record: Subscription, one: QuerySet[Subscription]
) -> HttpResponse:
    price, on = price_of(request, record.currency), day_in(request.POST.get("on"))
    language = language_of(request)
    shown = money(price.amount_e4, price.currency, language)
    if on is None:
        change_price(subscriptions=one, by=request.user, at=request.at, price=price)
        words = _("From the next term on it costs %(price)s a term.") % {"price": shown}
    else:
        change_price_now(
            subscriptions=one, by=request.user, at=request.at, price=price, on=on
        )
        words = _("From %(day)s on it costs %(price)s a term.") % {
            "day": day(on, language),
            "price": shown,
        }
    messages.success(request, words)
    return redirect("subscription", record.pk)


def _plan(
    request: SignedInRequest, record: Subscription, one: QuerySet[Subscription]
) -> HttpResponse:
    run = change_plan(
        subscriptions=one,
        by=request.user,
        at=request.at,
        plan=plan_of(request),
        price=price_of(request, record.currency),
        on=day_in(request.POST.get("on")),
        title=record.name,
    )
    messages.success(
        request, _("The plan was changed."), extra_tags=f"undo-run-{run.pk}"
    )
    return redirect("subscription", record.pk)


def _skip(
    request: SignedInRequest, record: Subscription, one: QuerySet[Subscription]
) -> HttpResponse:
    numbers = {record.pk: record.next_number}
    run = skip_terms(
        subscriptions=one,
        by=request.user,
        at=request.at,
        numbers=numbers,
        title=record.name,
    )
    return redirect("renewal-run", run.pk)


def _pause(
    request: SignedInRequest, _record: Subscription, one: QuerySet[Subscription]
) -> None:
    pause_subscriptions(
        subscriptions=one,
        by=request.user,
        at=request.at,
        pauses_on=day_of(request, "on", request.on),
    )


def _resume(
    request: SignedInRequest, _record: Subscription, one: QuerySet[Subscription]
) -> None:
    resume_subscriptions(
        subscriptions=one,
        by=request.user,
        at=request.at,
        resumes_on=day_of(request, "on", request.on),
    )


def _cancel(
    request: SignedInRequest, _record: Subscription, one: QuerySet[Subscription]
) -> None:
    reason, end = request.POST.get("reason", ""), last_day_of(request, "last_on")
    cancel_subscriptions(
        subscriptions=one,
        by=request.user,
        at=request.at,
        on=request.on,
        ends_on=end,
        reason=reason,
    )


#: What the buttons say.
_NAMES = {
    "price": gettext_lazy("Price"),
    "plan": gettext_lazy("Change the plan"),
    "skip": gettext_lazy("Skip the next term"),
    "pause": gettext_lazy("Pause"),
    "resume": gettext_lazy("Resume"),
    "cancel": gettext_lazy("Cancel the subscription"),
}
_CHANGES: Mapping[str, Change] = {
    "price": _price,
    "plan": _plan,
    "skip": _skip,
    "pause": _pause,
    "resume": _resume,
    "cancel": _cancel,
}
