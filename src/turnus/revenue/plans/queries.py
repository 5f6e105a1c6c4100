"""Reading plans."""

from collections.abc import Sequence

from turnus.revenue.models import Plan


def usable_plans() -> Sequence[Plan]:
    """Return the plans that new subscriptions may have."""
    return list(Plan.objects.filter(is_active=True))
