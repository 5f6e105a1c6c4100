"""Setting up the company; adding and changing users, teams, currencies and rates."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict, Unpack
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.utils.translation import override, pgettext

from turnus.accounts.access import Permission, is_beyond, is_outside, require
from turnus.accounts.models import (
    Company,
    Currency,
    ExchangeRate,
    Language,
    Team,
    User,
)
from turnus.accounts.queries import owns_hidden, rates
from turnus.jobs.actions import enqueue
from turnus.kit.errors import UserError
from turnus.kit.folder import remember_set_up
from turnus.kit.lines import named
from turnus.kit.sql import take_turns

#: The column's; Django's own check of addresses lets longer ones pass.
_validate_length = MaxLengthValidator(254)
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


class Rights(TypedDict, total=False):
    """What a user is given besides name, email and password."""

    is_admin: bool
    team: Team | None
    permissions: Sequence[str]
    language: str


class UserChanges(Rights, total=False):
    """The columns of a user that somebody else may change."""

    name: str
    email: str
    is_active: bool


@transaction.atomic
def set_up_company(*, new: NewCompany, at: datetime) -> User:
    """Create the company, its currencies and a first team with the admin; return the admin.

    Refused when the company exists. The data folder remembers the set-up, so that nobody can set up
    another instance in its place when the database is lost.
    """
    if Company.objects.exists():
        raise UserError("setup.done")
    _check_zone(new.time_zone)
    _check_language(new.language)
    code = _checked_code(new.currency)
    Company.objects.create(
        pk=1,
        name=named(new.name),
        language=new.language,
        currency=code,
        time_zone=new.time_zone,
        created_at=at,
    )
    for usual_code in dict.fromkeys((code, *USUAL_CURRENCIES)):
        Currency.objects.create(code=usual_code)
    with override(new.language):
        team = Team.objects.create(name=pgettext("team", "Sales"))
    transaction.on_commit(remember_set_up)
    return _create_user(
        name=new.admin_name,
        email=new.admin_email,
        password=new.admin_password,
        at=at,
        is_admin=True,
        team=team,
    )


@transaction.atomic
def update_company(
    *, company: Company, by: User, values: Mapping[str, str], at: datetime
) -> None:
    """Change name, language, currency or time zone of the company, and what depends on them.

    Rates become rates into the new currency; a job gives won and lost deals their days in the new
    zone.
    """
    require(by, Permission.COMPANY)
    company = Company.objects.select_for_update(no_key=True).get(pk=company.pk)
    new_currency = _checked_code(values.get("currency", company.currency))
    new_zone = values.get("time_zone", company.time_zone)
    _check_zone(new_zone)
    _check_language(values.get("language", company.language))
    if new_currency != company.currency:
        _rebase_rates(new_currency)
    if new_zone != company.time_zone:
        enqueue("sales.recompute_days", at=at, by_id=by.pk)
    company.name = named(values.get("name", company.name))
    company.language = values.get("language", company.language)
    company.currency = new_currency
    company.time_zone = new_zone
    company.save(update_fields=["name", "language", "currency", "time_zone"])


def _rebase_rates(currency: str) -> None:
    Currency.objects.get_or_create(code=currency)
    rebased = rates().rebased(currency)
    for code in rebased.by_currency:
        Currency.objects.get_or_create(code=code)
    ExchangeRate.objects.all().delete()
    rows = []
    for code, dated in rebased.by_currency.items():
        for day, rate in dated:
            rows.append(ExchangeRate(currency_id=code, on=day, rate=rate))
    ExchangeRate.objects.bulk_create(rows)


@transaction.atomic
def create_user(
    *,
    by: User,
    name: str,
    email: str,
    password: str | None,
    at: datetime,
    **values: Unpack[Rights],
) -> User:
    """Create a user with `values`; refused where `by` would grant more than they have.

    Without a password nobody can sign in as the user until an invitation is answered.
    """
    require(by, Permission.USERS)
    _refuse_gain(by, values, before=None)
    return _create_user(
        name=name, email=email, password=password, at=at, **values
    )


@transaction.atomic
def update_user(
    *, user: User, by: User, **values: Unpack[UserChanges]
) -> None:
    """Change a user; the last admin stays one.

    Refused for users who may do more than `by`, and where `by` or anybody would come to see or do
    what `by` does not.
    """
    require(by, Permission.USERS)
    _refuse_beyond(user, by)
    _refuse_gain(by, values, before=user)
    loses_rights = values.get("is_admin") is False
    is_deactivated = values.get("is_active") is False
    if user.is_admin and (loses_rights or is_deactivated):
        _refuse_last_admin(user)
    if "name" in values:
        values["name"] = named(values["name"])
    if "email" in values:
        values["email"] = _checked_email(values["email"], other_than=user)
    for name, value in values.items():
        setattr(user, name, value)
    user.save(update_fields=list(values))


def _refuse_last_admin(user: User) -> None:
    # Locked, so that of two admins who take the right from each other one stays.
    admins = (
        User.objects.select_for_update()
        .filter(is_admin=True, is_active=True)
        .order_by("pk")
    )
    others = [admin for admin in admins if admin != user]
    if not others:
        raise UserError("user.last_admin")


@transaction.atomic
def update_profile(
    *, user: User, name: str, language: str, theme: str
) -> None:
    """Change what a person sets for themselves."""
    if language:
        _check_language(language)
    user.name = named(name)
    user.language = language
    user.theme = theme
    user.save(update_fields=["name", "language", "theme"])


@transaction.atomic
def set_password(*, user: User, by: User, password: str) -> None:
    """Set a user's password: one's own, or as a manager that of a user who may and sees no more.

    Whoever knows a password can do and see all that its user can.
    """
    require_trust(user=user, by=by)
    _check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])


def require_trust(*, user: User, by: User) -> None:
    """Refuse where `by` may not come to sign in as `user`: who may or sees more, or anybody else.

    Managers may for users who may and see no more than they do.
    """
    if user == by:
        return
    require(by, Permission.USERS)
    _refuse_beyond(user, by)
    if is_outside(user.team_id, by) or owns_hidden(user, by):
        raise UserError("access.sees_more", name=user.name)


@transaction.atomic
def save_team(*, by: User, name: str, team: Team | None = None) -> Team:
    """Create or rename a team."""
    require(by, Permission.USERS)
    name = named(name)
    take_turns("accounts.team")
    team = team or Team()
    same = Team.objects.filter(name__iexact=name).exclude(pk=team.pk)
    if same.exists():
        raise UserError("name.taken", name=name)
    team.name = name
    team.save()
    return team


@transaction.atomic
def delete_team(*, team: Team, by: User) -> None:
    """Delete a team; its members are in no team then.

    Only admins may delete a team of others that has members.
    """
    require(by, Permission.USERS)
    if is_outside(team.pk, by) and team.members.exists():
        raise UserError("access.team_left", team=team.name)
    team.delete()


@transaction.atomic
def add_currency(*, by: User, code: str) -> Currency:
    """Let deals be in a further currency."""
    require(by, Permission.COMPANY)
    currency, _ = Currency.objects.update_or_create(
        code=_checked_code(code), defaults={"is_active": True}
    )
    return currency


@transaction.atomic
def save_rate(*, by: User, code: str, on: date, rate: Decimal) -> None:
    """Set what one unit of a currency is worth in the company's currency from a day on."""
    require(by, Permission.COMPANY)
    check_rate(rate)
    ExchangeRate.objects.update_or_create(
        currency_id=code, on=on, defaults={"rate": rate}
    )


