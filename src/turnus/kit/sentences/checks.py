"""Sentences about what a check of a file found, and what became of its rows."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_CHECKS: Mapping[str, Promise] = {
    "check.column_unsaid": _(
        "The column “{heading}” is not matched to a field. It contains, for example, “{sample}”."
    ),
    "check.columns_rule": _("Skipped, because they are computed: {headings}."),
    "check.columns_said": _("Skipped, as you chose: {headings}."),
    "check.heading_row": _(
        "The headings are in row {row}; {count} rows above them are skipped. To choose another "
        "row: --heading-row"
    ),
    "check.hidden_columns": _(
        "The spreadsheet hides these columns, but they are read: {headings}."
    ),
    "check.hidden_left_out": _(
        "Skipped, as you chose: {count} rows that the spreadsheet hides (rows {rows})."
    ),
    "check.hidden_read": _(
        "Read, as you chose: {count} rows that the spreadsheet hides (rows {rows})."
    ),
    "check.hidden_sheets": _("The workbook hides the sheets {sheets}."),
    "check.missing_person": _(
        "No column names the customer: there is neither a contact person nor an organization."
    ),
    "check.missing_status": _(
        "No column holds the status: all deals will be open."
    ),
    "check.missing_value": _(
        "No column holds a value: all deals will count as 0."
    ),
    "check.no_rows": _("The file has headings, but no rows."),
    "check.note": _("{count} × {note} (rows {rows})"),
    "check.question_encoding": _(
        "The encoding of the file is uncertain: {words}"
    ),
    "check.question_hidden": _(
        "The spreadsheet hides {count} rows (rows {rows}). Should they be read?"
    ),
    "check.question_status": _(
        "Which deals are won? dated: those with a day; won: all; stage: as the stage tells; open: "
        "none."
    ),
    "check.read_as": _("Read as {encoding}, separated by {delimiter}."),
    "check.read_words": _(
        "The encoding is right if these words look right: {words}. If not: --encoding"
    ),
    "check.say_columns": _(
        "These columns will be skipped. Match them to a field (--mapping), or skip them on purpose "
        "(--ignore COLUMN, or --ignore-others)."
    ),
    "check.say_sheet": _(
        "Choose a sheet with --sheet before anything is written: “{sheet}” was read, but there are "
        "also rows in {sheets}."
    ),
    "check.sheet": _(
        "The sheet “{sheet}” was read; there are also rows in {sheets}."
    ),
    "check.totals_left_out": _(
        "Skipped, as you chose: {count} total lines (rows {rows})."
    ),
    "check.totals_read": _(
        "Read, as you chose: {count} total lines (rows {rows})."
    ),
    "check.totals_unsaid": _(
        "Total lines that were skipped: {count} (rows {rows}). Confirm with --totals leave-out, or "
        "use --totals read"
    ),
    "verdict.begun": _("Subscriptions started"),
    "verdict.booked": _("Terms booked for existing subscriptions"),
    "verdict.new": _("New"),
    "verdict.part": _("Changes to subscriptions"),
    "verdict.problem": _("Problems"),
    "verdict.question": _("Waiting for an answer"),
    "verdict.rows": _("Rows"),
    "verdict.same": _("Unchanged"),
    "verdict.skip": _("Skipped"),
    "verdict.update": _("Updated"),
    "verdict.warning": _("With notes"),
}
