"""The command, given a text."""

from pathlib import Path

import pytest

from tests.setup.states import Apply
from tests.world import World
from turnus.cli.main import main


@pytest.fixture
def apply(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Apply:
    """Apply a text; return what the command says."""

    def applied(text: str, *options: str, code: int = 0) -> str:
        path = tmp_path / "setup.yaml"
        path.write_text(text, encoding="utf-8")
        assert main(["apply", str(path), *options]) == code
        captured = capsys.readouterr()
        return captured.err if code else captured.out

    return applied
