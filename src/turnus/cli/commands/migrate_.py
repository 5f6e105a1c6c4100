"""Update the database after an upgrade (serve does it by itself)."""

import argparse


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what developers need."""
    parser.add_argument(
        "--make",
        action="store_true",
        help="write migrations for changed models (developers)",
    )


def run(options: argparse.Namespace) -> int:
    """Apply or write migrations."""
    from django.core.management import call_command

    from turnus.cli.setup import open_instance

    if options.make:
        call_command("makemigrations")
    else:
        open_instance()
    return 0
