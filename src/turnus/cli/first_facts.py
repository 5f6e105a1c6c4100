"""What a first run asks for, as far as the environment says it: for containers and scripts."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from turnus.kit.input_files import first_line

if TYPE_CHECKING:
    from turnus.accounts.actions import NewCompany

#: Option of `turnus init` -> the variable that stands for it.
VARIABLES = {
    "company": "TURNUS_COMPANY",
    "language": "TURNUS_LANGUAGE",
    "currency": "TURNUS_CURRENCY",
    "time_zone": "TURNUS_TIME_ZONE",
    "name": "TURNUS_ADMIN_NAME",
    "email": "TURNUS_ADMIN_EMAIL",
}
#: What holds where nobody says anything.
DEFAULTS = {
    "language": "de",
    "currency": "EUR",
    "time_zone": "Europe/Berlin",
    "name": "Admin",
}


def from_environment(option: str) -> str | None:
    """Return what the environment says for an option of `turnus init`; None if nothing."""
    return os.environ.get(VARIABLES[option], "").strip() or None


def password_from_environment() -> str:
    """Return the first admin's password, from a variable or the file that one names."""
    file = os.environ.get("TURNUS_ADMIN_PASSWORD_FILE", "")
    return (
        first_line(Path(file))
        if file
        else os.environ.get("TURNUS_ADMIN_PASSWORD", "")
    )


def company_from_environment() -> "NewCompany | None":
    """Return the company to set up; None where the environment names no admin."""
    from turnus.accounts.actions import NewCompany

    if from_environment("email") is None:
        return None

    def fact(option: str) -> str:
        return from_environment(option) or DEFAULTS.get(option, "")

    return NewCompany(
        name=fact("company"),
        language="de" if fact("language").startswith("de") else "en",
        currency=fact("currency"),
        time_zone=fact("time_zone"),
        admin_name=fact("name"),
        admin_email=fact("email"),
        admin_password=password_from_environment(),
    )
