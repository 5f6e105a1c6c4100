"""No file is too damaged for an answer: it is read, or refused in words, on every way in."""

import logging
import os
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.sheets.hostile_files import hostile_files
from tests.world import World
from turnus.cli.main import main
from turnus.kit.messages import say
from turnus.sheets.errors import SheetError
from turnus.sheets.reading import inspect, read

pytestmark = pytest.mark.fuzz

#: How often each kind of damage is tried; `make fuzz` tries far more.
ROUNDS = int(os.environ.get("TURNUS_FUZZ_ROUNDS", "1"))
SEED = 12


def outcome_of(path: Path) -> str:
    """The code of the refusal, or that the table was read."""
    try:
        list(read(inspect(path)).rows)
    except SheetError as error:
        refusal = error
    else:
        return "read"
    assert "{" not in say(refusal), (
        "a value that the sentence names is missing"
    )
    return refusal.code


def test_every_damaged_file_is_read_or_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(ROUNDS):
        for what, path in hostile_files(tmp_path, Random(SEED + number)):
            with caplog.at_level(logging.ERROR):
                outcomes[outcome_of(path)] += 1
            assert not caplog.records, f"{what}: {caplog.text}"
    # Both happen, or nothing was tried.
    assert outcomes["read"] > 50 * ROUNDS
    assert outcomes.total() - outcomes["read"] > 150 * ROUNDS


def some_files(folder: Path, seed: int) -> list[tuple[str, bytes, str]]:
    """One file in twenty, each time others: what is wrong with it, its bytes, its name."""
    every = hostile_files(folder, Random(seed))
    return [
        (what, path.read_bytes(), path.name)
        for number, (what, path) in enumerate(every)
        if number % 20 == seed % 20
    ]


@pytest.mark.parametrize(
    "command",
    [["detect", "--as-of", "2018-12-31"], ["import", "--dry-run"]],
    ids=lambda one: one[0],
)
def test_no_damaged_file_breaks_a_command(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    command: list[str],
) -> None:
    codes: Counter[int] = Counter()
    for number in range(ROUNDS):
        for what, content, name in some_files(tmp_path, SEED + number):
            (tmp_path / name).write_bytes(content)
            with caplog.at_level(logging.ERROR):
                code = main([command[0], str(tmp_path / name), *command[1:]])
            told = capsys.readouterr()
            codes[code] += 1
            assert not caplog.records, f"{what}: {caplog.text}"
            assert (
                told.err.startswith("turnus: ")
                if code == 1 and not told.out
                else "Traceback" not in told.err
            ), what
    assert set(codes) <= {0, 1, 2, 3}
    assert len(codes) > 1


def test_a_damaged_file_says_so_on_the_page_that_took_it(
    world: World, tmp_path: Path
) -> None:
    client = world.client(world.admin)
    for what, content, name in some_files(tmp_path, SEED)[::2]:
        file = SimpleUploadedFile(name, content)
        answer = client.post("/imports/new/deals/", {"file": file})
        assert answer.status_code in {302, 422}, what
