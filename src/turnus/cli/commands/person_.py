"""Export all data about a person to a file, or erase it everywhere.

examples:
  turnus person export eva@example.org -o eva.json
  turnus person export 17 -o -
  turnus person erase 17
"""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.cli.terminal import ask, tell

if TYPE_CHECKING:
    from turnus.contacts.models import Person


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what to do with whose data."""
    parser.add_argument(
        "action", choices=["export", "erase"], help="export or erase the data"
    )
    parser.add_argument(
        "person",
        metavar="PERSON",
        help="number, email address or whole name of the person",
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="for export: JSON file to write; - for the terminal",
    )
    parser.add_argument(
        "--yes", action="store_true", help="for erase: do not ask"
    )
    parser.add_argument(
        "--as",
        dest="email",
        metavar="EMAIL",
        help="admin who does it (default: the first admin)",
    )


def run(options: argparse.Namespace) -> int:
    """Write the file, or erase after asking; exit code 1 if the answer was no."""
    from turnus.accounts.queries import first_admin, user_by_email
    from turnus.kit import clock
    from turnus.kit.errors import UserError
    from turnus.kit.output_files import check_output, write_text
    from turnus.privacy.actions import erase_person, require_admin
    from turnus.privacy.queries import data_of

    by = user_by_email(options.email) if options.email else first_admin()
    require_admin(by)
    check_output(options.output, [])
    person = _person(options.person)
    if options.action == "export":
        if options.output is None:
            raise UserError("person.output_missing")
        text = json.dumps(
            data_of(person, at=clock.now()), ensure_ascii=False, indent=2
        )
        write_text(text + "\n", options.output)
        if str(options.output) != "-":
            tell(str(options.output))
        return 0
    if not options.yes and not _is_sure(person):
        raise UserError("person.unconfirmed")
    tell(erase_person(person=person, by=by, at=clock.now()))
    return 0


def _person(word: str) -> "Person":
    from turnus.kit.errors import UserError
    from turnus.privacy.queries import persons_called

    persons = persons_called(word)
    if not persons:
        raise UserError("person.missing", given=word)
    if len(persons) != 1:
        numbers = ", ".join(str(person.pk) for person in persons)
        raise UserError(
            "person.not_one", given=word, count=len(persons), numbers=numbers
        )
    return persons[0]


def _is_sure(person: "Person") -> bool:
    from django.utils.translation import gettext as _

    tell(
        _("This permanently erases all data about %(name)s.")
        % {"name": person.name}
    )
    return ask(_("Enter the person's number to confirm")) == str(person.pk)
