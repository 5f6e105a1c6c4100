"""Who may do what: Alice owns, Bob is in her team, Charlie is a stranger, Ada is the admin; by page and by action."""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.architecture.addresses import addresses, populated
from tests.world import World
from turnus.accounts.access import Permission
from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.record_actions import actions_of
from turnus.history.models import Event
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.revenue import actions as revenue
from turnus.revenue.actions_stretches import change_plan
from turnus.revenue.models import Plan
from turnus.sales import actions as sales
from turnus.sales.actions_bulk import change_many, trash_many

#: Visibility of Alice's record -> what happens when somebody changes it.
MATRIX = {
    "owner":    {"alice": "changed", "bob": "hidden",  "charlie": "hidden", "admin": "changed"},
    "team":     {"alice": "changed", "bob": "changed", "charlie": "hidden", "admin": "changed"},
    "everyone": {"alice": "changed", "bob": "changed", "charlie": "denied", "admin": "changed"},
}  # fmt: skip
matrix = pytest.mark.parametrize(
    ("visibility", "who", "expected"),
    [(visibility, who, expected) for visibility, row in MATRIX.items() for who, expected in row.items()],
    ids=str,
)

#: Address of one record -> what is posted; whether the record lies in the trash before.
RECORD_POSTS: dict[str, tuple[str, dict[str, str], bool]] = {
    "save-field": ("/{word}/{pk}/save/", {"field": "visibility", "value": "{other}"}, False),
    "cell": ("/{word}/{pk}/cell/?path=visibility", {"value": "{other}"}, False),
    "trash-record": ("/{word}/{pk}/trash/", {}, False),
    "restore-record": ("/{word}/{pk}/restore/", {}, True),
    "bulk": ("/{word}/bulk/", {"id": "{pk}", "action": "trash", "step": "do"}, False),
}
DEAL_POSTS: dict[str, tuple[str, dict[str, str], bool]] = {
    "close-deal": ("/deals/{pk}/close/", {"action": "win"}, False),
    "archive-deal": ("/deals/{pk}/archive/", {"action": "archive"}, False),
    "deal-lines": ("/deals/{pk}/lines/", {"name": "Setup", "amount": "5", "recurs": ""}, False),
    "move-deal": ("/deals/{pk}/move/", {"stage": "{stage}"}, False),
}
SUBSCRIPTION_POSTS: dict[str, tuple[str, dict[str, str], bool]] = {
    "change-subscription": ("/subscriptions/{pk}/change/", {"action": "pause", "on": "2018-12-01"}, False),
    "renew-one": ("/renewals/one/", {"subscription": "{pk}", "number": "1", "action": "skip"}, False),
}
MORE_POSTS = {RecordKind.DEAL: DEAL_POSTS, RecordKind.SUBSCRIPTION: SUBSCRIPTION_POSTS}
WORDS = {
    RecordKind.DEAL: "deals", RecordKind.PERSON: "persons", RecordKind.ORGANISATION: "organisations",
    RecordKind.SUBSCRIPTION: "subscriptions",
}  # fmt: skip


def records(world: World, visibility: str) -> dict[RecordKind, Any]:
    """Return one record of each kind that Alice owns."""
    make: dict[RecordKind, Callable[..., Any]] = {
        RecordKind.DEAL: world.deal, RecordKind.PERSON: world.person, RecordKind.ORGANISATION: world.organisation,
        RecordKind.SUBSCRIPTION: world.subscription,
    }  # fmt: skip
    return {kind: build(visibility=visibility) for kind, build in make.items()}


def in_the_trash(kind: RecordKind, record: Any, world: World) -> None:
    """Move a record to the trash."""
    chosen = tracked(kind).model._default_manager.filter(pk=record.pk)
    actions_of(kind).trash(chosen, by=world.alice, at=world.at)


def outcome(kind: RecordKind, pk: int, attempt: Callable[[], str]) -> str:
    """Return what an attempt did, and take it back: `changed` if history has it, else what it was refused with."""
    events = Event.objects.filter(record_kind=str(kind), record_id=pk)
    with transaction.atomic():
        before = events.count()
        refused = attempt()
        changed = events.count() > before
        transaction.set_rollback(True)
    return "changed" if changed else refused


def post(client: Client, path: str, sent: dict[str, str], **values: object) -> str:
    answer = client.post(path.format(**values), {key: text.format(**values) for key, text in sent.items()})
    return {404: "hidden", 403: "denied"}.get(answer.status_code, "left out")


