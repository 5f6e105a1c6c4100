"""Files stay short, say what is in them, and have names that say something."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import (
    PACKAGE,
    ROOT,
    modules,
    name_of,
    own_files,
    templates,
    tree_of,
)

BEHAVIORS = ROOT / "frontend" / "src" / "behaviors"
#: Names under which anything could hide.
SAY_NOTHING = {
    name
    for stem in (
        "util",
        "helper",
        "service",
        "signal",
        "manager",
        "handler",
        "processor",
    )
    for name in (stem, f"{stem}s")
} | {"common", "misc", "tools", "data", "info"}


@pytest.mark.parametrize(
    ("files", "limit"),
    [
        (own_files(".py"), 500),
        (templates(), 120),
        (own_files(".js", within=BEHAVIORS), 100),
    ],
    ids=["python", "templates", "behaviors"],
)
def test_no_file_outgrows_its_limit(files: list[Path], limit: int) -> None:
    lines = {
        name_of(one): len(one.read_text(encoding="utf-8").splitlines())
        for one in files
    }
    assert files
    long = {name for name, count in lines.items() if count > limit}
    assert not long, "split it by what it is about"


def test_no_function_outgrows_its_limit() -> None:
    long = {
        f"{name_of(module)}::{function.name}"
        for module in modules()
        for function in ast.walk(tree_of(module))
        if isinstance(function, ast.FunctionDef) and length_of(function) > 40
    }
    assert not long, "let it do one thing"


def length_of(function: ast.FunctionDef) -> int:
    """How many lines the body has, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0


def test_every_module_and_package_says_what_is_in_it() -> None:
    silent = [
        name_of(one)
        for one in modules()
        if not ast.get_docstring(tree_of(one))
    ]
    assert not silent, "begin with one sentence: what is here, and what is not"


def test_every_package_is_one() -> None:
    folders = {one.parent for one in modules() if one.parent != PACKAGE}
    assert not [
        name_of(one) for one in folders if not (one / "__init__.py").exists()
    ]


def test_no_module_has_a_name_that_says_nothing() -> None:
    parts = {
        name_of(one): {*one.relative_to(PACKAGE).with_suffix("").parts}
        for one in modules()
    }
    assert not [
        name for name, words in parts.items() if words & SAY_NOTHING
    ], "name it after what it does"


def test_every_template_says_what_it_expects() -> None:
    silent = [name_of(one) for one in templates() if not says_its_context(one)]
    assert not silent, "begin with a comment that names the context expected"


def test_no_line_of_a_template_outgrows_its_limit() -> None:
    long = {
        f"{name_of(template)}:{number}"
        for template in templates()
        for number, line in enumerate(
            template.read_text(encoding="utf-8").splitlines(), start=1
        )
        if len(line) > 140
    }
    assert not long, "one sentence a line; the view chooses the case"


def says_its_context(template: Path) -> bool:
    lines = [
        one
        for one in template.read_text(encoding="utf-8").splitlines()
        if one.strip()
    ]
    return any(
        one.lstrip().startswith(("{#", "{% comment")) for one in lines[:4]
    )
