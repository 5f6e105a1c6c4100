"""Reading the environment: flags, the database's address, the secret key."""

import os
import secrets
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit


def flag(name: str) -> bool:
    """Say whether the environment variable `name` is switched on (`1`, `true`, `yes`, `on`)."""
    return os.environ.get(name, "").strip().lower() in {"1", "true", "yes", "on"}


def proxy_count() -> int:
    """Return how many proxies stand before the server and write X-Forwarded-For (TURNUS_PROXIES).

    None unless it is said: a header that no proxy writes is the visitor's own, and would get them around the throttle.
    """
    return int(os.environ.get("TURNUS_PROXIES", "").strip() or 0)


def secret_key(data_dir: Path) -> str:
    """Return TURNUS_SECRET_KEY, else the key kept in the data folder, else one for this process only.

    `turnus init` writes the file; reading settings never makes a folder.
    """
    given = os.environ.get("TURNUS_SECRET_KEY", "")
    if given:
        return given
    try:
        return (data_dir / "secret-key").read_text(encoding="ascii").strip()
    except OSError:
        return secrets.token_urlsafe(50)


def database(data_dir: Path) -> dict[str, Any]:
    """Return Django's database settings: PostgreSQL by DATABASE_URL, else SQLite in the data folder."""
    address = os.environ.get("DATABASE_URL", "")
    return _postgresql(address) if address else _sqlite(data_dir / "turnus.sqlite3")


def _sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": path,
        "OPTIONS": {
            # Writers queue up at BEGIN instead of failing in the middle; readers never wait (WAL).
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-65536;"
                "PRAGMA temp_store=MEMORY; PRAGMA mmap_size=268435456; PRAGMA wal_autocheckpoint=8000;"
            ),
        },
    }


def _postgresql(address: str) -> dict[str, Any]:
    parts = urlsplit(address)
    if parts.scheme not in {"postgres", "postgresql"}:
        message = f"DATABASE_URL must begin with postgresql://, found {parts.scheme}://"
        raise ValueError(message)
    options = dict(parse_qsl(parts.query))
    host = options.pop("host", unquote(parts.hostname or ""))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.removeprefix("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        # What else libpq knows: sslmode, sslrootcert, connect_timeout ...
        "OPTIONS": options,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
