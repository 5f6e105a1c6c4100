"""How the instance sends mail: through an SMTP server that the environment names."""

import os
from dataclasses import dataclass
from email.utils import parseaddr
from enum import StrEnum
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured


class MailSecurity(StrEnum):
    """How a connection to the SMTP server is encrypted."""

    #: From a plain connection to an encrypted one, before anything is said.
    STARTTLS = "starttls"
    #: Encrypted from the first byte.
    TLS = "tls"
    NONE = "none"


#: What servers usually listen on.
_PORTS = {
    MailSecurity.STARTTLS: 587,
    MailSecurity.TLS: 465,
    MailSecurity.NONE: 25,
}


@dataclass(frozen=True, slots=True)
class MailSettings:
    """The SMTP server to send through, and whom mail is from."""

    host: str
    port: int
    user: str
    password: str
    security: MailSecurity
    sender: str


def mail_settings() -> MailSettings | None:
    """Return how mail is sent (TURNUS_SMTP_…); None where no server is named: then none is sent.

    Raises ImproperlyConfigured for what cannot be used.
    """
    host = _variable("TURNUS_SMTP_HOST")
    if not host:
        return None
    security = _security()
    user = _variable("TURNUS_SMTP_USER")
    return MailSettings(
        host=host,
        port=_port() or _PORTS[security],
        user=user,
        password=_password(),
        security=security,
        sender=_sender(user),
    )


def _variable(name: str) -> str:
    return os.environ.get(name, "").strip()


def _security() -> MailSecurity:
    word = _variable("TURNUS_SMTP_TLS").lower() or MailSecurity.STARTTLS
    try:
        return MailSecurity(word)
    except ValueError:
        words = ", ".join(MailSecurity)
        message = f"TURNUS_SMTP_TLS must be one of {words}, found {word!r}"
        raise ImproperlyConfigured(message) from None


def _port() -> int | None:
    text = _variable("TURNUS_SMTP_PORT")
    if not text:
        return None
    is_number = text.isascii() and text.isdecimal() and len(text) <= 5
    if not is_number or not 0 < int(text) < 65_536:
        message = (
            f"TURNUS_SMTP_PORT must be a port, such as 587, found {text!r}"
        )
        raise ImproperlyConfigured(message)
    return int(text)


def _password() -> str:
    """Return the password, from a variable or the first line of the file that one names."""
    file = _variable("TURNUS_SMTP_PASSWORD_FILE")
    if not file:
        return os.environ.get("TURNUS_SMTP_PASSWORD", "")
    try:
        text = Path(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        message = f"TURNUS_SMTP_PASSWORD_FILE cannot be read: {file!r}"
        raise ImproperlyConfigured(message) from None
    return text.partition("\n")[0].rstrip("\r")


def _sender(user: str) -> str:
    """Return whom mail is from: what is set, else the user, if that is an address."""
    sender = _variable("TURNUS_SMTP_FROM") or user
    _name, address = parseaddr(sender)
    is_address = "@" in address.strip("@")
    if not is_address or not sender.isprintable():
        message = (
            "TURNUS_SMTP_FROM must be an address, such as "
            f"Turnus <crm@example.org>, found {sender!r}"
        )
        raise ImproperlyConfigured(message)
    return sender
