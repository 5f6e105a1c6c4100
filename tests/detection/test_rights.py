"""Whose rights decide: those of the person who asked, whoever answers and approves."""

from datetime import date

import pytest
from django.utils import translation

from tests.detection.worlds import (
    copies,
    months,
    only,
    proposed,
    read,
    written,
)
from tests.world import World
from turnus.core.cadence import MONTHLY
from turnus.detection import actions_answering as answering
from turnus.detection.actions_approval import Approval, approve, undo_proposal
from turnus.detection.models import Answer, Proposal
from turnus.history.actions import start_run
from turnus.history.models import Event, Run
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.sales.actions import update_deals
from turnus.sales.models import Deal

DAYS = months(date(2018, 1, 10), 10)


@pytest.fixture
def world(world: World) -> World:
    world.plan(cadence=MONTHLY)
    return world


def approved_by_admin(world: World, proposal: Proposal) -> None:
    approve(
        proposal=proposal,
        by=world.admin,
        at=world.at,
        approval=Approval(only_sure=False, expected=1),
    )
    run_pending()


def test_an_admin_answers_and_approves_in_somebodys_stead_and_stands_in_the_history(
    world: World,
) -> None:
    copies(world, DAYS)
    proposal = proposed(world)
    answering.confirm(history=only(proposal), by=world.admin, at=world.at)
    approved_by_admin(world, proposal)
    one = Subscription.objects.get()
    made = Event.objects.get(record_kind="subscription", record_id=one.pk)
    assert (made.by, one.creator, one.owner) == (
        world.admin,
        world.admin,
        world.alice,
    )
    assert set(Answer.objects.values_list("by", flat=True)) == {world.admin.pk}
    proposal.refresh_from_db()
    with pytest.raises(UserError, match=r"run\.unknown"):
        undo_proposal(proposal=proposal, by=world.alice, at=world.at)
    undo_proposal(proposal=proposal, by=world.admin, at=world.at)
    assert not Term.objects.exists()


def test_what_whoever_asked_may_not_change_any_more_is_left_also_by_an_admin(
    world: World,
) -> None:
    deals = copies(world, DAYS)
    proposal = proposed(world)
    given = {"owner": world.charlie.pk, "visibility": "owner"}
    update_deals(
        deals=Deal.objects.filter(pk__in=deals[3:4]),
        by=world.admin,
        at=world.at,
        values=given,
    )
    approved_by_admin(world, proposal)
    assert (only(proposal).state, Term.objects.count()) == ("moved", 0)


def test_subscriptions_of_others_are_neither_read_nor_touched(
    world: World,
) -> None:
    copies(world, DAYS[:8])
    written(world, proposed(world))
    theirs = Subscription.objects.get()
    Subscription.objects.update(owner=world.charlie, visibility="owner")
    later = copies(world, DAYS[8:], organization=theirs.organization_id)
    proposal = proposed(world)
    assert read(only(proposal)).lines[0].subscription is None
    written(world, proposal)
    own = Subscription.objects.exclude(pk=theirs.pk).get()
    assert (
        list(own.terms.values_list("deal", flat=True)),
        theirs.terms.count(),
    ) == (
        later,
        8,
    )


def test_the_name_of_another_persons_file_is_not_shown(world: World) -> None:
    deals = copies(world, DAYS)
    run = start_run(
        kind=Run.Kind.IMPORT,
        by_id=world.alice.pk,
        at=world.at,
        title="Kündigungen.xlsx",
    )
    Import.objects.create(
        run=run,
        record_kind="deal",
        file_name=run.title,
        stored_as="x",
        size_bytes=1,
    )
    Deal.objects.filter(pk__in=deals).update(
        origin="import", origin_id=str(run.pk)
    )
    for user in (world.bob, world.alice):
        world.client(user).post(
            "/detection/new/", {"step": "do", "source": f"import-{run.pk}"}
        )
    with translation.override("de"):
        shown = [each.name for each in Proposal.objects.order_by("pk")]
    assert shown == ["Deals eines Imports", "Kündigungen.xlsx"]
