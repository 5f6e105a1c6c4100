"""Won deals that are copies of each other, and proposals about them, with few words."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from tests.world import World
from turnus.core.calendar import add_months
from turnus.detection.actions import request_proposal
from turnus.detection.actions_approval import (
    Approval,
    approve,
    missing_plans,
    to_write,
)
from turnus.detection.models import History, Proposal
from turnus.detection.reading import Reading, restored
from turnus.jobs.worker import run_pending
from turnus.sales.models import Deal

ON = date(2018, 11, 14)


def months(first: date, count: int) -> list[date]:
    """The same day of so many months."""
    return [add_months(first, number) for number in range(count)]


def copies(
    world: World, days: Iterable[date | datetime], /, **values: Any
) -> list[int]:
    """Won deals of one customer; their ids."""
    given: dict[str, Any] = {
        "title": "Wartung",
        "amount": 100,
        "status": "won",
        **values,
    }
    given.setdefault("organization", world.organization("Elbe GmbH").pk)
    return [world.deal(**{**given, "won_at": day}).pk for day in days]


def proposed(world: World, **values: Any) -> Proposal:
    """A proposal of all deals that was read."""
    asked = {
        "deals": Deal.objects.all(),
        "by": world.alice,
        "at": world.at,
        "on": ON,
        "title": "Alle",
        "plan_field": None,
    }
    proposal = request_proposal(**{**asked, **values})
    run_pending()
    proposal.refresh_from_db()
    return proposal


def only(proposal: Proposal) -> History:
    """The only history of a proposal."""
    return proposal.histories.get()


def read(history: History) -> Reading:
    """What a history is read as now."""
    history.refresh_from_db()
    return restored(history.reading)


def written(world: World, proposal: Proposal, **values: Any) -> Proposal:
    """The proposal, approved and written."""
    chosen = to_write(proposal, only_sure=False)
    for cadence in missing_plans(chosen):
        world.plan(str(cadence), cadence=cadence)
    given = {
        "only_sure": False,
        "expected": chosen.count(),
        **values,
    }
    approve(
        proposal=proposal,
        by=world.alice,
        at=world.at,
        approval=Approval(**given),
    )
    run_pending()
    proposal.refresh_from_db()
    return proposal
