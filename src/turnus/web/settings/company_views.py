"""The company, its currencies and their rates."""

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo, available_timezones

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission
from turnus.accounts.actions import (
    add_currency,
    delete_rate,
    save_rate,
    update_company,
)
from turnus.accounts.models import Company, ExchangeRate
from turnus.accounts.queries import RatesAfter, rates_after
from turnus.sales.queries import days_moved_by
from turnus.web.access import needs
from turnus.web.buttons import is_sent, sent_text
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.parameters import chosen
from turnus.web.settings.forms import CompanyForm, CurrencyForm, RateForm
from turnus.web.settings.saving import saved_as_seen, seen_mark

#: What the form of the company shows.
_COLUMNS = ("name", "language", "currency", "time_zone")


@require_http_methods(["GET", "POST"])
@needs(Permission.COMPANY)
def company(request: SignedInRequest) -> HttpResponse:
    form = CompanyForm(posted(request), company=request.company)
    answer = form.submit(lambda: _save_company(request, form))
    if answer is not None:
        return answer
    context = {
        "form": form,
        "seen": seen_mark(request, _COLUMNS, request.company),
    }
    return render(
        request, "settings/company.html", context, status=form.status
    )


def _save_company(request: SignedInRequest, form: CompanyForm) -> HttpResponse:
    values = form.cleaned_data
    consequences = consequences_of(request.company, values)
    if consequences and not is_sent(request, "confirmed"):
        context = {
            "values": values,
            "consequences": consequences,
            "seen": seen_mark(request, _COLUMNS, request.company),
        }
        return render(request, "settings/company_confirm.html", context)

    def save() -> None:
        update_company(
            company=request.company,
            by=request.user,
            values=values,
            at=request.at,
        )

    question = saved_as_seen(
        request,
        request.company,
        _COLUMNS,
        save,
        now=_now,
        back=reverse("company"),
    )
    if question is not None:
        return question
    messages.success(request, _("Saved."))
    return redirect("company")


def _now(company: Company) -> list[tuple[str, str]]:
    return [
        (_("Name"), company.name),
        (_("Language"), company.get_language_display()),
        (_("Currency"), company.currency),
        (_("Time zone"), company.time_zone),
    ]


@dataclass(frozen=True, slots=True)
class Consequences:
    """What another currency or time zone of the company changes besides itself."""

    currency: str = ""
    rates: RatesAfter | None = None
    time_zone: str = ""
    moved_count: int = 0

    def __bool__(self) -> bool:
        return bool(self.currency or self.time_zone)


def consequences_of(
    company: Company, values: Mapping[str, str]
) -> Consequences:
    """Return what follows from saving the values; empty if nothing does."""
    currency = values["currency"].strip().upper()
    zone = values["time_zone"]
    # Anything but a code is refused when it is saved.
    is_code = len(currency) == 3 and currency.isalpha()
    changes_currency = is_code and currency != company.currency
    changes_zone = zone != company.time_zone and zone in available_timezones()
    return Consequences(
        currency=currency if changes_currency else "",
        rates=rates_after(currency) if changes_currency else None,
        time_zone=zone if changes_zone else "",
        moved_count=_moved_count(zone) if changes_zone else 0,
    )


def _moved_count(zone: str) -> int:
    return sum(1 for _days in days_moved_by(ZoneInfo(zone)))


@require_http_methods(["GET", "POST"])
@needs(Permission.COMPANY)
@once
def currencies(request: SignedInRequest) -> HttpResponse:
    if is_sent(request, "delete"):
        delete_rate(
            rate=chosen(ExchangeRate, sent_text(request, "delete")),
            by=request.user,
        )
        return redirect("currencies")
    adds_currency = is_sent(request, "code")
    currency_form = CurrencyForm(posted(request) if adds_currency else None)
    rate_form = RateForm(
        None if adds_currency else posted(request),
        on=request.on,
        into=request.company,
    )
    answer = currency_form.submit(
        lambda: _add_currency(request, currency_form)
    )
    answer = answer or rate_form.submit(lambda: _add_rate(request, rate_form))
    if answer is not None:
        return answer
    rates = ExchangeRate.objects.select_related("currency").order_by(
        "currency_id", "-on"
    )
    context = {
        "rate_form": rate_form,
        "currency_form": currency_form,
        "rates": list(rates),
    }
    status = max(rate_form.status, currency_form.status)
    return render(request, "settings/currencies.html", context, status=status)


def _add_currency(
    request: SignedInRequest, form: CurrencyForm
) -> HttpResponse:
    add_currency(by=request.user, code=form.cleaned_data["code"])
    return redirect("currencies")


def _add_rate(request: SignedInRequest, form: RateForm) -> HttpResponse:
    values = form.cleaned_data
    save_rate(
        by=request.user,
        code=values["currency"].code,
        on=values["on"] or request.on,
        rate=values["rate"],
    )
    return redirect("currencies")
