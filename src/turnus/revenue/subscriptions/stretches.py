"""Which due days a new stretch of a subscription counts."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from turnus.core.cadence import Cadence
from turnus.revenue.models import Plan


def new_stretch(
    row: Mapping[str, Any], on: date, number: int, *, plan: Cadence | None = None
) -> dict[str, Any]:
    """Return the columns of a stretch that begins on the day `on` with term `number`: by `plan`, or as it was paid before.

    On a due day it goes on with the count of the stretch before (`Cadence.continuing`).
    """
    before = Cadence.parse(row["cadence"])
    cadence = plan or _agreed(row, before, on)
    if on < row["anchor_on"]:  # the two days of the month were those of a stretch that never began
        cadence = replace(cadence, days=None)
    cadence = cadence.continuing(before, row["anchor_on"], on)
    return {"anchor_on": on, "anchor_number": number, "cadence": str(cadence)}


def _agreed(row: Mapping[str, Any], before: Cadence, on: date) -> Cadence:
    """Return how a subscription recurs in a stretch anew: two days that its first day only suggested are suggested anew."""
    anew = before.anew(row["anchor_on"], on)
    if anew == before:
        return before
    plan = Plan.objects.values_list("cadence", flat=True).get(pk=row["plan_id"])
    return before if Cadence.parse(plan).days == before.days else anew
