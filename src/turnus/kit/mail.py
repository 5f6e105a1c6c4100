"""Sending mail, one message at a time, while the person who asked for it waits."""

from smtplib import SMTPException

from django.conf import settings
from django.core.mail import EmailMessage

from turnus.kit.errors import UserError


def sends_mail() -> bool:
    """Return whether the instance can send mail: whether an SMTP server is named."""
    return bool(settings.SENDS_MAIL)


def send_mail(*, to: str, subject: str, text: str) -> None:
    """Send a message in plain text.

    Refuses with `mail.missing` where no server is named, and with `mail.failed` and what the server
    said where it does not take the message.
    """
    if not sends_mail():
        raise UserError("mail.missing")
    message = EmailMessage(subject=subject, body=text, to=[to])
    try:
        message.send()
    except (SMTPException, OSError) as error:
        reason = _in_one_line(error)
        raise UserError("mail.failed", email=to, reason=reason) from error


def _in_one_line(error: Exception) -> str:
    """Return what went wrong; of servers that answer in bytes, the answer."""
    answer = getattr(error, "smtp_error", None)
    words = (
        answer.decode("utf-8", "replace")
        if isinstance(answer, bytes)
        else str(error)
    )
    return " ".join(words.split()) or type(error).__name__
