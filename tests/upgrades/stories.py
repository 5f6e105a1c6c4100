"""A small instance, made and read by commands alone, so that a later version can do the same."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

STATES = Path(__file__).parent / "states"
DATABASE = "turnus.sqlite3"

DEALS = """\
Titel;Organisation;Kontaktperson;E-Mail;Wert;Währung;Status;Phase;Gewonnen am;Verloren am
Wartung;Elbe GmbH;Eva Ährlich;eva@elbe.example;1200;EUR;Gewonnen;;15.03.2024;
Workshop;Elbe GmbH;Eva Ährlich;eva@elbe.example;350,50;EUR;Gewonnen;;20.06.2024;
Lizenz;Isar AG;Jörg Süß;;99;CHF;Gewonnen;;31.01.2024;
Angebot;Oder KG;;;500;EUR;Offen;;;
Messe;Spree e.K.;;;700;EUR;Verloren;;;02.02.2024
"""
SUBSCRIPTIONS = """\
Organisation;Name;Plan;Preis;Währung;Beginn;Bezahlt bis
Elbe GmbH;Hosting;Monatlich;50;EUR;31.01.2024;30.06.2024
Isar AG;Support;Jährlich;1200;EUR;29.02.2024;28.02.2025
"""
#: What must read the same after an upgrade: the arguments of a command, by a name.
READINGS = {
    "deals": (
        "export",
        "-o",
        "-",
        "--columns",
        "title,organization,person,value,status,won_at,lost_at",
    ),
    "persons": (
        "export",
        "-o",
        "-",
        "--kind",
        "persons",
        "--columns",
        "name,organization,emails",
    ),
    "mrr": (
        "report",
        "mrr",
        "--from",
        "2024-01-01",
        "--to",
        "2024-06-30",
        "--json",
    ),
    "movements": (
        "report",
        "movements",
        "--from",
        "2024-01-01",
        "--to",
        "2024-06-30",
        "--json",
    ),
    "bookings": (
        "report",
        "bookings",
        "--from",
        "2024-01-01",
        "--to",
        "2024-06-30",
        "--json",
    ),
}


def make_instance(folder: Path) -> None:
    """Set up a company; import deals and subscriptions; import a deal and undo it."""
    set_up(folder)
    import_text(folder, "deals.csv", DEALS)
    import_text(
        folder, "subscriptions.csv", SUBSCRIPTIONS, "--kind", "subscriptions"
    )
    undone = import_text(
        folder,
        "undone.csv",
        "Titel;Organisation;Status\nIrrtum;Weser AG;Offen\n",
    )
    turnus(folder, "undo", str(json.loads(undone)["run"]))


def set_up(folder: Path) -> None:
    """Make an empty instance."""
    company = (
        "--company",
        "Muster GmbH",
        "--currency",
        "EUR",
        "--time-zone",
        "Europe/Berlin",
    )
    admin = (
        "--name",
        "Ada Admin",
        "--email",
        "ada@muster.example",
        "--password",
        "wiederkehrend",
    )
    turnus(folder, "init", "--no-input", "--language", "de", *company, *admin)


def import_text(folder: Path, name: str, text: str, *options: str) -> str:
    """Import a file with this text; return what the command printed as JSON."""
    path = folder / name
    path.write_text(text, encoding="utf-8")
    printed = turnus(folder, "import", name, "--json", *options)
    path.unlink()
    return printed


def readings_of(folder: Path) -> dict[str, object]:
    """Return what the instance answers to each reading; JSON as values."""
    found: dict[str, object] = {}
    for name, arguments in READINGS.items():
        printed = turnus(folder, *arguments)
        found[name] = (
            json.loads(printed)
            if "--json" in arguments
            else printed.splitlines()
        )
    return found


def turnus(folder: Path, *arguments: str) -> str:
    """Run a command on the instance in a folder, on SQLite; return what it printed."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name != "DATABASE_URL"
    }
    command: Sequence[str] = [
        sys.executable,
        "-m",
        "turnus",
        "--data",
        str(folder),
        *arguments,
    ]
    done = subprocess.run(
        command,
        check=False,
        capture_output=True,
        encoding="utf-8",
        env=environment,
        cwd=folder,
    )
    assert done.returncode == 0, (
        f"turnus {' '.join(arguments)}: {done.stdout}{done.stderr}"
    )
    return done.stdout


def dump(folder: Path) -> str:
    """Return the instance's database as SQL."""
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        return "\n".join(connection.iterdump()) + "\n"


def restore(folder: Path, text: str) -> None:
    """Make the instance's database from SQL."""
    folder.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(folder / DATABASE)) as connection:
        connection.executescript(text)
