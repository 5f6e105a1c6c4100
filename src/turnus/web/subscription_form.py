"""What is posted when a subscription begins or changes."""

from datetime import date, timedelta

from turnus.core.fields import FieldKind, ParseError, parse
from turnus.core.money import Money
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, RenewalWay
from turnus.revenue.subscriptions.actions.start import NewSubscription
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import Inputs
from turnus.web.language import language_of
from turnus.web.parameters import (
    currency_in,
    day_in,
    end_in,
    half_month_days,
    number_in,
)


def day_of(request: SignedInRequest, name: str, usual: date) -> date:
    """Return a posted day, `usual` if it is blank or none."""
    return day_in(request.POST.get(name)) or usual


def last_day_of(request: SignedInRequest, name: str) -> date | None:
    """Return the day after a posted last day, None if it is blank."""
    last = end_in(request.POST.get(name))
    return None if last is None else last + timedelta(days=1)


def price_of(
    request: SignedInRequest, currency: str, usual: Money | None = None
) -> Money:
    """Return the posted price, `usual` if it is blank; refuses what is no amount.

    In the posted currency, or else in `currency`.
    """
    if usual is not None and not request.POST.get("price", "").strip():
        return usual
    code = request.POST.get("price_currency") or currency
    return read_price(request, request.POST.get("price", ""), code)


def read_price(request: SignedInRequest, text: str, currency: str) -> Money:
    """Return the price that was typed; refuses what is no amount, or no currency."""
    inputs = Inputs(request.user, request.company, language_of(request))
    code = currency_in(currency, currency)
    try:
        price = parse(FieldKind.MONEY, text, notation=inputs.notation, currency=code)
    except ParseError as error:
        raise UserError(error.code, **error.params) from None
    if not isinstance(price, Money):
        raise UserError("subscription.price_missing")
    return price


def plan_of(request: SignedInRequest) -> Plan:
    """Return the posted plan; refuses what is none."""
    found = Plan.objects.filter(pk=number_in(request.POST.get("plan")) or 0).first()
    if found is None:
        raise UserError("subscription.plan_missing")
    return found


def new_subscription(
    request: SignedInRequest,
    *,
    currency: str,
    name: str = "",
    starts_on: date | None = None,
    price: Money | None = None,
) -> NewSubscription:
    """Return what was posted about a new subscription.

    Unless posted, it starts on `starts_on` (None: today) and costs `price`.
    """
    way = request.POST.get("renewal_way", "")
    first = day_of(request, "starts_on", starts_on or request.on)
    return NewSubscription(
        plan=plan_of(request),
        price=price_of(request, currency, price),
        starts_on=first,
        ends_on=last_day_of(request, "last_on"),
        name=request.POST.get("name", "") or name,
        renewal_way=way if way in RenewalWay.values else "",
        days=half_month_days(request.POST.get("half_month_days", "")),
    )
