"""Plain builders for revenue scenarios: a subscription as a finance person would write it down."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from turnus.core.cadence import Cadence
from turnus.core.money import Rates, to_e4
from turnus.core.revenue.conversion import Conversion, own_currency
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.core.revenue.movements import Ledger, ledger_of
from turnus.core.revenue.runs import Booking, Change, SubscriptionFact

EUR = own_currency("EUR")
CHF_RATES = Rates(
    "EUR",
    {
        "CHF": [
            (date(2024, 1, 1), Decimal("1.00")),
            (date(2025, 1, 1), Decimal("1.07")),
            (date(2026, 1, 1), Decimal("1.06")),
        ]
    },
)
AT_BOOKING = Conversion(CHF_RATES, "EUR")


def day(text: str) -> date:
    return date.fromisoformat(text)


def units(exact_e4: Fraction | int) -> Fraction:
    """Exact units of the currency from ten-thousandths."""
    return Fraction(exact_e4) / 10_000


def segment(
    price: str | int, start: str, end: str | None = None, **other: object
) -> Segment:
    """A monthly EUR segment of subscription 1 of customer 1 unless said otherwise."""
    values: dict[str, object] = {
        "subscription": 1,
        "customer": other.get("subscription", 1),
        "start": day(start),
        "end": end and day(end),
        "price_e4": to_e4(Decimal(price)),
        "currency": "EUR",
        "cadence": "1m",
        "rate_on": day(start),
        "cause": Cause(Reason.BOOKED, deal=1),
        **other,
    }
    values["cadence"] = Cadence.parse(str(values["cadence"]))
    return Segment(**values)  # type: ignore[arg-type]


def fact(
    cadence: str,
    *bookings: tuple[str, int] | tuple[str, int, str],
    **other: object,
) -> SubscriptionFact:
    """A subscription from (won on, price[, starts on]); deals are numbered from 1."""
    booked = [
        Booking(
            number,
            day(each[0]),
            each[1] * 10_000,
            day(each[2]) if len(each) > 2 else None,
        )
        for number, each in enumerate(bookings, start=1)
    ]
    values = {
        "subscription": 1,
        "customer": 1,
        "currency": "EUR",
        "bookings": booked,
        **other,
    }
    return SubscriptionFact(cadence=Cadence.parse(cadence), **values)  # type: ignore[arg-type]


def change(
    reason: Reason, on: str | None = None, price: int = 0, **slices: str
) -> Change:
    """Something without a deal, as event 900."""
    return Change(
        Cause(reason, event=900), on and day(on), price * 10_000, slices
    )


def ledger(
    segments: Iterable[Segment],
    until: str = "2030-12-31",
    conversion: Conversion = EUR,
) -> Ledger:
    return ledger_of(list(segments), conversion=conversion, until=day(until))


def told(book: Ledger) -> list[str]:
    """Movements as lines of text: day, class, MRR, currency part."""
    lines = []
    for each in book.movements:
        fx = f" fx {book.scale.mrr(each.fx).amount}" if each.fx else ""
        amount = (
            f"{each.kind} {book.scale.mrr(each.amount).amount}"
            if each.kind
            else "nothing"
        )
        lines.append(f"{each.day} {amount}{fx}")
    return lines
