"""Texts in cells of workbooks: runs joined, phonetic hints skipped, escapes decoded."""

import re
from typing import IO
from xml.etree.ElementTree import Element

from turnus.core.cut_texts import without_controls
from turnus.sheets.workbook_parts import children

_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")


def decoded(text: str) -> str:
    r"""Return a text of an XLSX file with escapes such as `_x000D_` decoded.

    >>> decoded("a_x000D_\nb"), decoded("_x005F_x000D_")
    ('a\nb', '_x000D_')
    """
    if "_x" in text:
        text = _ESCAPE.sub(lambda found: chr(int(found[1], 16)), text)
        # Letters beyond 16 bits are two escapes.
        text = text.encode("utf-16-le", "surrogatepass").decode(
            "utf-16-le", "replace"
        )
    return without_controls(text)


def shared_texts(xml: IO[bytes]) -> list[str]:
    """Return the texts that the cells of all sheets refer to by their place."""
    return [decoded(joined(item)) for item in children(xml)]


def joined(item: Element) -> str:
    """Return the text of a stored string: its runs one after the other, without phonetic hints."""
    pieces: list[str] = []
    for child in item:
        name = child.tag.rpartition("}")[2]
        if name == "t":
            pieces.append(child.text or "")
        elif name == "r":
            pieces.append(joined(child))
    return "".join(pieces)
