"""Move the instance to PostgreSQL, or back to SQLite, with everything it has.

Stop the server first. If it is interrupted, the same command goes on where it stopped; until it is
finished, the server does not start. The old database is kept as it was.

examples:
  turnus --data /srv/turnus move --to postgresql://turnus:password@db.example.org/turnus
  DATABASE_URL=postgresql://turnus@db/turnus turnus --data /srv/turnus move --to sqlite
  turnus --data /srv/turnus move --stop          # stay where the instance is
"""

import argparse

from turnus.cli.terminal import progress, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--to",
        metavar="DATABASE",
        help="address of an empty PostgreSQL database, or “sqlite” for the data folder",
    )
    what.add_argument(
        "--stop",
        action="store_true",
        help="give up a move that is not finished",
    )


def run(options: argparse.Namespace) -> int:
    """Move it, and say how to go on."""
    from django.utils.translation import gettext as _

    from turnus.backups.actions_moving import (
        SQLITE,
        move_instance,
        stop_moving,
    )
    from turnus.kit import clock

    if options.stop:
        stop_moving()
        tell(_("The instance stays where it was."))
        return 0

    def waiting() -> None:
        tell(_("Waiting to see whether a server is still running ..."))

    kept = move_instance(
        options.to,
        at=clock.now(),
        progress=progress(_("Tables")),
        waiting=waiting,
    )
    if kept is not None:
        tell(_("The old database is kept as %(file)s.") % {"file": kept})
    if options.to == SQLITE:
        tell(_("Moved. Start the server without DATABASE_URL."))
    else:
        tell(
            _(
                "Moved. Start the server with DATABASE_URL set to the new database."
            )
        )
    return 0
