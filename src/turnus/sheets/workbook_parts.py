"""The parts of an XLSX archive: small ones parsed whole, large ones element by element."""

import re
import zipfile
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from posixpath import join, normpath
from typing import IO
from xml.etree.ElementTree import Element, TreeBuilder, XMLParser
from xml.parsers import expat

from turnus.sheets.errors import SheetError
from turnus.sheets.limits import (
    MAX_ELEMENT,
    MAX_RATIO,
    MAX_SHARED,
    MAX_SMALL_PART,
    MAX_UNPACKED,
)

#: Small, so that the elements of a block are still in the processor's cache when they are read:
#: twice as fast as a megabyte.
_BLOCK = 16 * 1024
_MEGABYTE = 1024 * 1024
#: Bytes up to the root element of a part.
_MOST_BEFORE_ROOT = 64 * 1024
#: The main part of a workbook; Excel has numbers in its name now and then.
_MAIN_PART = re.compile(r"(?:.*/)?workbook\d*\.xml")
#: Other documents, known by the end of a part's name: the refusal, and the format that it names.
_OTHER_DOCUMENTS = {
    "xl/workbook.bin": ("sheet.other_workbook", "XLSB"),
    "index/document.iwa": ("sheet.numbers", ""),
    "index.zip": ("sheet.numbers", ""),
    "index.apxl": ("sheet.numbers", ""),
    "word/document.xml": ("sheet.not_a_table", "DOCX"),
    "ppt/presentation.xml": ("sheet.not_a_table", "PPTX"),
}
#: OpenDocument files say what they are in a part of this name, of which so many bytes tell.
_TYPE_PART, _TYPE_BYTES = "mimetype", 100
_OPEN_DOCUMENTS = {
    b"opendocument.spreadsheet": ("sheet.other_workbook", "ODS"),
    b"opendocument.text": ("sheet.not_a_table", "ODT"),
    b"opendocument.presentation": ("sheet.not_a_table", "ODP"),
}


