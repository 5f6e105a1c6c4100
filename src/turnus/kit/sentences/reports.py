"""Sentences about reports and their periods."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_REPORTS: Mapping[str, Promise] = {
    "period.invalid": _(
        "“{period}” is not a period. Use a month (2026-12), a quarter (2026-Q4), a year (2026) or "
        "days (2026-12-01..2026-12-15)."
    ),
    "report.day_and_days": _(
        "Choose either a single day, or a first and a last day."
    ),
    "report.day_out_of_bounds": _(
        "{given_day} is out of range. Reports cover days from {first_day} to {last_day}."
    ),
    "report.days_after_known": _(
        "The report starts on {first_day}, after {known_day}, the day up to which changes count. "
        "Choose an earlier start."
    ),
    "report.days_ahead": _(
        "The report starts on {first_day}, after today ({present_day}). Choose an earlier start."
    ),
    "report.days_reversed": _(
        "The report's last day ({last_day}) is before its first day ({first_day})."
    ),
    "report.known_ahead": _(
        "{known_day} is in the future. Choose today or an earlier day."
    ),
    "report.no_figure": _(
        "There is no figure “{figure}”. This report has: {figures}."
    ),
    "report.no_line": _(
        "The report has no line for {day}. Choose days that include it (--from, --to)."
    ),
    "report.option_unknown": _(
        "The report “{report}” has no option {option}."
    ),
    "report.too_many_lines": _(
        "The report would have {count} lines; at most {most} are allowed. Choose fewer days or a "
        "longer period."
    ),
}
