"""Reading the company, its currencies and rates, its users."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from turnus.accounts.access import visible
from turnus.accounts.models import Company, Currency, ExchangeRate, User
from turnus.core.money import Rates
from turnus.core.records import RecordKind
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError


def is_set_up() -> bool:
    """Return whether the instance has its company."""
    return Company.objects.exists()


def company() -> Company:
    """Return the company; refuses with `setup.missing` before `turnus init`."""
    found = Company.objects.first()
    if found is None:
        raise UserError("setup.missing")
    return found


def rates() -> Rates:
    """Return all dated rates into the company's currency; two queries."""
    dated: dict[str, list[tuple[date, Decimal]]] = defaultdict(list)
    stored = ExchangeRate.objects.order_by("on").values_list(
        "currency_id", "on", "rate"
    )
    for code, on, rate in stored:
        dated[code].append((on, rate))
    return Rates(company().currency, dated)


@dataclass(frozen=True, slots=True)
class RatesAfter:
    """What becomes of the dated rates if the company's currency changes."""

    #: Rates into the present currency; those with a rate of the new one on their day; rates after.
    before_count: int
    kept_count: int
    after_count: int


def rates_after(currency: str) -> RatesAfter:
    """Return what becomes of the dated rates if the company changes to `currency`; two queries."""
    now = rates()
    rebased = now.rebased(currency)
    others = {
        code: dated
        for code, dated in now.by_currency.items()
        if code != currency
    }
    days: list[date] = []
    for dated in others.values():
        days += [day for day, _rate in dated]
    kept_days = [day for day in days if now.rate(currency, day) is not None]
    return RatesAfter(
        before_count=len(days),
        kept_count=len(kept_days),
        after_count=sum(map(len, rebased.by_currency.values())),
    )


def currency_codes() -> Sequence[str]:
    """Return the codes of the currencies that deals may be in."""
    return list(
        Currency.objects.filter(is_active=True).values_list("code", flat=True)
    )


def user_by_email(email: str) -> User:
    """Return the active user with this address; refuses with `user.unknown`."""
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise UserError("user.unknown", email=email)
    return found


def first_admin() -> User:
    """Return the admin who has been there longest; commands act as this user by default."""
    found = (
        User.objects.filter(is_admin=True, is_active=True)
        .order_by("pk")
        .first()
    )
    if found is None:
        raise UserError("setup.missing")
    return found


def owns_hidden(user: User, by: User) -> bool:
    """Return whether `user` owns a record that `by` does not see.

    A query for each kind of record; none for admins.
    """
    if by.is_admin or user == by:
        return False
    models = (tracked(kind).model for kind in RecordKind)
    for model in models:
        records = model._default_manager.filter(owner=user)  # noqa: SLF001
        if records.exclude(visible(by)).exists():
            return True
    return False
