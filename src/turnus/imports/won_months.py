"""What an import does to what was won in the months that it touches, before it is carried out."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import Sum

from turnus.accounts.models import User
from turnus.accounts.queries import rates
from turnus.core.calendar import Period, period_of
from turnus.core.money import Money, Rates
from turnus.imports.models import Import
from turnus.imports.plan import PlannedRow, Verdict
from turnus.revenue.terms.covering import StoredTime
from turnus.sales.models import Deal

#: Months shown, the latest; a list of last month's deals touches one.
_SHOWN = 3
#: Day -> currency -> ten-thousandths.
Won = dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class WonMonth:
    """What is won in a month before and after the import, in the company's currency."""

    start: date
    before: Money
    after: Money
    #: Currencies that are in neither sum, because they have no rate.
    without: tuple[str, ...] = ()


def won_on(row: PlannedRow, on: date) -> date:
    """Return the day that a won deal counts on; `on`: the day of blank won times."""
    day = on if row.is_stamped else row.columns["won_on"]
    assert day is not None  # noqa: S101 (won deals have a day)
    return day


class WonSums:
    """What new won deals bring, by day and currency."""

    def __init__(self) -> None:
        self.by_day: defaultdict[str, defaultdict[str, int]] = defaultdict(
            lambda: defaultdict(int)
        )

    def add(self, rows: Iterable[PlannedRow], *, on: date) -> None:
        """Add the new won deals among rows; `on`: the day of blank won times."""
        for row in rows:
            columns = row.columns
            if row.verdict is Verdict.NEW and columns.get("status") == "won":
                value_e4 = columns.get("value_e4", 0)
                self.take(won_on(row, on), columns["currency"], value_e4)

    def subtract(self, terms: Iterable[StoredTime]) -> None:
        """Take off the won deals of terms, which go to the trash."""
        for term in terms:
            row = term.row
            day = row["deal_won_on"]
            value_e4 = row["deal_value_e4"]
            if day is not None and value_e4 is not None:
                self.take(day, row["currency"], -value_e4)

    def take(self, day: date, currency: str, value_e4: int) -> None:
        """Add an amount to one day."""
        self.by_day[day.isoformat()][currency] += value_e4


def won_months(of: Import, user: User) -> list[WonMonth]:
    """Return what was and will have been won in the latest months that the plan touches.

    Of what `user` may see; a query for each month, two for the rates. Empty where the plan changes
    existing deals: what comes of these is shown row by row.
    """
    added: Mapping[str, Mapping[str, int]] = of.totals.get("won") or {}
    if of.totals.get("update") or of.state != Import.State.CHECKED:
        return []
    days = map(date.fromisoformat, added)
    starts = {period_of(day, Period.MONTH).start for day in days}
    months = sorted(starts)[-_SHOWN:]
    if not months:
        return []
    exchange_rates = rates()
    return [_month(start, added, user, exchange_rates) for start in months]


def _month(
    start: date,
    added: Mapping[str, Mapping[str, int]],
    user: User,
    exchange_rates: Rates,
) -> WonMonth:
    days = period_of(start, Period.MONTH)
    visible = Deal.objects.present().visible_to(user).order_by()
    won = visible.filter(
        status="won", won_on__gte=days.start, won_on__lt=days.end
    )
    by_day = won.values_list("won_on", "currency")
    sums = by_day.annotate(total=Sum("value_e4"))
    before = _Converted(exchange_rates)
    for day, currency, total in sums:
        before.add(day, currency, total)
    more = _Converted(exchange_rates)
    for text, by_currency in added.items():
        day = date.fromisoformat(text)
        if day not in days:
            continue
        for currency, total in by_currency.items():
            more.add(day, currency, total)
    after_e4 = before.sum_e4 + more.sum_e4
    return WonMonth(
        start=start,
        before=Money.rounded_from(before.sum_e4, exchange_rates.base),
        after=Money.rounded_from(after_e4, exchange_rates.base),
        without=tuple(sorted(before.without | more.without)),
    )


class _Converted:
    """A sum in the company's currency, and the currencies that have no rate."""

    def __init__(self, rates: Rates) -> None:
        self.rates = rates
        self.sum_e4 = 0
        self.without: set[str] = set()

    def add(self, day: date, currency: str, amount_e4: int) -> None:
        """Add an amount at the rate of its day."""
        converted = self.rates.convert(amount_e4, currency, day)
        if converted is None:
            self.without.add(currency)
        else:
            self.sum_e4 += converted
