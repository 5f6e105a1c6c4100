"""Won deals by the day on which they were won."""

from django.utils.translation import gettext_lazy

from turnus.reports.deals_over_time import DealDay, deals_report

REPORT = deals_report(
    DealDay.WON,
    title=gettext_lazy("Deals won over time"),
    tab=gettext_lazy("Won"),
    about=gettext_lazy(
        "How many deals were won in each period, and their value."
    ),
    position=70,
)
