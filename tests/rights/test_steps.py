"""Nothing is gained step by step: what began with a right is not finished without it."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import GERMAN, changed, checked, sheet
from tests.world import World
from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.history.models import Event, Run
from turnus.imports.actions import request_import, request_undo
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.inbox import close_waiting
from turnus.revenue.renewals.actions.plan import (
    plan_renewals,
    request_renewals,
)
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.sales.actions import reopen_deals, update_deals
from turnus.sales.actions_bulk import change_many, undo_many
from turnus.sales.models import Deal

UNTIL = date(2018, 11, 14)
IDS = ("Deal - ID", *GERMAN)


def given_away(world: World, **values: Any) -> tuple[Deal, Run]:
    """A deal of Charlie's that he gave to Alice, by a change of many records."""
    deal = world.deal(world.charlie, title="Weg", amount=5)
    values = {"owner": world.alice.pk, **values}
    one = Deal.objects.filter(pk=deal.pk)
    run = change_many(
        RecordKind.DEAL,
        records=one,
        by=world.charlie,
        at=world.at,
        values=values,
        title="Besitzer",
    )
    return deal, run


def made_private(world: World, deal: Deal) -> None:
    values = {"visibility": "owner", "title": "Nur Alice"}
    update_deals(
        deals=Deal.objects.filter(pk=deal.pk),
        by=world.alice,
        at=world.at,
        values=values,
    )


def seen_by_charlie(world: World, deal: Deal) -> bool:
    return Deal.objects.visible_to(world.charlie).filter(pk=deal.pk).exists()


def test_undo_brings_nothing_back_into_sight_that_others_work_with(
    world: World,
) -> None:
    deal, run = given_away(world)
    made_private(world, deal)
    result = undo_many(run_id=run.pk, by=world.charlie, at=world.at)
    assert (result.restored, result.conflicts) == (
        0,
        [("deal", deal.pk, "owner_id")],
    )
    assert not seen_by_charlie(world, deal)


def test_an_admin_takes_it_back(world: World) -> None:
    deal, run = given_away(world)
    made_private(world, deal)
    assert undo_many(run_id=run.pk, by=world.admin, at=world.at).restored == 1
    assert Deal.objects.get(pk=deal.pk).owner_id == world.charlie.pk


@pytest.mark.parametrize("visibility", ["everyone", "team", "owner"])
def test_what_was_given_away_by_mistake_comes_back(
    world: World, visibility: str
) -> None:
    deal, run = given_away(world, visibility=visibility)
    assert (
        undo_many(run_id=run.pk, by=world.charlie, at=world.at).restored == 1
    )
    assert seen_by_charlie(world, deal)


def test_undo_leaves_what_a_team_that_was_left_sees(world: World) -> None:
    deal = world.deal(world.alice, title="Team", visibility="team")
    one = Deal.objects.filter(pk=deal.pk)
    run = change_many(
        RecordKind.DEAL,
        records=one,
        by=world.bob,
        at=world.at,
        values={"title": "Neu"},
        title="Titel",
    )
    User.objects.filter(pk=world.bob.pk).update(team=world.charlie.team)
    world.bob.refresh_from_db()
    assert undo_many(run_id=run.pk, by=world.bob, at=world.at).restored == 0
    assert Deal.objects.get(pk=deal.pk).title == "Neu"


def test_undo_of_an_import_brings_nothing_back_into_sight(
    world: World, tmp_path: Path
) -> None:
    world.charlie.permissions = ["import"]
    world.charlie.save()
    deal = world.deal(world.charlie, title="Weg", amount=5)
    blank = dict.fromkeys(
        ("person", "organization", "plan", "stage", "won", "status", "value")
    )
    rows = [(deal.pk, *changed(title="Weg", owner="Alice", **blank))]
    answers = {"unknown_ids": {"do": "update"}, "existing": {"do": "update"}}
    of = checked(
        world,
        sheet(tmp_path / "a.xlsx", rows, IDS),
        by=world.charlie,
        answers=answers,
    )
    request_import(of=of, by=world.charlie, at=world.at)
    run_pending()
    assert Deal.objects.get(pk=deal.pk).owner_id == world.alice.pk
    made_private(world, deal)
    of.refresh_from_db()
    request_undo(of=of, by=world.charlie, at=world.at)
    run_pending()
    assert not seen_by_charlie(world, deal)


def planned(world: World) -> Run:
    """A run of Bob's, of a subscription that his team may change; then he leaves the team."""
    world.subscription(title="Abo")
    run = plan_renewals(
        by=world.bob,
        at=world.at,
        subscriptions=Subscription.objects.all(),
        until=UNTIL,
        title="",
    )
    assert run is not None
    return run


def leave_team(world: World) -> None:
    User.objects.filter(pk=world.bob.pk).update(team=world.charlie.team)
    world.bob.refresh_from_db()


def test_a_planned_run_books_nothing_that_is_not_in_reach_any_more(
    world: World,
) -> None:
    run = planned(world)
    leave_team(world)
    request_renewals(run=run, by=world.bob, at=world.at)
    run_pending()
    assert (
        set(run.renewal_lines.values_list("state", flat=True)),
        Term.objects.count(),
    ) == (
        {"refused"},
        1,
    )


def test_a_run_is_taken_back_by_whoever_may_change_what_it_booked(
    world: World,
) -> None:
    run = planned(world)
    request_renewals(run=run, by=world.bob, at=world.at)
    run_pending()
    leave_team(world)
    with pytest.raises(UserError, match=r"access\.denied"):
        undo_renewals(run=run, by=world.bob, at=world.at)
    assert undo_renewals(run=run, by=world.admin, at=world.at).trashed == 2


def test_the_history_of_a_deal_does_not_name_a_hidden_subscription(
    world: World,
) -> None:
    term = world.subscription(title="Abo").terms.get()
    reopen_deals(
        deals=Deal.objects.filter(pk=term.deal_id), by=world.alice, at=world.at
    )
    Subscription.objects.update(visibility="owner", name="Geheimes Abo")
    term.refresh_from_db()
    close_waiting(
        term=Term.objects.get(pk=term.pk),
        is_won=True,
        by=world.alice,
        at=world.at,
    )
    assert Event.objects.filter(
        run__title="Geheimes Abo", record_kind="deal"
    ).exists()
    pages = [
        world.client(who).get(f"/deals/{term.deal_id}/").content.decode()
        for who in (world.charlie, world.alice)
    ]
    assert ["Geheimes Abo" in page for page in pages] == [False, True]
