"""The plain cost of an import: the same file read, the same rows inserted with `executemany`.

No check, no history, no preview, no undo. `tables` inserts into the tables of a fresh instance,
with their indexes and keys; `bare` into three new tables without any, which is the least that any
program could do.
"""

import sqlite3
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import python_calamine

_WON = "Gewonnen"
_NOW = "2018-11-14 10:00:00"
_RECORD = {
    "owner_id": 1,
    "creator_id": 1,
    "visibility": "everyone",
    "labels": "[]",
    "custom": "{}",
    "folded": "{}",
    "created_at": _NOW,
    "updated_at": _NOW,
}
_TEXTS = dict.fromkeys(
    ("lost_reason", "lost_comment", "origin_id", "channel", "channel_id"), ""
)


def read(
    file: Path,
) -> tuple[list[list[object]], dict[object, int], dict[object, int]]:
    """Return the rows of the file, and the organizations and persons in it with their numbers."""
    sheet = python_calamine.CalamineWorkbook.from_path(
        str(file)
    ).get_sheet_by_index(0)
    rows: list[list[object]] = [list(row) for row in sheet.to_python()[1:]]
    organizations: dict[object, int] = {}
    persons: dict[object, int] = {}
    for row in rows:
        row[1] = organizations.setdefault(row[1], len(organizations) + 1)
        row[2] = persons.setdefault(row[2], len(persons) + 1)
    return rows, organizations, persons


def into_tables(file: Path, database: Path) -> None:
    """Insert into the tables of an instance that has no records yet."""
    rows, organizations, persons = read(file)
    connection = sqlite3.connect(database)
    key = connection.execute("SELECT key FROM fields_customfield").fetchone()[
        0
    ]
    plans = dict(connection.execute("SELECT name, id FROM fields_fieldoption"))
    stage, pipeline = connection.execute(
        "SELECT id, pipeline_id FROM sales_stage"
    ).fetchone()
    with connection:
        for table, known in (
            ("contacts_organization", organizations),
            ("contacts_person", persons),
        ):
            blank = (
                {"address": "", "country": ""}
                if "organization" in table
                else {
                    "first_name": "",
                    "last_name": "",
                    "emails": "[]",
                    "phones": "[]",
                }
            )
            contacts = (
                {
                    **_RECORD,
                    **blank,
                    "id": one,
                    "name": name,
                    "name_folded": str(name).lower(),
                    "name_key": str(name).lower(),
                }
                for name, one in known.items()
            )
            _insert(connection, table, contacts)
        fixed = {
            **_RECORD,
            **_TEXTS,
            "currency": "EUR",
            "stage_id": stage,
            "pipeline_id": pipeline,
            "origin": "import",
        }
        _insert(
            connection,
            "sales_deal",
            ({**fixed, **_deal(row, key, plans)} for row in rows),
        )
    connection.close()


def _deal(
    row: list[object], key: str, plans: dict[str, int]
) -> dict[str, object]:
    (
        title,
        organization,
        person,
        value,
        _,
        status,
        _,
        plan,
        won_at,
        close_on,
        _,
        channel,
    ) = row
    won = str(won_at) if status == _WON else None
    return {
        "title": title,
        "title_folded": str(title).lower(),
        "organization_id": organization,
        "person_id": person,
        "value_e4": int(float(str(value)) * 10_000),
        "status": "won" if status == _WON else "open",
        "won_at": won,
        "won_on": won and won[:10],
        "first_won_at": won,
        "expected_close_on": str(close_on)[:10] if close_on else None,
        "channel": channel or "",
        "custom": f'{{"{key}":{plans[str(plan)]}}}',
    }


def _insert(
    connection: sqlite3.Connection,
    table: str,
    rows: Iterable[dict[str, object]],
) -> None:
    iterator = iter(rows)
    first = next(iterator)
    marks = ", ".join(f":{name}" for name in first)
    statement = f"INSERT INTO {table} ({', '.join(first)}) VALUES ({marks})"
    connection.execute(statement, first)
    connection.executemany(statement, iterator)


def into_bare_tables(file: Path, database: Path) -> None:
    """Insert into new tables without indexes or keys."""
    rows, organizations, persons = read(file)
    connection = sqlite3.connect(database)
    with connection:
        for kind, known in (
            ("organization", organizations),
            ("person", persons),
        ):
            connection.execute(
                f"CREATE TABLE {kind} (name TEXT, id INTEGER PRIMARY KEY)"
            )
            connection.executemany(
                f"INSERT INTO {kind} VALUES (?, ?)", known.items()
            )
        connection.execute(
            "CREATE TABLE deal (a, b, c, d, e, f, g, h, i, j, k, l)"
        )
        cells = (
            [
                cell.isoformat() if isinstance(cell, datetime) else cell
                for cell in row
            ]
            for row in rows
        )
        connection.executemany(
            f"INSERT INTO deal VALUES ({', '.join('?' * 12)})", cells
        )
    connection.close()


if __name__ == "__main__":
    {"tables": into_tables, "bare": into_bare_tables}[sys.argv[1]](
        Path(sys.argv[2]), Path(sys.argv[3])
    )
