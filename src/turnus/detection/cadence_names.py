"""Names of cadences: how people call a rhythm, its days, and the plan of it."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from turnus.core.cadence import LAST, Cadence, CadenceUnit
from turnus.core.detection import costs

#: The cadences that a person may choose, the longest first.
COMMON = sorted(costs.COMMON, key=lambda cadence: cadence.billings_per_year)


def cadence_name(cadence: Cadence) -> str:
    """Return the name of a cadence, with its two days: that of plans, else number and unit."""
    names = {
        "1y": _("yearly"),
        "6m": _("half-yearly"),
        "3m": _("quarterly"),
        "2m": _("every two months"),
        "1m": _("monthly"),
        "2/m": _("twice a month"),
        "4w": _("every four weeks"),
        "2w": _("every two weeks"),
        "1w": _("weekly"),
        "2y": _("every two years"),
    }
    name = names.get(str(cadence.bare)) or _every(cadence)
    return f"{name} ({days_name(cadence.days)})" if cadence.days else name


def _every(cadence: Cadence) -> str:
    """Return a rhythm that has no name of its own: “every 4 months”."""
    words = {
        CadenceUnit.DAY: ngettext_lazy(
            "every day", "every {count} days", "count"
        ),
        CadenceUnit.WEEK: ngettext_lazy(
            "every week", "every {count} weeks", "count"
        ),
        CadenceUnit.MONTH: ngettext_lazy(
            "every month", "every {count} months", "count"
        ),
        CadenceUnit.YEAR: ngettext_lazy(
            "every year", "every {count} years", "count"
        ),
    }
    sentence = words.get(cadence.unit)
    return (
        str(cadence.bare)
        if sentence is None
        else sentence.format(count=cadence.every)
    )


def days_name(days: tuple[int, int]) -> str:
    """Return two days of the month as a person types them: `10/25`, `15/last day`."""
    first, second = days
    last = _("last day") if second == LAST else str(second)
    return f"{first}/{last}"


def plan_name(cadence: Cadence) -> str:
    """Return what a plan of a cadence may be called."""
    name = cadence_name(cadence)
    return name[:1].upper() + name[1:]
