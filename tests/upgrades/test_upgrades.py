"""A database that an earlier state of Turnus wrote is brought up to date, and says what it said."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.upgrades.stories import (
    DATABASE,
    STATES,
    readings_of,
    restore,
    set_up,
    turnus,
)

DUMPS = sorted(STATES.glob("*.sql"))


@pytest.mark.parametrize("stored", DUMPS, ids=lambda path: path.stem)
def test_a_stored_database_is_upgraded_and_reads_the_same(
    stored: Path, tmp_path: Path
) -> None:
    restore(tmp_path, stored.read_text(encoding="utf-8"))
    turnus(tmp_path, "migrate")
    expected = json.loads(
        stored.with_suffix(".json").read_text(encoding="utf-8")
    )
    assert readings_of(tmp_path) == expected


@pytest.mark.parametrize("stored", DUMPS, ids=lambda path: path.stem)
def test_an_upgraded_database_has_the_tables_of_a_new_one(
    stored: Path, tmp_path: Path
) -> None:
    restore(tmp_path / "old", stored.read_text(encoding="utf-8"))
    turnus(tmp_path / "old", "migrate")
    new_folder = tmp_path / "new"
    new_folder.mkdir()
    set_up(new_folder)
    assert columns_of(tmp_path / "old") == columns_of(new_folder)


def columns_of(folder: Path) -> dict[str, list[tuple[str, str, int]]]:
    """Return each table's columns: name, type, whether it must be filled."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        return {
            name: sorted(
                row[1:4]
                for row in connection.execute(f'PRAGMA table_info("{name}")')
            )
            for (name,) in tables
            if not name.startswith("sqlite_")
        }


def test_a_state_is_stored_for_what_stands_today() -> None:
    assert DUMPS, "python -m tests.upgrades.store NAME stores one"
