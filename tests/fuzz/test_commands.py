"""No argument of any command ends in an error of the program: every option meets hostile values.

The options are found in the parser, so that a new one is tried without a line; only a command needs
a line that works.
"""

import argparse
import json
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from django.db import transaction

from tests.architecture.addresses import populated
from tests.fuzz.test_fuzz import FIRST_ROUND, IS_LONG, ROUNDS, told
from tests.fuzz.values import TEXTS
from tests.imports.test_imports import GERMAN, WON, sheet
from tests.world import World
from turnus.cli.main import COMMANDS, build_parser, main

pytestmark = pytest.mark.fuzz

#: Commands that never end by themselves, or that make an instance or the code anew; and those that
#: read or fill a whole database, in transactions of their own (`tests/backups`).
LEFT_OUT = frozenset(
    {"serve", "work", "migrate", "demo", "completion", "version"}
    | {"backup", "restore", "move"}
)
#: A line for each command, and for what goes a way of its own, that works; `{…}` stands for a file.
LINES = (
    "init --no-input --company M --email m@example.org --password-file {secret}",
    "apply {setup}",
    "apply {setup} --dry-run",
    "apply {out} --export",
    "invite ada@example.org",
    "invite ada@example.org --mail --address https://crm.example.org",
    "mail-test ada@example.org",
    "import {deals}",
    "import {csv} --encoding cp1252 --delimiter ;",
    "import --continue 1",
    "import {deals} --json --kind persons",
    "imports",
    "export -o {out}",
    "export -o {out} --kind subscriptions",
    "detect {history}",
    "renew {history} --for 2018-12",
    "renew {history} --for 2018-12 -o {out}",
    "subscriptions import {deals}",
    "subscriptions export {out}",
    "renewals",
    "radar",
    "check",
    "check --repair",
    "report mrr",
    "report mrr --figure closing",
    "report won",
    "report cohorts",
    "undo 1",
    "rates {csv} --since 2018-01-01 --dry-run",
    "person export 1 -o {json}",
    "person erase 1 --yes",
    "password ada@example.org --password-file {secret}",
)
#: What only an argument can be: the folder, no file, a file that is none of this kind, a device.
PATHS = (
    "{folder}",
    "{folder}/missing/x.xlsx",
    "{secret}",
    "/dev/null",
    "/proc/self/mem",
    "-",
    "{folder}/" + "x" * 300 + ".csv",
    "M\udcfcller.csv",
    "{deep}",
    "{list}",
    "{odd}",
)
#: The operating system hands no argument over that holds a NUL or is longer.
ARGUMENTS = (
    *PATHS,
    *(
        text
        for text in TEXTS.values()
        if "\x00" not in text and "\ud83d" not in text and len(text) < 5_000
    ),
    *PATHS,
)
_STEP = 37


@pytest.fixture
def files(world: World, tmp_path: Path) -> dict[str, Path]:
    """An instance with one of everything, and files to name."""
    populated(world, tmp_path)
    contents = {
        "csv": "Deal - Titel;Deal - Wert\nAbo;9\n",
        "secret": "wiederkehrend-2018\n",
        "setup": "teams: [Nord]\nplans: [{name: Gold, every: yearly}]\n",
        "deep": "[" * 100_000,
        "list": "[]",
        "odd": '{"a": NaN, "": [], "Deal - Abo": {}, "\\ud800": "\\u0000", "1": 1e999}',
    }
    found = {
        name: tmp_path / f"{name}.{'csv' if name == 'csv' else 'txt'}"
        for name in contents
    }
    for name, path in found.items():
        path.write_text(contents[name])
    deals = sheet(tmp_path / "deals.xlsx", [WON])
    days = [
        (*WON[:6], f"2018-{month:02}-01", *WON[7:]) for month in range(1, 12)
    ]
    history = sheet(tmp_path / "history.xlsx", days, GERMAN)
    return {
        **found,
        "deals": deals,
        "history": history,
        "folder": tmp_path,
        "out": tmp_path / "out.xlsx",
        "json": tmp_path / "out.json",
    }


def test_every_command_has_a_line_that_is_spoilt() -> None:
    assert {line.split()[0] for line in LINES} | LEFT_OUT == set(COMMANDS)


def test_no_argument_of_any_command_breaks_it(
    files: dict[str, Path],
    monkeypatch: pytest.MonkeyPatch,
    capsysbinary: pytest.CaptureFixture[bytes],
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.chdir(files["folder"])
    found: dict[str, str] = {}
    for command in spoilt_commands():
        given = [_named(word, files) for word in command]
        with caplog.at_level(logging.WARNING):
            problem = problem_of(given)
        error = capsysbinary.readouterr().err
        with_traceback = [
            record for record in caplog.records if record.exc_info
        ]
        caplog.clear()
        if problem or with_traceback or b"Traceback" in error:
            found.setdefault(
                problem or str(with_traceback) or str(error),
                json.dumps(command)[:300],
            )
    assert not found, "\n".join(
        f"{command}\n    {problem}" for problem, command in found.items()
    )


def _named(word: str, files: Mapping[str, Path]) -> str:
    """Return the word with the names of files in it; other braces stay."""
    return re.sub(
        r"\{([a-z]+)\}", lambda part: str(files.get(part[1], part[0])), word
    )


def problem_of(arguments: Sequence[str]) -> str:
    """Return what broke; empty if nothing did. The instance stays as it was."""
    try:
        with transaction.atomic():
            try:
                code = main(arguments)
            finally:
                transaction.set_rollback(True)
    except SystemExit as left:
        code = int(left.code or 0)
    except Exception as error:  # noqa: BLE001 (whatever it is, it is what the test is about)
        return told(error)
    return "" if code in {0, 1, 2, 3} else f"exit code {code}"


def spoilt_commands() -> Iterator[list[str]]:
    """Yield each line as it is, and with each option or word replaced by a hostile value."""
    for line in LINES:
        yield line.split()
    for turn in range(FIRST_ROUND, FIRST_ROUND + ROUNDS):
        for place, (line, position) in enumerate(_places()):
            value = ARGUMENTS[(place * 7 + turn * _STEP) % len(ARGUMENTS)]
            yield _with(line.split(), position, value)


def _with(words: list[str], position: int | str, value: str) -> list[str]:
    if isinstance(position, int):
        return [*words[:position], value, *words[position + 1 :]]
    return [*words, f"{position}={value}"]


def _places() -> Iterator[tuple[str, int | str]]:
    """Yield where a value can stand: the place of a word that is a value, or an option."""
    met: set[tuple[str, str]] = set()
    for line in LINES:
        words = line.split()
        yield from (
            (line, number)
            for number, word in enumerate(words)
            if number and not word.startswith("-")
        )
        for action in _options(words):
            name = (
                action.option_strings[0]
                if len(action.option_strings) == 1
                else action.option_strings[-1]
            )
            if action.nargs != 0 and (IS_LONG or (words[0], name) not in met):
                met.add((words[0], name))
                yield line, name


def _options(words: Sequence[str]) -> list[argparse.Action]:
    parser = build_parser()
    for word in words[:2]:
        ways = next(
            (
                one
                for one in parser._actions
                if isinstance(one, argparse._SubParsersAction)
            ),
            None,
        )
        if ways is not None and word in ways.choices:
            parser = ways.choices[word]
    return [
        action
        for action in parser._actions
        if action.option_strings and action.dest not in {"help", "data"}
    ]
