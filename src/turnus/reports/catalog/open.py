"""Open deals by their expected close date."""

from django.utils.translation import gettext_lazy

from turnus.reports.deals_over_time import DealDay, deals_report

REPORT = deals_report(
    DealDay.OPEN,
    title=gettext_lazy("Open deals by expected close date"),
    tab=gettext_lazy("Open by expected close date"),
    about=gettext_lazy(
        "The deals that are open now, by the day on which they should close."
    ),
    position=90,
)