def check_rate(rate: Decimal) -> None:
    """Refuse with `rate.invalid` what no currency is worth, or the column does not hold."""
    if not rate.is_finite() or not 0 < rate < 10**9:
        raise UserError("rate.invalid", rate=str(rate))


@dataclass(frozen=True, slots=True)
class NewRate:
    """What one unit of a currency is worth in the company's currency from a day on."""

    code: str
    on: date
    rate: Decimal


@transaction.atomic
def save_rates(*, by: User, new: Iterable[NewRate]) -> int:
    """Set many rates at once, and return how many; a rate of the same day is replaced."""
    require(by, Permission.COMPANY)
    rates = [
        ExchangeRate(currency_id=each.code, on=each.on, rate=each.rate)
        for each in new
    ]
    ExchangeRate.objects.bulk_create(
        rates,
        batch_size=1_000,
        update_conflicts=True,
        unique_fields=["currency", "on"],
        update_fields=["rate"],
    )
    return len(rates)


@transaction.atomic
def delete_rate(*, rate: ExchangeRate, by: User) -> None:
    """Remove a dated rate."""
    require(by, Permission.COMPANY)
    rate.delete()


def _create_user(
    *,
    name: str,
    email: str,
    password: str | None,
    at: datetime,
    **values: Unpack[Rights],
) -> User:
    user = User(
        name=named(name), email=_checked_email(email), created_at=at, **values
    )
    if password is not None:
        _check_password(password, user)
    # None: no password fits.
    user.set_password(password)
    user.save()
    return user


def _refuse_beyond(user: User, by: User) -> None:
    if is_beyond(user, by):
        raise UserError("access.beyond", name=user.name)


def _refuse_gain(by: User, values: Rights, *, before: User | None) -> None:
    """Refuse to grant what `by` does not have, or to show through a team what `by` does not see.

    `before` is the user who gets the `values`, None for a new one.
    """
    if by.is_admin:
        return
    grants_more = not set(values.get("permissions", ())) <= set(by.permissions)
    if values.get("is_admin") or grants_more:
        raise UserError("access.grants_more")
    if "team" not in values:
        return
    team = values["team"]
    if before is None or before.team_id != _pk(team):
        _refuse_team(by, team, before=before)


def _refuse_team(by: User, team: Team | None, *, before: User | None) -> None:
    """Refuse to put a person into a team, or into none, if more would be seen by that.

    `before` is the person, None for a new one.
    """
    if team is not None:
        # Whoever joins the team of `by` brings records, which the team sees from then on.
        brings_hidden = before is not None and owns_hidden(before, by)
        if brings_hidden or is_outside(team.pk, by):
            raise UserError("access.team_outside", team=team.name)
    # Outside their team they see no more than `by`, who may set the password then; but the files
    # that they exported, their imports and proposals stay theirs and tell what the team sees.
    if before is not None and is_outside(before.team_id, by):
        raise UserError("access.team_left", team=str(before.team))


def _pk(team: Team | None) -> int | None:
    return None if team is None else team.pk


def _checked_email(email: str, other_than: User | None = None) -> str:
    email = email.strip().lower()
    try:
        validate_email(email)
        _validate_length(email)
    except ValidationError:
        raise UserError("email.invalid", email=email) from None
    take_turns("accounts.email")
    same = User.objects.filter(email__iexact=email)
    if other_than is not None:
        same = same.exclude(pk=other_than.pk)
    if same.exists():
        raise UserError("email.taken", email=email)
    return email


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise UserError(
            "password.weak", reasons=" ".join(error.messages)
        ) from None


def _checked_code(code: str) -> str:
    code = code.strip().upper()
    if len(code) != 3 or not code.isascii() or not code.isalpha():
        raise UserError("currency.invalid", code=code)
    return code


def _check_language(code: str) -> None:
    if code not in Language.values:
        raise UserError("language.unknown", code=code)


def _check_zone(name: str) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UserError("zone.unknown", zone=name) from None
