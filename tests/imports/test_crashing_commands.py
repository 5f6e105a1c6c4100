"""Commands that are killed and continued bring every row once; `make crash` kills more."""

import os
from pathlib import Path

from tests.revenue.test_crashes import crash_anywhere


def test_killed_commands_bring_every_row_once(tmp_path: Path) -> None:
    kills = int(os.environ.get("TURNUS_KILLS", "16")) // 4
    said = crash_anywhere(tmp_path, kills, "tests.imports.crashing_commands")
    assert "no row missing, none twice" in said
