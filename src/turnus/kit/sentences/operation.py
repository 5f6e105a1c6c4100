"""Sentences about running an instance: its database, folder, port and terminal."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_OPERATION: Mapping[str, Promise] = {
    "answer.missing": _(
        "“{question}” needs an answer, but nobody is at the terminal. Pass the answers as options; "
        "--help lists them."
    ),
    "argument.unreadable": _(
        "The value of {name} is not text in the terminal's encoding."
    ),
    "data.refused": _("{path} cannot be the data folder: {reason}."),
    "database.collision": _(
        "Someone else changed the same thing at the same moment, and your change was not saved."
        " Reload the page and try again."
    ),
    "database.damaged": _(
        "The database is damaged ({reason}). Stop the server and restore a backup."
    ),
    "database.empty": _(
        "The database is empty, although this instance has been set up. Is it the right one? If "
        "its data is lost, restore a backup; to start over: turnus init --anew"
    ),
    "database.gone": _(
        "The database of this instance is missing ({file}). Restore a backup, or set DATABASE_URL "
        "if you use PostgreSQL; to start over: turnus init --anew"
    ),
    "database.unwritable": _(
        "The database cannot be written to ({reason}). Is the disk full? Free some space and try "
        "again; nothing is lost."
    ),
    "database.value": _(
        "One of the values cannot be stored. Nothing was saved."
    ),
    "job.begun_elsewhere": _(
        "What this job had done was undone. Start it again on its own page."
    ),
    "job.ended": _("This job has ended and cannot be canceled."),
    "job.gone": _("This job has been deleted."),
    "job.not_given_up": _(
        "This job has neither failed nor been canceled, so it cannot be tried again."
    ),
    "job.unstoppable": _(
        "This job is running and cannot be canceled: it has no point at which it can stop."
    ),
    "job.worker_died": _(
        "The worker process ended every time it tried this job. Is there enough memory?"
    ),
    "language.unknown": _("There is no language “{code}”. Choose en or de."),
    "port.refused": _("Cannot listen on {host}, port {port}: {reason}."),
    "port.taken": _("Port {port} is in use. Choose another one with --port."),
    "setup.done": _("This instance is already set up."),
    "setup.locked": _(
        "This instance is not set up yet. Open the address that “turnus serve” printed in the "
        "terminal when it started, or run “turnus init” on the server."
    ),
    "setup.missing": _(
        "This instance is not set up yet. Run “turnus init” first."
    ),
    "zone.unknown": _(
        "There is no time zone “{zone}”. Use, for example, Europe/Berlin."
    ),
}