@matrix
def test_who_may_change_a_record_on_its_pages(world: World, visibility: str, who: str, expected: str) -> None:
    client = world.client(getattr(world, who))
    values = {"other": "team" if visibility != "team" else "everyone", "stage": world.pipeline.stages.last().pk}
    found = {}
    for kind, record in records(world, visibility).items():
        for name, (path, sent, trashed) in (RECORD_POSTS | MORE_POSTS.get(kind, {})).items():
            with transaction.atomic():
                if trashed:
                    in_the_trash(kind, record, world)
                attempt = partial(post, client, path, sent, word=WORDS[kind], pk=record.pk, **values)
                found[kind, name] = outcome(kind, record.pk, attempt)
                transaction.set_rollback(True)
    unexpected = {key: one for key, one in found.items() if one != expected and key[1] != "bulk"}
    assert not unexpected
    # Whoever may not change a record cannot choose it either: it is left out of what they chose.
    assert {one for key, one in found.items() if key[1] == "bulk"} == {
        expected if expected == "changed" else "left out"
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    "update": lambda kind, found, **given: actions_of(kind).update(
        found, values={NAMES.get(kind, "name"): "Neu"}, **given
    ),
    "trash": lambda kind, found, **given: actions_of(kind).trash(found, **given),
    "restore": lambda kind, found, **given: actions_of(kind).restore(found, **given),
    "change many": lambda kind, found, **given: change_many(
        kind, records=found, values={NAMES.get(kind, "name"): "Neu"}, title="", **given
    ),
    "trash many": lambda kind, found, **given: trash_many(kind, records=found, **given),
}
NAMES = {RecordKind.DEAL: "title"}
MORE_ACTIONS: dict[RecordKind, dict[str, Callable[..., Any]]] = {
    RecordKind.DEAL: {
        "win": lambda _kind, found, **given: sales.win_deals(deals=found, **given),
        "lose": lambda _kind, found, **given: sales.lose_deals(deals=found, **given),
        "archive": lambda _kind, found, **given: sales.archive_deals(deals=found, archived_at=given["at"], **given),
    },
    RecordKind.SUBSCRIPTION: {
        "price": lambda _kind, found, **given: revenue.change_price(
            subscriptions=found, price=Money.of(9, "EUR"), **given
        ),
        "plan": lambda _kind, found, **given: change_plan(
            subscriptions=found, plan=Plan.objects.get(), price=Money.of(9, "EUR"), **given
        ),
        "cancel": lambda _kind, found, **given: revenue.cancel_subscriptions(
            subscriptions=found, on=given["at"].date(), ends_on=None, **given
        ),
        "pause": lambda _kind, found, **given: revenue.pause_subscriptions(
            subscriptions=found, pauses_on=given["at"].date(), **given
        ),
    },
}


@matrix
def test_who_may_change_a_record_by_an_action(world: World, visibility: str, who: str, expected: str) -> None:
    by, found = getattr(world, who), {}
    for kind, record in records(world, visibility).items():
        chosen = tracked(kind).model._default_manager.filter(pk=record.pk)
        for name, action in (ACTIONS | MORE_ACTIONS.get(kind, {})).items():
            with transaction.atomic():
                if name == "restore":
                    in_the_trash(kind, record, world)
                attempt = partial(act, partial(action, kind, chosen), by, world)
                found[kind, name] = outcome(kind, record.pk, attempt)
                transaction.set_rollback(True)
    wanted = "changed" if expected == "changed" else "denied"
    assert not {key: one for key, one in found.items() if one != wanted}


def act(action: Callable[..., Any], by: User, world: World) -> str:
    """Return what an action was refused with."""
    try:
        action(by=by, at=world.at)
    except UserError as error:
        return "denied" if error.code == "access.denied" else error.code
    return "nothing"


#: Address -> the permission that posting to it needs.
GRANTED = {
    "upload": Permission.IMPORT, "match-columns": Permission.IMPORT, "answer": Permission.IMPORT, "start-import": Permission.IMPORT,
    "change-answer": Permission.IMPORT,
    "undo-import": Permission.IMPORT, "continue-import": Permission.IMPORT, "check-import": Permission.IMPORT,
    "discard-import": Permission.IMPORT, "export-list": Permission.EXPORT, "company": Permission.COMPANY, "currencies": Permission.COMPANY,
    "users": Permission.USERS, "user": Permission.USERS, "teams": Permission.USERS, "pipelines": Permission.PIPELINES,
    "pipeline": Permission.PIPELINES, "plans": Permission.PIPELINES, "plan": Permission.PIPELINES, "map-plans": Permission.PIPELINES, "lost-reasons": Permission.PIPELINES, "fields": Permission.CUSTOM_FIELDS,
    "field": Permission.CUSTOM_FIELDS, "labels": Permission.CUSTOM_FIELDS,
}  # fmt: skip
#: Addresses where everybody changes what is their own.
OWN = {"profile", "new-record", "columns", "new-filter", "quick-filter", "edit-filter", "delete-filter", "undo-bulk",
       "subscribe", "prices", "subscribe-many", "new-subscription", "plan-renewals", "renewal-run", "put-right",
       "recognise", "proposal", "approval", "history"}  # fmt: skip
#: Addresses of people who are not signed in yet, or leave; the set-up ends with the first run.
DOOR = {"account_login", "account_logout", "setup"}


@pytest.mark.parametrize("permission", sorted(set(GRANTED.values())))
def test_a_permission_opens_its_pages_and_no_others(world: World, tmp_path: Path, permission: Permission) -> None:
    ids, client = populated(world, tmp_path), world.client(world.alice)
    paths = [one.path(ids) for one in addresses() if GRANTED.get(one.name) is permission]
    for held, is_open in ([one for one in Permission if one is not permission], False), ([permission], True):
        world.alice.permissions = held
        world.alice.save()
        assert {client.post(path).status_code != 403 for path in paths} == {is_open}


def test_every_address_that_changes_something_stands_in_a_table_here(admin_client: Client) -> None:
    inside = [one for one in addresses() if one.name not in DOOR]
    changing = {one.name for one in inside if admin_client.post(one.path()).status_code != 405}
    assert changing == RECORD_POSTS.keys() | DEAL_POSTS.keys() | SUBSCRIPTION_POSTS.keys() | GRANTED.keys() | OWN


@pytest.mark.parametrize(
    ("name", "status"), [("import", 404), ("start-import", 404), ("edit-filter", 403), ("delete-filter", 403), ("undo-bulk", 422), ("renewal-run", 404)]
)  # fmt: skip
def test_what_somebody_made_is_theirs(world: World, tmp_path: Path, name: str, status: int) -> None:
    address = next(one for one in addresses() if one.name == name).path(populated(world, tmp_path))
    world.alice.permissions = [Permission.IMPORT]
    world.alice.save()
    client = world.client(world.alice)
    answer = client.get(address) if name == "import" else client.post(address, {"action": "save", "name": "Meins"})
    assert answer.status_code == status
