"""Every address and method against every role, with all tables before and after."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponseBase
from django.urls import reverse

from tests.access.line import Line, Post
from tests.access.lines import LINES
from tests.access.roles import (
    DENIED,
    EVERYBODY,
    HIDDEN,
    LEFT_OUT,
    OK,
    ROLES,
    SIGN_IN,
    UNKNOWN,
    rule,
)
from tests.access.worlds import OF_ALICE, OF_TEAM, Things, digest, taken_back
from tests.architecture.addresses import addresses

#: The method is none that the address has.
NO_METHOD = rule((), "405")
pytestmark = pytest.mark.django_db
#: Whoever sees what Alice's team sees, and what is Alice's alone.
TEAM_SEES, ALICE_SEES = {"alice", "bob", "admin"}, {"alice", "admin"}


def test_every_address_has_a_line() -> None:
    assert {line.name for line in LINES} == {one.name for one in addresses()}


@pytest.mark.parametrize("line", LINES, ids=str)
def test_an_address_answers_each_role_as_its_line_says(
    instance: Things, line: Line
) -> None:
    assert looked(instance, line) == dict(line.looks or NO_METHOD)
    for post in line.posts or [
        Post(
            {**NO_METHOD, "anonymous": "405"}
            if line.looks is EVERYBODY
            else NO_METHOD
        )
    ]:
        assert posted(instance, line, post) == dict(post.who), post.sent


def looked(instance: Things, line: Line) -> dict[str, str]:
    """Return what each role is answered that looks at an address; looking changes nothing."""
    with taken_back():
        found = {role: answered(instance, line, role, None) for role in ROLES}
        assert digest() == instance.digest, "looking changed something"
    return found


def posted(instance: Things, line: Line, post: Post) -> dict[str, str]:
    """Return the answer to each role that posts; refusals change nothing, other answers do."""
    changing = [
        role for role in ROLES if post.changes and post.who[role] == OK
    ]
    found = {}
    with taken_back():
        for role in (one for one in ROLES if one not in changing):
            answer = answered(instance, line, role, post)
            found[role] = (
                LEFT_OUT
                if answer == OK and post.who[role] == LEFT_OUT
                else answer
            )
        assert digest() == instance.digest, (
            "somebody changed something who may not"
        )
    for role in changing:
        with taken_back():
            answer = answered(instance, line, role, post)
            found[role] = (
                answer
                if answer != OK or digest() != instance.digest
                else "changed nothing"
            )
    return found


def answered(
    instance: Things, line: Line, role: str, post: Post | None
) -> str:
    """Return what an answer is, or which secret it tells."""
    answer = asked(instance, line, role, post)
    told = "" if answer.streaming else answer.content.decode(errors="replace")  # type: ignore[attr-defined]
    for secret, seers in ((OF_TEAM, TEAM_SEES), (OF_ALICE, ALICE_SEES)):
        if secret in told and role not in seers:
            return f"tells {secret}"
    return outcome(answer)


def asked(
    instance: Things, line: Line, role: str, post: Post | None
) -> HttpResponseBase:
    client = instance.clients[role]
    cookies = dict(client.cookies)
    address = reverse(
        line.name,
        kwargs={
            key.rstrip("_"): instance.filled(text)
            for key, text in line.at.items()
        },
    )
    query = post.query if post else line.query
    path = f"{address}?{query}" if query else address
    try:
        if post is None:
            return client.get(path)
        given = sent(instance, post)
        if post.previewed:
            looked_at = (
                client.post(path, {**given, "step": "look"}).context or {}
            )
            given |= {"step": "do", "digest": looked_at.get("digest", "")}
        return client.post(path, given)
    finally:
        client.cookies.clear()
        client.cookies.update(cookies)


def sent(instance: Things, post: Post) -> dict[str, Any]:
    """Return what is posted; a file is an empty list of deals."""
    filled = {
        instance.filled(name): instance.filled(value)
        for name, value in post.sent.items()
    }
    if "file" in filled:
        filled["file"] = SimpleUploadedFile(
            filled["file"], b"Title;Status;Value\nA;won;5\n"
        )
    return filled


def outcome(answer: HttpResponseBase) -> str:
    """Return what an answer comes to."""
    if answer.headers.get("Location", "").startswith("/sign-in/"):
        return SIGN_IN
    known = {403: DENIED, 404: HIDDEN, 405: "405", 422: UNKNOWN}
    if answer.status_code in known:
        return known[answer.status_code]
    return OK if answer.status_code < 400 else f"broken: {answer.status_code}"
