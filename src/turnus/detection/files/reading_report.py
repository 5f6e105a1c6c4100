"""How a file of won deals was read, as text for a terminal: columns, skipped rows, notes."""

from collections.abc import Iterator

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from turnus.core.detection.facts import Detection
from turnus.detection.duplicates import duplicates_of
from turnus.detection.files.deals import DealSheet
from turnus.detection.files.fields import CUSTOMER, FIELDS
from turnus.detection.files.histories import FileHistory
from turnus.detection.files.terminal_text import (
    REASONS,
    columns,
    duplicate_cells,
    remark_text,
    row_numbers,
    why_unreadable,
)
from turnus.imports.reading_words import delimiter_name, encoding_name
from turnus.kit.messages import quoted, sentence

#: An encoding that bytes of another one hardly ever are by chance.
_CERTAIN = "utf"
#: Suspected duplicates that are named one by one.
_DUPLICATES = 10
#: The columns that make the figures, in their order of display.
_SHOWN = ("won_at", "value", "plan", *CUSTOMER)


def reading_report(
    history: FileHistory, detection: Detection
) -> Iterator[str]:
    """Yield how much was read and how, why other rows were skipped, and what is odd."""
    sheet = history.origin.sheet
    words = _("Read: {deals} won deals in {rows} rows ({columns})")
    yield words.format(
        deals=len(history.sold),
        rows=history.row_count,
        columns=_columns(sheet),
    )
    yield from (f"  {line}" for line in _reading(sheet))
    yield from (
        f"  {sentence(proof.code, proof.params)}"
        for proof in history.origin.proofs
    )
    for reason, rows in sorted(
        history.skipped_rows.items(), key=lambda pair: (-len(pair[1]), pair[0])
    ):
        yield f"  {len(rows):>6}  {REASONS[reason]} ({row_numbers(rows)})"
    yield from (
        f"          {line}" for line in why_unreadable(history.unreadable)
    )
    if detection.doubles:
        words = _("suspected duplicates: each counted once")
        yield f"  {len(detection.doubles):>6}  {words}"
        yield from _duplicates(history, detection)
    yield from (
        f"  {len(note.rows):>6}  {remark_text(note)}" for note in history.notes
    )


def _duplicates(history: FileHistory, detection: Detection) -> Iterator[str]:
    """Yield the suspected duplicates one by one, with the deal that each repeats."""
    language = (get_language() or "en")[:2]
    pairs = duplicates_of(history.sold, detection.doubles)
    rows = [duplicate_cells(pair, language) for pair in pairs[:_DUPLICATES]]
    yield from (f"        {line}" for line in columns(rows))
    if len(pairs) > _DUPLICATES:
        more = _("and {count} more: --report lists all")
        yield "          " + more.format(count=len(pairs) - _DUPLICATES)


def _columns(sheet: DealSheet) -> str:
    """Return which columns the figures are made of."""
    language = (get_language() or "en")[:2]
    names = {path: FIELDS[path].name(language) for path in _SHOWN} | {
        "plan": _("plan"),
        "organization.id": _("ID of the organization"),
        "person.id": _("ID of the contact person"),
    }
    return ", ".join(
        f"{names[path]}: {sheet.heading(path)}"
        for path in _SHOWN
        if path in sheet.columns
    )


def _reading(sheet: DealSheet) -> Iterator[str]:
    """Yield how the file was read where it could have been read otherwise."""
    reading = sheet.table.reading
    if reading.encoding_samples and not reading.encoding.startswith(_CERTAIN):
        names = {
            "encoding": encoding_name(reading.encoding),
            "delimiter": delimiter_name(reading.delimiter),
        }
        yield sentence("check.read_as", names)
        yield sentence(
            "check.read_words", {"words": quoted(reading.encoding_samples)}
        )
    if reading.rows_above:
        yield sentence(
            "check.heading_row",
            {"row": reading.heading_row, "count": reading.rows_above},
        )
    if reading.other_sheets:
        words = _("Read: sheet “{sheet}”, not {sheets}. If not: --sheet")
        yield words.format(
            sheet=sheet.table.name, sheets=quoted(reading.other_sheets)
        )
    if reading.hidden_columns:
        yield sentence(
            "check.hidden_columns",
            {"headings": quoted(reading.hidden_columns)},
        )
    if reading.hidden_rows:
        yield _hidden_rows(sheet)
    if reading.total_rows:
        is_read = sheet.source.choices.reads_totals
        words = (
            _("Total lines, read as you chose: {rows}")
            if is_read
            else _("Total lines, skipped: {rows}")
        )
        yield words.format(rows=row_numbers(reading.total_rows))


def _hidden_rows(sheet: DealSheet) -> str:
    """Return what became of the rows that the spreadsheet hides."""
    rows = sheet.table.reading.hidden_rows
    is_skipped = sheet.source.choices.reads_hidden_rows is False
    words = (
        _("The spreadsheet hides {count}, skipped as you chose: {rows}")
        if is_skipped
        else _("The spreadsheet hides {count}, read as you chose: {rows}")
    )
    return words.format(count=len(rows), rows=row_numbers(rows))
