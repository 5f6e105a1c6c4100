"""The days and the currency a report is asked for, checked alike for screens and commands."""

from datetime import date, timedelta

from turnus.accounts.queries import currency_codes
from turnus.core.calendar import (
    DateRange,
    Period,
    add_months,
    period_of,
    periods_in,
)
from turnus.kit.errors import UserError
from turnus.reports.definition import AnyDefinition

#: A century is more than anybody asks for; a day outside is a mistyped year.
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2100, 12, 31)
#: Lines of one report: three years of days, more than a table or a chart can show.
MOST_LINES = 1_100
#: Without days, a report shows twelve months.
_USUAL_MONTHS = 12


def report_days(
    report: AnyDefinition,
    *,
    first: date | None,
    last: date | None,
    on: date,
    known_on: date | None = None,
) -> DateRange:
    """Return the days that a report shows: without `first` and `last` twelve months up to this one.

    `on` is today, `known_on` the day whose knowledge is asked for, None for today's. Refuses
    days in the wrong order, out of bounds, or of which nothing can be known yet: other days are
    never shown in their place.
    """
    month = period_of(on, Period.MONTH)
    first = first or _usual_start(last, month)
    last = last or _usual_end(first, month)
    if last < first:
        raise UserError(
            "report.days_reversed", first_day=str(first), last_day=str(last)
        )
    for day in (first, last):
        if not FIRST_DAY <= day <= LAST_DAY:
            raise UserError(
                "report.day_out_of_bounds",
                given_day=str(day),
                first_day=str(FIRST_DAY),
                last_day=str(LAST_DAY),
            )
    if known_on is not None and known_on > on:
        raise UserError("report.known_ahead", known_day=str(known_on))
    if not report.is_ahead:
        _refuse_unknown_days(first, on, known_on)
    return DateRange(first, last + timedelta(days=1))


def refuse_too_many_lines(days: DateRange, period: Period) -> None:
    """Refuse with `report.too_many_lines` more lines than a report can show."""
    count = sum(1 for _start in periods_in(days, period))
    if count > MOST_LINES:
        raise UserError("report.too_many_lines", count=count, most=MOST_LINES)


def report_currency(word: str, own: str) -> str:
    """Return the code of the currency to show figures in; without a word `own`, the company's.

    Refuses a currency that the company does not use: there would be no rates, and every figure
    would be 0. One query.
    """
    code = word.strip().upper() or own
    usable = sorted({own, *currency_codes()})
    if code not in usable:
        raise UserError(
            "currency.not_used", code=word, codes=", ".join(usable)
        )
    return code


def _usual_start(last: date | None, month: DateRange) -> date:
    if last is None or last >= month.start:
        return add_months(month.start, 1 - _USUAL_MONTHS)
    return add_months(period_of(last, Period.MONTH).start, 1 - _USUAL_MONTHS)


def _usual_end(first: date, month: DateRange) -> date:
    if first <= month.last_day:
        return month.last_day
    return period_of(
        add_months(first, _USUAL_MONTHS - 1), Period.MONTH
    ).last_day


def _refuse_unknown_days(first: date, on: date, known_on: date | None) -> None:
    if first > on:
        raise UserError(
            "report.days_ahead", first_day=str(first), present_day=str(on)
        )
    if known_on is not None and first > known_on:
        raise UserError(
            "report.days_after_known",
            first_day=str(first),
            known_day=str(known_on),
        )
