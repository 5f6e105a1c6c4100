"""The entry point: sets Django up, runs a command, turns refusals into one line."""

import argparse
import os
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import version
from io import TextIOWrapper

COMMANDS = (
    "init",
    "apply",
    "serve",
    "import",
    "imports",
    "export",
    "detect",
    "renew",
    "subscriptions",
    "renewals",
    "radar",
    "report",
    "undo",
    "rates",
    "person",
    "password",
    "invite",
    "mail-test",
    "check",
    "backup",
    "restore",
    "move",
    "demo",
    "work",
    "migrate",
    "completion",
    "version",
)

#: Commands that do not read the instance's database, or fill another one.
_WITHOUT_INSTANCE = frozenset(
    {"detect", "renew", "restore", "completion", "version"}
)

_EXAMPLES = """examples:
  turnus init --company "Muster GmbH" --language de --email admin@example.org
  turnus apply setup.yaml --dry-run
  turnus serve
  turnus export --filter "Gewonnen im Oktober" -o deals.xlsx
  turnus detect deals.xlsx
  turnus renew deals.xlsx --for 2026-12 -o renewals.xlsx
  turnus import deals.xlsx --dry-run
  turnus import deals.xlsx --on 2018-11-14
  turnus subscriptions import abos.xlsx --dry-run
  turnus renewals --dry-run
  turnus radar
  turnus undo 12
  turnus backup /backup

The instance is a folder with a SQLite file: --data DIR or TURNUS_DATA (default: ./turnus-data),
or a PostgreSQL database: DATABASE_URL=postgresql://user:password@host/name
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command named by `arguments` (default: the command line); return its exit code."""
    parser = build_parser()
    options, unknown = parser.parse_known_args(arguments)
    if options.command is None and not unknown:
        parser.print_help()
        return 0
    if options.command is None:
        parser.error(_unknown_words(unknown, parser))
    if unknown:
        options.parser.error(_unknown_words(unknown, options.parser))
    if options.data:
        os.environ["TURNUS_DATA"] = options.data
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")
    try:
        return _run(options) if _is_configured() else 1
    except KeyboardInterrupt:
        return 130


def _is_configured() -> bool:
    """Read the settings; print in one line what is wrong with the environment, if anything."""
    import django
    from django.apps import apps
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    try:
        if not apps.ready:
            django.setup()
    except ImproperlyConfigured as error:
        sys.stderr.write(f"turnus: {error}\n")
        return False
    for name, similar in settings.MISSPELT:
        sys.stderr.write(
            f"turnus: {name} is not a setting; did you mean {similar}?\n"
        )
    return True


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands."""
    parser = argparse.ArgumentParser(
        prog="turnus",
        description="A self-hosted sales CRM that knows that deals recur.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--data",
        metavar="DIR",
        help="folder of the instance (default: TURNUS_DATA or ./turnus-data)",
    )
    parser.add_argument(
        "--version", action="version", version=f"turnus {version('turnus')}"
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in COMMANDS:
        module = import_module(
            f"turnus.cli.commands.{name.replace('-', '_')}_"
        )
        summary, _, details = (module.__doc__ or "").partition("\n\n")
        own = commands.add_parser(
            name,
            help=summary.rstrip("."),
            description=summary,
            epilog=details,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        # Also after the command's name; SUPPRESS keeps it from hiding one given before.
        own.add_argument(
            "--data",
            metavar="DIR",
            default=argparse.SUPPRESS,
            help=argparse.SUPPRESS,
        )
        module.add_arguments(own)
        own.set_defaults(run=module.run, parser=own)
    return parser


def _unknown_words(
    unknown: Sequence[str], parser: argparse.ArgumentParser
) -> str:
    """Return which arguments are unknown, and which flag was probably meant."""
    actions = parser._actions  # noqa: SLF001 (argparse has no other way)
    flags = [flag for action in actions for flag in action.option_strings]
    first_flag = next((word for word in unknown if word.startswith("-")), "")
    similar = get_close_matches(first_flag.partition("=")[0], flags, n=1)
    hint = f" (did you mean {similar[0]}?)" if similar else ""
    return f"unknown: {' '.join(unknown)}{hint}"


def _run(options: argparse.Namespace) -> int:
    from django.utils import translation

    from turnus.cli.inputs import refuse_unreadable
    from turnus.kit.folder import refuse_other_database
    from turnus.kit.sql import database_kind

    for stream, errors in (
        (sys.stdout, "surrogateescape"),
        (sys.stderr, "backslashreplace"),
    ):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(
                errors=errors
            )  # names of files need not be text
    with translation.override(_language()):
        try:
            refuse_unreadable(options)
            if options.command not in _WITHOUT_INSTANCE:
                refuse_other_database(database_kind())
            code = int(options.run(options))
            sys.stdout.flush()  # so that a closed pipe is met here
        except BrokenPipeError:
            # The reader of the output has enough (`| head`); the rest of the buffer is dropped.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141
        except Exception as error:
            words = _in_words(error)
            if words is None:
                raise
            sys.stderr.write(f"turnus: {words}\n")
            return 1
        return code


def _language() -> str:
    """Return the terminal's language, as far as there are texts in it."""
    for variable in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(variable):
            return "de" if value.startswith("de") else "en"
    return "en"


def _in_words(error: Exception) -> str | None:
    """Return in one line what a person can put right; None for a failure of the program."""
    from django.db.utils import DatabaseError, OperationalError
    from django.utils import translation

    from turnus.kit.damage import cannot_be_written, is_sign_of_damage
    from turnus.kit.errors import UserError
    from turnus.kit.messages import say, sentence

    if isinstance(error, UserError):
        return say(error)
    if isinstance(error, DatabaseError) and is_sign_of_damage(error):
        return sentence("database.damaged", {"reason": error})
    if isinstance(error, DatabaseError) and cannot_be_written(error):
        return sentence("database.unwritable", {"reason": error})
    if isinstance(error, OperationalError):
        missing = translation.gettext(
            "The database cannot be used ({reason}). Is this instance set up (turnus init)?"
        )
        return missing.format(reason=error)
    if isinstance(error, OSError):
        return f"{error.filename or ''}: {error.strerror or error}"
    return None
