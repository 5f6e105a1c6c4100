"""Lost deals by the day on which they were lost."""

from django.utils.translation import gettext_lazy

from turnus.reports.deals_over_time import DealDay, deals_report

REPORT = deals_report(
    DealDay.LOST,
    title=gettext_lazy("Deals lost over time"),
    tab=gettext_lazy("Lost"),
    about=gettext_lazy(
        "How many deals were lost in each period, and their value."
    ),
    position=80,
)
