"""The page of a subscription, and beginning one from a deal or by itself."""

from dataclasses import replace
from typing import Any, Final

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from turnus.accounts.viewer import Viewer
from turnus.core.fields import FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.history.models import Event
from turnus.history.queries import event_of, events_of
from turnus.reports.recurring.life import movements_of, stretches_of
from turnus.revenue.models import Subscription
from turnus.revenue.monthly import monthly_of
from turnus.revenue.subscriptions.actions.start import start_subscription
from turnus.revenue.terms.queries import coming_terms, terms_of
from turnus.sales.models import Deal
from turnus.web.edit_conflicts import seen_in
from turnus.web.editing import contact_named
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import inputs_of
from turnus.web.language import language_of
from turnus.web.once import once
from turnus.web.parameters import number_in
from turnus.web.record_lookup import may_edit, visible_record
from turnus.web.records.history import events_in_words
from turnus.web.records.sheet import field_rows, sheet_of
from turnus.web.subscriptions.change_views import LIFE, change_forms
from turnus.web.subscriptions.forms import SubscriptionForm, TermsForm
from turnus.web.subscriptions.life import bar_of
from turnus.web.subscriptions.moves import shown_moves
from turnus.web.viewer import viewer_of

#: Shown folded away.
_SYSTEM = frozenset({"created_at", "updated_at", "creator", "id", "currency"})


@require_GET
def subscription_page(request: SignedInRequest, pk: int) -> HttpResponse:
    kind: Final = RecordKind.SUBSCRIPTION
    record = visible_record(request, kind, pk)
    fields = catalog(kind)
    editable = may_edit(request, record) and record.trashed_at is None
    terms = terms_of(record)
    coming = coming_terms(record, on=request.on)
    viewer = viewer_of(request)
    language = language_of(request)
    stretches = stretches_of(record, terms, coming, on=request.on)
    return render(
        request,
        "subscriptions/page.html",
        {
            "word": "subscriptions",
            "kind": str(kind),
            "record": record,
            "is_editable": editable,
            "sheet": sheet_of(
                field_rows(
                    request, kind, fields, record, is_editable=editable
                ),
                _SYSTEM,
            ),
            "terms": terms,
            "coming": coming,
            "moves": shown_moves(movements_of(record, viewer), language),
            "bar": bar_of(stretches, request.on, language),
            "events": events_in_words(_events(request, pk), fields, request),
            "forms": change_forms(request, record),
            "seen": seen_in(LIFE, record),
            "mrr": _monthly(record, viewer),
        },
    )


def _monthly(record: Subscription, viewer: Viewer) -> Money:
    found = monthly_of(Subscription.objects.filter(pk=record.pk), viewer)
    return found.get(record.pk, Money(0, record.currency))


def _events(request: SignedInRequest, pk: int) -> list[Event]:
    """Return the latest events, and an older one that the address asks for."""
    latest = list(events_of(RecordKind.SUBSCRIPTION, pk))
    wanted = number_in(request.GET.get("event"))
    if not wanted or any(event.pk == wanted for event in latest):
        return latest
    older = event_of(RecordKind.SUBSCRIPTION, pk, wanted)
    return latest if older is None else [*latest, older]


@require_http_methods(["GET", "POST"])
@once
def new(request: SignedInRequest) -> HttpResponse:
    """Begin a subscription by itself: its first term is still due."""
    currency = request.company.currency
    form = SubscriptionForm(
        request, currency=currency, price="", starts_on=request.on
    )
    _suggest_contacts(request, form)
    answer = form.submit(lambda: _start(request, form))
    if answer is not None:
        return answer
    return render(
        request, "subscriptions/new.html", {"form": form}, status=form.status
    )


@require_http_methods(["GET", "POST"])
@once
def from_deal(request: SignedInRequest, pk: int) -> HttpResponse:
    """Begin a subscription whose first term the won deal books."""
    deal: Deal = visible_record(request, RecordKind.DEAL, pk)
    recurring = deal.recurring
    price = _shown(request, recurring) if recurring.amount_e4 else ""
    first_on = deal.won_on or request.on
    form = TermsForm(
        request, currency=deal.currency, price=price, starts_on=first_on
    )
    answer = form.submit(lambda: _start_from(request, form, deal))
    if answer is not None:
        return answer
    context = {"deal": deal, "form": form}
    return render(
        request, "subscriptions/from_deal.html", context, status=form.status
    )


def _suggest_contacts(
    request: SignedInRequest, form: SubscriptionForm
) -> None:
    inputs = inputs_of(request)
    fields = catalog(RecordKind.DEAL)
    for link in ("organization", "person"):
        field = fields[link]
        names = inputs.names(field)
        form.suggest(link, label=field.name(inputs.language), names=names)


def _start(request: SignedInRequest, form: SubscriptionForm) -> HttpResponse:
    asked = replace(
        form.subscription(name=form.cleaned_data["name"]),
        organization=_contact(request, form, FieldKind.ORGANIZATION),
        person=_contact(request, form, FieldKind.PERSON),
    )
    started = start_subscription(by=request.user, at=request.at, new=asked)
    return redirect("subscription", started.pk)


def _start_from(
    request: SignedInRequest, form: TermsForm, deal: Deal
) -> HttpResponse:
    asked = form.subscription(name=deal.title)
    started = start_subscription(
        by=request.user, at=request.at, new=asked, deal=deal
    )
    return redirect("subscription", started.pk)


def _contact(
    request: SignedInRequest, form: SubscriptionForm, kind: FieldKind
) -> Any:
    """Return the contact that was typed, a new one if need be; None for a blank name."""
    name = form.cleaned_data[str(kind)]
    if not name:
        return None
    pk = contact_named(request, kind, name)
    return visible_record(request, RecordKind(str(kind)), pk)


def _shown(request: SignedInRequest, price: Money) -> str:
    return inputs_of(request).amount(price)
