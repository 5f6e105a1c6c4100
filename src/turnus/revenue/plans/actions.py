"""Adding, changing and deleting plans."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import pgettext_lazy

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.core.cadence import READY_MADE, Cadence
from turnus.fields.words import Words
from turnus.kit.errors import UserError
from turnus.kit.lines import named
from turnus.kit.sql import take_turns
from turnus.revenue.models import Plan, RenewalWay
from turnus.sales.models import Stage

#: What the ready-made plans are called.
READY_MADE_NAMES: Mapping[str, Words] = {
    "yearly": Words(pgettext_lazy("plan", "Yearly")),
    "half_yearly": Words(pgettext_lazy("plan", "Half-yearly")),
    "quarterly": Words(pgettext_lazy("plan", "Quarterly")),
    "monthly": Words(pgettext_lazy("plan", "Monthly")),
    "twice_a_month": Words(pgettext_lazy("plan", "Twice a month")),
    "every_two_weeks": Words(pgettext_lazy("plan", "Every two weeks")),
    "weekly": Words(pgettext_lazy("plan", "Weekly")),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanValues:
    """What a plan is; `grace_days` None: what is usual for its cadence."""

    name: str
    cadence: Cadence
    grace_days: int | None = None
    renewal_way: str = RenewalWay.BOOK
    days_before: int = 30
    stage: Stage | None = None


@transaction.atomic
def save_plan(
    *, by: User, values: PlanValues, plan: Plan | None = None
) -> Plan:
    """Create a plan, at the end, or change one.

    The cadence of a plan that subscriptions have stays.
    """
    require(by, Permission.PIPELINES)
    name = named(values.name)
    take_turns("revenue.plan")
    own_id = plan.pk if plan else 0
    if Plan.objects.filter(name__iexact=name).exclude(pk=own_id).exists():
        raise UserError("name.taken", name=name)
    cadence = str(values.cadence)
    has_other_cadence = plan is not None and plan.cadence != cadence
    if plan is not None and has_other_cadence and plan.subscriptions.exists():
        raise UserError("plan.in_use", count=plan.subscriptions.count())
    plan = plan or Plan(position=Plan.objects.count())
    plan.name = name
    plan.cadence = cadence
    plan.grace_days = values.grace_days
    plan.renewal_way = values.renewal_way
    plan.days_before = values.days_before
    plan.stage = values.stage
    # Its place among the others may have changed meanwhile.
    columns = (
        "name",
        "cadence",
        "grace_days",
        "renewal_way",
        "days_before",
        "stage",
    )
    plan.save(update_fields=columns if plan.pk else None)
    return plan


@transaction.atomic
def delete_plan(*, plan: Plan, by: User) -> None:
    """Delete a plan that no subscription has."""
    require(by, Permission.PIPELINES)
    if plan.subscriptions.exists():
        raise UserError("plan.in_use", count=plan.subscriptions.count())
    plan.delete()


@transaction.atomic
def add_ready_made_plans(*, language: str) -> None:
    """Give a new instance the usual plans, unless it has some; the set-up needs no permission."""
    if Plan.objects.exists():
        return
    for position, (word, cadence) in enumerate(READY_MADE.items()):
        name = READY_MADE_NAMES[word][language]
        Plan.objects.create(name=name, cadence=str(cadence), position=position)
