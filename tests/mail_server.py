"""A real SMTP server on loopback, with or without a user, encrypted or not."""

import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword

from tests.serving import free_port

USER, PASSWORD = "crm@example.org", "geheim-2018"
#: What the server does not take.
REFUSED = "nobody@example.org"


@dataclass
class Mailbox:
    """What arrived, and where the server listens."""

    port: int
    messages: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 (the library's name)
        self,
        _server: Any,
        _session: Any,
        envelope: Envelope,
        address: str,
        _options: Any,
    ) -> str:
        if address == REFUSED:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 (the library's name)
        self, _server: Any, _session: Any, envelope: Envelope
    ) -> str:
        content = envelope.original_content or b""
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        return "250 taken"


@contextmanager
def mail_server(
    *,
    certificate: Path | None = None,
    is_encrypted: bool = False,
    has_user: bool = False,
) -> Iterator[Mailbox]:
    """Run a server; with a certificate it asks for STARTTLS, unless `is_encrypted` at once."""
    context = None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
    mailbox = Mailbox(free_port())
    options: dict[str, Any] = {}
    if has_user:
        options = {
            "authenticator": _is_known,
            "auth_required": True,
            "auth_require_tls": context is not None and not is_encrypted,
        }
    if context is not None and not is_encrypted:
        options |= {"tls_context": context, "require_starttls": True}
    controller = Controller(
        mailbox,
        hostname="127.0.0.1",
        port=mailbox.port,
        ssl_context=context if is_encrypted else None,
        **options,
    )
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()


def _is_known(
    _server: SMTP, _session: Any, _envelope: Any, _mechanism: str, login: Any
) -> AuthResult:
    is_known = isinstance(login, LoginPassword) and login == LoginPassword(
        USER.encode(), PASSWORD.encode()
    )
    return AuthResult(success=is_known, handled=False)


def made_certificate(folder: Path) -> Path:
    """Return a certificate of `localhost` with its key, signed by itself."""
    path = folder / "certificate.pem"
    subprocess.run(
        [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days=2",
            "-subj=/CN=localhost",
            "-addext=subjectAltName=DNS:localhost",
            f"-keyout={folder / 'key.pem'}",
            f"-out={path}",
        ],
        check=True,
        capture_output=True,
    )
    key = (folder / "key.pem").read_text(encoding="ascii")
    path.write_text(path.read_text(encoding="ascii") + key, encoding="ascii")
    return path
