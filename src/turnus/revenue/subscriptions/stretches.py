"""From which day, and by which cadence, a new stretch of a subscription counts its due days."""

from dataclasses import replace
from datetime import date

from turnus.core.cadence import Cadence
from turnus.revenue.models import Plan
from turnus.revenue.rows import SubscriptionChange, SubscriptionRow


def new_stretch(
    row: SubscriptionRow, on: date, number: int, *, plan: Cadence | None = None
) -> SubscriptionChange:
    """Return the columns of a stretch that begins on the day `on` with term `number`.

    It recurs by `plan`, or as before (None). On a due day it goes on with the count of the stretch
    before (`Cadence.continuing`).
    """
    before = Cadence.parse(row["cadence"])
    cadence = plan or _agreed_anew(row, before, on)
    if (
        on < row["anchor_on"]
    ):  # the two days of the month were those of a stretch that never began
        cadence = replace(cadence, days=None)
    cadence = cadence.continuing(before, row["anchor_on"], on)
    return {"anchor_on": on, "anchor_number": number, "cadence": str(cadence)}


def _agreed_anew(row: SubscriptionRow, before: Cadence, on: date) -> Cadence:
    """Return how a subscription recurs in a new stretch.

    Two days of the month that its first day only suggested are suggested anew.
    """
    anew = before.anew(row["anchor_on"], on)
    if anew == before:
        return before
    plan = Plan.objects.values_list("cadence", flat=True).get(
        pk=row["plan_id"]
    )
    is_agreed_by_plan = Cadence.parse(plan).days == before.days
    return before if is_agreed_by_plan else anew
