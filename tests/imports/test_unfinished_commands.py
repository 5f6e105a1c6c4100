"""Commands beside an import that is not finished: what they name, refuse and go on with."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from tests.imports.test_duplicates import (
    broken_off,
    counts,
    deals,
    rows_of_all_tables,
)
from tests.imports.test_imports import checked
from tests.world import World
from turnus.cli.main import main
from turnus.history.models import Run


@pytest.fixture
def unfinished(world: World, tmp_path: Path) -> tuple[Path, str]:
    """A file of which 6 of 8 rows are in, and the number of its run."""
    path = deals(tmp_path)
    return path, str(broken_off(world, path).run_id)


def test_a_second_command_names_the_unfinished_run(
    unfinished: tuple[Path, str], capsys: pytest.CaptureFixture[str]
) -> None:
    path, run = unfinished
    before = rows_of_all_tables()
    assert main(["import", str(path)]) == 1
    said = capsys.readouterr().err
    assert f"run {run}, 6 of 8 rows" in said
    assert f"turnus import --continue {run}" in said
    assert f"turnus undo {run}" in said
    assert "--again" in said
    assert rows_of_all_tables() == before
    main(["import", str(path), "--dry-run"])
    assert f"turnus undo {run}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        (["import", "--continue", "{run}"], (8, 4, 4, 0)),
        (["undo", "{run}"], (0, 0, 0, 0)),
    ],
    ids=["continue", "undo"],
)
def test_the_commands_it_names_do_so(
    unfinished: tuple[Path, str],
    arguments: list[str],
    wanted: Any,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run = unfinished[1]
    assert main(["imports"]) == 0
    assert f"turnus import --continue {run}" in capsys.readouterr().out
    assert main([one.format(run=run) for one in arguments]) == 0
    assert counts() == wanted
    main(["imports"])
    assert "No imports are unfinished" in capsys.readouterr().out


def test_again_imports_the_file_beside_the_unfinished_run(
    unfinished: tuple[Path, str], tmp_path: Path
) -> None:
    (tmp_path / "answers.json").write_text('{"existing": {"do": "add"}}')
    assert (
        main(
            [
                "import",
                str(unfinished[0]),
                "--again",
                "--answers",
                str(tmp_path / "answers.json"),
            ]
        )
        == 0
    )
    assert main(["import", "--continue", unfinished[1]]) == 0
    assert counts() == (16, 4, 4, 0)


def test_a_plan_that_was_only_checked_is_carried_out_or_thrown_away(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = (checked(world, deals(tmp_path)) for _ in range(2))
    assert main(["undo", str(first.run_id)]) == 0
    assert "Discarded" in capsys.readouterr().out
    assert main(["import", "--continue", str(second.run_id)]) == 0
    assert main(["import", "--continue", str(first.run_id)]) == 1
    assert counts() == (8, 4, 4, 0)


@pytest.mark.parametrize(
    "arguments",
    [[], ["x.csv", "--continue", "1"], ["--continue", "1", "--dry-run"]],
)
def test_a_file_and_a_run_to_go_on_with_exclude_each_other(
    arguments: list[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["import", *arguments])
    assert ended.value.code == 2


def test_an_unknown_run_is_said(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "--continue", "999"]) == 1
    assert "999" in capsys.readouterr().err
    assert Run.objects.count() == 0
    assert connection.vendor in {"sqlite", "postgresql"}
