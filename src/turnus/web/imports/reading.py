"""How a file was read, for the pages of the wizard, and what was chosen there about it."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from turnus.core.tables import ReadingChoices
from turnus.imports.files import count_of
from turnus.imports.models import Import
from turnus.imports.reading_words import (
    DELIMITERS,
    ENCODINGS,
    delimiter_name,
    encoding_name,
)
from turnus.imports.unused_columns import Because
from turnus.kit.messages import quoted, sentence
from turnus.web.parameters import number_in


def choices_in(posted: Mapping[str, str], of: Import) -> ReadingChoices:
    """Return how to read the file: the earlier choices, with the posted changes."""
    choices = ReadingChoices(**of.choices)
    reading = of.reading
    sheet = posted.get("sheet", "")
    if len(of.sheets) > 1 and sheet in of.sheets:
        choices = replace(choices, sheet=sheet)
    encoding = posted.get("encoding", "")
    if encoding and encoding_name(encoding) != encoding_name(
        reading.get("encoding", "")
    ):
        choices = replace(choices, encoding=encoding)
    delimiter = posted.get("delimiter", "")
    if delimiter and delimiter != reading.get("delimiter"):
        choices = replace(choices, delimiter=delimiter)
    row = number_in(posted.get("heading_row"))
    if row is not None and row != reading.get("heading_row"):
        choices = replace(choices, heading_row=row)
    return choices


def ways_to_read(of: Import, sent: Mapping[str, str]) -> dict[str, object]:
    """Return what can be chosen about reading the file: as it was sent, else as it is read."""
    reading = of.reading
    encoding = encoding_name(sent["encoding"] or reading.get("encoding", ""))
    delimiter = sent["delimiter"] or reading.get("delimiter", "")
    encodings = [
        (codec, name, name == encoding) for codec, name in ENCODINGS.items()
    ]
    if encoding and encoding not in ENCODINGS.values():
        encodings.insert(
            0, (sent["encoding"] or reading["encoding"], encoding, True)
        )
    delimiters = [
        (mark, name, mark == delimiter) for mark, name in DELIMITERS.items()
    ]
    if delimiter and delimiter not in DELIMITERS:
        delimiters.insert(0, (delimiter, delimiter, True))
    return {
        "encodings": encodings if encoding else [],
        "delimiters": delimiters if delimiter else [],
        "samples": quoted(reading.get("encoding_samples", ())),
        "is_doubtful": reading.get("is_encoding_doubtful", False)
        and "encoding" not in of.choices,
        "sheet": sent["sheet"] or of.sheet,
        "rows_above": reading.get("rows_above", 0),
        "hidden_columns": reading.get("hidden_columns", []),
        "hidden_sheets": reading.get("hidden_sheets", []),
    }


def how_it_was_read(of: Import) -> dict[str, object]:
    """Return the facts of the line under the title of the check."""
    reading = of.reading
    heading_row = None
    if reading.get("rows_above"):
        heading_row = reading.get("heading_row", 1)
    first_totals = reading.get("total_rows", {}).get("first", ())
    left_out = []
    computed = []
    for column in of.left_out:
        if column["because"] == Because.RULE:
            computed.append(column["heading"])
        else:
            left_out.append(column["heading"])
    return {
        "columns": len(of.headings),
        "encoding": encoding_name(reading.get("encoding", "")),
        "samples": quoted(reading.get("encoding_samples", ())),
        "delimiter": delimiter_name(reading.get("delimiter", "")),
        "heading_row": heading_row,
        "other_sheets": reading.get("other_sheets", []),
        "hidden_columns": quoted(reading.get("hidden_columns", ())),
        "hidden_count": count_of(reading, "hidden_rows"),
        "are_hidden_read": of.choices.get("reads_hidden_rows", True),
        "total_count": count_of(reading, "total_rows"),
        "total_rows": ", ".join(map(str, first_totals)),
        "are_totals_read": of.choices.get("reads_totals", False),
        "left_out": quoted(left_out),
        "computed": quoted(computed),
    }


def missing_words(fields: Iterable[str]) -> list[str]:
    """Return sentences about what no column says."""
    return [sentence(f"check.missing_{field}", {}) for field in fields]


def notes_in_words(of: Import) -> list[tuple[int, str, bool]]:
    """Return notes by kind, the most frequent first.

    Each has its number of rows, its words, and whether others may be worded differently.
    """
    notes = of.totals.get("notes", {})
    in_words = []
    for code, note in notes.items():
        count = note["count"]
        words = sentence(code, note["params"])
        in_words.append((count, words, count > 1 and bool(note["params"])))
    return sorted(in_words, key=lambda note: -note[0])
