"""Jobs that run twice, and two proposals at once: no term is missing or written twice."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.detection.worlds import copies, months, only, proposed, written
from tests.world import World
from turnus.core.cadence import MONTHLY
from turnus.detection import tasks
from turnus.detection.actions import (
    discard_proposal,
    purge_proposals,
    request_proposal,
)
from turnus.detection.actions_approval import Approval, approve, undo_proposal
from turnus.detection.models import Proposal
from turnus.jobs.actions import LEASE, Context, LostError, claim
from turnus.jobs.models import Job
from turnus.jobs.registry import body_of
from turnus.jobs.worker import run_pending
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal


@pytest.fixture
def world(world: World) -> World:
    world.plan(cadence=MONTHLY)
    return world


def asked(world: World) -> Proposal:
    """A proposal that waits to be read."""
    return request_proposal(
        deals=Deal.objects.all(),
        by=world.alice,
        at=world.at,
        on=date(2018, 11, 14),
        title="x",
        plan_field=None,
    )


def approved(world: World, proposal: Proposal) -> None:
    """Let a job write all of it."""
    approve(
        proposal=proposal,
        by=world.alice,
        at=world.at,
        approval=Approval(only_sure=False, expected=1),
    )


def taken_over() -> tuple[Job, Job]:
    """The next job as two workers hold it: a second took it over from a silent first."""
    first = claim(at=clock.now())
    second = claim(at=clock.now() + LEASE + timedelta(seconds=1))
    assert first is not None
    assert second is not None
    return first, second


def carry_out(job: Job) -> None:
    body_of(job.name)(Context(job), **job.arguments)


def test_of_two_workers_that_hold_a_job_one_reads_and_one_writes(
    world: World,
) -> None:
    deals = copies(world, months(date(2018, 1, 10), 10))
    proposal = asked(world)
    for go_on in (lambda: None, lambda: approved(world, proposal)):
        go_on()
        first, second = taken_over()
        with pytest.raises(LostError):
            carry_out(first)
        carry_out(second)
        Job.objects.update(state=Job.State.DONE)
    proposal.refresh_from_db()
    assert (
        proposal.state,
        only(proposal).deals,
        proposal.months["2018-03"],
    ) == (
        "written",
        deals,
        "1000000",
    )
    assert (
        list(Term.objects.order_by("number").values_list("deal", flat=True))
        == deals
    )


def test_a_job_that_ends_twice_changes_nothing_the_second_time(
    world: World,
) -> None:
    copies(world, months(date(2018, 1, 10), 10))
    proposal = proposed(world)
    approved(world, proposal)
    reading = Job.objects.get(name="detection.read")
    carry_out(reading)
    assert Proposal.objects.get().state == "writing"
    run_pending()
    undo_proposal(proposal=proposal, by=world.alice, at=world.at)
    for job in (reading, Job.objects.get(name="detection.write")):
        carry_out(job)
    tasks.reading_failed(proposal_id=proposal.pk)
    tasks.writing_failed(proposal_id=proposal.pk)
    done = Proposal.objects.select_related("run").get()
    assert (done.state, done.run and done.run.state, Term.objects.count()) == (
        "undone",
        "undone",
        0,
    )


def test_of_two_proposals_of_the_same_deals_the_second_is_left_alone(
    world: World,
) -> None:
    copies(world, months(date(2018, 1, 10), 10))
    first, second = proposed(world), proposed(world)
    approved(world, first)
    approved(world, second)
    run_pending()
    assert [only(one).state for one in (first, second)] == ["written", "moved"]
    assert (Subscription.objects.count(), Term.objects.count()) == (1, 10)


def test_a_proposal_that_is_being_read_is_not_thrown_away(
    world: World,
) -> None:
    copies(world, months(date(2018, 1, 10), 3))
    with pytest.raises(UserError, match=r"detection\.closed"):
        discard_proposal(proposal=asked(world), by=world.alice)


def test_what_nobody_approved_goes_after_four_weeks(
    world: World, django_assert_max_num_queries: Any
) -> None:
    copies(world, months(date(2018, 1, 10), 3))
    waiting, kept = proposed(world), written(world, proposed(world))
    assert not purge_proposals(at=world.at + timedelta(days=27))
    with django_assert_max_num_queries(6):
        purge_proposals(at=world.at + timedelta(days=29))
    assert list(Proposal.objects.all()) == [kept]
    assert waiting.pk not in Proposal.objects.values_list("pk", flat=True)
