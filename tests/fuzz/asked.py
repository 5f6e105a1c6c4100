"""Every request to the application, found in addresses, pages and source: new ones included."""

import inspect
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qsl, quote, quote_from_bytes, urlsplit

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import Resolver404, resolve

from tests.architecture.addresses import addresses
from tests.fuzz.pages import Fields, Form, own_links, read

FORM_CONTENT = "application/x-www-form-urlencoded"
#: `request.GET.get("name")`, `given["name"]`, `getlist("id")`, `day_in(request, "until")`
_NAME = re.compile(
    r"""\b(?:get|getlist)\(\s*"([\w.-]+)"|(?:GET|POST|given|data)\["([\w.-]+)"\]"""
    r"""|\(request, "([\w.-]+)\""""
)
#: A page leads to the same address for every row and field: so many of one address are enough.
_MOST_OF_ONE_ADDRESS = 12


@dataclass(frozen=True)
class Question:
    """One request that the application knows; `files` are names of file inputs.

    Where no page offers it, its fields are names that stand in the source, of which some belong to
    other requests.
    """

    method: str
    path: str
    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()
    query: str = ""
    is_offered: bool = True

    @property
    def view(self) -> str:
        """The name of its address."""
        return _view_name(self.path)

    @property
    def names(self) -> list[str]:
        """The fields that can be given another value, each once."""
        return list(
            dict.fromkeys(
                name
                for name, _ in self.fields
                if name != "csrfmiddlewaretoken"
            )
        )

    @property
    def encoded(self) -> bytes:
        """The fields as they are."""
        return b"&".join(_pair(name, value) for name, value in self.fields)

    def send(
        self, client: Client, encoded: bytes, **headers: str
    ) -> HttpResponse:
        """Send it with encoded fields; with files as a browser sends them."""
        where = f"{self.path}?{self.query}" if self.query else self.path
        if self.method == "GET":
            return client.generic(
                "GET",
                self.path,
                **{"QUERY_STRING": encoded.decode("latin-1"), **headers},
            )
        if not self.files:
            content_type = headers.pop("CONTENT_TYPE", FORM_CONTENT)
            return client.generic(
                "POST", where, encoded, content_type=content_type, **headers
            )
        return client.generic(
            "POST",
            where,
            self._multipart(encoded),
            content_type=MULTIPART_CONTENT,
            **headers,
        )

    def _multipart(self, encoded: bytes) -> bytes:
        given: dict[str, Any] = {}
        for name, value in parse_qsl(
            encoded.decode("latin-1"),
            keep_blank_values=True,
            errors="surrogateescape",
        ):
            given.setdefault(name, []).append(
                value.encode("utf-8", "surrogateescape")
            )
        given |= {
            name: SimpleUploadedFile("deals.csv", b"Title;Value\nAbo;9\n")
            for name in self.files
        }
        return encode_multipart(BOUNDARY, given)

    def with_value(self, name: str, encoded: bytes) -> bytes:
        """Return the encoded fields, with another value, sent as it is, in the field `name`."""
        others = [
            _pair(key, value) for key, value in self.fields if key != name
        ]
        return b"&".join([*others, quote(name).encode() + b"=" + encoded])

    def shapes(self, name: str) -> Mapping[str, bytes]:
        """Return the encoded fields with `name` missing, twice, as a list, without value, alone."""
        others = [
            _pair(key, value) for key, value in self.fields if key != name
        ]
        held = dict(self.fields)[name]
        return {
            "missing": b"&".join(others),
            "twice": b"&".join(
                [*others, _pair(name, "other"), _pair(name, held)]
            ),
            "as a list": b"&".join(
                [
                    *others,
                    _pair(f"{name}[]", held),
                    _pair(f"{name}[0][x]", held),
                ]
            ),
            "without a value": b"&".join([*others, quote(name).encode()]),
            "alone": _pair(name, held),
        }


def _pair(name: str, value: str) -> bytes:
    encoded = quote_from_bytes(value.encode("utf-8", "surrogatepass"))
    return f"{quote(name)}={encoded}".encode()


