"""The overview of settings, the company with its currencies and rates, the own profile."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo, available_timezones

from allauth.core import ratelimit
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from turnus.accounts.access import Permission, may
from turnus.accounts.actions import (
    add_currency,
    delete_rate,
    save_rate,
    set_password,
    update_company,
    update_profile,
)
from turnus.accounts.models import Company, Currency, ExchangeRate, User
from turnus.accounts.queries import RatesAfter, rates_after
from turnus.kit.errors import UserError
from turnus.sales.queries import days_moved_by
from turnus.web.access import needs
from turnus.web.clock import jump_shown_to
from turnus.web.gate import SignedInRequest
from turnus.web.meanwhile import SEEN, seen_in
from turnus.web.once import once
from turnus.web.posted import chosen, day_in
from turnus.web.settings.seen import saved_as_seen


@require_GET
def settings_page(request: SignedInRequest) -> HttpResponse:
    rights = {f"may_{one.name.lower()}": may(request.user, one) for one in Permission}
    return render(request, "settings/page.html", {**rights, "jump": jump_shown_to(request)})


#: What the form of the company shows.
_COLUMNS = ("name", "language", "currency", "time_zone")


@require_http_methods(["GET", "POST"])
@needs(Permission.COMPANY)
def company(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        names = ("name", "language", "currency", "time_zone")
        values = {name: request.POST[name] for name in names if name in request.POST}
        follows = what_follows(request.company, values)
        if follows and "confirmed" not in request.POST:
            asked = {"values": values, "follows": follows, "seen": request.POST.get(SEEN, "")}
            return render(request, "settings/company_confirm.html", asked)

        def save() -> None:
            update_company(company=request.company, by=request.user, values=values, at=request.at)

        moved = saved_as_seen(
            request, request.company, _COLUMNS, save, now=_now, back=reverse("company")
        )
        if moved is not None:
            return moved
        messages.success(request, _("Saved."))
        return redirect("company")
    zones = sorted(
        zone
        for zone in available_timezones()
        if "/" in zone and not zone.startswith(("Etc/", "posix"))
    )
    shown = {"zones": zones, "company": request.company, "seen": seen_in(_COLUMNS, request.company)}
    return render(request, "settings/company.html", shown)


def _now(company: Company) -> list[tuple[str, str]]:
    return [
        (_("Name"), company.name),
        (_("Language"), company.get_language_display()),
        (_("Currency"), company.currency),
        (_("Time zone"), company.time_zone),
    ]


@dataclass(frozen=True, slots=True)
class Follows:
    """What another currency or time zone of the company changes besides itself."""

    currency: str = ""
    rates: RatesAfter | None = None
    time_zone: str = ""
    moved_count: int = 0

    def __bool__(self) -> bool:
        return bool(self.currency or self.time_zone)


def what_follows(company: Company, values: Mapping[str, str]) -> Follows:
    currency = values.get("currency", company.currency).strip().upper()
    zone = values.get("time_zone", company.time_zone)
    # Another word than a code is refused when it is saved.
    changes_currency = currency != company.currency and len(currency) == 3 and currency.isalpha()
    changes_zone = zone != company.time_zone and zone in available_timezones()
    return Follows(
        currency=currency if changes_currency else "",
        rates=rates_after(currency) if changes_currency else None,
        time_zone=zone if changes_zone else "",
        moved_count=sum(1 for _days in days_moved_by(ZoneInfo(zone))) if changes_zone else 0,
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.COMPANY)
@once
def currencies(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        _change_rates(request)
        return redirect("currencies")
    rates = ExchangeRate.objects.select_related("currency").order_by("currency_id", "-on")
    return render(
        request,
        "settings/currencies.html",
        {"currencies": list(Currency.objects.all()), "rates": list(rates)},
    )


def _change_rates(request: SignedInRequest) -> None:
    given = request.POST
    if "code" in given:
        add_currency(by=request.user, code=given["code"])
    elif "delete" in given:
        delete_rate(rate=chosen(ExchangeRate, given["delete"]), by=request.user)
    else:
        try:
            rate = Decimal(given.get("rate", "").replace(",", "."))
        except InvalidOperation:
            raise UserError("rate.invalid", rate=given.get("rate", "")) from None
        currency = get_object_or_404(Currency, pk=given.get("currency"))
        save_rate(
            by=request.user, code=currency.code, on=day_in(given.get("on")) or request.on, rate=rate
        )


@require_http_methods(["GET", "POST"])
def profile(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        given = request.POST
        if "password" in given:
            _change_password(request)
        else:
            language, theme = given.get("language", ""), given.get("theme", "auto")
            if language not in {"", "de", "en"} or theme not in User.Theme.values:
                raise UserError("value.invalid", text=language)
            update_profile(
                user=request.user, name=given.get("name", ""), language=language, theme=theme
            )
        messages.success(request, _("Saved."))
        return redirect("profile")
    return render(request, "settings/profile.html")


def _change_password(request: SignedInRequest) -> None:
    attempt = {"action": "old_password", "user": request.user}
    # Counted before it is compared, so that many at once do not slip through.
    if not ratelimit.consume(request, **attempt):
        raise UserError("password.throttled")
    if not request.user.check_password(request.POST.get("old_password", "")):
        raise UserError("password.wrong")
    ratelimit.clear(request, **attempt)
    set_password(user=request.user, by=request.user, password=request.POST["password"])
    update_session_auth_hash(request, request.user)
