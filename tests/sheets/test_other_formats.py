"""What is not a table is named for what it is, whatever its name; a table is read."""

import codecs
import io
import zipfile
from pathlib import Path

import pytest

from tests.sheets.hostile_files import good_csv, good_xls, good_xlsx
from turnus.sheets.errors import SheetError
from turnus.sheets.reading import inspect, read

TABLE = "<table><tr><td>Titel</td><td>Größe</td></tr></table>"
COMMENT = f"<!-- {'saved from a browser ' * 400} -->"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
NAMESPACE = "urn:schemas-microsoft-com:office:spreadsheet"
SPREADSHEET_ML = f'<Workbook xmlns="{NAMESPACE}"><Worksheet/></Workbook>'


def archive(**parts: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, content in parts.items():
            file.writestr(name.replace("__", "/").replace("_", "."), content)
    return buffer.getvalue()


DRESSES: dict[str, tuple[str | bytes, str]] = {
    "html": (TABLE, "sheet.html_table"),
    "html page": (f"<!DOCTYPE html>\n<html><body>{TABLE}", "sheet.html_table"),
    "html with a mark": ("\ufeff" + TABLE, "sheet.html_table"),
    "html in wide letters": (
        ("\ufeff" + TABLE).encode("utf-16-le"),
        "sheet.html_table",
    ),
    "html in wide letters without a mark": (
        TABLE.encode("utf-16-be"),
        "sheet.html_table",
    ),
    "html in latin letters": (TABLE.encode("cp1252"), "sheet.html_table"),
    "html behind a comment": (f"\r\n {COMMENT}\n{TABLE}", "sheet.html_table"),
    "html behind a declaration": (
        f'<?xml version="1.0"?>\n{COMMENT}<html xmlns="x">{TABLE}',
        "sheet.html_table",
    ),
    "html behind an old doctype": (
        f'<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.0//EN" "x.dtd"><HTML>{TABLE}',
        "sheet.html_table",
    ),
    "html of office": (
        f"<xml><x:ExcelWorkbook/></xml>{TABLE}",
        "sheet.html_table",
    ),
    "html by its table alone": (f"<custom-tag>{TABLE}", "sheet.html_table"),
    "page archive": (
        (
            "From: <Saved by Blink>\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: multipart/related;\r\n\r\n{TABLE}"
        ),
        "sheet.html_table",
    ),
    "page archive of excel": (
        f"MIME-Version: 1.0\r\nX-Document-Type: Workbook\r\n\r\n{TABLE}",
        "sheet.html_table",
    ),
    "excel 2003": (
        f'<?xml version="1.0"?>\n{COMMENT}\n{SPREADSHEET_ML}',
        "sheet.xml_spreadsheet",
    ),
    "excel 2003 without a declaration": (
        SPREADSHEET_ML,
        "sheet.xml_spreadsheet",
    ),
    "excel 2003 in wide letters": (
        f'\ufeff<?xml version="1.0"?>{SPREADSHEET_ML}'.encode("utf-16-le"),
        "sheet.xml_spreadsheet",
    ),
    "flat ods": (
        (
            '<?xml version="1.0"?><office:document '
            'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"/>'
        ),
        "sheet.other_workbook",
    ),
    "xml": (f'<?xml version="1.0"?>{COMMENT}<deals/>', "sheet.not_a_table"),
    "json": ('\ufeff [\n {"Titel": "A"}]', "sheet.json"),
    "lines of json": ('{"Titel": "A"}\n{"Titel": "B"}\n', "sheet.json"),
    "pdf": (b"%PDF-1.7\n", "sheet.not_a_table"),
    "gzip": (b"\x1f\x8b\x08\0\0", "sheet.archive"),
    "zip of a csv": (archive(deals_csv="a;b"), "sheet.archive"),
    "empty zip": (archive(), "sheet.archive"),
    "ods": (
        archive(
            mimetype="application/vnd.oasis.opendocument.spreadsheet",
            content_xml="<a/>",
        ),
        "sheet.other_workbook",
    ),
    "odt": (
        archive(
            mimetype="application/vnd.oasis.opendocument.text",
            content_xml="<a/>",
        ),
        "sheet.not_a_table",
    ),
    "numbers": (archive(Index__Document_iwa="x"), "sheet.numbers"),
    "numbers in a folder": (
        archive(deals_numbers__Index__Document_iwa="x"),
        "sheet.numbers",
    ),
    "numbers of 2009": (archive(index_apxl="<a/>"), "sheet.numbers"),
    "xlsb": (archive(xl__workbook_bin="x"), "sheet.other_workbook"),
    "encrypted xlsx": (
        OLE + "EncryptedPackage".encode("utf-16-le"),
        "sheet.password",
    ),
    "doc": (OLE + "WordDocument".encode("utf-16-le"), "sheet.not_a_table"),
    "excel 4": (b"\x09\x04\x06\x00\x00\x00\x10\x00", "sheet.other_workbook"),
    "program": (
        b"\x7fELF\x02\x01\x01" + bytes(range(32)) * 40,
        "sheet.binary",
    ),
    "nothing": (b"", "sheet.empty"),
    "a mark alone": (codecs.BOM_UTF8 + b"\r\n", "sheet.empty"),
}


@pytest.mark.parametrize("name", ["deals.xls", "deals.csv"])
@pytest.mark.parametrize("dress", DRESSES)
def test_what_is_no_table_is_named(
    tmp_path: Path, dress: str, name: str
) -> None:
    content, code = DRESSES[dress]
    (tmp_path / name).write_bytes(
        content if isinstance(content, bytes) else content.encode()
    )
    with pytest.raises(SheetError) as error:
        list(read(inspect(tmp_path / name)).rows)
    assert error.value.code == code


@pytest.mark.parametrize(
    "name", ["deals.xls", "deals.xlsx", "deals.csv", "deals.pdf", "deals"]
)
@pytest.mark.parametrize(
    ("make", "format_"),
    [(good_xlsx, "xlsx"), (good_xls, "xls"), (good_csv, "csv")],
)
def test_a_table_is_read_whatever_its_name_is(
    tmp_path: Path, name: str, make: object, format_: str
) -> None:
    assert callable(make)
    (tmp_path / name).write_bytes(make())
    source = inspect(tmp_path / name)
    assert (source.format, len(list(read(source).rows))) == (format_, 3)


@pytest.mark.parametrize(
    "text",
    [
        "<Name>;<Wert>\nA;1\n",
        "Имя;Цена\nАнна;1\n",
        "名前;値段\n山田;1\n",
        "From: A;Date\nx;1\n",
        "{x};y\n1;2\n",
        "a\x07;b\n1;2\n",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_an_odd_table_is_still_one(
    tmp_path: Path, text: str, encoding: str
) -> None:
    (tmp_path / "odd.csv").write_bytes(text.encode(encoding))
    table = read(inspect(tmp_path / "odd.csv"))
    assert (len(table.headings), len(list(table.rows))) == (2, 1)
