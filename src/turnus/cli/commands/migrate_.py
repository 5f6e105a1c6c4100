"""Bring the database's tables up to date after an upgrade (serve does it by itself)."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """For developers: write migrations."""
    parser.add_argument(
        "--make", action="store_true", help="write migrations for changed models (developers)"
    )


def run(given: argparse.Namespace) -> int:
    """Apply, or write."""
    from django.core.management import call_command

    from turnus.cli.setup import open_instance

    if given.make:
        call_command("makemigrations")
    else:
        open_instance()
    return 0
