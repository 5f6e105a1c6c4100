"""One renewal of the inbox at a time: accepted, repriced, skipped or canceled; undo works."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from turnus.accounts.access import sees
from turnus.core.records import RecordKind
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.book import renew_next
from turnus.revenue.renewals.actions.inbox import (
    cancel_waiting,
    close_waiting,
    price_waiting,
)
from turnus.revenue.subscriptions.actions.cancel import cancel_as_run
from turnus.revenue.subscriptions.actions.prices import (
    NewPrice,
    carry_out_prices,
)
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.web.buttons import (
    sent_day,
    sent_number,
    sent_text,
    sent_verb,
)
from turnus.web.forms import Words
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.parameters import chosen, row_after
from turnus.web.record_lookup import visible_record
from turnus.web.renewals.inbox_forms import (
    BUTTON_NAMES,
    RenewalButton,
    RenewalCancelForm,
    RenewalForm,
    RenewalPriceForm,
    renewal_form,
)

#: What was done, in words.
_DONE: Mapping[RenewalButton, Words] = {
    RenewalButton.ACCEPT: gettext_lazy("%(name)s: booked."),
    RenewalButton.PRICE: gettext_lazy("%(name)s: price changed."),
    RenewalButton.SKIP: gettext_lazy("%(name)s: term skipped."),
    RenewalButton.CANCEL: gettext_lazy("%(name)s: canceled."),
}


@dataclass(frozen=True, slots=True)
class _Renewal:
    """What the form is about: the next term of a subscription, or a term whose deal is open."""

    subscription: Subscription
    currency: str
    term: Term | None = None


@require_POST
@once
def act(request: SignedInRequest) -> HttpResponse:
    """Do what was asked with one renewal; the answer leads to the row after it."""
    button = sent_verb(request, RenewalButton)
    renewal = (
        _waiting(request) if sent_text(request, "term") else _next(request)
    )
    form = renewal_form(request, button, currency=renewal.currency)
    answer = form.submit(lambda: _acted(request, renewal, button, form))
    if answer is not None:
        return answer
    context = {
        "form": form,
        "button": str(button),
        "button_name": BUTTON_NAMES[button],
        "subscription": renewal.subscription,
        "term": renewal.term,
        "until": sent_day(request, "until"),
        "after": sent_text(request, "after"),
    }
    return render(request, "renewals/one.html", context, status=form.status)


def _next(request: SignedInRequest) -> _Renewal:
    """Return the next term of a subscription; refused if it is another one by now."""
    pk = sent_number(request, "subscription") or 0
    subscription: Subscription = visible_record(
        request, RecordKind.SUBSCRIPTION, pk
    )
    is_next = subscription.next_number == sent_number(request, "number")
    if subscription.next_due_on is None or not is_next:
        raise UserError("renewal.moved_on")
    return _Renewal(subscription, subscription.currency)


def _waiting(request: SignedInRequest) -> _Renewal:
    """Return a term whose deal is open."""
    visible = Subscription.objects.present().visible_to(request.user)
    terms = Term.objects.select_related("subscription", "deal__owner")
    term = chosen(
        terms.filter(subscription__in=visible), sent_text(request, "term")
    )
    if term.deal is not None and not sees(request.user, term.deal):
        raise Http404
    return _Renewal(term.subscription, term.currency, term)


def _acted(
    request: SignedInRequest,
    renewal: _Renewal,
    button: RenewalButton,
    form: RenewalForm,
) -> HttpResponse:
    subscription = renewal.subscription
    if renewal.term is None:
        run = _renew(request, subscription, button, form)
    else:
        run = _close(request, renewal.term, button, form)
    is_price_of_next = renewal.term is None and button is RenewalButton.PRICE
    undo = "undo-subscriptions" if is_price_of_next else "undo-run"
    words = _DONE[button] % {"name": subscription.name}
    messages.success(request, words, extra_tags=f"{undo}-{run.pk}")
    until = sent_day(request, "until")
    query = f"?{urlencode({'until': until})}" if until else ""
    row = row_after(sent_text(request, "after"))
    return redirect(reverse("renewals") + query + row)


def _renew(
    request: SignedInRequest,
    subscription: Subscription,
    button: RenewalButton,
    form: RenewalForm,
) -> Run:
    """Act on the next term of a subscription."""
    by = request.user
    at = request.at
    number = subscription.next_number
    if isinstance(form, RenewalPriceForm):
        old = subscription.price
        price = NewPrice(
            subscription.pk, subscription.name, old, form.new_price
        )
        return carry_out_prices(
            lines=[price],
            by=by,
            at=at,
            title=subscription.name,
            all_or_none=True,
        )
    if isinstance(form, RenewalCancelForm):
        return cancel_as_run(
            subscription=subscription,
            number=number,
            by=by,
            at=at,
            on=request.on,
            reason=form.cleaned_data["reason"],
        )
    if button is RenewalButton.SKIP:
        return skip_terms(
            subscriptions=Subscription.objects.filter(pk=subscription.pk),
            by=by,
            at=at,
            numbers={subscription.pk: number},
            title=subscription.name,
        )
    return renew_next(subscription=subscription, number=number, by=by, at=at)


def _close(
    request: SignedInRequest,
    term: Term,
    button: RenewalButton,
    form: RenewalForm,
) -> Run:
    """Act on a term whose deal is open."""
    by = request.user
    at = request.at
    if isinstance(form, RenewalPriceForm):
        return price_waiting(term=term, price=form.new_price, by=by, at=at)
    if isinstance(form, RenewalCancelForm):
        reason = form.cleaned_data["reason"]
        return cancel_waiting(
            term=term, by=by, at=at, on=request.on, reason=reason
        )
    is_won = button is RenewalButton.ACCEPT
    return close_waiting(term=term, is_won=is_won, by=by, at=at)
