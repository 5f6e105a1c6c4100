"""The uploaded file: where it lies, what it holds, its first cells, how its columns are written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from itertools import islice
from pathlib import Path
from typing import TypedDict, cast

from turnus.core.fields import Notation, guess_notation, text_of
from turnus.core.tables import Cell, FileReading, ReadingChoices, Row, Table
from turnus.imports.models import Import
from turnus.kit.errors import UserError
from turnus.kit.folder import private_folder
from turnus.sheets.opening import open_table
from turnus.sheets.reading import FileSource

SAMPLE_ROWS = 5
#: Rows looked at to learn a column's notation: enough to meet a day above 12 or a decimal mark.
NOTATION_ROWS = 5_000
#: Longer texts say nothing about numbers and days.
_LONGEST_NUMBER = 40


def uploads() -> Path:
    """Return the folder of uploaded files, made if it is missing."""
    return private_folder("uploads")


def path_of(of: Import) -> Path:
    """Return where the file lies: among the uploads, or where the command found it."""
    stored = Path(of.stored_as)
    return stored if stored.is_absolute() else uploads() / stored


def present_path(of: Import) -> Path:
    """Return where the file lies; refused with `import.file_gone` if it is not there any more."""
    path = path_of(of)
    if not path.is_file():
        raise UserError("import.file_gone", file=of.file_name)
    return path


def table_of(of: Import) -> tuple[FileSource, Table]:
    """Open the file at the chosen sheet. Refused with `import.file_gone` if it is gone."""
    return open_table(present_path(of), choices_of(of), name=of.file_name)


def choices_of(of: Import) -> ReadingChoices:
    """Return how the file is to be read: as was chosen, at the sheet with the matched columns."""
    return ReadingChoices(**{"sheet": of.sheet or None, **of.choices})


def chosen(choices: ReadingChoices) -> dict[str, object]:
    """Return what a person chose, as it is stored."""
    return {
        name: value
        for name, value in asdict(choices).items()
        if value is not None
    }


#: Row numbers that are kept of each kind; more than these nobody reads.
_KEPT_NUMBERS = 5


class RowNumbers(TypedDict):
    """How many rows of a kind a file has, and the numbers of the first few."""

    count: int
    first: list[int]


def as_stored(reading: FileReading) -> dict[str, object]:
    """Return how a file was read as JSON; of rows their `count` and the `first` few numbers."""
    return {
        **asdict(reading),
        "hidden_rows": _first_numbers(reading.hidden_rows),
        "total_rows": _first_numbers(reading.total_rows),
    }


def _first_numbers(numbers: Sequence[int]) -> RowNumbers:
    return RowNumbers(count=len(numbers), first=list(numbers[:_KEPT_NUMBERS]))


def count_of(reading: Mapping[str, object], kind: str) -> int:
    """Return how many rows of a kind (`hidden_rows`, `total_rows`) a stored reading has."""
    numbers = cast("RowNumbers | None", reading.get(kind))
    return numbers["count"] if numbers else 0


def samples_of(rows: Iterable[Row], width: int) -> list[list[str]]:
    """Return the first few different cells of each column as text, see `sample_of`."""
    found: list[dict[str, None]] = [{} for _ in range(width)]
    for row in islice(rows, 50):
        for index, cell in enumerate(row.cells):
            if cell not in (None, "") and len(found[index]) < SAMPLE_ROWS:
                found[index].setdefault(sample_of(cell)[:60])
    return [list(column) for column in found]


def sample_of(cell: Cell) -> str:
    """Return what a cell shows, as text; days and moments like `2018-11-14T09:30:00`."""
    if isinstance(
        cell, date
    ):  # also a moment: told from text, it is shown in the reader's notation
        return f"{cell:%Y-%m-%dT%H:%M:%S}"
    return text_of(cell)


def notations_of(
    rows: Iterable[Row], mapped: Sequence[int]
) -> dict[int, Notation]:
    """Return how each mapped column is written, as far as its texts and real dates prove it."""
    cells: dict[int, set[Cell]] = {index: set() for index in mapped}
    for row in rows:
        for index in mapped:
            cell = row.cells[index]
            if isinstance(cell, date) or (
                isinstance(cell, str) and len(cell) <= _LONGEST_NUMBER
            ):
                cells[index].add(cell)
    return {index: guess_notation(column) for index, column in cells.items()}
