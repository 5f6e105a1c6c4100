"""Every address takes only its methods, and nonsense breaks nothing; for rights: tests/access."""

from pathlib import Path

import pytest
from django.db import transaction
from django.test import Client

from tests.architecture.addresses import addresses, populated
from tests.world import World

#: Views of allauth, with ways of their own; the set-up ends with the first run.
FOREIGN = {"account_login", "account_logout", "setup"}

ADDRESSES = addresses()
OWN = [one for one in ADDRESSES if one.name not in FOREIGN]


@pytest.mark.parametrize("way", ["PUT", "PATCH", "DELETE"])
def test_every_address_takes_only_the_methods_it_knows(
    admin_client: Client, way: str
) -> None:
    assert not [
        one.name
        for one in OWN
        if admin_client.generic(way, one.path()).status_code != 405
    ]


WORDS = (
    "id",
    "field",
    "stage",
    "move_to",
    "filter",
    "delete",
    "label",
    "reason",
    "team",
    "option",
    "order",
    "column",
    "currency",
    "kind",
    "page",
    "by",
    "split",
    "sort",
    "path",
    "probability",
    "rate",
    "format",
    "value",
    "column-0",
    "sheet",
    "language",
    "theme",
    "color",
    "plan",
    "price",
    "cadence",
    "renewal_way",
    "days_before",
    "grace_days",
    "stage",
    "take",
    "until",
    "0.0.field",
    "0.0.operator",
    "0.0.count",
    "0.0.mode",
)
DAYS = ("on", "starts_on", "last_on", "from", "until", "answer-0-on")


def typed(word: str, *, day: str, **others: str) -> dict[str, str]:
    """Return a form in which somebody typed the same nonsense everywhere."""
    return {
        **dict.fromkeys(WORDS, word),
        **dict.fromkeys(DAYS, day),
        "answer-0": f"map:{word}",
        **others,
    }


#: The buttons of pages that have more than one.
ACTIONS = {
    "bulk": ("edit", "trash"),
    "close-deal": ("win", "lose", "reopen"),
    "columns": ("", "reset"),
    "fields": ("", "order"),
    "pipelines": ("", "order"),
    "field": (
        "",
        "add-option",
        "rename-option",
        "delete-option",
        "order",
        "delete",
    ),
    "pipeline": ("", "order", "save-stage", "delete-stage", "delete"),
    "plan": ("", "delete"),
    "renewal-run": ("", "book", "discard", "undo"),
    "change-subscription": ("price", "pause", "resume", "cancel"),
    "new-filter": ("", "add:9.9", "remove:²", "apply", "save"),
    "edit-filter": ("group:", "apply", "save", "copy"),
}


@pytest.mark.parametrize(
    "given",
    # Other values are the fuzz's.
    [{}, typed("9" * 25, day="9999-12-31", where='{"all": 1}')],
    ids=["nothing", "numbers"],
)
def test_nonsense_is_refused_and_breaks_nothing(
    world: World, tmp_path: Path, given: dict[str, str]
) -> None:
    ids = populated(world, tmp_path)
    client = world.client(world.admin)
    client.raise_request_exception = False
    assert not [
        one.name
        for one in OWN
        if client.get(one.path(ids), given).status_code >= 500
    ]
    posts = [
        (one, {**given, "action": action, "step": step})
        for one in OWN
        for action in ACTIONS.get(one.name, ("",))
        for step in ("", "do")[: 1 + (one.name == "bulk")]
    ]
    assert not [
        (one.name, sent["action"])
        for one, sent in posts
        if status(client, one.path(ids), sent) >= 500
    ]


def status(client: Client, path: str, sent: dict[str, str]) -> int:
    """Return the status of an answer whose changes are taken back."""
    with transaction.atomic():
        code = client.post(path, sent).status_code
        transaction.set_rollback(True)
    return code
