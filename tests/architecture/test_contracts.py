"""The import contracts in pyproject.toml name every package and every area of the screens."""

import tomllib
from pathlib import Path

from tests.architecture.source import PACKAGE, ROOT

CONTRACTS = {
    contract["name"]: contract
    for contract in tomllib.loads(
        (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    )["tool"]["importlinter"]["contracts"]
}


def packages_in(folder: Path) -> set[str]:
    return {path.parent.name for path in folder.glob("*/__init__.py")}


def test_every_area_of_the_screens_is_kept_apart_from_the_others() -> None:
    areas = packages_in(PACKAGE / "web") - {"templatetags"}
    contract = CONTRACTS["Areas of the screens do not see each other"]
    assert set(contract["modules"]) == {f"turnus.web.{area}" for area in areas}


def test_every_package_but_sheets_is_kept_from_spreadsheet_libraries() -> None:
    packages = packages_in(PACKAGE) - {"sheets"}
    contract = CONTRACTS["Only sheets knows spreadsheet libraries"]
    assert set(contract["source_modules"]) == {
        f"turnus.{package}" for package in packages
    }


def test_every_package_has_its_layer() -> None:
    contract = CONTRACTS["Layers: a lower package never sees a higher one"]
    named = {
        name.strip(" ()")
        for layer in contract["layers"]
        for name in layer.split("|")
    }
    assert named == packages_in(PACKAGE)
