"""The examples in the guides to the domain, and in core's docstrings, are true."""

import doctest
import importlib
import pkgutil
from pathlib import Path

import pytest

from turnus import core

ROOT = Path(__file__).resolve().parents[2]
PAGES = sorted((ROOT / "docs" / "domain").glob("*.md"))
MODULES = sorted(module.name for module in pkgutil.walk_packages(core.__path__, "turnus.core."))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_examples_of_a_page_are_true(page: Path) -> None:
    assert doctest.testfile(str(page), module_relative=False, encoding="utf-8").failed == 0


@pytest.mark.parametrize("module", MODULES)
def test_the_examples_of_a_module_are_true(module: str) -> None:
    assert doctest.testmod(importlib.import_module(module)).failed == 0
