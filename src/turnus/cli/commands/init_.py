r"""Set up a new instance: folder, database, company, admin.

What is not given as an option is asked for; with --no-input it must be given.
A folder whose instance has lost its database is refused: restore a backup, or begin with an empty one by --anew.

example:
  turnus --data /srv/turnus init --company "Muster GmbH" --language de --currency EUR \
      --time-zone Europe/Berlin --name "Ada Admin" --email ada@example.org --password-file secret.txt
"""

import argparse
from pathlib import Path

from turnus.cli.terminal import ask, ask_secret, first_line, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Everything that a first run asks for."""
    parser.add_argument("--company", help="name of the company")
    parser.add_argument("--language", choices=["de", "en"], help="language of the company")
    parser.add_argument("--currency", help="currency of the company, three letters")
    parser.add_argument("--time-zone", help="time zone that decides days, e.g. Europe/Berlin")
    parser.add_argument("--name", help="name of the admin")
    parser.add_argument("--email", help="e-mail address that the admin signs in with")
    parser.add_argument("--password", help="password of the admin (better: --password-file)")
    parser.add_argument(
        "--password-file", type=Path, help="file whose first line is the admin's password"
    )
    parser.add_argument(
        "--anew", action="store_true", help="begin anew where the database of an instance is gone"
    )
    parser.add_argument(
        "--no-input",
        action="store_true",
        help="never ask; use the usual values for what is not given",
    )


def run(given: argparse.Namespace) -> int:
    """Ask for what is missing, then make the instance."""
    from turnus.accounts.actions import NewCompany
    from turnus.accounts.queries import is_set_up
    from turnus.cli.setup import make_instance, open_instance
    from turnus.kit.errors import UserError
    from turnus.kit.messages import say

    folder = open_instance(is_anew=given.anew)
    if is_set_up():
        if given.no_input and not given.anew:  # for scripts: what they want stands already
            tell(say(UserError("setup.done")))
            return 0
        raise UserError("setup.done")

    def value(name: str, question: str, default: str = "") -> str:
        found = getattr(given, name)
        if found or given.no_input:
            return found or default
        return ask(question, default)

    language = value("language", "Language / Sprache (de, en)", "de")
    new = NewCompany(
        name=value("company", "Company"),
        language="de" if language.startswith("de") else "en",
        currency=value("currency", "Currency", "EUR"),
        time_zone=value("time_zone", "Time zone", "Europe/Berlin"),
        admin_name=value("name", "Your name", "Admin"),
        admin_email=value("email", "Your e-mail address"),
        admin_password=_password(given),
    )
    admin = make_instance(new, is_anew=given.anew)
    tell(f"{new.name}: {folder}")
    tell(f"Sign in as {admin.email}. Start with: turnus --data {folder} serve")
    return 0


def _password(given: argparse.Namespace) -> str:
    if given.password_file:
        return first_line(given.password_file)
    if given.password or given.no_input:
        return given.password or ""
    return ask_secret("Your password (at least 10 characters)")
