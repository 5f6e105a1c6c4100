"""Sentences about backups, restoring them, and moving to another database."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_BACKUPS: Mapping[str, Promise] = {
    "backup.damaged": _(
        "{file} is damaged: not everything in it can be read. Use another backup."
    ),
    "backup.migrate_first": _(
        "The tables are those of an earlier version. Run “turnus migrate” first."
    ),
    "backup.newer": _(
        "{file} was written by a later version of Turnus ({version}). Install that one."
    ),
    "backup.passphrase_different": _("The two passphrases differ."),
    "backup.passphrase_missing": _("The passphrase is empty."),
    "backup.passphrase_wrong": _("This passphrase does not open {file}."),
    "backup.unreadable": _("{file} is not a backup of Turnus."),
    "database.moved_to_postgresql": _(
        "This instance has moved to PostgreSQL. Set DATABASE_URL to its database."
    ),
    "database.moved_to_sqlite": _(
        "This instance has moved to SQLite. Unset DATABASE_URL."
    ),
    "move.elsewhere": _(
        "A move to {target} is not finished. Finish it, or give it up: turnus move --stop"
    ),
    "move.failed": _(
        "The other database could not be filled: {reason} Nothing has changed here."
    ),
    "move.none": _("No move was started."),
    "move.running": _("The server is still running. Stop it first."),
    "move.same": _("The instance is already there."),
    "move.unfinished": _(
        "The move to another database is not finished. Run “turnus move” again, or stay here: "
        "turnus move --stop"
    ),
    "restore.differs": _(
        "The table {table} did not arrive as it is in the backup. Nothing is lost; please report "
        "this."
    ),
    "restore.in_use": _(
        "{folder} already belongs to an instance. Restore into an empty folder: --data"
    ),
    "restore.newer": _(
        "The backup was taken by a later version of Turnus ({version}). Install that one."
    ),
    "restore.not_empty": _(
        "The database already has tables. Restore into an empty one."
    ),
    "restore.other_backup": _(
        "Another backup was being restored here. Finish that one, or start in an empty folder and "
        "an empty database."
    ),
    "restore.references": _(
        "The backup contradicts itself: a row refers to another one that is missing ({reason})."
    ),
    "restore.refused": _("The database refused a row of {table}: {reason}."),
    "restore.unfinished": _(
        "A backup was being restored here. Run “turnus restore” again with the same file."
    ),
}