def questions(client: Client, ids: Mapping[str, int]) -> list[Question]:
    """Return all requests: each address, link and form of its page and of the pages behind."""
    found: dict[tuple[str, ...], Question] = {}
    counts: dict[str, int] = {}

    def add(question: Question) -> bool:
        key = (
            question.method,
            _view_name(question.path),
            question.query,
            *question.names,
            *_choice(question),
        )
        place = f"{question.method} {_view_name(question.path)}"
        if key in found or counts.get(place, 0) >= _MOST_OF_ONE_ADDRESS:
            return False
        counts[place] = counts.get(place, 0) + 1
        found[key] = question
        return True

    waiting = [Question("GET", one.path(ids)) for one in addresses()]
    for question in waiting:
        add(question)
    for _ in range(3):
        waiting = [
            new
            for asked in waiting
            for new in _offered(client, asked)
            if add(new)
        ]
    bare = [
        Question(way, one.path(ids))
        for one in addresses()
        for way in ("GET", "POST")
    ]
    return [
        *found.values(),
        *(
            _with_names_of_source(one)
            for one in bare
            if _is_allowed(client, one)
        ),
    ]


def _is_allowed(client: Client, question: Question) -> bool:
    """Return whether the address takes the method at all."""
    try:
        return answer_to(client, question, b"").status_code != 405
    except Exception:  # noqa: BLE001 (the fuzz test itself asks this again, and tells)
        return True


def answer_to(
    client: Client, question: Question, encoded: bytes, **headers: str
) -> Any:
    """Return the complete answer to a request; the world and the client stay the same."""
    cookies = SimpleCookie(client.cookies)
    try:
        with transaction.atomic():
            try:
                answer: Any = question.send(client, encoded, **headers)
                if answer.streaming:
                    b"".join(answer.streaming_content)
            finally:
                transaction.set_rollback(True)
    finally:
        client.cookies = cookies
    return answer


def _choice(question: Question) -> Iterator[str]:
    """Yield the parts of a request that decide its form: buttons and fields that choose a view."""
    held = dict(question.fields)
    yield from (
        held.get(name, "")
        for name in (
            "action",
            "step",
            "field",
            "path",
            "figure",
            "answer",
            "file",
        )
    )


def _view_name(path: str) -> str:
    try:
        return resolve(path).url_name or path
    except Resolver404:
        return path


def _offered(client: Client, asked: Question) -> list[Question]:
    if asked.method != "GET":
        return []
    try:
        answer = answer_to(client, asked, asked.encoded)
    except Exception:  # noqa: BLE001 (the fuzz test itself asks this again, and tells)
        return []
    if answer.streaming or "html" not in answer.headers.get(
        "Content-Type", ""
    ):
        return []
    page = read(asked.path, answer.content.decode())
    linked = [
        Question("GET", path, tuple(fields))
        for path, fields in own_links(page)
    ]
    return [*linked, *(one for form in page.forms for one in _ways(form))]


def _ways(form: Form) -> Iterator[Question]:
    """Yield the form as each of its buttons sends it."""
    parts = urlsplit(form.action)
    if parts.netloc:
        return
    query: Fields = (
        parse_qsl(parts.query, keep_blank_values=True)
        if form.method == "GET"
        else []
    )
    plain = Question(
        form.method,
        parts.path,
        (*query, *form.fields),
        tuple(form.files),
        "" if query else parts.query,
    )
    yield plain
    for button in form.buttons:
        yield replace(plain, fields=(*plain.fields, button))


def _with_names_of_source(question: Question) -> Question:
    try:
        names = names_read(resolve(question.path).func)
    except Resolver404:
        return question
    return replace(
        question, fields=tuple((name, "1") for name in names), is_offered=False
    )


def names_read(view: Callable[..., Any]) -> list[str]:
    """Return the parameters that a view's module and our modules behind it read."""
    module = sys.modules[inspect.unwrap(view).__module__]
    near = {
        inspect.getmodule(one)
        for one in vars(module).values()
        if inspect.isfunction(one) or inspect.isclass(one)
    }
    sources = [
        inspect.getsource(one)
        for one in {module, *near}
        if one and one.__name__.startswith("turnus.web.")
    ]
    found = {
        next(filter(None, names))
        for source in sources
        for names in _NAME.findall(source)
    }
    # Headers are read in the same way, and have tests of their own.
    return sorted(name for name in found if name == name.lower())
