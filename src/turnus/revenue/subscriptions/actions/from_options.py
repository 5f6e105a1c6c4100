"""Starting subscriptions from the won deals that hold an option of a custom field."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Count

from turnus.accounts.models import User
from turnus.core.cadence_words import Certainty, Guess, guess_cadence
from turnus.fields.models import CustomField
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.kit.sql import json_integer
from turnus.revenue.models import Plan
from turnus.revenue.subscriptions.actions.from_deals import start_as_run
from turnus.sales.models import Deal


@dataclass(frozen=True, slots=True)
class MappedOption:
    """One option of the field: how many won deals hold it, what its words say, the plan that fits (None: a question, or does not recur)."""

    option_id: int
    name: str
    won_count: int
    guess: Guess
    plan: Plan | None

    @property
    def is_question(self) -> bool:
        """Whether a person must say what it means: the words have several meanings, none, or one without a plan."""
        return self.plan is None and self.guess.certainty is not Certainty.ONE_OFF


def review_options(*, field: CustomField, by: User) -> list[MappedOption]:
    """Return the field's options with the plans that their words mean; three queries."""
    plans = {
        plan.cadence: plan
        for plan in Plan.objects.filter(is_active=True).order_by("-position", "-pk")
    }
    counts = dict(
        _won(field, by)
        .values("option")
        .annotate(count=Count("pk"))
        .values_list("option", "count")
        .order_by()
    )
    reviewed = []
    for option in field.options.all():
        guess = guess_cadence(option.name)
        plan = plans.get(str(guess.cadence)) if guess.cadence else None
        reviewed.append(MappedOption(option.pk, option.name, counts.get(option.pk, 0), guess, plan))
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
    """Begin subscriptions from the won deals that hold an option of the field, as a run (see `start_as_run`).

    `plans`: option -> plan, None for one that does not recur; refused while an option of a won deal is left out. Customers who have such a
    subscription are left alone.
    """
    open_options = [
        one.name
        for one in review_options(field=field, by=by)
        if one.won_count and one.option_id not in plans
    ]
    if open_options:
        raise UserError("mapping.options_open", options=", ".join(open_options))
    won = _won(field, by).order_by("pk").select_for_update(of=("self",)).values_list("pk", "option")
    chosen = {deal: plan.pk for deal, option in won if (plan := plans.get(option)) is not None}
    return start_as_run(chosen, by=by, at=at, on=on, title=title or field.name)


def _won(field: CustomField, by: User) -> Any:
    won = Deal.objects.present().editable_by(by).filter(status=Deal.Status.WON)
    return won.annotate(option=json_integer("custom", field.key)).filter(option__isnull=False)
