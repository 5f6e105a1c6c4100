"""The rows of all tables as lines of text that are the same on SQLite and PostgreSQL."""

import base64
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.apps.registry import Apps
from django.db import models

from turnus.backups.actions_database import last_id
from turnus.kit.sql import BATCH

#: A cell as a database driver takes it, once it has been read from a line.
Reader = Callable[[str], object]

#: Whoever was signed in signs in again: a backup opens no session. The stored ledger follows from
#: the rest, and is folded anew.
_LEFT_OUT = frozenset(
    {
        "sessions.session",
        "revenue.stalesubscription",
        "revenue.ledgercustomer",
        "revenue.ledgermovement",
        "revenue.ledgersegment",
    }
)


def stored_models(apps: Apps) -> list[type[models.Model]]:
    """Return the models whose rows a backup holds, in order of their names."""
    found = {}
    for model in apps.get_models(include_auto_created=True):
        name = label(model)
        if model._meta.managed and name not in _LEFT_OUT:  # noqa: SLF001 (Django documents _meta)
            found[name] = model
    return [found[name] for name in sorted(found)]


def label(model: type[models.Model]) -> str:
    """Return the name of a model with its app: `sales.deal`."""
    return model._meta.label_lower  # noqa: SLF001 (Django documents _meta)


def columns_of(model: type[models.Model]) -> tuple[str, ...]:
    """Return the columns that are stored, in order."""
    fields = model._meta.concrete_fields  # noqa: SLF001 (Django documents _meta)
    return tuple(field.attname for field in fields)


def lines_of(
    model: type[models.Model], columns: Sequence[str]
) -> Iterator[bytes]:
    """Yield these columns of each row as a line of JSON, in order of the primary key."""
    rows = model._base_manager.order_by("pk").values_list(*columns)  # noqa: SLF001 (no manager hides rows)
    for row in rows.iterator(chunk_size=BATCH):
        yield _encode(row).encode() + b"\n"


def highest_id(model: type[models.Model]) -> int:
    """Return the highest number that was ever given to a row; 0 for keys that are texts."""
    has_numbers = isinstance(model._meta.pk, models.AutoField)  # noqa: SLF001 (Django documents _meta)
    return last_id(model) if has_numbers else 0


@dataclass(frozen=True, slots=True)
class LineReader:
    """Lines back to the values that a table's columns take."""

    #: Position -> what reads the cell; of other columns a cell is what it says.
    readers: Sequence[tuple[int, Reader]]

    @classmethod
    def of(
        cls, model: type[models.Model], columns: Sequence[str]
    ) -> "LineReader":
        """Return what reads lines of these columns."""
        concrete = model._meta.concrete_fields  # noqa: SLF001 (Django documents _meta)
        fields = {field.attname: field for field in concrete}
        readers = []
        for position, column in enumerate(columns):
            reader = _reader_of(fields[column])
            if reader is not None:
                readers.append((position, reader))
        return cls(readers)

    def rows(self, lines: Iterable[bytes]) -> Iterator[list[object]]:
        """Yield the row of each line."""
        for line in lines:
            row: list[object] = json.loads(line)
            for position, read in self.readers:
                cell = row[position]
                if cell is not None:
                    row[position] = read(str(cell))
            yield row


def _reader_of(field: "models.Field[object, object]") -> Reader | None:
    """Return what turns a text into the column's value; None where JSON has the value itself."""
    if isinstance(field, models.BinaryField):
        return base64.b64decode
    needs_reading = isinstance(field, models.DateField | models.DecimalField)
    return field.to_python if needs_reading else None


def _plain(value: object) -> str:
    """Return a value that JSON does not know as a text."""
    if isinstance(value, date):  # moments are days as well
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(value).decode("ascii")
    message = f"a backup cannot hold a {type(value).__name__}"
    raise TypeError(message)


# Keys are sorted, for PostgreSQL keeps those of an object in an order of its own.
_encode = json.JSONEncoder(
    default=_plain, ensure_ascii=False, separators=(",", ":"), sort_keys=True
).encode
