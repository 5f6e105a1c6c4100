r"""Set up a new instance: folder, database, company, admin.

Asks for what no option says; with --no-input it never asks.
If the instance in the folder has lost its database, restore a backup, or start over with --anew.

example:
  turnus --data /srv/turnus init --company "Muster GmbH" --language de --currency EUR \
      --time-zone Europe/Berlin --name "Ada Admin" --email ada@example.org \
      --password-file secret.txt
"""

import argparse
from pathlib import Path

from turnus.cli.first_facts import (
    DEFAULTS,
    from_environment,
    password_from_environment,
)
from turnus.cli.terminal import ask, ask_secret, tell
from turnus.kit.input_files import first_line

#: Facts that the environment may say as well, and what they are.
_FACTS = {
    "company": "name of the company",
    "language": "language of the company",
    "currency": "currency of the company, three letters",
    "time_zone": "time zone that decides days, e.g. Europe/Berlin",
    "name": "name of the admin",
    "email": "email address that the admin signs in with",
}
_CHOICES = {"language": ["de", "en"]}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add everything that a first run asks for; the environment may say it as well."""
    for option, words in _FACTS.items():
        parser.add_argument(
            f"--{option.replace('_', '-')}",
            help=words,
            default=from_environment(option),
            choices=_CHOICES.get(option),
        )
    parser.add_argument(
        "--password", help="password of the admin (better: --password-file)"
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        help="file whose first line is the admin's password",
    )
    parser.add_argument(
        "--anew",
        action="store_true",
        help="start over where the database of an instance is gone",
    )
    parser.add_argument(
        "--no-input",
        action="store_true",
        help="never ask; use the defaults instead",
    )


def run(options: argparse.Namespace) -> int:
    """Ask for what is missing, then create the instance."""
    from turnus.accounts.actions import NewCompany
    from turnus.accounts.queries import is_set_up
    from turnus.cli.setup import make_instance, open_instance
    from turnus.kit.errors import UserError
    from turnus.kit.messages import say

    folder = open_instance(is_anew=options.anew)
    if is_set_up():
        if options.no_input and not options.anew:  # scripts may run it again
            tell(say(UserError("setup.done")))
            return 0
        raise UserError("setup.done")

    def value(name: str, question: str) -> str:
        found = getattr(options, name)
        default = DEFAULTS.get(name, "")
        if found or options.no_input:
            return found or default
        return ask(question, default)

    language = value("language", "Language / Sprache (de, en)")
    new = NewCompany(
        name=value("company", "Company"),
        language="de" if language.startswith("de") else "en",
        currency=value("currency", "Currency"),
        time_zone=value("time_zone", "Time zone"),
        admin_name=value("name", "Your name"),
        admin_email=value("email", "Your email address"),
        admin_password=_password(options),
    )
    admin = make_instance(new, is_anew=options.anew)
    tell(f"{new.name}: {folder}")
    tell(f"Sign in as {admin.email}. Start with: turnus --data {folder} serve")
    return 0


def _password(options: argparse.Namespace) -> str:
    if options.password_file:
        return first_line(options.password_file)
    password = options.password or password_from_environment()
    if password or options.no_input:
        return password
    return ask_secret("Your password (at least 10 characters)")
