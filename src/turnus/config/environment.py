"""Reading the environment: flags, the database's address, the secret key."""

import os
import re
import secrets
from difflib import get_close_matches
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from turnus.kit.logs import FORMATS
from turnus.kit.replicas import PREFIX

#: Every variable of the environment that Turnus reads; `docs/admin/README.md` explains them.
KNOWN = frozenset(
    {
        "TURNUS_ADMIN_EMAIL",
        "TURNUS_ADMIN_NAME",
        "TURNUS_ADMIN_PASSWORD",
        "TURNUS_ADMIN_PASSWORD_FILE",
        "TURNUS_COMPANY",
        "TURNUS_CURRENCY",
        "TURNUS_DATA",
        "TURNUS_DEBUG",
        "TURNUS_DIRECT_URL",
        "TURNUS_HOST",
        "TURNUS_HOSTS",
        "TURNUS_HTTPS",
        "TURNUS_JOBS_KEPT_DAYS",
        "TURNUS_LANES",
        "TURNUS_LANGUAGE",
        "TURNUS_LOG",
        "TURNUS_METRICS_TOKEN",
        "TURNUS_POOLER",
        "TURNUS_PORT",
        "TURNUS_PROXIES",
        "TURNUS_REPLICAS",
        "TURNUS_SECRET_KEY",
        "TURNUS_SMTP_FROM",
        "TURNUS_SMTP_HOST",
        "TURNUS_SMTP_PASSWORD",
        "TURNUS_SMTP_PASSWORD_FILE",
        "TURNUS_SMTP_PORT",
        "TURNUS_SMTP_TLS",
        "TURNUS_SMTP_USER",
        "TURNUS_SUPERVISOR",
        "TURNUS_TIME_ZONE",
        "TURNUS_WORKER",
        "TURNUS_WORKERS",
    }
)


def flag(name: str, *, is_usual: bool = False) -> bool:
    """Return whether the environment variable `name` is switched on.

    `is_usual`: what holds where it is not set. Raises ImproperlyConfigured for a word that is
    neither yes nor no.
    """
    given = os.environ.get(name, "").strip().lower()
    if given in {"1", "true", "yes", "on"}:
        return True
    if not given:
        return is_usual
    if given in {"0", "false", "no", "off"}:
        return False
    message = f"{name} must be 1 or 0, found {given!r}"
    raise ImproperlyConfigured(message)


def host_names() -> list[str]:
    """Return the host names that the server answers to (TURNUS_HOSTS), besides this machine's."""
    given = os.environ.get("TURNUS_HOSTS", "").replace(" ", "").split(",")
    names = [name for name in given if name]
    for name in names:
        if not re.fullmatch(r"\*|[\w.-]+|\[[0-9a-fA-F:.]+\]", name):
            message = (
                "TURNUS_HOSTS must be names without scheme, port and path, "
                f"such as crm.example.org, found {name!r}"
            )
            raise ImproperlyConfigured(message)
    return names


def public_address() -> str:
    """Return where people reach the server, as far as the environment says it.

    That is the first name of TURNUS_HOSTS; without one, the port of this machine.
    """
    scheme = "https" if flag("TURNUS_HTTPS") else "http"
    names = [name for name in host_names() if name != "*"]
    if names:
        return f"{scheme}://{names[0]}"
    port = os.environ.get("TURNUS_PORT") or "8000"
    return f"{scheme}://127.0.0.1:{port}"


def proxy_count() -> int:
    """Return how many proxies stand before the server and write X-Forwarded-For (TURNUS_PROXIES).

    None by default: a header that no proxy writes is the visitor's own, and would get them around
    the throttle.
    """
    given = os.environ.get("TURNUS_PROXIES", "").strip()
    if given and not re.fullmatch("[0-9]{1,2}", given):
        message = f"TURNUS_PROXIES must be a number of proxies, such as 1, found {given!r}"
        raise ImproperlyConfigured(message)
    return int(given or 0)


def days(name: str, usual: int) -> int:
    """Return a number of days in the environment variable `name`, from 1 on."""
    given = os.environ.get(name, "").strip()
    if not given:
        return usual
    if not re.fullmatch("[0-9]{1,4}", given) or int(given) == 0:
        message = f"{name} must be a number of days, such as {usual}, found {given!r}"
        raise ImproperlyConfigured(message)
    return int(given)


