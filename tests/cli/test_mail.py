"""`turnus mail-test` and `turnus invite`, each a process of its own, and a real SMTP server."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.mail_server import (
    PASSWORD,
    REFUSED,
    USER,
    made_certificate,
    mail_server,
)
from tests.world import PASSWORD as FIRST_PASSWORD
from turnus.config.mail import MailSecurity, mail_settings

needs_openssl = pytest.mark.skipif(
    shutil.which("openssl") is None, reason="openssl is not here"
)


def run(
    folder: Path, *words: str, **variables: str
) -> "subprocess.CompletedProcess[str]":
    """Run a command with these TURNUS_ variables only."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TURNUS_", "DATABASE_URL", "LANG", "LC_"))
    }
    environment = {**kept, "TURNUS_DATA": str(folder), **variables}
    return subprocess.run(
        [sys.executable, "-m", "turnus", *words],
        check=False,
        capture_output=True,
        text=True,
        env=environment,
    )


def server(port: int, **variables: str) -> Mapping[str, str]:
    named = {f"TURNUS_SMTP_{name}": text for name, text in variables.items()}
    return {
        "TURNUS_SMTP_HOST": "localhost",
        "TURNUS_SMTP_PORT": str(port),
        "TURNUS_SMTP_FROM": "Turnus <crm@example.org>",
        **named,
    }


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A folder with an instance of its own, in SQLite."""
    secret = tmp_path / "password.txt"
    secret.write_text(FIRST_PASSWORD, encoding="utf-8")
    folder = tmp_path / "instance"
    made = run(
        folder,
        "init",
        "--no-input",
        "--company=Muster & Söhne",
        "--language=de",
        "--email=ada@example.org",
        f"--password-file={secret}",
    )
    assert made.returncode == 0, made.stderr
    return folder


def test_a_message_goes_through_a_plain_server(instance: Path) -> None:
    with mail_server() as mailbox:
        sent = run(
            instance,
            "mail-test",
            "ada@example.org",
            **server(mailbox.port, TLS="none"),
        )
        assert sent.stderr == ""
        [message] = mailbox.messages
    assert message["To"] == "ada@example.org"
    assert message["From"] == "Turnus <crm@example.org>"
    text = message.get_content().strip()
    assert text == "This instance of Turnus can send mail."
    assert (
        f"Sent to ada@example.org through localhost, port {mailbox.port}."
        in sent.stdout
    )


@needs_openssl
@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
@pytest.mark.parametrize("security", ["starttls", "tls"])
def test_a_message_goes_encrypted_with_user_and_password(
    instance: Path, tmp_path: Path, security: str
) -> None:
    certificate = made_certificate(tmp_path)
    secret = tmp_path / "smtp.txt"
    secret.write_text(f"{PASSWORD}\nmore\n", encoding="utf-8")
    with mail_server(
        certificate=certificate,
        is_encrypted=security == "tls",
        has_user=True,
    ) as mailbox:
        variables = server(
            mailbox.port,
            TLS=security,
            USER=USER,
            PASSWORD_FILE=str(secret),
            FROM="",
        )
        words = ("mail-test", "ada@example.org")
        sent = run(
            instance, *words, **variables, SSL_CERT_FILE=str(certificate)
        )
        assert (sent.returncode, sent.stderr) == (0, "")
        assert mailbox.messages[0]["From"] == USER

        stranger = run(instance, *words, **variables)
        assert "certificate verify failed" in stranger.stderr

        secret.write_text("wrong", encoding="utf-8")
        wrong = run(
            instance, *words, **variables, SSL_CERT_FILE=str(certificate)
        )
        assert "could not be sent: 5.7.8" in wrong.stderr
        assert PASSWORD not in sent.stdout + stranger.stderr + wrong.stderr
        assert len(mailbox.messages) == 1


def test_what_cannot_be_sent_is_said_in_a_line(instance: Path) -> None:
    none = run(instance, "mail-test", "ada@example.org")
    assert none.stderr == (
        "turnus: This instance sends no mail. Set TURNUS_SMTP_HOST, or pass the link on yourself.\n"
    )
    with mail_server() as mailbox:
        variables = server(mailbox.port, TLS="none")
        refused = run(instance, "mail-test", REFUSED, **variables)
        assert "no such mailbox" in refused.stderr
        odd = run(instance, "mail-test", "a@b.example\nBcc: x@y", **variables)
        assert "is not an email address" in odd.stderr
        plain = run(
            instance, "mail-test", USER, **server(mailbox.port, TLS="starttls")
        )
        assert "STARTTLS extension not supported" in plain.stderr
        assert mailbox.messages == []
    gone = run(instance, "mail-test", USER, **variables)
    assert "Connection refused" in gone.stderr
    assert odd.returncode == 1
    for each in (none, refused, plain, gone):
        assert each.returncode == 1
        assert each.stderr.count("\n") == 1


def test_an_invitation_is_printed_or_mailed_in_the_users_language(
    instance: Path,
) -> None:
    printed = run(
        instance, "invite", "ada@example.org", TURNUS_HOSTS="crm.example.org"
    )
    assert re.fullmatch(
        r"http://crm\.example\.org/sign-in/invitation/\?invited=1-\S+\n",
        printed.stdout,
    )
    with mail_server() as mailbox:
        sent = run(
            instance,
            "invite",
            "ada@example.org",
            "--mail",
            "--address=https://crm.example.org/",
            **server(mailbox.port, TLS="none"),
        )
        assert sent.stderr == ""
        [message] = mailbox.messages
    assert message["Subject"] == "Ihr Passwort für Turnus bei Muster & Söhne"
    text = message.get_content()
    assert "https://crm.example.org/sign-in/invitation/?invited=1-" in text
    assert "4 Tage" in text
    unknown = run(instance, "invite", "nobody@example.org")
    assert "There is no active user" in unknown.stderr


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"TLS": "maybe"}, "TURNUS_SMTP_TLS must be one of starttls, tls"),
        ({"PORT": "many"}, "TURNUS_SMTP_PORT must be a port"),
        ({"PORT": "70000"}, "TURNUS_SMTP_PORT must be a port"),
        ({"FROM": "me"}, "TURNUS_SMTP_FROM must be an address"),
        ({"FROM": "a@b.example\nBcc: x@y"}, "TURNUS_SMTP_FROM must be"),
        ({"PASSWORD_FILE": "/nowhere/x"}, "PASSWORD_FILE cannot be read"),
    ],
)
def test_settings_that_cannot_be_used_are_refused(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], words: str
) -> None:
    for name, text in server(25, **variables).items():
        monkeypatch.setenv(name, text)
    if "PORT" in variables:
        monkeypatch.setenv("TURNUS_SMTP_PORT", variables["PORT"])
    with pytest.raises(ImproperlyConfigured, match=words):
        mail_settings()


@pytest.mark.parametrize(
    ("word", "security", "port"),
    [
        ("", MailSecurity.STARTTLS, 587),
        ("TLS", MailSecurity.TLS, 465),
        ("none", MailSecurity.NONE, 25),
    ],
)
def test_ports_are_the_usual_ones(
    monkeypatch: pytest.MonkeyPatch,
    word: str,
    security: MailSecurity,
    port: int,
) -> None:
    for name, text in server(1, TLS=word, PASSWORD="p", USER="u").items():
        monkeypatch.setenv(name, text)
    monkeypatch.delenv("TURNUS_SMTP_PORT")
    found = mail_settings()
    assert (found.security, found.port) == (security, port)
    assert (found.user, found.password) == ("u", "p")
    monkeypatch.delenv("TURNUS_SMTP_HOST")
    assert mail_settings() is None
