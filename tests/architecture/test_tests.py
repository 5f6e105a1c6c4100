"""Tests can fail: what they assert could be wrong."""

import ast
from collections.abc import Callable, Iterator

import pytest

from tests.architecture.source import ROOT, nodes, own_files, place
from tests.world import World
from turnus.accounts.models import User

TEST_MODULES = own_files(".py", within=ROOT / "tests")
#: A text of one or two letters is found on almost every page.
SHORTEST_TELLING_TEXT = 3
#: Pages that share nothing but the frame of every page.
UNLIKE_PAGES = ("/trash/", "/imports/", "/organizations/", "/reports/open/")
#: Texts of the frame that tests look for in answers that may come without it.
OF_THE_FRAME = {'<html lang="de"', 'href="/"'}


def asserted() -> Iterator[tuple[str, ast.expr]]:
    """Yield what the tests assert, with its place."""
    for path in TEST_MODULES:
        for assertion in nodes(path, ast.Assert):
            yield place(path, assertion), assertion.test


def is_constant(expression: ast.expr) -> bool:
    is_literal = isinstance(
        expression, ast.Constant | ast.JoinedStr | ast.Lambda
    )
    is_filled = isinstance(expression, ast.Tuple | ast.Dict | ast.GeneratorExp)
    return is_literal or is_filled


def is_enum_member(expression: ast.expr) -> bool:
    if not isinstance(expression, ast.Attribute) or not isinstance(
        expression.value, ast.Name
    ):
        return False
    return expression.attr.isupper() and expression.value.id[0].isupper()


def is_primary_key(expression: ast.expr) -> bool:
    return isinstance(expression, ast.Attribute) and expression.attr in {
        "pk",
        "id",
    }


def is_short_text_in_a_page(expression: ast.expr) -> bool:
    if not isinstance(expression, ast.Compare) or not isinstance(
        expression.ops[0], ast.In
    ):
        return False
    text = (
        expression.left.value
        if isinstance(expression.left, ast.Constant)
        else None
    )
    page = ast.unparse(expression.comparators[0])
    is_short = isinstance(text, str) and len(text) < SHORTEST_TELLING_TEXT
    return is_short and ("page" in page or "content" in page)


@pytest.mark.parametrize(
    "cannot_fail",
    [is_constant, is_enum_member, is_primary_key, is_short_text_in_a_page],
)
def test_no_assertion_is_always_true(
    cannot_fail: Callable[[ast.expr], bool],
) -> None:
    assert not [
        where for where, expression in asserted() if cannot_fail(expression)
    ]


@pytest.mark.parametrize(
    ("source", "cannot_fail"),
    [
        ("True", is_constant),
        ("(found, page)", is_constant),
        ("RecordKind.DEAL", is_enum_member),
        ("deal.pk", is_primary_key),
        ("'1' in page", is_short_text_in_a_page),
    ],
)
def test_assertions_that_cannot_fail_are_noticed(
    source: str, cannot_fail: Callable[[ast.expr], bool]
) -> None:
    assert cannot_fail(ast.parse(source, mode="eval").body)
    assert not cannot_fail(ast.parse("deal.title == 'A'", mode="eval").body)


def texts_in_something() -> Iterator[tuple[str, str]]:
    """Yield the texts of `assert "text" in page`, with their place."""
    for where, expression in asserted():
        if not isinstance(expression, ast.Compare):
            continue
        is_inside = isinstance(expression.ops[0], ast.In)
        text = getattr(expression.left, "value", None)
        if is_inside and isinstance(text, str) and text not in OF_THE_FRAME:
            yield where, text


@pytest.mark.parametrize("language", ["de", "en"])
def test_no_test_looks_for_a_text_that_stands_on_every_page(
    world: World, language: str
) -> None:
    User.objects.update(language=language)
    client = world.client(world.admin)
    pages = [client.get(address).content.decode() for address in UNLIKE_PAGES]
    assert not [
        f"{where}: {text}"
        for where, text in texts_in_something()
        if all(text in page for page in pages)
    ]