class Parts:
    """The parts of an open archive by name, which programs write with either slash, in any case."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._parts = {
            _plain(part.filename): part for part in archive.infolist()
        }

    def __contains__(self, name: str) -> bool:
        return _plain(name) in self._parts

    def size(self, name: str) -> int:
        """Return the unpacked bytes of a part, 0 if it is not there."""
        part = self._parts.get(_plain(name))
        return part.file_size if part else 0

    def open(self, name: str) -> IO[bytes]:
        """Return the bytes of a part."""
        part = self._parts.get(_plain(name))
        if part is None:
            raise SheetError("sheet.broken", reason=name)
        return self._archive.open(part)

    def whole(self, name: str) -> Element:
        """Return a small part as a tree."""
        if self.size(name) > MAX_SMALL_PART:
            raise SheetError(
                "sheet.bomb", megabytes=self.size(name) // _MEGABYTE
            )
        parser = XMLParser()  # noqa: S314 (entities are refused)
        with self.open(name) as xml:
            _refuse_declarations(xml)
            # At once: the parser begins anew with each piece of a long attribute or comment.
            parser.feed(xml.read())
        tree: Element = parser.close()
        return tree

    def relations(self, name: str) -> dict[str, tuple[str, str]]:
        """Return type (its last word) and name of each part that a part refers to, by key."""
        folder, _, file = name.rpartition("/")
        listed = join(folder, "_rels", f"{file}.rels")
        found: dict[str, tuple[str, str]] = {}
        for relation in self.whole(listed) if listed in self else ():
            kind = relation.get("Type", "").rpartition("/")[2]
            target = relation.get("Target", "")
            is_inside = relation.get("TargetMode") != "External"
            if is_inside:
                part = normpath(join("/", folder, target)).lstrip("/")
                found[relation.get("Id", "")] = (kind, part)
        return found


class Growing:
    """A large part as a tree that grows while it is read; its reader removes what is done."""

    def __init__(self, xml: IO[bytes]) -> None:
        _refuse_declarations(xml)
        self._xml = xml
        self._builder = TreeBuilder()
        self._parser = XMLParser(target=self._builder)  # noqa: S314 (entities are refused)
        self._pending_bytes = 0
        self._is_complete = False

    def grow(self) -> Element | None:
        """Read on and return the root, which may be incomplete; None once all was returned."""
        if self._is_complete:
            return None
        # Read more if an element does not end: the parser starts again with each piece of an
        # attribute.
        block = self._xml.read(max(_BLOCK, self._pending_bytes // 2))
        if block:
            self._pending_bytes += len(block)
            if self._pending_bytes > MAX_ELEMENT:
                raise SheetError(
                    "sheet.bomb", megabytes=self._pending_bytes // _MEGABYTE
                )
            self._parser.feed(block)
        else:
            # What the parser has put off until it sees more is only there from now on.
            self._is_complete = True
            self._parser.close()
        # What there is so far: the builder may be asked for it at any time.
        root: Element | None = self._builder.close()
        return root if root is not None else Element("")

    def forget(self, parent: Element, count: int) -> None:
        """Forget the first children of an element, which their reader is done with."""
        if count:
            del parent[:count]
            self._pending_bytes = 0

    def skip(self) -> None:
        """Read to the end without looking, so that damage to the archive is noticed."""
        while self._xml.read(_BLOCK):
            pass


@contextmanager
def opened(path: Path) -> Iterator[Parts]:
    """Open a workbook."""
    with zipfile.ZipFile(path) as archive:
        yield Parts(archive)


def children(xml: IO[bytes]) -> Iterator[Element]:
    """Yield the elements right below the root of a large part, each complete."""
    part = Growing(xml)
    rest: Iterable[Element] = ()
    while (root := part.grow()) is not None:
        ready = root[:-1]
        yield from ready
        part.forget(root, len(ready))
        rest = root
    yield from rest


def check_archive(path: Path) -> None:
    """Raise SheetError for an archive that is cut off, a bomb, or no workbook that can be read."""
    try:
        with zipfile.ZipFile(path) as archive:
            sizes = {
                _plain(part.filename): part.file_size
                for part in archive.infolist()
            }
            unpacked = sum(part.file_size for part in archive.infolist())
            other = (
                None
                if any(map(_MAIN_PART.fullmatch, sizes))
                else _other_format(archive, sizes)
            )
    except zipfile.BadZipFile:
        raise SheetError("sheet.truncated") from None
    packed = max(path.stat().st_size, 1)
    is_large = unpacked > 50 * _MEGABYTE
    is_packed_too_well = is_large and unpacked / packed > MAX_RATIO
    if unpacked > MAX_UNPACKED or is_packed_too_well:
        raise SheetError("sheet.bomb", megabytes=unpacked // _MEGABYTE)
    shared = sum(
        size
        for name, size in sizes.items()
        if name.endswith("sharedstrings.xml")
    )
    if shared > MAX_SHARED:
        raise SheetError("sheet.bomb", megabytes=shared // _MEGABYTE)
    if other:
        raise other


def _other_format(
    archive: zipfile.ZipFile, names: Collection[str]
) -> SheetError:
    """Return the error that says what an archive is which is no XLSX."""
    for end, (code, format_) in _OTHER_DOCUMENTS.items():
        if any(f"/{name}".endswith(f"/{end}") for name in names):
            return SheetError(code, format=format_)
    if _TYPE_PART in names:
        with archive.open(_TYPE_PART) as part:
            mimetype = part.read(_TYPE_BYTES)
        for kind, (code, format_) in _OPEN_DOCUMENTS.items():
            if kind in mimetype:
                return SheetError(code, format=format_)
    if "content.xml" in names:
        return SheetError("sheet.other_workbook", format="ODS")
    return SheetError("sheet.archive", format="ZIP")


def _plain(name: str) -> str:
    return name.replace("\\", "/").lstrip("/").lower()


def _refuse_declarations(xml: IO[bytes]) -> None:
    """Refuse a document type, hence entities: only bombs have them, no spreadsheet program.

    The bytes up to the root element are read once more by the parser; far more of them than any
    program writes are refused.
    """
    parser = expat.ParserCreate()
    is_begun: list[str] = []

    def refuse(*_declared: object) -> None:
        raise SheetError("sheet.broken", reason="XML entities")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda tag, _attributes: is_begun.append(tag)
    # What is wrong there is wrong for who parses it again as well.
    with suppress(expat.ExpatError):
        parser.Parse(xml.read(_MOST_BEFORE_ROOT))
    if not is_begun and xml.read(1):
        raise SheetError("sheet.broken", reason="XML")
    xml.seek(0)
