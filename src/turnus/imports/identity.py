"""Which record the ID of a row means; an ID that may be another system's is asked about first."""

from collections.abc import Callable, Mapping
from typing import cast

from turnus.core.issues import IssueCode, Severity
from turnus.core.naming import likeness
from turnus.fields.columns import StoredColumns
from turnus.imports.questions import QuestionKind, Subject, choice_of
from turnus.imports.read_row import ReadRow
from turnus.imports.rows import RowReader


def record_meant(
    row: ReadRow,
    reader: RowReader,
    existing: Mapping[int, StoredColumns],
    *,
    is_another: Callable[[StoredColumns], bool],
) -> StoredColumns | None:
    """Return the record (its columns) that the row's ID means, None for a new one.

    Takes the ID out of the values. `existing` are the records with such IDs that may be changed;
    `is_another` returns whether one can hardly be the row's.
    """
    target = cast("int | None", row.values.pop("id", None))
    if target is None:
        return None
    before = existing.get(target)
    if before is not None and not is_another(before):
        return before
    answer = choice_of(reader.answers, "unknown_ids")
    heading = reader.heading_of("id")
    if answer == "new":
        return None
    if answer == "update" and before is not None:
        return before
    if answer:
        row.add(
            IssueCode.RECORD_NOT_FOUND, Severity.PROBLEM, heading, id=target
        )
        return before
    about = Subject(heading or "")
    reader.questions.ask(
        "unknown_ids", QuestionKind.UNKNOWN_IDS, row.number, about
    )
    row.is_waiting = True
    code = IssueCode.RECORD_NOT_FOUND
    name = ""
    if before is not None:
        code = IssueCode.RECORD_DIFFERS
        name = str(before.get("title") or before.get("name") or "")
    row.add(code, Severity.QUESTION, heading, id=target, name=name)
    return before


def all_names_differ(row: ReadRow, names: Mapping[str, str | None]) -> bool:
    """Return whether a row gives at least two of a record's names, by field, and all differ."""
    degrees = []
    for field, name in names.items():
        written = row.values.get(field)
        if written:
            degrees.append(likeness(str(written), name or ""))
    if len(degrees) < 2:
        return False
    return all(degree is None for degree in degrees)
