"""Print the version."""

import argparse
from importlib.metadata import version


def add_arguments(_parser: argparse.ArgumentParser) -> None:
    """Take none."""


def run(_options: argparse.Namespace) -> int:
    """Print it."""
    print(f"turnus {version('turnus')}")  # noqa: T201 (the command's output)
    return 0
