"""List imports that are unfinished, or that were checked and never carried out.

examples:
  turnus imports              what waits, and how to continue
  turnus imports --all        the finished ones as well

What was only checked is discarded after a week.
"""

import argparse

from turnus.cli.terminal import tell_all

#: Of the finished ones, so many are listed.
_LATEST = 50


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say which."""
    parser.add_argument(
        "--all",
        action="store_true",
        help=f"also the finished ones; the latest {_LATEST} of all",
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="whose imports (default: the first admin: all)",
    )


def run(options: argparse.Namespace) -> int:
    """List them, the newest first."""
    from django.utils.translation import gettext

    from turnus.accounts.queries import first_admin, user_by_email
    from turnus.cli.import_summary import import_lines
    from turnus.imports.queries import own_imports, waiting_imports

    by = user_by_email(options.email) if options.email else first_admin()
    imports = own_imports(by) if options.all else waiting_imports(by)
    listed = list(imports[:_LATEST])
    if not listed:
        tell_all([gettext("No imports are unfinished or waiting.")])
    for of in listed:
        tell_all(import_lines(of))
    return 0
