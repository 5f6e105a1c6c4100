"""Which record the ID of a row means; an ID that seems to be another system's is asked about before anything is overwritten."""

from collections.abc import Callable, Mapping
from typing import Any

from turnus.core.issues import IssueCode, Severity
from turnus.core.naming import likeness
from turnus.imports.questions import QuestionKind, choice_of
from turnus.imports.rows import ReadRow, RowReader

Record = Mapping[str, Any]


def record_meant(
    row: ReadRow,
    reader: RowReader,
    known: Mapping[int, Record],
    *,
    is_another: Callable[[Record], bool],
) -> Record | None:
    """Return the record (its columns) that the row's ID means, None for a new one; takes the ID out of the values.

    `known` are the records of such IDs that may be changed; `is_another` says of one that it can hardly be the row's.
    """
    target: Any = row.values.pop("id", None)
    before = known.get(target)
    if target is None or (before is not None and not is_another(before)):
        return before
    answer = choice_of(reader.answers, "unknown_ids")
    heading = reader.heading_of("id")
    if answer == "new" or (answer == "update" and before is not None):
        return before if answer == "update" else None
    if answer:
        row.add(IssueCode.RECORD_NOT_FOUND, Severity.PROBLEM, heading, id=target)
        return before
    reader.questions.ask("unknown_ids", QuestionKind.UNKNOWN_IDS, row.number, column=heading or "")
    row.is_waiting = True
    code = IssueCode.RECORD_NOT_FOUND if before is None else IssueCode.RECORD_DIFFERS
    held = before or {}
    row.add(
        code,
        Severity.QUESTION,
        heading,
        id=target,
        name=str(held.get("title") or held.get("name") or ""),
    )
    return before


def all_names_differ(row: ReadRow, names: Mapping[str, str | None]) -> bool:
    """Return whether a row gives at least two of a record's names, by field, and each is another one."""
    compared = [
        (str(row.values[field]), name or "")
        for field, name in names.items()
        if row.values.get(field)
    ]
    if len(compared) < 2:
        return False
    return all(likeness(given, name) is None for given, name in compared)
