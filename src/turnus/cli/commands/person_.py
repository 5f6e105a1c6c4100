"""Write all data about one person into a file, or erase it everywhere.

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
    """Say what to do with whose data."""
    parser.add_argument("action", choices=["export", "erase"], help="what to do with the data")
    parser.add_argument(
        "person", metavar="PERSON", help="number, email address or whole name of the person"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="for export: JSON file to write; - for the terminal",
    )
    parser.add_argument("--yes", action="store_true", help="for erase: do not ask")
    parser.add_argument(
        "--as", dest="email", metavar="EMAIL", help="admin who does it (default: the first admin)"
    )


def run(given: argparse.Namespace) -> int:
    """Write the file, or erase after asking; exit code 1 if the answer was no."""
    from turnus.accounts.queries import first_admin, user_by_email
    from turnus.kit import clock
    from turnus.kit.errors import UserError
    from turnus.kit.output_files import check_output, write_text
    from turnus.privacy.actions import erase_person, require_admin
    from turnus.privacy.queries import data_of

    by = user_by_email(given.email) if given.email else first_admin()
    require_admin(by)
    check_output(given.output, [])
    person = _person(given.person)
    if given.action == "export":
        if given.output is None:
            raise UserError("person.output_missing")
        text = json.dumps(data_of(person, at=clock.now()), ensure_ascii=False, indent=2)
        write_text(text + "\n", given.output)
        if str(given.output) != "-":
            tell(str(given.output))
        return 0
    if not given.yes and not _is_sure(person):
        raise UserError("person.unconfirmed")
    tell(erase_person(person=person, by=by, at=clock.now()))
    return 0


def _person(word: str) -> "Person":
    from turnus.kit.errors import UserError
    from turnus.privacy.queries import persons_called

    found = persons_called(word)
    if not found:
        raise UserError("person.missing", given=word)
    if len(found) != 1:
        numbers = ", ".join(str(person.pk) for person in found)
        raise UserError("person.not_one", given=word, count=len(found), numbers=numbers)
    return found[0]


def _is_sure(person: "Person") -> bool:
    from django.utils.translation import gettext as _

    tell(_("This erases all data about %(name)s, everywhere and for good.") % {"name": person.name})
    return ask(_("Number of the person, to confirm")) == str(person.pk)
