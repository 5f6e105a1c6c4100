"""Names of encodings and separators as people know them, and which of them a person may choose."""

import codecs
from collections.abc import Mapping

#: Encodings to choose from, usual ones first, with the names that spreadsheet programs use.
ENCODINGS: Mapping[str, str] = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "mac-roman": "Macintosh (MacRoman)",
    "cp850": "MS-DOS (850)",
    "cp437": "MS-DOS (437)",
    "iso8859-15": "ISO 8859-15",
    "utf-16": "UTF-16",
    "cp1250": "Windows-1250",
    "iso8859-2": "ISO 8859-2",
    "cp1251": "Windows-1251",
    "koi8-r": "KOI8-R",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "cp932": "Shift-JIS",
    "gb18030": "GB 18030",
    "big5": "Big5",
}
#: Separators that a person may choose, with what is shown where the sign itself cannot be seen.
DELIMITERS: Mapping[str, str] = {";": ";", ",": ",", "\t": "Tab", "|": "|"}
#: The same encoding with and without what tells it at the beginning of a file.
_SAME = {
    "utf-8-sig": "utf-8",
    "utf-16-le": "utf-16",
    "utf-16-be": "utf-16",
    "iso8859-1": "cp1252",
}
_NAMES = {
    codecs.lookup(encoding).name: name for encoding, name in ENCODINGS.items()
}


def encoding_name(encoding: str) -> str:
    """Return what people call an encoding: Windows-1252 for cp1252; empty for none."""
    if not encoding:
        return ""
    try:
        known = codecs.lookup(encoding).name
    except (LookupError, ValueError):
        return encoding
    return _NAMES.get(codecs.lookup(_SAME.get(known, known)).name, encoding)


def delimiter_name(delimiter: str) -> str:
    """Return a separator so that it can be seen."""
    return DELIMITERS.get(delimiter, delimiter)
