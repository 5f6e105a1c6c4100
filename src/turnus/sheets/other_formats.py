"""Files that are not tables, or that another program has to open first: each with what to do."""

import codecs
import re

from turnus.sheets.csv_encoding import wide_encoding
from turnus.sheets.errors import SheetError

#: So many first bytes show what a file is, behind any comment.
HEAD_BYTES = 64 * 1024
#: Beginnings of files that people upload by mistake.
_OTHERS = {
    b"%PDF": "PDF",
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"{\\rtf": "RTF",
    b"SQLite format 3": "SQLite",
    b"\x00\x01\x00\x00Standard ": "Access",
    b"PAR1": "Parquet",
    b"BEGIN:VCARD": "vCard",
    b"BEGIN:VCALENDAR": "iCalendar",
}
_ARCHIVES = {
    b"\x1f\x8b": "gzip",
    b"7z\xbc\xaf\x27\x1c": "7-Zip",
    b"Rar!": "RAR",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
    b"PK\x05\x06": "ZIP",
    b"PK\x07\x08": "ZIP",
}
#: Workbooks from before 1995 are a bare stream of records.
_EARLY_WORKBOOKS = (
    b"\x09\x00\x04\x00",
    b"\x09\x02\x06\x00",
    b"\x09\x04\x06\x00",
)

#: What may stand before the first element of a page: comments, declarations, instructions.
_BEFORE_ROOT = re.compile(
    rb"(?:\s|<!--.*?-->|<\?.*?\?>|<!doctype[^>\[]*(?:\[[^\]]*\])?[^>]*>)*",
    re.IGNORECASE | re.DOTALL,
)
_PAGE = re.compile(
    rb"<(?:!doctype\s+html|html|head|meta|style|body|table|tbody|tr|td|div|span|p|font|center|"
    rb"script|link|title|h[1-6]|br|hr|b|xml)\b",
    re.IGNORECASE,
)
#: A page with its pictures in one file is written like an e-mail.
_MAIL_HEADER = re.compile(
    rb"(?:mime-version|from|to|subject|date|message-id|content-[a-z-]+|snapshot-[a-z-]+|"
    rb"x-[a-z-]+):",
    re.IGNORECASE,
)
_XML_SPREADSHEET = (
    b"urn:schemas-microsoft-com:office:spreadsheet",
    b'progid="excel.sheet"',
)
_FLAT_DOCUMENT = b"urn:oasis:names:tc:opendocument:xmlns:office"
_JSON = re.compile(rb'\{\s*("|\}\s*$)|\[\s*[\[{]')
#: Bytes that no text has, whatever its encoding. A zero is not among them: some programs fill up
#: with it.
_NO_LETTERS = bytes(
    (*range(0x01, 0x09), *range(0x0E, 0x1A), *range(0x1C, 0x20))
)
#: One in so many of them makes a file no text; and at least so many.
_SHARE_OF_NO_LETTERS, _FEW_NO_LETTERS = 20, 4


def refuse_other_formats(head: bytes) -> None:
    """Raise SheetError if a file with this `head` (its first `HEAD_BYTES`) is not a CSV file."""
    _refuse_by_magic(head)
    text = _plain(head)
    _refuse_markup(text)
    if _JSON.match(text):
        raise SheetError("sheet.json")
    foreign = len(text) - len(text.translate(None, _NO_LETTERS))
    if foreign >= _FEW_NO_LETTERS and foreign * _SHARE_OF_NO_LETTERS > len(
        text
    ):
        raise SheetError("sheet.binary")


def _refuse_by_magic(head: bytes) -> None:
    for magic, name in _OTHERS.items():
        if head.startswith(magic):
            raise SheetError("sheet.not_a_table", format=name)
    for magic, name in _ARCHIVES.items():
        if head.startswith(magic):
            raise SheetError("sheet.archive", format=name)
    if head.startswith(_EARLY_WORKBOOKS):
        raise SheetError("sheet.other_workbook", format="Excel 2–4")


def _refuse_markup(text: bytes) -> None:
    """Refuse pages and XML, whatever their first element follows; tables may begin with `<`."""
    lower = text.lower()
    is_mail = _MAIL_HEADER.match(text) and (
        b"mime-version:" in lower or b"multipart/" in lower
    )
    if is_mail:
        raise SheetError("sheet.html_table")
    if not text.startswith(b"<"):
        return
    if (
        any(mark in lower for mark in _XML_SPREADSHEET)
        and b"<workbook" in lower
    ):
        raise SheetError("sheet.xml_spreadsheet")
    if lower.startswith(b"<?xml") and b'progid="excel.sheet"' in lower:
        raise SheetError("sheet.xml_spreadsheet")
    if _FLAT_DOCUMENT in lower:
        raise SheetError("sheet.other_workbook", format="Flat ODS")
    before = _BEFORE_ROOT.match(text)
    root = text[before.end() if before else 0 :]
    if _PAGE.match(root) or b"<html" in lower or b"<table" in lower:
        raise SheetError("sheet.html_table")
    if lower.startswith((b"<?xml", b"<!doctype")):
        raise SheetError("sheet.not_a_table", format="XML")


def _plain(head: bytes) -> bytes:
    """Return the beginning of a text without byte order mark and blanks, wide letters as UTF-8."""
    wide = wide_encoding(head)
    if wide:
        return (
            head.decode(wide, "ignore")
            .lstrip("\ufeff \t\r\n\0")
            .encode("utf-8", "ignore")
        )
    return head.removeprefix(codecs.BOM_UTF8).replace(b"\0", b"").lstrip()
