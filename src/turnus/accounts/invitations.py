"""Links by which a person chooses a password: whoever was invited, or has forgotten theirs.

A link is signed and not stored. It is good once, because the password that it ends is part of what
is signed, and for some days (`PASSWORD_RESET_TIMEOUT`).
"""

from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.utils import translation
from django.utils.translation import gettext as _

from turnus.accounts.actions import require_trust
from turnus.accounts.models import User
from turnus.accounts.queries import company
from turnus.kit.errors import UserError
from turnus.kit.mail import send_mail

#: Of the address of the page: what says whose invitation it is.
PARAMETER = "invited"
_tokens = PasswordResetTokenGenerator()
_SECONDS_A_DAY = 24 * 3600
#: More digits no user's number has.
_MOST_DIGITS = 18


def invitation_link(*, user: User, by: User, page: str) -> str:
    """Return the link for a user to choose a password by; `page` is the address of that page.

    Refused where `by` may not set the password: whoever has the link can sign in as the user.
    """
    require_trust(user=user, by=by)
    if not user.is_active:
        raise UserError("invitation.inactive", name=user.name)
    word = f"{user.pk}-{_tokens.make_token(user)}"
    return f"{page}?{urlencode({PARAMETER: word})}"


def mail_invitation(*, user: User, by: User, page: str) -> None:
    """Email a user the link to choose a password by.

    Refuses as `invitation_link` and `send_mail` do.
    """
    link = invitation_link(user=user, by=by, page=page)
    own = company()
    language = user.language or own.language
    values = {
        "name": user.name,
        "company": own.name,
        "link": link,
        "days": settings.PASSWORD_RESET_TIMEOUT // _SECONDS_A_DAY,
    }
    with translation.override(language):
        subject = _("Your password for Turnus at {company}")
        text = _(
            "Hello {name},\n\n"
            "choose a password for Turnus at {company} here:\n\n"
            "{link}\n\n"
            "The link works once, for {days} days. If you did not expect this message, you can "
            "ignore it: nothing changes.\n"
        )
        send_mail(
            to=user.email,
            subject=subject.format(**values),
            text=text.format(**values),
        )


def invited_user(word: str) -> User:
    """Return who chooses a password by this word of a link; refuses with `invitation.over`."""
    number, _dash, token = word.partition("-")
    is_number = number.isascii() and number.isdecimal()
    if not is_number or len(number) > _MOST_DIGITS:
        raise UserError("invitation.over")
    user = User.objects.filter(pk=int(number), is_active=True).first()
    if user is None or not _tokens.check_token(user, token):
        raise UserError("invitation.over")
    return user