def log_format() -> str:
    """Return how the log is written (TURNUS_LOG): `text`, the usual, or `json`."""
    given = os.environ.get("TURNUS_LOG", "").strip().lower() or FORMATS[0]
    if given not in FORMATS:
        message = (
            f"TURNUS_LOG must be one of {', '.join(FORMATS)}, found {given!r}"
        )
        raise ImproperlyConfigured(message)
    return given


def misspelt() -> list[tuple[str, str]]:
    """Return unknown names in the environment that resemble a known one, each with that one."""
    unknown = sorted(
        name
        for name in os.environ
        if name.startswith("TURNUS_") and name not in KNOWN
    )
    pairs = []
    for name in unknown:
        near = get_close_matches(name, KNOWN, n=1, cutoff=0.8)
        pairs += [(name, known_name) for known_name in near]
    return pairs


def secret_key(data_dir: Path) -> str:
    """Return TURNUS_SECRET_KEY, else the key in the data folder, else one for this process only.

    `turnus init` writes the file; reading settings never makes a folder.
    """
    given = os.environ.get("TURNUS_SECRET_KEY", "")
    if given:
        return given
    try:
        return (data_dir / "secret-key").read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_urlsafe(50)


def database(data_dir: Path) -> dict[str, object]:
    """Return the database settings: DATABASE_URL for PostgreSQL, else SQLite in the folder."""
    address = os.environ.get("DATABASE_URL", "")
    if not address:
        return _sqlite(data_dir / "turnus.sqlite3")
    found = _postgresql(address, "DATABASE_URL")
    # A pooler in transaction mode gives each transaction another connection to the server: a
    # cursor that outlives its transaction would be gone. Prepared statements are off anyway.
    found["DISABLE_SERVER_SIDE_CURSORS"] = flag("TURNUS_POOLER")
    return found


def replica_databases() -> dict[str, dict[str, object]]:
    """Return the servers that pages may read from (TURNUS_REPLICAS), by name; none on SQLite."""
    given = os.environ.get("TURNUS_REPLICAS", "").split()
    if given and not os.environ.get("DATABASE_URL"):
        message = "TURNUS_REPLICAS needs PostgreSQL: set DATABASE_URL as well"
        raise ImproperlyConfigured(message)
    found = {}
    for number, address in enumerate(given, 1):
        replica = _postgresql(address, "TURNUS_REPLICAS")
        replica["DISABLE_SERVER_SIDE_CURSORS"] = flag("TURNUS_POOLER")
        replica["TEST"] = {"MIRROR": "default"}
        found[f"{PREFIX}{number}"] = replica
    return found


def direct_database() -> dict[str, object] | None:
    """Return how the server is reached around a pooler (TURNUS_DIRECT_URL); None if not told."""
    address = os.environ.get("TURNUS_DIRECT_URL", "")
    return _postgresql(address, "TURNUS_DIRECT_URL") if address else None


def _sqlite(path: Path) -> dict[str, object]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # Writers queue up at BEGIN instead of failing in the middle; readers never wait (WAL).
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
                "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456;"
                "PRAGMA wal_autocheckpoint=8000;"
            ),
        },
    }


def _postgresql(address: str, name: str) -> dict[str, object]:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError as error:
        message = f"{name} cannot be read: {error}"
        raise ImproperlyConfigured(message) from None
    if parts.scheme not in {"postgres", "postgresql"}:
        # Not the whole of it: it may hold a password.
        found = parts.scheme or "no scheme"
        message = f"{name} must begin with postgresql://, found {found}"
        raise ImproperlyConfigured(message)
    options = dict(parse_qsl(parts.query))
    _refuse_unknown(options, name)
    host = options.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(port or ""),
        # What else libpq knows: sslmode, sslrootcert, connect_timeout ...
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


def _refuse_unknown(options: dict[str, str], name: str) -> None:
    """Refuse what libpq does not know after the question mark, which would fail at every query."""
    from psycopg import ProgrammingError
    from psycopg.conninfo import make_conninfo

    try:
        make_conninfo(**options)
    except ProgrammingError as error:
        reason = str(error).strip()
        message = (
            f"{name} has an option that PostgreSQL does not know: {reason}"
        )
        raise ImproperlyConfigured(message) from None
