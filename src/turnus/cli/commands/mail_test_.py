"""Send a message to try whether this instance can send mail (TURNUS_SMTP_HOST and others).

example:
  turnus mail-test ada@example.org
"""

import argparse

from turnus.cli.terminal import tell


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the message goes."""
    parser.add_argument(
        "address", metavar="ADDRESS", help="email address to send to"
    )


def run(options: argparse.Namespace) -> int:
    """Send it, and say how; a refusal has the answer of the server."""
    from django.conf import settings
    from django.core.exceptions import ValidationError
    from django.core.validators import validate_email
    from django.utils.translation import gettext as _

    from turnus.kit.errors import UserError
    from turnus.kit.mail import send_mail

    try:
        validate_email(options.address)
    except ValidationError:
        raise UserError("email.invalid", email=options.address) from None
    send_mail(
        to=options.address,
        subject=_("A test message from Turnus"),
        text=_("This instance of Turnus can send mail.") + "\n",
    )
    words = _("Sent to %(email)s through %(host)s, port %(port)d.")
    values = {
        "email": options.address,
        "host": settings.EMAIL_HOST,
        "port": settings.EMAIL_PORT,
    }
    tell(words % values)
    return 0
