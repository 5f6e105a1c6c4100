"""Workbooks made by hand, part by part: what no library writes."""

import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def sheet(rows: str, *, before: str = "", behind: str = "") -> str:
    """Return the XML of a sheet around its rows."""
    return f'<worksheet xmlns="{MAIN}">{before}<sheetData>{rows}</sheetData>{behind}</worksheet>'


def merged(*ranges: str) -> str:
    """Return what a sheet says of merged cells, behind its rows."""
    return (
        "<mergeCells>"
        + "".join(f'<mergeCell ref="{one}"/>' for one in ranges)
        + "</mergeCells>"
    )


def inline(text: str) -> str:
    """Return a cell with a text of its own."""
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def row(*cells: str) -> str:
    """Return a row of cells, without the numbers that most programs write."""
    return "<row>" + "".join(cells) + "</row>"


def styles(formats: Sequence[str], built_in: int | None = None) -> str:
    """Return the XML of cell styles: General, then one for each format or built-in number."""
    codes = "".join(
        f'<numFmt numFmtId="{n}" formatCode={quoteattr(one)}/>'
        for n, one in enumerate(formats, 164)
    )
    used = "".join(
        f'<xf numFmtId="{number}"/>'
        for number in range(164, 164 + len(formats))
    )
    if built_in is not None:
        used = f'<xf numFmtId="{built_in}"/>'
    cells = f'<cellXfs><xf numFmtId="0"/>{used}</cellXfs>'
    return f'<styleSheet xmlns="{MAIN}"><numFmts>{codes}</numFmts>{cells}</styleSheet>'


def workbook(
    path: Path,
    sheets: str | Mapping[str, str],
    *,
    formats: Sequence[str] = (),
    built_in: int | None = None,
    texts: str = "",
    properties: str = "",
    states: Mapping[str, str] | None = None,
) -> Path:
    """Write a workbook with shared strings `texts`, main part `properties` and hidden `states`."""
    named = {"Deals": sheets} if isinstance(sheets, str) else sheets
    relations = {
        f"rId{number}": ("worksheet", f"worksheets/sheet{number}.xml")
        for number in range(1, len(named) + 1)
    }
    listed = "".join(
        f'<sheet name="{name}" sheetId="{number}" r:id="rId{number}" '
        f'state="{(states or {}).get(name, "visible")}"/>'
        for number, name in enumerate(named, 1)
    )
    relations["rId90"], relations["rId91"] = (
        ("styles", "styles.xml"),
        ("sharedStrings", "sharedStrings.xml"),
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(
            "_rels/.rels",
            _relations({"rId1": ("officeDocument", "xl/workbook.xml")}),
        )
        archive.writestr("xl/_rels/workbook.xml.rels", _relations(relations))
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets>'
            f"{properties}</workbook>",
        )
        archive.writestr("xl/styles.xml", styles(formats, built_in))
        archive.writestr(
            "xl/sharedStrings.xml", f'<sst xmlns="{MAIN}">{texts}</sst>'
        )
        for number, xml in enumerate(named.values(), 1):
            archive.writestr(f"xl/worksheets/sheet{number}.xml", xml)
    return path


def _relations(targets: Mapping[str, tuple[str, str]]) -> str:
    listed = "".join(
        f'<Relationship Id="{key}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for key, (kind, target) in targets.items()
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'
