"""Deals and contacts: their life, their history, who may do what."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from tests.world import World
from turnus.accounts import actions as accounts
from turnus.contacts.actions import (
    restore_contacts,
    trash_contacts,
    update_contacts,
)
from turnus.contacts.models import Organization, Person
from turnus.core.fields import ContactPoint, FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields import actions as fields
from turnus.history.models import Event
from turnus.history.queries import events_of
from turnus.kit.errors import UserError
from turnus.sales import actions as sales
from turnus.sales import actions_pipelines as pipelines
from turnus.sales.actions_trash import purge_trash
from turnus.sales.models import Deal, LostReason, Pipeline, Stage

CHANGES: dict[str, Any] = {
    "update": lambda deals, by, at: sales.update_deals(
        deals=deals, by=by, at=at, values={"title": "Neu"}
    ),
    "win": lambda deals, by, at: sales.win_deals(deals=deals, by=by, at=at),
    "lose": lambda deals, by, at: sales.lose_deals(
        deals=deals, by=by, at=at, reason="Zu teuer"
    ),
    "archive": lambda deals, by, at: sales.archive_deals(
        deals=deals, by=by, at=at, archived_at=at
    ),
    "trash": lambda deals, by, at: sales.trash_deals(
        deals=deals, by=by, at=at
    ),
}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize(
    ("who", "may"),
    [("alice", True), ("bob", True), ("charlie", False), ("admin", True)],
)
def test_deals_are_changed_by_their_owner_the_team_and_admins(
    world: World, change: str, who: str, may: bool
) -> None:
    deals = Deal.objects.filter(pk=world.deal().pk)
    if may:
        assert CHANGES[change](deals, getattr(world, who), world.at) == 1
        return
    with pytest.raises(UserError, match=r"access\.denied"):
        CHANGES[change](deals, getattr(world, who), world.at)


@pytest.mark.parametrize(
    ("visibility", "seen_by"),
    [
        ("owner", "alice admin"),
        ("team", "alice bob admin"),
        ("everyone", "alice bob charlie admin"),
    ],
)
def test_visibility_decides_who_sees_a_deal(
    world: World, visibility: str, seen_by: str
) -> None:
    world.deal(visibility=visibility)
    seeing = [
        who
        for who in ("alice", "bob", "charlie", "admin")
        if Deal.objects.visible_to(getattr(world, who)).exists()
    ]
    assert seeing == seen_by.split()


def test_a_deal_without_a_title_is_named_after_its_contact(
    world: World,
) -> None:
    assert (
        world.deal(organization=world.organization("Elbe AG").pk).title
        == "Elbe AG"
    )
    assert world.deal(person=world.person("Zoë").pk).title == "Zoë"


def test_winning_stamps_the_day_in_the_companys_zone(world: World) -> None:
    deal = world.deal()
    sales.win_deals(
        deals=Deal.objects.all(),
        by=world.alice,
        at=datetime(2018, 12, 31, 23, 30, tzinfo=UTC),
    )
    deal.refresh_from_db()
    assert (deal.status, deal.won_on) == ("won", date(2019, 1, 1))
    sales.reopen_deals(deals=Deal.objects.all(), by=world.alice, at=world.at)
    deal.refresh_from_db()
    assert (deal.won_at, deal.won_on, deal.closed_at) == (None, None, None)
    assert deal.first_won_at is not None
    won_change = events_of(RecordKind.DEAL, deal.pk)[1].changes
    assert won_change is not None
    assert won_change["won_on"] == [None, "2019-01-01"]


def test_only_admins_change_a_won_time_afterwards(world: World) -> None:
    world.deal(status="won")
    change: dict[str, Any] = {
        "deals": Deal.objects.all(),
        "at": world.at,
        "values": {"won_at": date(2018, 10, 1)},
    }
    with pytest.raises(UserError, match="stamp_admin_only"):
        sales.update_deals(by=world.alice, **change)
    assert sales.update_deals(by=world.admin, **change) == 1
    assert Deal.objects.get().won_on == date(2018, 10, 1)


def test_losing_keeps_the_reason_and_reopening_clears_it(world: World) -> None:
    world.deal()
    sales.lose_deals(
        deals=Deal.objects.all(),
        by=world.alice,
        at=world.at,
        reason="Zu teuer",
        lost=date(2018, 11, 1),
    )
    assert (Deal.objects.get().lost_reason, Deal.objects.get().lost_on) == (
        "Zu teuer",
        date(2018, 11, 1),
    )
    sales.reopen_deals(deals=Deal.objects.all(), by=world.alice, at=world.at)
    assert Deal.objects.get().lost_reason == ""


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"organization": None}, "deal.contact_missing"),
        ({"stage": 999}, "stage.gone"),
        ({"probability": 101}, "probability.range"),
        ({"won_at": date(2018, 1, 1)}, "deal.won_at_needs_status"),
        ({"person": 999}, "contact.unknown"),
        ({"title": ""}, "field.required"),
    ],
)
def test_a_change_against_the_rules_is_refused_whole(
    world: World, values: dict[str, Any], code: str
) -> None:
    world.deal(title="Alt")
    with pytest.raises(UserError) as error:
        sales.update_deals(
            deals=Deal.objects.all(),
            by=world.alice,
            at=world.at,
            values={"title": "Neu", **values},
        )
    assert error.value.code == code
    assert Deal.objects.get().title == "Alt"


def test_a_stage_brings_its_pipeline(world: World) -> None:
    second = pipelines.save_pipeline(
        by=world.admin, name="Zwei", has_deal_probability=False
    )
    stage = pipelines.save_stage(
        by=world.admin, pipeline=second, name="A", probability=10
    )
    deal = world.deal(pipeline=second.pk)
    assert (deal.pipeline, deal.stage) == (second, stage)


def test_the_trash_can_be_emptied_after_thirty_days_only(world: World) -> None:
    organization = world.organization()
    world.deal(organization=organization.pk)
    with pytest.raises(UserError, match="has_deals"):
        trash_contacts(
            RecordKind.ORGANIZATION,
            records=Organization.objects.all(),
            by=world.alice,
            at=world.at,
        )
    sales.trash_deals(deals=Deal.objects.all(), by=world.alice, at=world.at)
    trash_contacts(
        RecordKind.ORGANIZATION,
        records=Organization.objects.all(),
        by=world.alice,
        at=world.at,
    )
    with pytest.raises(UserError, match="contact_trashed"):
        sales.restore_deals(
            deals=Deal.objects.all(), by=world.alice, at=world.at
        )
    assert purge_trash(at=world.at + timedelta(days=30)) == 0
    restore_contacts(
        RecordKind.ORGANIZATION,
        records=Organization.objects.all(),
        by=world.alice,
        at=world.at,
    )
    assert (
        sales.restore_deals(
            deals=Deal.objects.all(), by=world.alice, at=world.at
        )
        == 1
    )
    sales.trash_deals(deals=Deal.objects.all(), by=world.alice, at=world.at)
    assert purge_trash(at=world.at + timedelta(days=31)) == 1


def test_a_contact_in_the_trash_waits_for_its_deals(world: World) -> None:
    person = world.person()
    organization = world.organization()
    world.deal(person=person.pk, organization=organization.pk)
    old = world.at - timedelta(days=31)
    Person.objects.update(trashed_at=old)
    Organization.objects.update(trashed_at=old)
    Deal.objects.update(trashed_at=world.at - timedelta(days=29))
    assert purge_trash(at=world.at) == 0
    Deal.objects.update(trashed_at=old)
    assert purge_trash(at=world.at) == 3


def test_a_person_is_found_by_name_parts_and_mail(world: World) -> None:
    person = world.person(
        "",
        first_name="Änne",
        last_name="Groß",
        emails=(ContactPoint("A@B.de"),),
    )
    assert (person.name, person.name_folded, person.folded["emails"]) == (
        "Änne Groß",
        "anne gross",
        "a@b.de",
    )
    update_contacts(
        RecordKind.PERSON,
        records=Person.objects.all(),
        by=world.alice,
        at=world.at,
        values={"last_name": "Klein"},
    )
    assert Person.objects.get().name == "Änne Klein"
    with pytest.raises(UserError, match="required"):
        world.organization("  ")


@pytest.mark.parametrize("kind", list(FieldKind)[:16])
def test_every_kind_of_custom_field_can_be_added_used_and_deleted(
    world: World, kind: FieldKind
) -> None:
    field = world.field(kind)
    samples: dict[FieldKind, Any] = {
        FieldKind.MONEY: Money.of(5, "USD"),
        FieldKind.OPTION: field.options.first()
        and world.option(field, "monatlich"),
        FieldKind.OPTIONS: (
            field.options.first() and world.option(field, "monatlich"),
        ),
        FieldKind.DATE: date(2018, 1, 1),
        FieldKind.NUMBER: 5,
    }
    value = samples.get(
        kind,
        "Wörter" if kind in {FieldKind.TEXT, FieldKind.LARGE_TEXT} else None,
    )
    deal = world.deal(**{f"custom.{field.key}": value})
    assert bool(deal.custom) is (value is not None)
    assert fields.delete_field(
        field=field, by=world.admin, at=world.at
    ) == int(value is not None)
    assert Deal.objects.get().custom == {}


def test_options_and_labels_are_managed_by_those_who_may(world: World) -> None:
    field = world.field()
    with pytest.raises(UserError, match="denied"):
        fields.add_option(field=field, by=world.alice, name="wöchentlich")
    added = fields.add_option(field=field, by=world.admin, name="wöchentlich")
    fields.rename_option(option=added, by=world.admin, name="jede Woche")
    with pytest.raises(UserError, match="taken"):
        fields.add_option(field=field, by=world.admin, name="JÄHRLICH")
    world.deal(**{f"custom.{field.key}": added.pk})
    fields.order_options(field=field, by=world.admin, ids=[added.pk])
    assert fields.delete_option(option=added, by=world.admin, at=world.at) == 1
    label = fields.save_label(
        by=world.admin, record=RecordKind.DEAL, name="Heiß", color="red"
    )
    world.deal(labels=(label.pk,))
    assert fields.delete_label(label=label, by=world.admin, at=world.at) == 1
    assert list(Deal.objects.values_list("labels", flat=True)) == [[], []]


def test_a_required_field_must_be_filled(world: World) -> None:
    field = world.field(FieldKind.TEXT, "Quelle")
    fields.update_field(
        field=field,
        by=world.admin,
        name="Quelle",
        description="",
        is_required=True,
    )
    fields.order_fields(by=world.admin, record=RecordKind.DEAL, ids=[field.pk])
    with pytest.raises(UserError, match="required"):
        world.deal()
    with pytest.raises(UserError, match="taken"):
        world.field(FieldKind.TEXT, "quelle")
    with pytest.raises(UserError, match="options_missing"):
        fields.create_field(
            by=world.admin,
            at=world.at,
            record=RecordKind.DEAL,
            kind=FieldKind.OPTION,
            name="X",
        )


def test_pipelines_and_stages_keep_their_deals(world: World) -> None:
    deal = world.deal()
    stage, other = deal.stage, world.pipeline.stages.last()
    with pytest.raises(UserError, match="has_deals"):
        pipelines.delete_stage(stage=stage, by=world.admin, at=world.at)
    pipelines.delete_stage(
        stage=stage, by=world.admin, at=world.at, move_to=other
    )
    deal.refresh_from_db()
    assert deal.stage == other
    for refused in (
        lambda: pipelines.delete_pipeline(
            pipeline=world.pipeline, by=world.admin
        ),
    ):
        with pytest.raises(UserError, match="has_deals"):
            refused()
    empty = pipelines.save_pipeline(
        by=world.admin, name="Leer", has_deal_probability=True
    )
    pipelines.order_pipelines(
        by=world.admin, ids=[empty.pk, world.pipeline.pk]
    )
    pipelines.order_stages(
        by=world.admin,
        pipeline=world.pipeline,
        ids=list(Stage.objects.values_list("pk", flat=True)),
    )
    pipelines.delete_pipeline(pipeline=empty, by=world.admin)
    reason = pipelines.save_lost_reason(by=world.admin, name="Zu teuer")
    with pytest.raises(UserError, match="taken"):
        pipelines.save_lost_reason(by=world.admin, name="zu TEUER")
    pipelines.delete_lost_reason(reason=reason, by=world.admin)
    assert (Pipeline.objects.count(), LostReason.objects.count()) == (1, 0)


def test_users_are_managed_within_limits(world: World) -> None:
    with pytest.raises(UserError, match="denied"):
        accounts.create_user(
            by=world.alice,
            name="X",
            email="x@example.org",
            password="wiederkehrend-2018",
            at=world.at,
        )
    with pytest.raises(UserError, match="last_admin"):
        accounts.update_user(user=world.admin, by=world.admin, is_admin=False)
    accounts.update_user(user=world.bob, by=world.admin, permissions=["users"])
    accounts.update_user(
        user=world.charlie, by=world.bob, email="c@example.org"
    )
    world.charlie.refresh_from_db()
    assert world.charlie.email == "c@example.org"
    for email, password, code in (
        ("alice@example.org", "wiederkehrend-2018", "taken"),
        ("x", "wiederkehrend-2018", "invalid"),
        ("n@example.org", "kurz", "weak"),
    ):
        with pytest.raises(UserError, match=code):
            accounts.create_user(
                by=world.admin,
                name="N",
                email=email,
                password=password,
                at=world.at,
            )


def test_every_change_is_recorded_with_who(world: World) -> None:
    deal = world.deal(title="A")
    sales.update_deals(
        deals=Deal.objects.all(),
        by=world.bob,
        at=world.at,
        values={"title": "B"},
    )
    assert (
        sales.update_deals(
            deals=Deal.objects.all(),
            by=world.bob,
            at=world.at,
            values={"title": "B"},
        )
        == 0
    )
    event = Event.objects.filter(record_kind="deal", record_id=deal.pk).latest(
        "pk"
    )
    assert (event.by, event.changes) == (world.bob, {"title": ["A", "B"]})


def test_a_deal_made_by_hand_is_found_by_its_origin(world: World) -> None:
    deal = world.deal()
    assert (deal.origin, deal.folded["origin"]) == ("manual", "manual")
