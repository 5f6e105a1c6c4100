"""Set a new password for a user who can no longer sign in.

examples:
  turnus --data /srv/turnus password ada@example.org
  turnus --data /srv/turnus password ada@example.org --password-file secret.txt
"""

import argparse
from pathlib import Path

from turnus.cli.terminal import ask_secret, tell
from turnus.kit.input_files import first_line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add whose password to set, and where the new one is."""
    parser.add_argument(
        "email", metavar="EMAIL", help="email address of the user"
    )
    parser.add_argument(
        "--password-file",
        type=Path,
        metavar="FILE",
        help="file whose first line is the new password",
    )


def run(options: argparse.Namespace) -> int:
    """Set it: anybody who runs commands on the server may."""
    from django.utils.translation import gettext as _

    from turnus.accounts.actions import set_password
    from turnus.accounts.queries import user_by_email

    user = user_by_email(options.email)
    set_password(user=user, by=user, password=_password(options.password_file))
    tell(
        _("The password of %(email)s has been changed.")
        % {"email": user.email}
    )
    return 0


def _password(file: Path | None) -> str:
    from django.utils.translation import gettext as _

    from turnus.kit.errors import UserError

    if file is not None:
        return first_line(file)
    password = ask_secret(_("New password (at least 10 characters)"))
    if ask_secret(_("Confirm password")) != password:
        raise UserError("password.different")
    return password
