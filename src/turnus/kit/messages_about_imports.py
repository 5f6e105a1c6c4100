"""Messages about imports: what is wrong with a file, where an import stands, how to go on."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_IMPORTS: Mapping[str, Promise] = {
    "import.answer_unknown": _(
        "The question “{key}” has no such answer. Expected one of: {options}."
    ),
    "import.broke_off": _(
        "The import failed because of an error in the program; nothing was kept. "
        "The log has details."
    ),
    "import.file_gone": _(
        "The file “{file}” has been deleted: files are kept for four weeks, "
        "or until a person's data is erased. Import it again."
    ),
    "import.column_twice": _(
        "Two columns are matched to “{field}”. Skip one of them."
    ),
    "import.columns_none": _(
        "No column is matched to a field. Match at least one, or choose the row with the headings."
    ),
    "import.plan_damaged": _(
        "The stored plan of this file cannot be read. Check the file again."
    ),
    "import.columns_unknown": _(
        "A column is matched to a field that does not exist."
    ),
    "import.done": _("Done. To undo it: turnus undo {run}"),
    "import.heading_row_invalid": _(
        "Row {row} cannot hold the headings: rows count from 1."
    ),
    "import.sheets_unsaid": _(
        "Nothing was written: “{sheet}” was read, but {sheets} has rows as well. Choose a sheet."
    ),
    "import.won": _("Won in {month}: {before}, then {after}"),
    "import.won_without": _("without {codes}, for lack of an exchange rate"),
    "import.heading_unknown": _("The file has no column “{heading}”."),
    "import.needs_right": _(
        "Adding it requires the right “{right}”. Ask an admin for it, or to add it first."
    ),
    "import.not_to_continue": _(
        "There is nothing to continue: run {run} is “{state}”."
    ),
    "import.run_unknown": _(
        "There is no import with the run number {run}. “turnus imports --all” lists them."
    ),
    "import.same_file_unfinished": _(
        "Another import of the same file is unfinished: run {run}, {done} of {rows} rows are in.\n"
        "  To continue it:   turnus import --continue {run}\n"
        "  To undo it:       turnus undo {run}\n"
        "  To import both:   give --again"
    ),
    "import.moved": _(
        "Nothing was written: since the check, part of this file has been added in another way "
        "(rows: {rows}, contacts: {contacts}). Check the file again."
    ),
    "import.same_file": _(
        "Another import of the same file is unfinished: run {run}, {done} of {rows} rows are in."
    ),
    "import.same_file_undoing": _(
        "An import of the same file is being undone: run {run}. Wait for it to end."
    ),
    "import.nothing_to_do": _("No row of this file would change anything."),
    "import.questions_open": _(
        "Answer the questions first: {count} rows wait for them."
    ),
    "import.wrong_state": _(
        "This import has changed in the meantime. Reload the page."
    ),
}
