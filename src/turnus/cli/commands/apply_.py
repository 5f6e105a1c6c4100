"""Set an instance up as a YAML file says, or write its set-up to such a file.

The file names what should be there: company, currencies, rates, teams, users, pipelines, lost
reasons, labels, custom fields, plans, saved filters. What is there and equal is left alone, what
differs is changed, and what the file does not name stays: nothing is ever deleted. The second time
there is nothing to change. Everything happens in one go or not at all.

examples:
  turnus apply setup.yaml --dry-run
  turnus apply setup.yaml
  turnus apply --export setup.yaml
"""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.cli.terminal import tell, tell_all

if TYPE_CHECKING:
    from turnus.accounts.models import User
    from turnus.setup.problems import SetupProblem
    from turnus.setup.records import Setup


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the file, and what to do with it."""
    parser.add_argument(
        "file",
        type=Path,
        metavar="FILE",
        help="YAML file; - for the terminal",
    )
    purpose = parser.add_mutually_exclusive_group()
    purpose.add_argument(
        "--dry-run",
        action="store_true",
        help="say what would change; write nothing",
    )
    purpose.add_argument(
        "--export",
        action="store_true",
        help="write the present set-up to FILE",
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="user who does it (default: the first admin)",
    )


def run(options: argparse.Namespace) -> int:
    """Apply or write the file; exit code 1 if anything in it is wrong."""
    from turnus.accounts.queries import first_admin, user_by_email
    from turnus.setup.problems import SetupRefusedError

    by = user_by_email(options.email) if options.email else first_admin()
    if options.export:
        return _export(options.file, by)
    try:
        return _apply(_setup_in(options.file), by, options)
    except SetupRefusedError as refused:
        for problem in refused.problems:
            sys.stderr.write(f"turnus: {_words(options.file, problem)}\n")
        return 1


def _apply(setup: "Setup", by: "User", options: argparse.Namespace) -> int:
    from django.utils.translation import gettext as _
    from django.utils.translation import ngettext

    from turnus.kit import clock
    from turnus.setup.actions import apply_setup

    lines = apply_setup(
        setup=setup, by=by, at=clock.now(), is_dry_run=options.dry_run
    )
    tell_all(lines)
    count = len(lines)
    if not lines:
        tell(_("Nothing to change."))
    elif options.dry_run:
        tell(_("This was a dry run: nothing was changed."))
    else:
        words = ngettext("%(count)d change.", "%(count)d changes.", count)
        tell(words % {"count": count})
    return 0


def _setup_in(path: Path) -> "Setup":
    from turnus.kit.errors import UserError
    from turnus.kit.input_files import check_input
    from turnus.setup.nodes import MAX_LETTERS
    from turnus.setup.reading import read_setup

    is_terminal = str(path) == "-"
    if not is_terminal:
        check_input(path)
    # One letter more than may be, so that too long a text is refused as such.
    most = 4 * MAX_LETTERS + 1
    try:
        if is_terminal:
            content = sys.stdin.buffer.read(most)
        else:
            with path.open("rb") as file:
                content = file.read(most)
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserError("apply.unreadable", file=path.name) from None
    return read_setup(text)


def _export(path: Path, by: "User") -> int:
    from turnus.kit.output_files import check_output, write_text
    from turnus.setup.writing import present_setup, require_admin

    require_admin(by)
    check_output(path, [])
    written = present_setup()
    write_text(written.text, path)
    if str(path) != "-":
        tell(str(path))
        tell_all(written.missing)
    return 0


def _words(path: Path, problem: "SetupProblem") -> str:
    from django.utils.translation import gettext as _

    from turnus.kit.messages import say

    line = _("line {number}").format(number=problem.line)
    place = f", {problem.place}" if problem.place else ""
    return f"{path.name}, {line}{place}: {say(problem.error)}"
