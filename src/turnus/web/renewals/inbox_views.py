"""One renewal of the inbox at a time: accepted, repriced, skipped or canceled; undo works."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from turnus.accounts.access import sees
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.book import renew_next
from turnus.revenue.renewals.actions.inbox import (
    cancel_waiting,
    close_waiting,
    price_waiting,
)
from turnus.revenue.subscriptions.actions.cancel import cancel_as_run
from turnus.revenue.subscriptions.actions.prices import NewPrice, carry_out_prices
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.parameters import chosen, day_in, number_in, row_after
from turnus.web.record_lookup import visible_record
from turnus.web.renewals.views import price_in


@require_POST
@once
def act(request: SignedInRequest) -> HttpResponse:
    """Do what was asked with one renewal; the answer leads to the row after it."""
    words, tag = _close(request) if request.POST.get("term") else _renew(request)
    messages.success(request, words, extra_tags=tag)
    until = day_in(request.POST.get("until"))
    query = f"?{urlencode({'until': until})}" if until else ""
    return redirect(reverse("renewals") + query + row_after(request.POST.get("after")))


def _renew(request: SignedInRequest) -> tuple[str, str]:
    """Act on the next term of a subscription; return the words and where to undo it."""
    one: Subscription = visible_record(
        request,
        RecordKind.SUBSCRIPTION,
        number_in(request.POST.get("subscription")) or 0,
    )
    if one.next_due_on is None or one.next_number != number_in(
        request.POST.get("number")
    ):
        raise UserError("renewal.moved_on")
    by, at, action, name = (
        request.user,
        request.at,
        request.POST.get("action"),
        {"name": one.name},
    )
    if action == "accept":
        run = renew_next(subscription=one, number=one.next_number, by=by, at=at)
        return _("%(name)s: booked.") % name, f"undo-run-{run.pk}"
    if action == "price":
        lines = [
            NewPrice(
                one.pk,
                one.name,
                one.price,
                price_in(request, request.POST.get("price", ""), one.currency),
            )
        ]
        run = carry_out_prices(
            lines=lines, by=by, at=at, title=one.name, all_or_none=True
        )
        return _("%(name)s: price changed.") % name, f"undo-subscriptions-{run.pk}"
    if action == "skip":
        numbers = {one.pk: one.next_number}
        run = skip_terms(
            subscriptions=Subscription.objects.filter(pk=one.pk),
            by=by,
            at=at,
            numbers=numbers,
            title=one.name,
        )
        return _("%(name)s: term skipped.") % name, f"undo-run-{run.pk}"
    if action == "cancel":
        reason = request.POST.get("reason", "")
        run = cancel_as_run(
            subscription=one,
            number=one.next_number,
            by=by,
            at=at,
            on=request.on,
            reason=reason,
        )
        return _("%(name)s: canceled.") % name, f"undo-run-{run.pk}"
    raise UserError("value.invalid", text=str(action))


def _close(request: SignedInRequest) -> tuple[str, str]:
    """Act on a term whose deal is open; return the words and where to undo it."""
    seen = Subscription.objects.present().visible_to(request.user)
    terms = Term.objects.select_related("subscription", "deal__owner").filter(
        subscription__in=seen
    )
    term = chosen(terms, request.POST["term"])
    if term.deal is not None and not sees(request.user, term.deal):
        raise Http404
    by, at, action = request.user, request.at, request.POST.get("action")
    if action == "accept":
        run, words = (
            close_waiting(term=term, is_won=True, by=by, at=at),
            _("%(name)s: booked."),
        )
    elif action == "skip":
        run, words = (
            close_waiting(term=term, is_won=False, by=by, at=at),
            _("%(name)s: term skipped."),
        )
    elif action == "price":
        price = price_in(request, request.POST.get("price", ""), term.currency)
        run, words = (
            price_waiting(term=term, price=price, by=by, at=at),
            _("%(name)s: price changed."),
        )
    elif action == "cancel":
        reason = request.POST.get("reason", "")
        run, words = (
            cancel_waiting(term=term, by=by, at=at, on=request.on, reason=reason),
            _("%(name)s: canceled."),
        )
    else:
        raise UserError("value.invalid", text=str(action))
    return words % {"name": term.subscription.name}, f"undo-run-{run.pk}"
