"""What is said of files that cannot be read, or not as they stand."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_FILES: Mapping[str, Any] = {
    "sheet.archive": _("This is an archive ({format}). Unpack it and use the file in it."),
    "sheet.binary": _("This is neither text nor a workbook. Use XLSX, XLS or CSV."),
    "sheet.bomb": _(
        "This file would unpack to {megabytes} MB. It is refused to protect the server."
    ),
    "sheet.broken": _(
        "This file cannot be read: it is damaged ({reason}). Open it in a spreadsheet program, save it as XLSX, and try again."
    ),
    "sheet.cell_too_long": _(
        "Row {row}: a cell holds more than {limit} characters. Shorten it and try again."
    ),
    "sheet.delimiter_unknown": _(
        "“{delimiter}” separates no cells. Give one character, for example a semicolon."
    ),
    "sheet.empty": _("This file is empty."),
    "sheet.encoding": _(
        "Line {row} cannot be read as {encoding}. Choose another encoding, or save the file as CSV UTF-8."
    ),
    "sheet.encoding_unknown": _(
        "There is no encoding “{encoding}”. Expected, for example: utf-8, cp1252, mac-roman, cp850."
    ),
    "sheet.html_table": _(
        "This file is a web page, whatever its name says. Open it in a spreadsheet program and save it as XLSX."
    ),
    "sheet.json": _("This file is JSON, not a table. Export the data as CSV or XLSX."),
    "sheet.merged_headings": _(
        "The headings {first} to {last} in row {row} are merged cells. Unmerge them and try again."
    ),
    "sheet.no_heading_row": _(
        "Row {row} of the file is blank or does not exist. Give the row that holds the headings."
    ),
    "sheet.no_such_sheet": _("There is no sheet “{sheet}” in this file."),
    "sheet.not_a_table": _(
        "This is a {format} file, not a table. Choose an XLSX, XLS, or CSV file."
    ),
    "sheet.not_opened": _("“{file}” cannot be opened: {reason}."),
    "sheet.numbers": _(
        "This is an Apple Numbers document. In Numbers choose File > Export To > Excel, and use that XLSX file."
    ),
    "sheet.other_workbook": _(
        "This is a workbook in the format {format}. Save it as XLSX and try again."
    ),
    "sheet.password": _(
        "This workbook is protected by a password. Save it without one and try again."
    ),
    "sheet.reader_died": _(
        "“{file}” could not be read: reading it broke off. Open it in a spreadsheet program, save it as CSV, and try again."
    ),
    "sheet.reader_not_started": _(
        "“{file}” could not be read: this machine starts no further programs at the moment. Try again later."
    ),
    "sheet.takes_too_long": _(
        "“{file}” takes too long to read, so reading it was given up. Save it as CSV, or split it, and try again."
    ),
    "sheet.too_large": _(
        "This file is larger than {megabytes} MB. Import it with the command “turnus import”."
    ),
    "sheet.too_many_columns": _("This file has {count} columns; {limit} are possible."),
    "sheet.too_many_sheets": _("This workbook has {count} sheets; {limit} are possible."),
    "sheet.too_much_memory": _(
        "“{file}” needs more than {megabytes} MB of memory to be read. Save it as CSV, or split it, and try again."
    ),
    "sheet.too_much_text": _(
        "The cells of “{file}” hold far more text than a table of so many rows. Split it and try again."
    ),
    "sheet.truncated": _("This workbook is incomplete. Copy or download it again."),
    "sheet.unknown_ending": _("The file name must end in .xlsx or .csv, not “{ending}”."),
    "sheet.xml_spreadsheet": _(
        "This file is an XML spreadsheet of Excel 2003. Open it in a spreadsheet program and save it as XLSX."
    ),
}
