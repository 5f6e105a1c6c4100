"""Who may do what, by page and action: Alice owns, Bob is in her team, Charlie is a stranger."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from tests.world import World
from turnus.accounts.models import User
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.record_actions import actions_of
from turnus.history.models import Event
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import change_price
from turnus.revenue.subscriptions.actions.pause import pause_subscriptions
from turnus.revenue.subscriptions.actions.stretch import change_plan
from turnus.sales import actions as sales
from turnus.sales.actions_bulk import change_many, trash_many

NAMES = {RecordKind.DEAL: "title"}
#: Visibility of Alice's record -> what happens when somebody changes it.
MATRIX = {
    "owner": {
        "alice": "changed",
        "bob": "hidden",
        "charlie": "hidden",
        "admin": "changed",
    },
    "team": {
        "alice": "changed",
        "bob": "changed",
        "charlie": "hidden",
        "admin": "changed",
    },
    "everyone": {
        "alice": "changed",
        "bob": "changed",
        "charlie": "denied",
        "admin": "changed",
    },
}
matrix = pytest.mark.parametrize(
    ("visibility", "who", "expected"),
    [
        (visibility, who, expected)
        for visibility, row in MATRIX.items()
        for who, expected in row.items()
    ],
    ids=str,
)

#: Address of one record -> what is posted; whether the record lies in the trash before.
RECORD_POSTS: dict[str, tuple[str, dict[str, str], bool]] = {
    "save-field": (
        "/{word}/{pk}/save/",
        {"field": "visibility", "value": "{other}"},
        False,
    ),
    "cell": (
        "/{word}/{pk}/cell/?path=visibility",
        {"value": "{other}"},
        False,
    ),
    "trash-record": ("/{word}/{pk}/trash/", {}, False),
    "restore-record": ("/{word}/{pk}/restore/", {}, True),
    "bulk": (
        "/{word}/bulk/",
        {"id": "{pk}", "action": "trash", "step": "do"},
        False,
    ),
}
DEAL_POSTS: dict[str, tuple[str, dict[str, str], bool]] = {
    "close-deal": ("/deals/{pk}/close/", {"action": "win"}, False),
    "archive-deal": ("/deals/{pk}/archive/", {"action": "archive"}, False),
    "deal-lines": (
        "/deals/{pk}/lines/",
        {"name": "Setup", "amount": "5", "recurs": ""},
        False,
    ),
    "move-deal": ("/deals/{pk}/move/", {"stage": "{stage}"}, False),
}
SUBSCRIPTION_POSTS: dict[str, tuple[str, dict[str, str], bool]] = {
    "change-subscription": (
        "/subscriptions/{pk}/change/",
        {"action": "pause", "on": "2018-12-01"},
        False,
    ),
    "renew-one": (
        "/renewals/one/",
        {"subscription": "{pk}", "number": "1", "action": "skip"},
        False,
    ),
}
MORE_POSTS = {
    RecordKind.DEAL: DEAL_POSTS,
    RecordKind.SUBSCRIPTION: SUBSCRIPTION_POSTS,
}
WORDS = {
    RecordKind.DEAL: "deals",
    RecordKind.PERSON: "persons",
    RecordKind.ORGANIZATION: "organizations",
    RecordKind.SUBSCRIPTION: "subscriptions",
}


def records(world: World, visibility: str) -> dict[RecordKind, Any]:
    """Return one record of each kind that Alice owns."""
    make: dict[RecordKind, Callable[..., Any]] = {
        RecordKind.DEAL: world.deal,
        RecordKind.PERSON: world.person,
        RecordKind.ORGANIZATION: world.organization,
        RecordKind.SUBSCRIPTION: world.subscription,
    }
    return {kind: build(visibility=visibility) for kind, build in make.items()}


def in_the_trash(kind: RecordKind, record: Any, world: World) -> None:
    """Move a record to the trash."""
    chosen = tracked(kind).model._default_manager.filter(pk=record.pk)
    actions_of(kind).trash(chosen, by=world.alice, at=world.at)


def outcome(kind: RecordKind, pk: int, attempt: Callable[[], str]) -> str:
    """Return what an attempt did, and undo it: `changed` if history has it, else the refusal."""
    events = Event.objects.filter(record_kind=str(kind), record_id=pk)
    with transaction.atomic():
        before = events.count()
        refused = attempt()
        changed = events.count() > before
        transaction.set_rollback(True)
    return "changed" if changed else refused


def post(
    client: Client, path: str, sent: dict[str, str], **values: object
) -> str:
    answer = client.post(
        path.format(**values),
        {key: text.format(**values) for key, text in sent.items()},
    )
    return {404: "hidden", 403: "denied"}.get(answer.status_code, "left out")


@matrix
def test_who_may_change_a_record_on_its_pages(
    world: World, visibility: str, who: str, expected: str
) -> None:
    client = world.client(getattr(world, who))
    values = {
        "other": "team" if visibility != "team" else "everyone",
        "stage": world.pipeline.stages.last().pk,
    }
    found = {}
    for kind, record in records(world, visibility).items():
        for name, (path, sent, trashed) in (
            RECORD_POSTS | MORE_POSTS.get(kind, {})
        ).items():
            with transaction.atomic():
                if trashed:
                    in_the_trash(kind, record, world)
                attempt = partial(
                    post,
                    client,
                    path,
                    sent,
                    word=WORDS[kind],
                    pk=record.pk,
                    **values,
                )
                found[kind, name] = outcome(kind, record.pk, attempt)
                transaction.set_rollback(True)
    unexpected = {
        key: one
        for key, one in found.items()
        if one != expected and key[1] != "bulk"
    }
    assert not unexpected
    # Whoever may not change a record cannot choose it either: it is left out of what they chose.
    assert {one for key, one in found.items() if key[1] == "bulk"} == {
        expected if expected == "changed" else "left out"
    }


ACTIONS: dict[str, Callable[..., Any]] = {
    "update": lambda kind, found, **given: actions_of(kind).update(
        found, values={NAMES.get(kind, "name"): "Neu"}, **given
    ),
    "trash": lambda kind, found, **given: actions_of(kind).trash(
        found, **given
    ),
    "restore": lambda kind, found, **given: actions_of(kind).restore(
        found, **given
    ),
    "change many": lambda kind, found, **given: change_many(
        kind,
        records=found,
        values={NAMES.get(kind, "name"): "Neu"},
        title="",
        **given,
    ),
    "trash many": lambda kind, found, **given: trash_many(
        kind, records=found, **given
    ),
}
MORE_ACTIONS: dict[RecordKind, dict[str, Callable[..., Any]]] = {
    RecordKind.DEAL: {
        "win": lambda _kind, found, **given: sales.win_deals(
            deals=found, **given
        ),
        "lose": lambda _kind, found, **given: sales.lose_deals(
            deals=found, **given
        ),
        "archive": lambda _kind, found, **given: sales.archive_deals(
            deals=found, archived_at=given["at"], **given
        ),
    },
    RecordKind.SUBSCRIPTION: {
        "price": lambda _kind, found, **given: change_price(
            subscriptions=found, price=Money.of(9, "EUR"), **given
        ),
        "plan": lambda _kind, found, **given: change_plan(
            subscriptions=found,
            plan=Plan.objects.get(),
            price=Money.of(9, "EUR"),
            **given,
        ),
        "cancel": lambda _kind, found, **given: cancel_subscriptions(
            subscriptions=found, on=given["at"].date(), ends_on=None, **given
        ),
        "pause": lambda _kind, found, **given: pause_subscriptions(
            subscriptions=found, pauses_on=given["at"].date(), **given
        ),
    },
}


@matrix
def test_who_may_change_a_record_by_an_action(
    world: World, visibility: str, who: str, expected: str
) -> None:
    by, found = getattr(world, who), {}
    for kind, record in records(world, visibility).items():
        chosen = tracked(kind).model._default_manager.filter(pk=record.pk)
        for name, action in (ACTIONS | MORE_ACTIONS.get(kind, {})).items():
            with transaction.atomic():
                if name == "restore":
                    in_the_trash(kind, record, world)
                attempt = partial(
                    act, partial(action, kind, chosen), by, world
                )
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
