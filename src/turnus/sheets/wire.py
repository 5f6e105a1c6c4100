"""What the reader of a file sends to the process that asked: messages of plain values only.

A message is a pickle with its length before it. Only the classes of cells may stand in it: whatever
a hostile file makes of its reader, the reader can send nothing but values.
"""

import io
import pickle
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import Literal, TypedDict, cast

from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.tables import (
    Cell,
    FileReading,
    FormattedNumber,
    Row,
    UnreadCell,
)
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import SENT_BYTES


class SourceFacts(TypedDict):
    """What `head` tells about the file."""

    format: str
    sheets: tuple[str, ...]
    encoding: str
    delimiter: str


class TableFacts(TypedDict):
    """What `head` tells about the table before its rows come."""

    name: str
    headings: tuple[str, ...]
    row_count: int | None
    reading: FileReading


#: Numbers of rows, their cells, and the issues of the few rows that have any, by place.
RowBlock = tuple[
    list[int], list[Sequence[Cell]], Mapping[int, tuple[Issue, ...]]
]
Head = tuple[Literal["head"], SourceFacts, TableFacts]
#: A block, then the numbers of hidden rows and of lines of totals that were learned with it.
Rows = tuple[Literal["rows"], RowBlock, list[int], list[int]]
End = tuple[Literal["end"]]
#: The code and the values of the refusal.
Refused = tuple[Literal["refused"], str, Mapping[str, object]]
Message = Head | Rows | End | Refused

#: Bytes of the length before a message.
LENGTH_BYTES = 4
#: Bytes of a message; a reader never sends more in one.
MAX_MESSAGE = SENT_BYTES

_CLASSES: Mapping[tuple[str, str], type] = {
    (cell_class.__module__, cell_class.__qualname__): cell_class
    for cell_class in (
        date,
        datetime,
        time,
        Decimal,
        FormattedNumber,
        UnreadCell,
        Issue,
        IssueCode,
        Severity,
        FileReading,
    )
}


def packed(message: object) -> bytes:
    """Return a message as bytes, its length before it; raises SheetError where it is too long."""
    buffer = io.BytesIO(bytes(LENGTH_BYTES))
    buffer.seek(LENGTH_BYTES)
    pickler = pickle.Pickler(buffer, pickle.HIGHEST_PROTOCOL)
    pickler.dispatch_table = _REDUCED
    pickler.dump(message)
    length = buffer.tell() - LENGTH_BYTES
    if length > MAX_MESSAGE:
        raise SheetError("sheet.too_much_text")
    buffer.seek(0)
    buffer.write(length.to_bytes(LENGTH_BYTES, "big"))
    return buffer.getvalue()


def unpacked(content: bytes) -> Message:
    """Return the message in the bytes behind a length; raises UnpicklingError if not plain."""
    return cast("Message", _PlainValues(io.BytesIO(content)).load())


def row_block(rows: Sequence[Row]) -> RowBlock:
    """Return rows as plain lists: numbers, cells, and the issues of the few rows that have any."""
    issues = {
        index: row.issues for index, row in enumerate(rows) if row.issues
    }
    return [row.number for row in rows], [row.cells for row in rows], issues


def rows_of(
    numbers: Sequence[int],
    cells: Sequence[Sequence[Cell]],
    issues: Mapping[int, tuple[Issue, ...]],
) -> list[Row]:
    """Return the rows of a block."""
    if not issues:
        return [
            Row(number, row)
            for number, row in zip(numbers, cells, strict=True)
        ]
    return [
        Row(number, row, issues.get(index, ()))
        for index, (number, row) in enumerate(zip(numbers, cells, strict=True))
    ]


class _PlainValues(pickle.Unpickler):
    """A reader of plain values and of the classes of cells."""

    def find_class(self, module_name: str, global_name: str, /) -> type:
        found = _CLASSES.get((module_name, global_name))
        if found is None:
            raise pickle.UnpicklingError(f"{module_name}.{global_name}")
        return found


def _formatted(cell: FormattedNumber) -> tuple[type, tuple[object, ...]]:
    shown = (
        cell.is_percent,
        cell.currency,
        cell.least_digits,
        cell.suffix,
        cell.counts_from_1904,
    )
    return FormattedNumber, (cell.number, *shown)


def _reading(reading: FileReading) -> tuple[type, tuple[object, ...]]:
    return FileReading, tuple(
        getattr(reading, name) for name in FileReading.__slots__
    )


#: How the classes of cells are written: far faster than by what dataclasses do of themselves.
_REDUCED: dict[type, Callable[..., tuple[type, tuple[object, ...]]]] = {
    FormattedNumber: _formatted,
    UnreadCell: lambda cell: (UnreadCell, (cell.code, cell.text)),
    Issue: lambda issue: (
        Issue,
        (
            issue.code,
            issue.severity,
            issue.row,
            issue.column,
            dict(issue.params),
        ),
    ),
    IssueCode: lambda code: (IssueCode, (str(code),)),
    Severity: lambda severity: (Severity, (str(severity),)),
    FileReading: _reading,
}
