"""The database is written, transactions are opened and the clock is read in few, known places."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps

from tests.architecture.owners import noting_strangers
from tests.architecture.source import PACKAGE, dotted, modules, nodes, place
from turnus.accounts.models import Team

WRITES = {
    "save",
    "create",
    "delete",
    "get_or_create",
    "update_or_create",
    "bulk_create",
    "bulk_update",
    "insert_rows",
    "update_rows",
    "executemany",
    "cursor",
}
#: Modules beside actions that write, each with its reason.
WRITERS = {
    "kit/json_columns.py": "makes the indexes of custom fields, which no migration can know",
    "kit/listening.py": "sends notices and listens for them, which changes no row",
    "kit/replicas.py": "asks how far a replica has come, which changes no row",
    "kit/sql.py": "is the fast lane that actions write through",
}
#: Modules beside actions that open a transaction, each with its reason.
OPENERS = {
    "demo/company.py": "the demo is there whole or not at all; actions write every row of it",
    "kit/sql.py": "a lock that others hold is tried for in a savepoint of the caller's transaction",
}
CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
    "timezone.now",
    "timezone.localdate",
    "timezone.localtime",
}


def inner_name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def is_action(path: Path) -> bool:
    return any(
        part.startswith("actions") for part in path.relative_to(PACKAGE).parts
    )


def elsewhere(known: dict[str, str]) -> list[Path]:
    """Return the modules that are neither actions nor a known exception."""
    return [
        one
        for one in modules()
        if not is_action(one) and inner_name(one) not in known
    ]


def writes(path: Path) -> Iterator[ast.Call]:
    """Yield writes; `update` with a positional argument is a dict's or a set's."""
    for call in nodes(path, ast.Call):
        name = dotted(call.func).rpartition(".")[2] or getattr(
            call.func, "attr", ""
        )
        is_method = isinstance(call.func, ast.Attribute) or name in {
            "insert_rows",
            "update_rows",
        }
        if is_method and (
            name in WRITES
            or (name == "update" and not call.args and call.keywords)
        ):
            yield call


def opens(path: Path) -> Iterator[ast.expr | ast.stmt]:
    """Yield what opens or steers a transaction."""
    for attribute in nodes(path, ast.Attribute):
        if dotted(attribute).startswith("transaction."):
            yield attribute
    for imported in nodes(path, ast.ImportFrom):
        if imported.module == "django.db.transaction":
            yield imported


def clock_reads(path: Path) -> Iterator[ast.expr | ast.stmt]:
    """Yield what asks for the present: calls, called defaults, their imports, `auto_now`."""
    for attribute in nodes(path, ast.Attribute):
        if ".".join(dotted(attribute).split(".")[-2:]) in CLOCK:
            yield attribute
    for imported in nodes(path, ast.ImportFrom):
        if {
            f"{(imported.module or '').rpartition('.')[2]}.{one.name}"
            for one in imported.names
        } & CLOCK:
            yield imported
    for call in nodes(path, ast.Call):
        if {"auto_now", "auto_now_add"} & {one.arg for one in call.keywords}:
            yield call


def test_only_actions_write_to_the_database() -> None:
    found = [
        place(path, call)
        for path in elsewhere(WRITERS)
        for call in writes(path)
    ]
    assert not found, "move the change into an action"


def test_only_actions_open_transactions() -> None:
    found = [
        place(path, node)
        for path in elsewhere(OPENERS)
        for node in opens(path)
    ]
    assert not found, "let an action open the transaction"


def test_only_the_clock_reads_the_time() -> None:
    found = [
        place(path, node)
        for path in modules()
        if inner_name(path) != "kit/clock.py"
        for node in clock_reads(path)
    ]
    assert not found, (
        "take the moment (at) or the day (on) as a parameter, or ask kit.clock at the edge"
    )


def strange_writes(path: Path) -> Iterator[str]:
    """Yield where a module writes a model of another package, by its name."""
    package, owners = path.relative_to(PACKAGE).parts[0], owners_of_models()
    for call in nodes(path, ast.Call):
        name = written_model(call)
        if owners.get(name, package) != package:
            yield f"{place(path, call)} writes {name}"


def written_model(call: ast.Call) -> str:
    """Return the name that a write begins with: `Stage` in `Stage.objects.filter(…).update(…)`."""
    if isinstance(call.func, ast.Name):
        is_lane = call.func.id in {"insert_rows", "update_rows"} and bool(
            call.args
        )
        return dotted(call.args[0]) if is_lane else ""
    if not isinstance(call.func, ast.Attribute) or call.func.attr not in {
        *WRITES,
        "update",
    }:
        return ""
    inner: ast.expr = call.func.value
    while isinstance(inner, ast.Call | ast.Attribute | ast.Subscript):
        inner = inner.func if isinstance(inner, ast.Call) else inner.value
    return dotted(inner)


def owners_of_models() -> dict[str, str]:
    """Return the package of each model by the name of its class."""
    own = (
        one
        for one in apps.get_models()
        if one.__module__.startswith("turnus.")
    )
    return {one.__name__: one.__module__.split(".")[1] for one in own}


def test_a_table_is_written_by_its_own_package_only() -> None:
    """What hides behind variables is seen at run time: `owners.py` watches every test."""
    assert not [one for path in modules() for one in strange_writes(path)], (
        "call an action of the package whose model it is"
    )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("package", "write", "noted"),
    [
        (
            "imports",
            "Team.objects.create(name='x')",
            {"imports writes accounts_team, a table of accounts"},
        ),
        (
            "imports",
            "Team.objects.filter(pk=0).update(name='x')",
            {"imports writes accounts_team, a table of accounts"},
        ),
        ("accounts", "Team.objects.create(name='x')", set()),
        ("kit", "Team.objects.create(name='x')", set()),
    ],
)
def test_a_strange_write_is_noted_at_run_time(
    package: str, write: str, noted: set[str]
) -> None:
    found: set[str] = set()
    code = compile(
        write, str(PACKAGE / package / "actions_of_nobody.py"), "exec"
    )
    with noting_strangers(found):
        exec(code, {"Team": Team})  # noqa: S102 (code of a module that is not there)
    assert found == noted


@pytest.mark.parametrize(
    "known", [WRITERS, OPENERS], ids=["writers", "openers"]
)
def test_every_exception_is_still_needed(known: dict[str, str]) -> None:
    used = {
        name
        for name in known
        if any(writes(PACKAGE / name)) or any(opens(PACKAGE / name))
    }
    assert used == set(known)
