"""Write the whole instance to one file, while people work.

The file is a ZIP with the rows of all tables, uploads, exports and the secret key. It can be
restored on SQLite and on PostgreSQL, by this version or a later one.

examples:
  turnus backup /backup                          # a file named after the moment
  turnus backup turnus.zip --passphrase-file key # encrypted, in the format of age
  turnus backup - | ssh backup.example.org "cat > turnus.zip"
"""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.cli.terminal import ask_secret, progress
from turnus.kit.input_files import first_line

if TYPE_CHECKING:
    from turnus.backups.actions_taking import Taken


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where to, and whether to encrypt it."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="file to write, a folder for a file named after the moment, or - for the output",
    )
    parser.add_argument(
        "--encrypt",
        action="store_true",
        help="encrypt it: ask for a passphrase",
    )
    parser.add_argument(
        "--passphrase-file",
        type=Path,
        metavar="FILE",
        help="encrypt it with the first line of this file",
    )


def run(options: argparse.Namespace) -> int:
    """Write the backup and say what it holds."""
    from django.utils.translation import gettext as _

    from turnus.kit import clock

    at = clock.now()
    path = options.file
    if path.is_dir():
        path /= f"turnus-{at:%Y%m%d-%H%M%S}.zip"
    taken = _write(path, _passphrase(options))
    if str(path) != "-":
        words = _("%(file)s: %(rows)d rows, %(files)d files")
        _tell(
            words
            % {
                "file": path,
                "rows": taken.row_count,
                "files": taken.file_count,
            }
        )
    return 0


def _tell(text: str) -> None:
    from turnus.cli.terminal import tell

    tell(text)


def _write(path: Path, passphrase: str | None) -> "Taken":
    from django.utils.translation import gettext as _

    from turnus.backups.actions_taking import take_backup
    from turnus.backups.sealing import seal
    from turnus.kit import clock
    from turnus.kit.folder import private_draft
    from turnus.kit.output_files import check_output, into_output

    check_output(path, [])
    bar = progress(_("Tables"))
    with into_output(path, of_stdout="turnus.zip") as target:
        target.touch(mode=0o600)
        target.chmod(0o600)
        if passphrase is None:
            return take_backup(target, at=clock.now(), progress=bar)
        with private_draft("backup.zip") as plain:
            taken = take_backup(plain, at=clock.now(), progress=bar)
            seal(plain, target, passphrase)
            return taken


def _passphrase(options: argparse.Namespace) -> str | None:
    """Return the passphrase; None where the backup is not encrypted."""
    from django.utils.translation import gettext as _

    from turnus.kit.errors import UserError

    if options.passphrase_file:
        passphrase = first_line(options.passphrase_file)
    elif options.encrypt:
        passphrase = ask_secret(_("Passphrase"))
        if ask_secret(_("Confirm passphrase")) != passphrase:
            raise UserError("backup.passphrase_different")
    else:
        return None
    if not passphrase:
        raise UserError("backup.passphrase_missing")
    return passphrase
