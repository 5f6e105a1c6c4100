"""Changing a subscription: price, plan, a skipped term, pause, resume, cancel."""

from collections.abc import Mapping
from typing import Final

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
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
from turnus.revenue.subscriptions.actions.stretch import (
    change_plan,
    change_price_now,
)
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.web.buttons import sent_verb
from turnus.web.edit_conflicts import (
    ask_again,
    change_in,
    has_moved,
    seen_by_form,
    seen_in,
)
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.once import once
from turnus.web.record_lookup import visible_record
from turnus.web.records.sheet import field_rows
from turnus.web.subscriptions.change_forms import (
    CHANGE_NAMES,
    CancelForm,
    ChangeButton,
    ChangeForm,
    NewPlanForm,
    NewPriceForm,
    PauseForm,
    ResumeForm,
)

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
_FORMS: Mapping[ChangeButton, type[ChangeForm]] = {
    ChangeButton.PRICE: NewPriceForm,
    ChangeButton.PLAN: NewPlanForm,
    ChangeButton.SKIP: ChangeForm,
    ChangeButton.PAUSE: PauseForm,
    ChangeButton.RESUME: ResumeForm,
    ChangeButton.CANCEL: CancelForm,
}


def change_forms(
    request: SignedInRequest, record: Subscription
) -> dict[str, ChangeForm]:
    """Return the forms that the page of a subscription offers, by the verb of their buttons."""
    return {
        str(button): form(request, record) for button, form in _FORMS.items()
    }


@require_POST
@once
def change(request: SignedInRequest, pk: int) -> HttpResponse:
    record: Subscription = visible_record(request, RecordKind.SUBSCRIPTION, pk)
    button = sent_verb(request, ChangeButton)
    form = _FORMS[button](request, record)
    # What a form without it would have shown, at the latest when it was sent.
    seen = seen_by_form(request) or seen_in(LIFE, record)
    answer = form.submit(lambda: _changed(request, record, form, seen))
    if answer is not None:
        return answer
    context = {
        "record": record,
        "form": form,
        "name": CHANGE_NAMES[button],
        "seen": seen,
    }
    return render(
        request, "subscriptions/change.html", context, status=form.status
    )


def _changed(
    request: SignedInRequest, record: Subscription, form: ChangeForm, seen: str
) -> HttpResponse:
    """Do what the form says, if the subscription is still as the form showed it."""
    try:
        return do_as_seen(
            RecordKind.SUBSCRIPTION,
            pk=record.pk,
            cells=LIFE,
            seen=seen,
            do=lambda: _do(request, record, form),
        )
    except UserError as error:
        if has_moved(error):
            return _moved(request, record.pk, form)
        raise


def _moved(
    request: SignedInRequest, pk: int, form: ChangeForm
) -> HttpResponse:
    """Ask what should hold, as somebody else did something with the subscription meanwhile."""
    kind: Final = RecordKind.SUBSCRIPTION
    record = visible_record(request, kind, pk)
    rows = field_rows(
        request, kind, catalog(kind), record, is_editable=False, paths=_SHOWN
    )
    now = [(row.name, row.text) for row in rows]
    conflict = change_in(kind, pk, LIFE, name=record.name, now=now)
    return ask_again(
        request,
        record,
        conflict,
        mine=str(CHANGE_NAMES[form.change]),
        seen=seen_in(LIFE, record),
        back=reverse("subscription", args=[pk]),
    )


def _do(
    request: SignedInRequest, record: Subscription, form: ChangeForm
) -> HttpResponse:
    if isinstance(form, NewPriceForm):
        return _change_price(request, record, form)
    if isinstance(form, NewPlanForm):
        return _change_plan(request, record, form)
    if isinstance(form, PauseForm):
        pause_subscriptions(
            subscriptions=_only(record),
            by=request.user,
            at=request.at,
            pauses_on=form.day,
        )
    elif isinstance(form, ResumeForm):
        resume_subscriptions(
            subscriptions=_only(record),
            by=request.user,
            at=request.at,
            resumes_on=form.day,
        )
    elif isinstance(form, CancelForm):
        _cancel(request, record, form)
    else:
        return _skip(request, record)
    messages.success(request, _("Saved."))
    return redirect("subscription", record.pk)


def _change_price(
    request: SignedInRequest, record: Subscription, form: NewPriceForm
) -> HttpResponse:
    language = language_of(request)
    price = form.new_price
    shown = money(price.amount_e4, price.currency, language)
    subscriptions = _only(record)
    if form.from_day is None:
        change_price(
            subscriptions=subscriptions,
            by=request.user,
            at=request.at,
            price=price,
        )
        words = _("From the next term on it costs %(price)s a term.") % {
            "price": shown
        }
    else:
        change_price_now(
            subscriptions=subscriptions,
            by=request.user,
            at=request.at,
            price=price,
            on=form.from_day,
        )
        words = _("From %(day)s on it costs %(price)s a term.") % {
            "day": day(form.from_day, language),
            "price": shown,
        }
    messages.success(request, words)
    return redirect("subscription", record.pk)


def _change_plan(
    request: SignedInRequest, record: Subscription, form: NewPlanForm
) -> HttpResponse:
    run = change_plan(
        subscriptions=_only(record),
        by=request.user,
        at=request.at,
        plan=form.cleaned_data["plan"],
        price=form.new_price,
        on=form.from_day,
        title=record.name,
    )
    messages.success(
        request, _("The plan was changed."), extra_tags=f"undo-run-{run.pk}"
    )
    return redirect("subscription", record.pk)


def _skip(request: SignedInRequest, record: Subscription) -> HttpResponse:
    run = skip_terms(
        subscriptions=_only(record),
        by=request.user,
        at=request.at,
        numbers={record.pk: record.next_number},
        title=record.name,
    )
    return redirect("renewal-run", run.pk)


def _cancel(
    request: SignedInRequest, record: Subscription, form: CancelForm
) -> None:
    cancel_subscriptions(
        subscriptions=_only(record),
        by=request.user,
        at=request.at,
        on=request.on,
        ends_on=form.ends_on,
        reason=form.cleaned_data["reason"],
    )


def _only(record: Subscription) -> QuerySet[Subscription]:
    return Subscription.objects.filter(pk=record.pk)
