"""Bring an instance back from a backup, into an empty data folder and database.

If it is interrupted, the same command goes on where it stopped.

examples:
  turnus --data /srv/turnus restore turnus-20261128-031500.zip
  turnus --data /srv/turnus restore turnus.zip --passphrase-file key
  DATABASE_URL=postgresql://turnus@db/turnus turnus --data /srv/turnus restore turnus.zip
"""

import argparse
from pathlib import Path

from turnus.cli.terminal import ask_secret, progress, tell
from turnus.kit.input_files import first_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add which backup, and what opens it."""
    parser.add_argument(
        "file", type=Path, metavar="FILE", help="backup to restore"
    )
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="file whose first line is the passphrase of an encrypted backup",
    )
    # What `turnus move` runs: the rows alone, while it holds the folder.
    parser.add_argument(
        "--moved-rows", action="store_true", help=argparse.SUPPRESS
    )


def run(options: argparse.Namespace) -> int:
    """Restore it, bring its tables up to date, and say from when it is."""
    from django.utils.translation import gettext as _

    from turnus.backups.actions_instance import restore_instance
    from turnus.cli.setup import open_instance
    from turnus.fields.actions import index_fields

    bar = progress(_("Rows"))
    if options.moved_rows:
        _restore_rows(options.file)
        return 0

    def passphrase() -> str:
        if options.passphrase_file:
            return first_line(options.passphrase_file)
        return ask_secret(_("Passphrase"))

    contents = restore_instance(
        options.file, passphrase=passphrase, progress=bar
    )
    folder = open_instance()
    index_fields()
    words = _("%(folder)s: as of %(moment)s, %(rows)d rows")
    moment = contents.taken_at.strftime("%Y-%m-%d %H:%M:%S UTC")
    tell(
        words
        % {"folder": folder, "moment": moment, "rows": contents.row_count}
    )
    return 0


def _restore_rows(file: Path) -> None:
    from django.utils.translation import gettext as _

    from turnus.backups.actions_instance import make_database_file
    from turnus.backups.actions_restoring import fill_database
    from turnus.backups.archive import BackupReader
    from turnus.fields.actions import index_fields

    make_database_file()
    fill_database(BackupReader(file), progress=progress(_("Rows")))
    index_fields()
