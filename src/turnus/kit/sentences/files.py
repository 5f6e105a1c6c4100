"""Sentences about files that cannot be read or written."""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SENTENCES_ABOUT_FILES: Mapping[str, Promise] = {
    "export.broke_off": _(
        "The export failed because of an error in the program. Details are in the log."
    ),
    "export.done": _("{rows} rows: {file}"),
    "export.gone": _("This file is no longer kept. Export the list again."),
    "export.incomplete": _(
        "Only {written} of {expected} rows could be written. Please try again."
    ),
    "export.texts_cut": _(
        "Texts in {count} rows are too long for an XLSX cell and were cut, with a note at the cut: "
        "{rows}. CSV holds them in full."
    ),
    "file.is_folder": _("{path} is a folder. Name a file in it."),
    "file.missing": _("There is no file {path}."),
    "json.not_object": _("{path} does not contain a JSON object."),
    "output.ending": _(
        "The file name must end in {endings}; “{file}” does not."
    ),
    "output.is_folder": _("{path} is a folder. Name a file in it."),
    "output.is_source": _(
        "{path} is the file being read. Name another file to write."
    ),
    "output.no_folder": _(
        "The folder {folder} does not exist. Create it first, or name another one."
    ),
    "output.refused": _("{path} cannot be written: {reason}."),
    "sheet.archive": _(
        "This is an archive ({format}). Unpack it and use the file inside."
    ),
    "sheet.binary": _(
        "This is neither text nor a workbook. Use XLSX, XLS or CSV."
    ),
    "sheet.bomb": _(
        "This file would unpack to {megabytes} MB. It is refused to protect the server."
    ),
    "sheet.broken": _(
        "This file is damaged and cannot be read ({reason}). Open it in a spreadsheet program, "
        "save it as XLSX, and try again."
    ),
    "sheet.cell_too_long": _(
        "Row {row}: a cell holds more than {limit} characters. Shorten it and try again."
    ),
    "sheet.delimiter_unknown": _(
        "“{delimiter}” is not a separator. Enter a single character, such as a semicolon."
    ),
    "sheet.empty": _("This file is empty."),
    "sheet.encoding": _(
        "Line {row} cannot be read as {encoding}. Choose another encoding, or save the file as CSV "
        "UTF-8."
    ),
    "sheet.encoding_unknown": _(
        "There is no encoding “{encoding}”. Use, for example, utf-8, cp1252, mac-roman or cp850."
    ),
    "sheet.html_table": _(
        "This file is really a web page. Open it in a spreadsheet program and save it as XLSX."
    ),
    "sheet.json": _(
        "This is a JSON file, not a table. Export the data as CSV or XLSX."
    ),
    "sheet.merged_headings": _(
        "The headings {first} to {last} in row {row} are merged cells. Unmerge them and try again."
    ),
    "sheet.no_heading_row": _(
        "Row {row} of the file is blank or does not exist. Enter the number of the row with the "
        "headings."
    ),
    "sheet.no_such_sheet": _("There is no sheet “{sheet}” in this file."),
    "sheet.not_a_table": _(
        "This is a {format} file, not a table. Choose an XLSX, XLS or CSV file."
    ),
    "sheet.not_opened": _("“{file}” cannot be opened: {reason}."),
    "sheet.numbers": _(
        "This is an Apple Numbers document. In Numbers, choose File > Export To > Excel and use "
        "that file."
    ),
    "sheet.other_workbook": _(
        "This workbook is in the format {format}. Save it as XLSX and try again."
    ),
    "sheet.password": _(
        "This workbook is password-protected. Save it without a password and try again."
    ),
    "sheet.reader_died": _(
        "Reading “{file}” failed. Open it in a spreadsheet program, save it as CSV, and try again."
    ),
    "sheet.reader_not_started": _(
        "“{file}” could not be read: this machine cannot start another program right now. Try "
        "again later."
    ),
    "sheet.takes_too_long": _(
        "Reading “{file}” took too long and was stopped. Save it as CSV, or split it, and try "
        "again."
    ),
    "sheet.too_large": _(
        "This file is larger than {megabytes} MB. Import it with the command “turnus import”."
    ),
    "sheet.too_many_columns": _(
        "This file has {count} columns; at most {limit} are allowed."
    ),
    "sheet.too_many_sheets": _(
        "This workbook has {count} sheets; at most {limit} are allowed."
    ),
    "sheet.too_much_memory": _(
        "Reading “{file}” takes more than {megabytes} MB of memory. Save it as CSV, or split it, "
        "and try again."
    ),
    "sheet.too_much_text": _(
        "“{file}” holds far too much text for a table with so few rows. Split it and try again."
    ),
    "sheet.truncated": _(
        "This workbook is incomplete. Copy or download it again."
    ),
    "sheet.unknown_ending": _(
        "The file name must end in .xlsx or .csv, not “{ending}”."
    ),
    "sheet.xml_spreadsheet": _(
        "This is an Excel 2003 XML spreadsheet. Open it in a spreadsheet program and save it as "
        "XLSX."
    ),
}
