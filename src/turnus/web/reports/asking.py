"""The days and the period that a report's address asks for."""

from datetime import date, timedelta

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from turnus.core.calendar import DateRange, Period, add_months, next_start, period_start
from turnus.web.gate import SignedInRequest

PERIODS = (Period.MONTH, Period.QUARTER, Period.YEAR)
#: A century is more than anybody asks for; without bounds a mistyped year would draw a thousand lines.
_FIRST, _LAST = date(1970, 1, 1), date(2100, 12, 31)


def asked_day(text: str | None) -> date | None:
    """Return the day that a text names; None for anything else."""
    try:
        return parse_date(text or "")
    except ValueError:
        return None


def asked_days(request: SignedInRequest) -> DateRange:
    """Return the days asked for; without any the twelve months up to the end of this one."""
    month = period_start(request.on, Period.MONTH)
    start = asked_day(request.GET.get("from")) or add_months(month, -11)
    last = asked_day(request.GET.get("until")) or next_start(month, Period.MONTH) - timedelta(days=1)
    start = min(max(start, _FIRST), _LAST)
    return DateRange(start, min(max(last, start), _LAST) + timedelta(days=1))


def asked_period(request: SignedInRequest) -> Period:
    """Return the period of a line."""
    given = request.GET.get("by")
    return next((one for one in PERIODS if str(one) == given), Period.MONTH)


def period_choices(chosen: Period) -> list[tuple[str, str, bool]]:
    """Return the periods for a menu: value, word, whether it is chosen."""
    words = {Period.MONTH: _("by month"), Period.QUARTER: _("by quarter"), Period.YEAR: _("by year")}
    return [(str(one), words[one], one is chosen) for one in PERIODS]
