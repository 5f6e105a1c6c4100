"""What is committed runs anywhere: no addresses of one machine, one command for people and CI."""

import json
import re
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, name_of, own_files, templates

TEXTS = (
    ".py",
    ".md",
    ".txt",
    ".toml",
    ".json",
    ".js",
    ".mjs",
    ".css",
    ".html",
    ".po",
    ".yml",
    ".yaml",
    "Makefile",
    "run",
)
#: A folder of one machine: a work folder, a home, a local package index.
MACHINE_PATH = re.compile(r"(?<![\w.>])/(?:work|root|Users|opt/pypi\S*)/\w")


def test_no_file_names_a_path_of_one_machine() -> None:
    found = [
        name_of(one)
        for one in own_files(*TEXTS)
        if MACHINE_PATH.search(one.read_text(encoding="utf-8"))
    ]
    assert not found


@pytest.mark.parametrize(
    "lock",
    sorted((ROOT / "requirements").glob("*.txt")),
    ids=lambda lock: lock.name,
)
def test_pinned_requirements_name_no_registry(lock: Path) -> None:
    lines = lock.read_text(encoding="utf-8").splitlines()
    assert [one for one in lines if "==" in one]
    assert not [
        one
        for one in lines
        if "://" in one or one.startswith(("-i", "-f", "--"))
    ]


def test_pinned_packages_of_the_browser_name_no_registry() -> None:
    packages = json.loads(
        (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
    )["packages"]
    assert len(packages) > 1
    assert not [
        name for name, package in packages.items() if "resolved" in package
    ]


def test_ci_runs_what_people_run() -> None:
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    commands = [
        one
        for one in lines
        if one and not one.startswith(("#", "set ", "cd "))
    ]
    assert commands == ["exec make test"]


def test_every_example_is_run(pytestconfig: pytest.Config) -> None:
    run = [ROOT / folder for folder in pytestconfig.getini("testpaths")]
    shown = [
        one
        for one in own_files(".py", ".md")
        if re.search(
            r"^\s*>>> ", one.read_text(encoding="utf-8"), re.MULTILINE
        )
    ]
    assert shown
    assert not [
        name_of(one)
        for one in shown
        if not any(one.is_relative_to(folder) for folder in run)
    ]


def test_every_icon_is_built() -> None:
    built = set(
        (ROOT / "frontend" / "icons.txt").read_text(encoding="utf-8").split()
    )
    used = {
        icon: name_of(one)
        for one in templates()
        for icon in re.findall(
            r'{%\s*icon\s+"([^"]+)"', one.read_text(encoding="utf-8")
        )
    }
    assert used
    assert not {
        icon: name for icon, name in used.items() if icon not in built
    }, "add it to frontend/icons.txt"
