"""Files that are no tables, or tables that another program has to open first: each with what to do."""

import codecs
import re

from turnus.sheets.errors import SheetError

#: Beginnings of files that people upload by mistake.
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"{\\rtf": "RTF",
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
    b"SQLite format 3": "SQLite",
    b"BEGIN:VCARD": "vCard",
    b"BEGIN:VCALENDAR": "iCalendar",
}
_HTML = re.compile(rb"<(?:!doctype\s+html|html|head|meta|style|body|table|div)\b|mime-version:", re.IGNORECASE)
_XML_SPREADSHEET = (b"urn:schemas-microsoft-com:office:spreadsheet", b'progid="Excel.Sheet"')
_JSON = re.compile(rb'\{\s*("|\}\s*$)|\[\s*[\[{]')


def refuse_other_formats(head: bytes) -> None:
    """Raise SheetError if a file that begins so is no CSV file; `head` are its first bytes."""
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise SheetError("sheet.not_a_table", format=name)
    text = _plain(head)
    if _HTML.match(text):
        raise SheetError("sheet.html_table")
    if text.startswith(b"<?xml") and any(mark in text for mark in _XML_SPREADSHEET):
        raise SheetError("sheet.xml_spreadsheet")
    if text.startswith((b"<?xml", b"<!DOCTYPE")):
        raise SheetError("sheet.not_a_table", format="HTML" if b"<html" in text.lower() else "XML")
    if _JSON.match(text):
        raise SheetError("sheet.json")


def _plain(head: bytes) -> bytes:
    """Return the beginning of a text without its byte order mark and blanks; of wide letters the first halves."""
    for mark in (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head.removeprefix(mark)
    return head.replace(b"\0", b"").lstrip()
