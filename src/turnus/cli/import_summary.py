"""The summary of a check or an import: how the file was read, what goes in, what does not."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext

from turnus.accounts.queries import company
from turnus.imports.files import count_of
from turnus.imports.models import Import
from turnus.imports.queries import NEVER_CARRIED_OUT, UNFINISHED, standing_of
from turnus.imports.questions import StoredQuestion
from turnus.imports.reading_words import delimiter_name, encoding_name
from turnus.imports.state_words import state_words
from turnus.imports.unused_columns import Because
from turnus.kit.messages import quoted, sentence

#: Totals in the order in which they are told.
_TOTALS = (
    "rows",
    "new",
    "begun",
    "booked",
    "part",
    "update",
    "same",
    "skip",
    "warning",
    "question",
    "problem",
)


def reading_lines(of: Import) -> Iterator[str]:
    """Yield how the file was read: encoding, headings, sheets, what is hidden, lines of totals."""
    reading = of.reading
    if reading.get("encoding"):
        names = {
            "encoding": encoding_name(reading["encoding"]),
            "delimiter": delimiter_name(reading["delimiter"]),
        }
        yield sentence("check.read_as", names)
    if reading.get("encoding_samples"):
        yield sentence(
            "check.read_words", {"words": quoted(reading["encoding_samples"])}
        )
    if reading.get("rows_above"):
        yield sentence(
            "check.heading_row",
            {"row": reading["heading_row"], "count": reading["rows_above"]},
        )
    hidden = reading.get("hidden_sheets", ())
    others = reading.get("other_sheets", ())
    visible = [sheet for sheet in others if sheet not in hidden]
    if visible:
        yield sentence(
            "check.sheet", {"sheet": of.sheet, "sheets": quoted(visible)}
        )
    if hidden:
        yield sentence("check.hidden_sheets", {"sheets": quoted(hidden)})
    columns = reading.get("hidden_columns")
    if columns:
        yield sentence("check.hidden_columns", {"headings": quoted(columns)})
    yield from _row_lines(of)


def missing_lines(of: Import) -> Iterator[str]:
    """Yield what no column says, though it makes a deal what it is."""
    for field in of.totals.get("missing", ()):
        yield sentence(f"check.missing_{field}", {})


def column_lines(of: Import) -> Iterator[str]:
    """Yield the columns that fill no field."""
    for because in (Because.RULE, Because.SAID):
        columns = [
            column for column in of.left_out if column["because"] == because
        ]
        headings = [column["heading"] for column in columns]
        if headings:
            yield sentence(
                f"check.columns_{because}", {"headings": quoted(headings)}
            )
    for column in of.left_out:
        if column["because"] == Because.UNSAID:
            yield sentence("check.column_unsaid", column)


def total_lines(of: Import) -> Iterator[str]:
    """Yield how many rows have each verdict, and the notes by kind with their first rows."""
    if not of.totals.get("rows"):
        yield sentence("check.no_rows", {})
    for key in _TOTALS:
        if of.totals.get(key):
            yield f"{sentence(f'verdict.{key}', {})}: {of.totals[key]:,}"
    for code, note in of.totals.get("notes", {}).items():
        count = note["count"]
        words = {
            "note": sentence(code, note["params"]),
            "count": count,
            "rows": _numbers(note["rows"], count),
        }
        yield "  " + sentence("check.note", words)


def question_line(of: Import, question: StoredQuestion) -> str:
    """Return what an open question is about where its key says too little; empty elsewhere."""
    if question["kind"] not in {"encoding", "hidden", "status"}:
        return ""
    return sentence(
        f"check.question_{question['kind']}",
        {
            "count": question["count"],
            "rows": _numbers(question["rows"], question["count"]),
            "words": quoted(of.reading.get("encoding_samples", ())),
        },
    )


def refusal_lines(of: Import) -> Iterator[str]:
    """Yield what has to be said before anything of the file is written."""
    if of.unsaid_columns:
        yield sentence("check.say_columns", {})
    if of.unsaid_sheets:
        yield sentence(
            "check.say_sheet",
            {"sheet": of.sheet, "sheets": quoted(of.unsaid_sheets)},
        )


def _row_lines(of: Import) -> Iterator[str]:
    for kind, name, choice in (
        ("hidden_rows", "hidden", "reads_hidden_rows"),
        ("total_rows", "totals", "reads_totals"),
    ):
        count = count_of(of.reading, kind)
        answer = of.choices.get(choice)
        is_asked = answer is None and name == "hidden"
        if not count or is_asked:
            continue
        code = "read" if answer else "left_out"
        if answer is None:
            code = "unsaid"
        rows = _numbers(of.reading[kind]["first"], count)
        yield sentence(f"check.{name}_{code}", {"count": count, "rows": rows})


def _numbers(first: Sequence[int], count: int) -> str:
    """Return row numbers as a person reads them, with dots where there are more."""
    return ", ".join(map(str, first)) + (", …" if count > len(first) else "")


def interruption_words(of: Import) -> str:
    """Return what stands of an import whose command was told to end, and how to go on."""
    if of.state in {Import.State.DISCARDED, *NEVER_CARRIED_OUT}:
        return gettext("Interrupted. Nothing was written.")
    if of.state != Import.State.IMPORTING:
        text = gettext("Interrupted. Run {run} is “{state}”.")
        return text.format(run=of.run_id, state=state_words(of))
    text = gettext(
        "Interrupted: {done} of {rows} rows are in, as run {run}. "
        "A running “turnus serve” continues it by itself.\n"
        "  To continue here: turnus import --continue {run}\n"
        "  To undo it:       turnus undo {run}"
    )
    standing = standing_of(of)
    return text.format(
        run=of.run_id, done=standing.done_count, rows=standing.row_count
    )


def import_lines(of: Import) -> Iterator[str]:
    """Yield a line on where an import stands, and one on how to continue if it is unfinished."""
    zone = company().zone
    done = (
        f"{of.progress:,} / {of.totals.get('rows', of.row_count):,}"
        if of.state in UNFINISHED
        else ""
    )
    cells = (
        str(of.run_id),
        f"{of.run.created_at.astimezone(zone):%Y-%m-%d %H:%M}",
        state_words(of),
        done,
        of.file_name,
        of.run.by.name,
    )
    yield "  ".join(cell for cell in cells if cell)
    if of.state == Import.State.UNDOING:
        yield f"    turnus undo {of.run_id}"
    elif of.state in {
        Import.State.IMPORTING,
        Import.State.CHECKED,
        Import.State.CHECKING,
    }:
        yield f"    turnus import --continue {of.run_id}    turnus undo {of.run_id}"
