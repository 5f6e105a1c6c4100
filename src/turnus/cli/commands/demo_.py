"""Fill a new instance with a made-up company and three years of deals.

example:
  turnus --data ./demo demo && turnus --data ./demo serve
"""

import argparse

from turnus.cli.terminal import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add whether an existing instance is an error."""
    parser.add_argument(
        "--if-empty",
        action="store_true",
        help="do nothing if an instance exists",
    )


def run(options: argparse.Namespace) -> int:
    """Create it, and print how to sign in."""
    from turnus.accounts.models import User
    from turnus.accounts.queries import is_set_up
    from turnus.cli.setup import open_instance
    from turnus.demo.company import (
        ADMIN_EMAIL,
        PASSWORD,
        USER_EMAIL,
        make_demo,
    )
    from turnus.kit import clock
    from turnus.kit.errors import UserError
    from turnus.kit.sql import analyze

    folder = open_instance()
    if not is_set_up():
        make_demo(at=clock.now())
        analyze()
    elif not options.if_empty:
        raise UserError("setup.done")
    if User.objects.filter(email=ADMIN_EMAIL).exists():
        tell(f"Demo: {folder}")
        tell(f"  Admin:        {ADMIN_EMAIL}  {PASSWORD}")
        tell(f"  Regular user: {USER_EMAIL}  {PASSWORD}")
    return 0
