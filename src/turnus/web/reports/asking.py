"""The days and the period that a report's address asks for."""

from datetime import date

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from turnus.core.calendar import DateRange, Period
from turnus.kit.days import reckonable
from turnus.kit.errors import UserError
from turnus.reports.asking import refuse_too_many_lines, report_days
from turnus.web.gate import SignedInRequest

PERIODS = (Period.DAY, Period.MONTH, Period.QUARTER, Period.YEAR)


def asked_day(text: str | None) -> date | None:
    """Return the day that a text names, None for an empty one; refuses anything else."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:  # a day that the calendar does not have
        day = None
    if day is None:
        raise UserError("day.invalid", day=text)
    return reckonable(day)


def asked_days(request: SignedInRequest, name: str, known_on: date | None = None) -> DateRange:
    """Return the days that the report `name` is asked for; refuses days that it cannot show."""
    first, last = asked_day(request.GET.get("from")), asked_day(request.GET.get("until"))
    days = report_days(name, first=first, last=last, on=request.on, known_on=known_on)
    refuse_too_many_lines(days, asked_period(request))
    return days


def asked_period(request: SignedInRequest) -> Period:
    """Return the period of a line."""
    given = request.GET.get("by")
    return next((one for one in PERIODS if str(one) == given), Period.MONTH)


def period_choices(chosen: Period) -> list[tuple[str, str, bool]]:
    """Return the periods for a menu: value, word, whether it is chosen."""
    words = {
        Period.DAY: _("by day"),
        Period.MONTH: _("by month"),
        Period.QUARTER: _("by quarter"),
        Period.YEAR: _("by year"),
    }
    return [(str(one), words[one], one is chosen) for one in PERIODS]
