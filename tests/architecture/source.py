"""The source as the laws see it: files, syntax trees, and the names that are called in them."""

import ast
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "turnus"
N = TypeVar("N", bound=ast.AST)
#: Built, installed or written by tools: not ours to hold to anything.
_NOT_OURS = {
    "node_modules",
    "dist",
    "build",
    "coverage",
    "__pycache__",
    "turnus-data",
}


def own_files(*endings: str, within: Path = ROOT) -> list[Path]:
    """Return the repository's own files with one of the endings; all of them when none is given."""
    found = []
    for folder, folders, names in os.walk(within):
        folders[:] = [
            one
            for one in folders
            if one not in _NOT_OURS
            and (one == ".ci" or not one.startswith("."))
        ]
        found += [
            Path(folder) / name
            for name in names
            if not endings or name.endswith(endings)
        ]
    return sorted(
        one for one in found if not one.name.endswith((".mo", ".egg-info"))
    )


def modules() -> list[Path]:
    """Return every module of the product, without migrations: they are written by Django."""
    return [
        one
        for one in own_files(".py", within=PACKAGE)
        if one.parent.name != "migrations"
    ]


def templates() -> list[Path]:
    """Return every template."""
    return own_files(".html", within=PACKAGE)


def name_of(path: Path) -> str:
    """Return a file's name as people write it, from the root of the repository."""
    return path.relative_to(ROOT).as_posix()


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def nodes(path: Path, kind: type[N]) -> Iterator[N]:
    """Yield the nodes of one kind in a module."""
    return (node for node in ast.walk(tree_of(path)) if isinstance(node, kind))


def place(path: Path, node: ast.expr | ast.stmt) -> str:
    """Return where a node stands, as an editor understands it."""
    return f"{name_of(path)}:{node.lineno}"


def dotted(node: ast.expr) -> str:
    """Return `a.b.c` for a name or an attribute of names; empty for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return ""
