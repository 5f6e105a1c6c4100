"""What is shipped: licenses of what is bundled, and every Python that is named reads files."""

import json
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from turnus.core.tables import ReadingChoices
from turnus.sheets.bounds import Bounds
from turnus.sheets.reader_process import request_for

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
    "project"
]
PYTHONS = [
    one.rpartition(" ")[2]
    for one in PROJECT["classifiers"]
    if one.startswith("Programming Language :: Python :: 3.")
]
BUNDLED = json.loads(
    (ROOT / "frontend" / "package.json").read_text(encoding="utf-8")
)["dependencies"]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "hatchling",
        "build",
        "-t",
        "wheel",
        "-d",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.mark.parametrize("package", [*BUNDLED, "zrender"])
def test_the_wheel_has_the_license_of_what_is_bundled(
    wheel: zipfile.ZipFile, package: str
) -> None:
    name = package.replace("@", "").replace("/", "-")
    text = wheel.read(f"turnus/static/dist/licenses/{name}.txt").decode()
    assert "permission" in text.lower() or "license" in text.lower()


def test_the_wheel_has_its_own_license(wheel: zipfile.ZipFile) -> None:
    assert [
        name
        for name in wheel.namelist()
        if name.endswith(".dist-info/licenses/LICENSE")
    ]


def test_the_oldest_python_is_the_one_that_is_checked_for() -> None:
    assert PROJECT["requires-python"] == f">={PYTHONS[0]}"
    assert PYTHONS == ["3.11", "3.12", "3.13", "3.14"]


@pytest.mark.parametrize("version", PYTHONS)
def test_every_python_that_is_here_reads_a_file(
    tmp_path: Path, version: str
) -> None:
    python = shutil.which(f"python{version}")
    # Some version managers put a name on PATH for what is not there.
    if (
        python is None
        or subprocess.run(
            [python, "--version"], check=False, capture_output=True
        ).returncode
    ):
        pytest.skip(f"Python {version} is not on this machine")
    (tmp_path / "deals.csv").write_text("Titel;Wert\nHosting;99,50\n")
    request = request_for(
        tmp_path / "deals.csv",
        ReadingChoices(),
        Bounds.of(tmp_path / "deals.csv"),
    )
    command = [python, "-P", "-m", "turnus.sheets.reader_process"]
    environment = {
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    done = subprocess.run(
        command,
        input=request,
        env=environment,
        capture_output=True,
        check=True,
    )
    assert b"Hosting" in done.stdout
    assert not done.stderr
