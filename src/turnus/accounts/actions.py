"""Setting up the company; adding and changing users, teams, currencies and rates."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from turnus.accounts.access import Permission, require
from turnus.accounts.models import Company, Currency, ExchangeRate, Team, User
from turnus.accounts.queries import rates
from turnus.jobs.actions import enqueue
from turnus.kit.errors import UserError
from turnus.kit.folder import remember_set_up

#: What a new instance sells in, besides the company's own currency.
USUAL_CURRENCIES = ("EUR", "USD", "CHF", "GBP")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCompany:
    """What a first run asks for."""

    name: str
    language: str
    currency: str
    time_zone: str
    admin_name: str
    admin_email: str
    admin_password: str


@transaction.atomic
def set_up_company(*, new: NewCompany, at: datetime) -> User:
    """Create the company, its currencies, a first team with the admin; return the admin. Refused when it exists.

    The data folder remembers it, so that nobody can set up another instance in its place when the database is lost.
    """
    if Company.objects.exists():
        raise UserError("setup.done")
    _check_zone(new.time_zone)
    code = _checked_code(new.currency)
    Company.objects.create(
        pk=1,
        name=_required(new.name, "name"),
        language=new.language,
        currency=code,
        time_zone=new.time_zone,
        created_at=at,
    )
    for one in dict.fromkeys((code, *USUAL_CURRENCIES)):
        Currency.objects.create(code=one)
    team = Team.objects.create(name="Vertrieb" if new.language == "de" else "Sales")
    transaction.on_commit(remember_set_up)
    return _create_user(
        name=new.admin_name, email=new.admin_email, password=new.admin_password, at=at, is_admin=True, team=team
    )


@transaction.atomic
def update_company(*, company: Company, by: User, values: Mapping[str, str], at: datetime) -> None:
    """Change name, language, currency or time zone of the company, and what depends on them.

    Rates become rates into the new currency; a job gives won and lost deals their days in the new zone.
    """
    require(by, Permission.COMPANY)
    new_currency = _checked_code(values.get("currency", company.currency))
    new_zone = values.get("time_zone", company.time_zone)
    _check_zone(new_zone)
    if new_currency != company.currency:
        _rebase_rates(new_currency)
    if new_zone != company.time_zone:
        enqueue("sales.recompute_days", at=at, by_id=by.pk)
    company.name = _required(values.get("name", company.name), "name")
    company.language = values.get("language", company.language)
    company.currency, company.time_zone = new_currency, new_zone
    company.save()


def _rebase_rates(currency: str) -> None:
    Currency.objects.get_or_create(code=currency)
    rebased = rates().rebased(currency)
    for code in rebased.by_currency:
        Currency.objects.get_or_create(code=code)
    ExchangeRate.objects.all().delete()
    ExchangeRate.objects.bulk_create(
        ExchangeRate(currency_id=code, on=day, rate=rate)
        for code, dated in rebased.by_currency.items()
        for day, rate in dated
    )


@transaction.atomic
def create_user(*, by: User, name: str, email: str, password: str, at: datetime, **values: Any) -> User:
    """Create a user; `values` may be `is_admin`, `team`, `permissions`, `language`."""
    require(by, Permission.USERS)
    return _create_user(name=name, email=email, password=password, at=at, **_allowed(by, values))


@transaction.atomic
def update_user(*, user: User, by: User, **values: Any) -> None:
    """Change a user's name, e-mail, team, rights or whether they may sign in; the last admin stays one."""
    require(by, Permission.USERS)
    if user.is_admin and not by.is_admin:
        raise UserError("access.denied", permission="users")
    loses_admin = values.get("is_admin") is False or values.get("is_active") is False
    if (
        user.is_admin
        and loses_admin
        and not User.objects.filter(is_admin=True, is_active=True).exclude(pk=user.pk).exists()
    ):
        raise UserError("user.last_admin")
    if "email" in values:
        values["email"] = _checked_email(values["email"], other_than=user)
    for name, value in _allowed(by, values).items():
        setattr(user, name, value)
    user.save()


@transaction.atomic
def update_profile(*, user: User, name: str, language: str, theme: str) -> None:
    """Change what a person sets for themselves."""
    user.name = _required(name, "name")
    user.language = language
    user.theme = theme
    user.save(update_fields=["name", "language", "theme"])


@transaction.atomic
def set_password(*, user: User, by: User, password: str) -> None:
    """Give a user a new password; one's own, or anybody's with the right to manage users."""
    if user != by:
        require(by, Permission.USERS)
        if user.is_admin and not by.is_admin:
            raise UserError("access.denied", permission="users")
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])


@transaction.atomic
def save_team(*, by: User, name: str, team: Team | None = None) -> Team:
    """Create or rename a team."""
    require(by, Permission.USERS)
    name = _required(name, "name")
    if Team.objects.filter(name__iexact=name).exclude(pk=team.pk if team else 0).exists():
        raise UserError("name.taken", name=name)
    team = team or Team()
    team.name = name
    team.save()
    return team


@transaction.atomic
def delete_team(*, team: Team, by: User) -> None:
    """Delete a team; its members are in no team then."""
    require(by, Permission.USERS)
    team.delete()


@transaction.atomic
def add_currency(*, by: User, code: str) -> Currency:
    """Let deals be in a further currency."""
    require(by, Permission.COMPANY)
    currency, _ = Currency.objects.update_or_create(code=_checked_code(code), defaults={"is_active": True})
    return currency


@transaction.atomic
def save_rate(*, by: User, code: str, on: date, rate: Decimal) -> None:
    """Set what one unit of a currency is worth in the company's currency from a day on."""
    require(by, Permission.COMPANY)
    if rate <= 0 or not rate.is_finite() or rate >= 10**9:
        raise UserError("rate.invalid", rate=str(rate))
    ExchangeRate.objects.update_or_create(currency_id=code, on=on, defaults={"rate": rate})


@transaction.atomic
def delete_rate(*, rate: ExchangeRate, by: User) -> None:
    """Remove a dated rate."""
    require(by, Permission.COMPANY)
    rate.delete()


def _create_user(*, name: str, email: str, password: str, at: datetime, **values: Any) -> User:
    user = User(name=_required(name, "name"), email=_checked_email(email), created_at=at, **values)
    _check_password(password, user)
    user.set_password(password)
    user.save()
    return user


def _allowed(by: User, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that `by` may give: only admins make admins, and nobody grants what they do not hold."""
    allowed = dict(values)
    if not by.is_admin:
        allowed.pop("is_admin", None)
        held: Iterable[str] = by.permissions
        if set(allowed.get("permissions", ())) - set(held):
            raise UserError("access.denied", permission="users")
    return allowed


def _required(text: str, field: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise UserError("field.required", field=field)
    return text[:255]


def _checked_email(email: str, other_than: User | None = None) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
    except ValidationError:
        raise UserError("email.invalid", email=email) from None
    if User.objects.filter(email__iexact=email).exclude(pk=other_than.pk if other_than else 0).exists():
        raise UserError("email.taken", email=email)
    return email


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise UserError("password.weak", reasons=" ".join(error.messages)) from None


def _checked_code(code: str) -> str:
    code = code.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise UserError("currency.invalid", code=code)
    return code


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError("zone.unknown", zone=name) from None
