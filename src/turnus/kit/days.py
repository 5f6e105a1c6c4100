"""Days that somebody enters, checked against what a calendar of deals can reach."""

from datetime import date

from turnus.core.calendar import FIRST_DAY, LAST_DAY, is_reckonable
from turnus.kit.errors import UserError


def reckonable(day: date) -> date:
    """Return `day`; refuses one so far away that it can only be a typing error."""
    if not is_reckonable(day):
        raise UserError(
            "day.too_far",
            given_day=day.isoformat(),
            first_day=FIRST_DAY.isoformat(),
            last_day=LAST_DAY.isoformat(),
        )
    return day
