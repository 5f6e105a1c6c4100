"""Every action that a page calls has a line in the matrix; every command is listed."""

import ast
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.access.lines import LINES
from tests.access.roles import OK
from tests.access.test_matrix import asked
from tests.access.worlds import Things, digest, taken_back
from tests.architecture.source import PACKAGE, modules, nodes
from turnus.cli.main import COMMANDS, main

pytestmark = pytest.mark.django_db
WEB = PACKAGE / "web"
#: Actions that pages call beside those that lines of the matrix reach, and which test says who may.
ELSEWHERE = {
    "accounts.set_up_company": "an instance without a company: tests/web/test_pages.py",
    "sales.first_pipeline": "the same",
    "revenue.add_ready_made_plans": "the same",
    "accounts.answer_invitation": "whoever has the link: tests/web/test_invitations.py",
    "detection.undo_proposal": "tests/detection/test_rights.py",
    "accounts.sent_once": "what the forms themselves call: tests/web/test_once.py",
    "privacy.erase_person": "refused while an import is unfinished, as one is here: tests/privacy",
    "exports.exports_folder": "no action: where the files lie",
}


def web_actions() -> set[str]:
    """Return the actions that modules of pages import, as `package.name`."""
    found = set()
    for path in (one for one in modules() if WEB in one.parents):
        for imported in nodes(path, ast.ImportFrom):
            parts = (imported.module or "").split(".")
            is_action = any(part.startswith("actions") for part in parts[2:])
            if parts[0] == "turnus" and is_action:
                found |= {
                    f"{parts[1]}.{one.name}"
                    for one in imported.names
                    if one.name.islower()
                }
    return found


@contextmanager
def noting(called: dict[int, CodeType]) -> Iterator[None]:
    """Note which functions are called."""

    def note(frame: FrameType, _event: str, _argument: Any) -> None:
        called[id(frame.f_code)] = frame.f_code

    before = sys.gettrace()
    sys.settrace(note)
    try:
        yield
    finally:
        sys.settrace(before)


def action_names(called: Iterable[CodeType]) -> set[str]:
    """Return the actions among functions, as `package.name`."""
    found = set()
    for code in called:
        path = Path(code.co_filename)
        if PACKAGE not in path.parents:
            continue
        package, *inner = path.relative_to(PACKAGE).parts
        if any(part.startswith("actions") for part in inner):
            found.add(f"{package}.{code.co_name}")
    return found


def test_every_action_that_a_page_calls_is_reached_by_a_line(
    instance: Things,
) -> None:
    called: dict[int, CodeType] = {}
    for line in LINES:
        for post in line.posts:
            let_in = [
                role for role in ("alice", "admin") if post.who[role] == OK
            ]
            for role in let_in[:1]:
                with taken_back(), noting(called):
                    asked(instance, line, role, post)
    assert sorted(web_actions() - action_names(called.values())) == sorted(
        ELSEWHERE
    ), "add what is posted to a line"


#: Whoever may run a command is the operator of the machine: there are no rights to ask for. Those
#: that act on records do so as the first admin, or as whom --as names. What of them changes
#: nothing, with the arguments that show it; a new command needs its word here.
READING: Mapping[str, tuple[str, ...]] = {
    "export": ("-o", "{folder}/deals.csv"),
    "report": ("won",),
    "radar": (),
    "check": (),
    "imports": (),
    "invite": ("ada@example.org",),
    "renewals": ("--dry-run",),
    "subscriptions": ("export", "{folder}/subscriptions.csv"),
    "detect": ("{folder}/deals.csv",),
    "renew": ("{folder}/deals.csv", "--dry-run"),
    "completion": ("bash",),
    "version": (),
}
#: What writes, and on whose behalf.
WRITING: Mapping[str, str] = {
    "mail-test": "writes nothing, but sends a message",
    "init": "makes the instance and its first admin",
    "apply": "as the first admin or --as, without --dry-run and --export",
    "demo": "makes an instance of its own",
    "migrate": "changes the tables",
    "backup": "writes nothing but its file, and reads in a transaction of its own",
    "rates": "as the first admin or --as, without --dry-run",
    "restore": "fills an empty database",
    "move": "fills another, empty database",
    "password": "gives anybody a new password: whoever holds the machine holds the instance",
    "serve": "answers people, each with their own rights, and does the jobs they asked for",
    "work": "does the jobs that people asked for, with the rights of who asked",
    "import": "as the first admin or --as",
    "undo": "as the first admin or --as",
    "person": "as the first admin or --as, who must be an admin",
    "renewals": "as the first admin or --as, without --dry-run",
    "subscriptions": "as the first admin or --as, when it imports",
}


def test_every_command_is_listed() -> None:
    assert {*READING, *WRITING} == set(COMMANDS)


def test_a_command_that_only_reads_changes_nothing(
    instance: Things, capsys: pytest.CaptureFixture[str]
) -> None:
    with taken_back():
        codes = {
            name: main(
                [name, *(one.format(folder=instance.folder) for one in given)]
            )
            for name, given in READING.items()
        }
        assert digest() == instance.digest
    assert codes == dict.fromkeys(READING, 0), capsys.readouterr().err
