"""Give a user a new password, for whoever cannot sign in any more.

examples:
  turnus --data /srv/turnus password ada@example.org
  turnus --data /srv/turnus password ada@example.org --password-file secret.txt
"""

import argparse
from pathlib import Path

from turnus.cli.terminal import ask_secret, first_line, tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say whose, and where the new one stands."""
    parser.add_argument("email", metavar="EMAIL", help="e-mail address that the user signs in with")
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="file whose first line is the new password",
    )


def run(given: argparse.Namespace) -> int:
    """Set it: whoever runs commands on the server may."""
    from django.utils.translation import gettext as _

    from turnus.accounts.actions import set_password
    from turnus.accounts.queries import user_by_email

    user = user_by_email(given.email)
    set_password(user=user, by=user, password=_password(given.password_file))
    tell(_("%(email)s signs in with the new password from now on.") % {"email": user.email})
    return 0


def _password(file: Path | None) -> str:
    from django.utils.translation import gettext as _

    from turnus.kit.errors import UserError

    if file is not None:
        return first_line(file)
    password = ask_secret(_("New password (at least 10 characters)"))
    if ask_secret(_("The same again")) != password:
        raise UserError("password.different")
    return password
