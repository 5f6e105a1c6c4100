"""Imports in blocks of three rows, so that one stops in the middle of a small file."""

import pytest


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("turnus.imports.checking.BLOCK_ROWS", 3)
