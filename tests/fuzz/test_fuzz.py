"""Nothing that anybody can send ends in an error: each field meets hostile values.

`make test` lets each field meet a value, on PostgreSQL every second one; `make fuzz` goes on for
TURNUS_FUZZ_ROUNDS rounds.
"""

import logging
import os
import re
import traceback
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from django.test import Client

from tests.architecture.addresses import addresses, populated
from tests.fuzz.asked import Question, answer_to, questions
from tests.fuzz.values import HEADERS, NUMBERS, WORDS, bodies, encoded
from tests.world import World
from turnus.kit.sql import is_sqlite

pytestmark = pytest.mark.fuzz

#: How many values each field of each address meets; `make test` goes round once, and asks less
#: beside it.
ROUNDS = int(os.environ.get("TURNUS_FUZZ_ROUNDS", "1"))
#: The round to begin with: another one asks with other values.
FIRST_ROUND = int(os.environ.get("TURNUS_FUZZ_FIRST", "0"))
IS_LONG = ROUNDS > 1
VALUES = list(encoded().items())
SHAPES = ("missing", "twice", "as a list", "without a value", "alone")
#: Apart by a step without common divisors, so that neighbors and rounds meet other values.
_STEP = 37
#: The search, a filter or a page's number stand at nearly every address: `make test` spoils them at
#: so many. So do names that stand in the source only; fields of forms it spoils at each.
_ADDRESSES_OF_PARAMETER = 1
#: A regular user may do less, and so meets fewer.
_OF_REGULAR_USER = 10 if IS_LONG else 30


class Problems(logging.Handler):
    """What broke, with the first request for each; and what only the database refused."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self.asked = ""

    def note(
        self,
        client: Client,
        question: Question,
        what: str,
        body: bytes,
        **headers: str,
    ) -> None:
        self.asked = (
            f"{question.method} {question.path}?{question.query} {what}"
        )
        if problem := problem_of(client, question, body, **headers):
            self.found.setdefault(problem, self.asked)

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and record.exc_info[1]:
            self.found.setdefault(told(record.exc_info[1]), self.asked)


@pytest.fixture
def problems() -> Iterator[Problems]:
    problems = Problems()
    logger = logging.getLogger("turnus.web.errors")
    logger.addHandler(problems)
    yield problems
    logger.removeHandler(problems)
    assert not problems.found, "\n".join(
        f"{where}\n    {problem}" for problem, where in problems.found.items()
    )


@pytest.fixture
def ids(world: World, tmp_path: Path) -> dict[str, int]:
    return populated(world, tmp_path)


def test_no_value_of_any_field_breaks_the_server(
    world: World, ids: dict[str, int], problems: Problems
) -> None:
    client, regular = world.client(world.admin), world.client(world.alice)
    asked = questions(client, ids)
    for question in asked:
        # Pages have been opened already, to find what they offer; forms are sent with one field
        # spoilt.
        if IS_LONG:
            problems.note(client, question, "as it is", question.encoded)
    for number, (question, what, body) in enumerate(spoilt(asked)):
        problems.note(client, question, what, body)
        if number % _OF_REGULAR_USER == 1:
            problems.note(
                regular, question, f"{what}, for a regular user", body
            )


def test_no_path_breaks_the_server(
    world: World, ids: dict[str, int], problems: Problems
) -> None:
    client = world.client(world.admin)
    for address in addresses():
        for value in (
            (*NUMBERS, *WORDS)
            if IS_LONG
            else (NUMBERS[-3], NUMBERS[-1], WORDS[0])
        ):
            path = re.sub(
                "<int:[^>]*>" if value.isdecimal() else "<slug:[^>]*>",
                value,
                address.pattern,
            )
            path = re.sub("<int:[^>]*>", str(ids.get(address.name, 1)), path)
            path = re.sub("<[^>]*>", "deals", path)
            if path != address.path(ids) and (
                value not in WORDS or "<slug" in address.pattern
            ):
                for method in ("GET", "POST"):
                    problems.note(client, Question(method, path), "", b"")


def test_no_header_cookie_or_body_breaks_the_server(
    world: World, ids: dict[str, int], problems: Problems
) -> None:
    deal = f"/deals/{ids['']}/"
    admin, nobody = world.client(world.admin), Client()
    places = [
        (admin, Question("POST", f"{deal}save/")),
        (nobody, Question("POST", "/sign-in/")),
    ]
    if IS_LONG:
        places += [
            (admin, Question("GET", "/deals/")),
            (admin, Question("GET", deal)),
            (nobody, Question("GET", deal)),
        ]
    for client, question in places:
        for header, value in HEADERS:
            problems.note(
                client,
                question,
                f"{header}: {value[:40]!r}",
                b"field=title&value=x",
                **{header: value},
            )
        for what, content_type, body in bodies():
            problems.note(
                client, question, what, body, CONTENT_TYPE=content_type
            )


def spoilt(asked: Sequence[Question]) -> Iterator[tuple[Question, str, bytes]]:
    """Yield the requests with one field after another spoilt: once a round, at each address."""
    by_field: dict[tuple[str, str, str], list[Question]] = defaultdict(list)
    places: dict[tuple[str, str], set[str]] = defaultdict(set)
    for question in asked:
        for name in question.names:
            field = re.sub(r"\d+", "0", name)
            views = places[question.method, field]
            is_field_of_form = (
                question.method == "POST" and question.is_offered
            )
            is_near = (
                question.view in views or len(views) < _ADDRESSES_OF_PARAMETER
            )
            if IS_LONG or is_field_of_form or is_near:
                views.add(question.view)
                by_field[question.method, question.view, field].append(
                    question
                )
    for turn in range(FIRST_ROUND, FIRST_ROUND + ROUNDS):
        for place, ((_method, _view, field), offering) in enumerate(
            by_field.items()
        ):
            question = offering[turn % len(offering)]
            name = next(
                one
                for one in question.names
                if re.sub(r"\d+", "0", one) == field
            )
            if place % 2 and not IS_LONG and not is_sqlite():
                continue  # `make test` asks PostgreSQL half of it
            number = (place + turn * _STEP) % (len(VALUES) + len(SHAPES))
            if number < len(VALUES):
                what, value = VALUES[number]
                yield (
                    question,
                    f"{name} = {what}",
                    question.with_value(name, value),
                )
            else:
                shape = SHAPES[number - len(VALUES)]
                yield question, f"{name} {shape}", question.shapes(name)[shape]


def problem_of(
    client: Client, question: Question, body: bytes, **headers: str
) -> str:
    """Return what broke; empty if nothing did."""
    try:
        answer = answer_to(client, question, body, **headers)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what the test is about)
        return told(error)
    return f"status {answer.status_code}" if answer.status_code >= 500 else ""


def told(error: BaseException) -> str:
    """Return what an error is, and where in our code it came up."""
    places = traceback.extract_tb(error.__traceback__)
    place = next(
        (one for one in reversed(places) if "/turnus/" in one.filename),
        places[-1],
    )
    file = place.filename.rpartition("/src/")[2]
    return (
        f"{type(error).__name__}: {str(error)[:150]} ({file}:{place.lineno})"
    )
