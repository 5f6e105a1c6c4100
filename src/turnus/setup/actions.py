"""Applies a set-up file: all of it in one transaction, or nothing."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from turnus.accounts.models import User
from turnus.kit.sql import take_turns
from turnus.setup.actions_company import (
    apply_company,
    apply_currencies,
    apply_rates,
)
from turnus.setup.actions_fields import apply_fields, apply_labels
from turnus.setup.actions_filters import apply_filters
from turnus.setup.actions_people import apply_teams, apply_users
from turnus.setup.actions_selling import (
    apply_lost_reasons,
    apply_pipelines,
    apply_plans,
)
from turnus.setup.application import Application
from turnus.setup.records import Setup


@transaction.atomic
def apply_setup(
    *, setup: Setup, by: User, at: datetime, is_dry_run: bool = False
) -> Sequence[str]:
    """Make the instance as the file says, and return what changed, a line for each change.

    What is equal already is left alone, and what the file does not name stays. A dry run does all
    of it and takes it back, so that it says what would change, and refuses what would be refused.
    Raises SetupRefusedError with everything that is wrong; nothing is changed then.
    """
    # Of two at once, the second finds what the first has added.
    take_turns("setup.apply")
    work = Application(by, at)
    apply_company(work, setup.company)
    apply_currencies(work, setup.currencies)
    apply_rates(work, setup.rates)
    apply_teams(work, setup.teams)
    apply_users(work, setup.users)
    apply_pipelines(work, setup.pipelines)
    apply_lost_reasons(work, setup.lost_reasons)
    apply_labels(work, setup.labels)
    apply_fields(work, setup.fields)
    apply_plans(work, setup.plans)
    apply_filters(work, setup.filters)
    work.problems.refuse_any()
    if is_dry_run:
        transaction.set_rollback(True)
    return work.changes.lines
