"""Print the link by which a user chooses a password, or email it.

For a user who was added without a password, or has forgotten theirs. The link works once, for four
days.

examples:
  turnus invite ben@example.org
  turnus invite ben@example.org --mail --address https://crm.example.org
"""

import argparse

from turnus.cli.terminal import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add who is invited, and how the link gets there."""
    parser.add_argument(
        "email", metavar="EMAIL", help="email address of the user"
    )
    parser.add_argument(
        "--mail",
        action="store_true",
        help="email the link instead of printing it",
    )
    parser.add_argument(
        "--address",
        metavar="URL",
        help="where people reach the server "
        "(default: the first of TURNUS_HOSTS)",
    )
    parser.add_argument(
        "--as",
        dest="by",
        metavar="EMAIL",
        help="user who invites (default: the first admin)",
    )


def run(options: argparse.Namespace) -> int:
    """Print or send the link."""
    from django.conf import settings
    from django.urls import reverse
    from django.utils.translation import gettext as _

    from turnus.accounts.invitations import invitation_link, mail_invitation
    from turnus.accounts.queries import first_admin, user_by_email

    user = user_by_email(options.email)
    by = user_by_email(options.by) if options.by else first_admin()
    address = options.address or settings.PUBLIC_ADDRESS
    page = address.rstrip("/") + reverse("invitation")
    if not options.mail:
        tell(invitation_link(user=user, by=by, page=page))
        return 0
    mail_invitation(user=user, by=by, page=page)
    words = _("The link was sent to %(email)s.")
    tell(words % {"email": user.email})
    return 0
