"""The worked example of the admin guide is applied as it stands there."""

import re
from pathlib import Path

import pytest

from tests.world import PASSWORD, World
from turnus.accounts.models import User
from turnus.cli.main import main
from turnus.listing.models import SavedFilter
from turnus.revenue.models import Plan

PAGE = Path(__file__).resolve().parents[2] / "docs" / "admin" / "setup.md"
EXAMPLE = re.search(
    r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL
)


def test_the_example_of_the_guide_works(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("BEN_PASSWORD", PASSWORD)
    path = tmp_path / "setup.yaml"
    path.write_text(EXAMPLE[1], encoding="utf-8")

    assert main(["apply", str(path)]) == 0, capsys.readouterr().err
    first = capsys.readouterr().out
    assert "plans “Gold”: added (every: yearly, grace_days: 45" in first
    assert PASSWORD not in first
    assert User.objects.get(email="ben@example.org").check_password(PASSWORD)
    assert not User.objects.get(email="cleo@example.org").has_usable_password()
    assert Plan.objects.get(name="Silver").stage.name == "Due"
    saved = SavedFilter.objects.get()
    assert saved.sort == "-won_at"
    assert str(saved.columns[2]).startswith("custom.")

    assert main(["apply", str(path)]) == 0
    assert capsys.readouterr().out == "Nothing to change.\n"
