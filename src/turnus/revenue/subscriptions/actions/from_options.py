"""Starting subscriptions from the won deals that hold an option of a custom field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count

from turnus.accounts.models import User
from turnus.core.cadence_words import Certainty, Guess, guess_cadence
from turnus.fields.models import CustomField, RecordQuerySet
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.json_columns import json_integer
from turnus.revenue.models import Plan
from turnus.revenue.subscriptions.actions.from_deals import start_as_run
from turnus.sales.models import Deal


@dataclass(frozen=True, slots=True)
class MappedOption:
    """One option of the field: how many won deals hold it, and what its words mean.

    `plan` None: a question, or it does not recur.
    """

    option_id: int
    name: str
    won_count: int
    guess: Guess
    plan: Plan | None

    @property
    def is_question(self) -> bool:
        """Whether a person must say what it means.

        The words have several meanings, none, or one without a plan.
        """
        return (
            self.plan is None and self.guess.certainty is not Certainty.ONE_OFF
        )


def review_options(*, field: CustomField, by: User) -> list[MappedOption]:
    """Return the field's options with the plans that their words mean; three queries."""
    active_plans = Plan.objects.filter(is_active=True).order_by(
        "-position", "-pk"
    )
    plans = {plan.cadence: plan for plan in active_plans}
    won = _won(by).annotate(option=json_integer("custom", field.key))
    counted = (
        won.filter(option__isnull=False)
        .values("option")
        .annotate(count=Count("pk"))
    )
    counts = dict(counted.values_list("option", "count").order_by())
    reviewed = []
    for option in field.options.all():
        guess = guess_cadence(option.name)
        plan = plans.get(str(guess.cadence)) if guess.cadence else None
        won_count = counts.get(option.pk, 0)
        reviewed.append(
            MappedOption(option.pk, option.name, won_count, guess, plan)
        )
    return reviewed


@transaction.atomic
def start_from_options(
    *,
    field: CustomField,
    by: User,
    at: datetime,
    on: date,
    plans: Mapping[int, Plan | None],
    title: str = "",
) -> Run:
    """Start subscriptions from the won deals that hold an option of the field, as a run.

    `plans`: option -> plan, None for one that does not recur; refused while an option of a won deal
    is not among them. Customers who have such a subscription are left alone (see `start_as_run`).
    """
    reviewed = review_options(field=field, by=by)
    used = [option for option in reviewed if option.won_count]
    open_names = [
        option.name for option in used if option.option_id not in plans
    ]
    if open_names:
        raise UserError("mapping.options_open", options=", ".join(open_names))
    won = _won(by).annotate(option=json_integer("custom", field.key))
    locked = won.filter(option__isnull=False).select_for_update(of=("self",))
    plan_ids = {}
    for deal_id, option_id in locked.order_by("pk").values_list(
        "pk", "option"
    ):
        plan = plans.get(option_id)
        if plan is not None:
            plan_ids[deal_id] = plan.pk
    return start_as_run(
        plan_ids, by=by, at=at, on=on, title=title or field.name
    )


def _won(by: User) -> RecordQuerySet[Deal]:
    return (
        Deal.objects.present().editable_by(by).filter(status=Deal.Status.WON)
    )
