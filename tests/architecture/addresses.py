"""Every address of the application, made concrete."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver

_VALUES = {"int": "1", "slug": "deals", "str": "x", "uuid": "00000000-0000-0000-0000-000000000001"}
#: `<int:pk>`, `<pk>`
_PART = re.compile(r"<(?:(\w+):)?\w+>")


@dataclass(frozen=True)
class Address:
    """One address: the name of its pattern, and a path that matches it."""

    name: str
    path: str


def addresses() -> list[Address]:
    """Return one address for each pattern."""
    return list(_walk(get_resolver().url_patterns, "/"))


def _walk(patterns: list[URLPattern | URLResolver], prefix: str) -> Iterator[Address]:
    for one in patterns:
        path = prefix + _PART.sub(lambda part: _VALUES[part[1] or "str"], str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, path)
        else:
            yield Address(one.name or path, path)
