"""The entry point: names the instance, sets Django up, runs one command, turns refusals into one line."""

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
    "person",
    "password",
    "demo",
    "work",
    "migrate",
    "completion",
    "version",
)

_EXAMPLES = """examples:
  turnus init --company "Muster GmbH" --language de --email admin@example.org
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

The instance is a folder with a SQLite file: --data DIR or TURNUS_DATA (default: ./turnus-data),
or a PostgreSQL database: DATABASE_URL=postgresql://user:password@host/name
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command that `arguments` (default: the command line's) name; return its exit code."""
    parser = build_parser()
    given, unknown = parser.parse_known_args(arguments)
    if given.command is None and not unknown:
        parser.print_help()
        return 0
    if given.command is None:
        parser.error(_not_known(unknown, parser))
    if unknown:
        given.parser.error(_not_known(unknown, given.parser))
    if given.data:
        os.environ["TURNUS_DATA"] = given.data
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")
    try:
        return _run(given) if _is_configured() else 1
    except KeyboardInterrupt:
        return 130


def _is_configured() -> bool:
    """Read the settings; say in one line what is wrong with the environment, if anything is."""
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
    for name, meant in settings.MISSPELT:
        sys.stderr.write(f"turnus: {name} means nothing here; did you mean {meant}?\n")
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
    parser.add_argument("--version", action="version", version=f"turnus {version('turnus')}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name in COMMANDS:
        module = import_module(f"turnus.cli.commands.{name}_")
        summary, _, details = (module.__doc__ or "").partition("\n\n")
        own = commands.add_parser(
            name,
            help=summary.rstrip("."),
            description=summary,
            epilog=details,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        # Also after the command's name; SUPPRESS keeps it from hiding one given before.
        own.add_argument("--data", metavar="DIR", default=argparse.SUPPRESS, help=argparse.SUPPRESS)
        module.add_arguments(own)
        own.set_defaults(run=module.run, parser=own)
    return parser


def _not_known(unknown: Sequence[str], parser: argparse.ArgumentParser) -> str:
    """Say which arguments a command does not know, and which flag was probably meant."""
    known = [flag for action in parser._actions for flag in action.option_strings]  # noqa: SLF001 (argparse has no other way)
    flag = next((each for each in unknown if each.startswith("-")), "")
    near = get_close_matches(flag.partition("=")[0], known, n=1)
    return f"not known: {' '.join(unknown)}" + (f" (did you mean {near[0]}?)" if near else "")


def _run(given: argparse.Namespace) -> int:
    from django.utils import translation

    from turnus.cli.inputs import refuse_unreadable

    for stream, errors in ((sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors=errors)  # names of files need not be text
    spoken = next(filter(None, map(os.environ.get, ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    with translation.override("de" if spoken.startswith("de") else "en"):
        try:
            refuse_unreadable(given)
            code = int(given.run(given))
            sys.stdout.flush()  # so that a closed pipe is met here
        except BrokenPipeError:
            # Whoever reads the output has enough (`| head`); what is still in the buffer goes nowhere.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 141
        except Exception as error:
            words = _in_words(error)
            if words is None:
                raise
            sys.stderr.write(f"turnus: {words}\n")
            return 1
        return code


def _in_words(error: Exception) -> str | None:
    """Return in one line what is wrong where a person can put it right; None for a failure of the program."""
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
