"""What recurs today of subscriptions, by the month: for pages, lists and files.

Reports draw from the same segments. In a query, to sort and filter, the same rule stands as an
expression; a test holds them together.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from django.db.models import (
    BigIntegerField,
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce

from turnus.accounts.models import User
from turnus.accounts.viewer import Viewer
from turnus.contacts.billing import Billing, bought_by
from turnus.contacts.models import Organization, Person
from turnus.core.cadence import READY_MADE, Cadence
from turnus.core.customers import Customer
from turnus.core.money import E4, Money, Rates, decimals_of, known_decimals
from turnus.core.records import RecordKind
from turnus.core.revenue.conversion import Conversion
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.mrr import recurring_from, segments_on
from turnus.listing.figures import Figure, FigureSums
from turnus.revenue.loading import load_segments
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.scope import counted_terms_now, waiting_terms

_MONTHS = 12


def counting_today(
    subscriptions: QuerySet[Subscription], viewer: Viewer
) -> list[Segment]:
    """Return the one segment of each of `subscriptions` that counts on the day of `viewer`.

    As reports have it, and only of those that are present and that the person may see. The queries
    are those of `load_segments`, whatever their number.
    """
    longest = max((plan.grace for plan in Plan.objects.all()), default=0)
    since = viewer.as_of - timedelta(days=longest + 1)
    segments = load_segments(
        viewer,
        merges=lambda _currency: False,
        since=since,
        among=subscriptions,
    )
    return segments_on(segments, viewer.as_of)


def monthly_of(
    subscriptions: QuerySet[Subscription], viewer: Viewer
) -> dict[int, Money]:
    """Return the MRR of each subscription today, in its own currency, as it is shown.

    Those that count nothing are absent.
    """
    monthly = {}
    for segment in counting_today(subscriptions, viewer):
        if segment.price_e4:
            month_e4 = Fraction(segment.arr_e4) / _MONTHS
            monthly[segment.subscription] = Money.rounded_from(
                month_e4, segment.currency
            )
    return monthly


@dataclass(frozen=True, slots=True)
class Monthly:
    """MRR of many subscriptions today: by currency, and together at the rates of their periods.

    `without_rate` are the currencies that are not in the total.
    """

    by_currency: Mapping[str, Money]
    total: Money
    without_rate: tuple[str, ...]


def monthly_sum(
    subscriptions: QuerySet[Subscription], viewer: Viewer, rates: Rates
) -> Monthly:
    """Return what recurs today of all `subscriptions` together; each sum is rounded once."""
    active = counting_today(subscriptions, viewer)
    found = recurring_from(active, Conversion(rates, rates.base))
    exact: dict[str, Fraction] = defaultdict(Fraction)
    for segment in active:
        if segment.price_e4:
            exact[segment.currency] += Fraction(segment.arr_e4) / _MONTHS
    in_order = sorted(exact.items())
    by_currency = {
        code: Money.rounded_from(amount, code) for code, amount in in_order
    }
    without_rate = tuple(each.currency for each in found.withheld)
    return Monthly(by_currency, found.mrr, without_rate)


def subscriptions_of(
    customer: Organization | Person, viewer: User
) -> QuerySet[Subscription]:
    """Return the subscriptions that count as a customer's.

    An organization's and those of all that bill with it, or a person's own.

    Those of organizations of which `viewer` may not know that they bill with it are left out.
    """
    if isinstance(customer, Person):
        return Subscription.objects.filter(
            bought_by([Customer(RecordKind.PERSON, customer.pk)])
        )
    organization = Customer(RecordKind.ORGANIZATION, customer.pk)
    billing = Billing.load(viewer)
    is_root = billing.root(customer.pk) == customer.pk
    theirs = (
        billing.bought_by([organization])
        if is_root
        else bought_by([organization])
    )
    return Subscription.objects.filter(theirs)


def _of(
    subscriptions: QuerySet[Subscription], viewer: Viewer
) -> Mapping[int, Money]:
    return monthly_of(subscriptions, viewer)


def _sums(
    subscriptions: QuerySet[Subscription], viewer: Viewer, rates: Rates
) -> FigureSums:
    found = monthly_sum(subscriptions, viewer, rates)
    return FigureSums(found.by_currency, found.total, found.without_rate)


def monthly_now(on: date) -> Combinable:
    """Return the MRR of a subscription on the day `on`, for a query.

    It is what `monthly_of` returns, in ten-thousandths; 0 for nothing.
    """
    begun = counted_terms_now().filter(
        subscription=OuterRef("pk"),
        starts_on__lte=on,
        ends_on__gt=F("starts_on"),
    )
    latest = (
        begun.order_by("-starts_on", "-number")
        .annotate(monthly=_monthly_of_term(on))
        .values("monthly")[:1]
    )
    is_over = Q(end_on__isnull=False, end_on__lte=on)
    return Case(
        When(is_over, then=Value(0)),
        default=Coalesce(
            Subquery(latest), Value(0), output_field=BigIntegerField()
        ),
        output_field=BigIntegerField(),
    )


def _monthly_of_term(on: date) -> Combinable:
    """Return the month's share of a subscription's latest term.

    While it runs, or while its renewal is missing inside grace.
    """
    agreed = Q(
        subscription__anchor_number__gt=0, subscription__anchor_on=F("ends_on")
    )
    return Case(
        When(ends_on__gt=on, then=_share("")),
        When(_is_overdue(on) & agreed, then=_share("subscription__")),
        When(_is_overdue(on), then=_share("")),
        default=Value(0),
        output_field=BigIntegerField(),
    )


def _is_overdue(on: date) -> Q:
    in_grace = Q(pk__in=())
    for plan in Plan.objects.all():
        in_grace |= Q(
            subscription__plan=plan,
            ends_on__gte=on - timedelta(days=plan.grace),
        )
    own = Term.objects.filter(subscription=OuterRef("subscription"))
    waits = Exists(waiting_terms(own).filter(starts_on=OuterRef("ends_on")))
    later = Exists(
        counted_terms_now().filter(
            subscription=OuterRef("subscription"),
            starts_on__gt=on,
            ends_on__gt=F("starts_on"),
        )
    )
    is_expected = Q(subscription__next_due_on=F("ends_on")) | Q(waits)
    return (
        in_grace
        & is_expected
        & ~Q(later)
        & Q(subscription__state=Subscription.State.ACTIVE)
    )


def _share(prefix: str) -> Combinable:
    """Return price times billings a year / 12, rounded half up to the currency's decimals.

    All in whole numbers.
    """
    price, cadence, currency = (
        f"{prefix}{name}" for name in ("price_e4", "cadence", "currency")
    )
    units: dict[int, list[str]] = {}
    for code, decimals in known_decimals().items():
        units.setdefault(int(E4 / 10**decimals), []).append(code)
    usual = int(E4 / 10 ** decimals_of(""))
    whens = []
    for each in _cadences():
        of_it = Q(**{cadence: str(each)}) | Q(
            **{f"{cadence}__startswith": f"{each}:"}
        )
        factor = each.billings_per_year / _MONTHS
        by_unit = [
            When(
                **{
                    f"{currency}__in": codes,
                    "then": _rounded(price, factor, unit),
                }
            )
            for unit, codes in units.items()
        ]
        whens.append(
            When(
                of_it,
                then=Case(
                    *by_unit,
                    default=_rounded(price, factor, usual),
                    output_field=BigIntegerField(),
                ),
            )
        )
    return Case(*whens, default=Value(0), output_field=BigIntegerField())


def _rounded(price: str, factor: Fraction, unit: int) -> Combinable:
    """Return the multiple of `unit` that is nearest to a price of 0 or more times `factor`."""
    twice = F(price) * Value(
        2 * factor.numerator, output_field=BigIntegerField()
    )
    half_up = (twice + Value(factor.denominator * unit)) / Value(
        2 * factor.denominator * unit, output_field=BigIntegerField()
    )
    return half_up * Value(unit, output_field=IntegerField())


def _cadences() -> Iterable[Cadence]:
    """Return the cadences that terms may have: those of the plans, and the usual ones.

    A plan of a usual one may have been deleted.
    """
    return {
        *(plan.how.bare for plan in Plan.objects.all()),
        *READY_MADE.values(),
    }


MONTHLY = Figure(_of, _sums, monthly_now)
