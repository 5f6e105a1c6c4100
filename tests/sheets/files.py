"""Small files for the tests of reading."""

from pathlib import Path
from typing import Any

from turnus.core.tables import ReadingChoices, Row, Table
from turnus.sheets.reading import inspect, read


def opened(path: Path, content: str | bytes, **choices: Any) -> Table:
    """Write a file and open it."""
    path.write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    return read(inspect(path, ReadingChoices(**choices)))


def noted(rows: list[Row]) -> dict[int, list[tuple[str, str]]]:
    """Return what is odd about each row: codes and severities."""
    return {
        row.number: [(str(one.code), str(one.severity)) for one in row.issues]
        for row in rows
        if row.issues
    }
