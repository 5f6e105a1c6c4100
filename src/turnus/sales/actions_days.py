"""Recomputing the days of won and lost deals after the company has moved to another time zone."""

from datetime import datetime

from django.db.models import Max

from turnus.accounts.queries import company
from turnus.history.actions import note_revision
from turnus.jobs.actions import Context
from turnus.kit.sql import update_rows
from turnus.sales.models import Deal
from turnus.sales.queries import days_moved_by

#: Deals of one step of the job.
_STEP_SIZE = 5_000


def recompute_days(context: Context, *, at: datetime) -> None:
    """Give won and lost deals their days in the company's zone, in steps that can be resumed.

    Moments stay as they are: only the day that reports count by follows from the zone.
    """
    zone = company().zone
    last = Deal.objects.aggregate(last=Max("pk"))["last"] or 0
    step_count = -(-last // _STEP_SIZE)
    while context.cursor < step_count:
        above = context.cursor * _STEP_SIZE
        with context.step(step_count):
            moved = days_moved_by(zone, above=above, up_to=above + _STEP_SIZE)
            rows = [
                (days.won_on, days.lost_on, days.deal_id) for days in moved
            ]
            update_rows(Deal, ("won_on", "lost_on"), rows)
            note_revision(at)
