"""The encoding of a CSV file, by evidence from all of its lines, and how certain it is."""

import codecs
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from turnus.sheets.encoding_evidence import (
    best_encoding,
    doubts_of,
    is_garbled,
    words_outside_ascii,
)
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_CELL

#: The usual names of the encodings that a person can choose, by the name for `ReadingChoices`.
LABELS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850",
    "cp437": "DOS 437",
    "cp1250": "Windows-1250",
    "cp1251": "Windows-1251",
    "cp1253": "Windows-1253",
    "cp1254": "Windows-1254",
    "iso8859_2": "ISO 8859-2",
    "iso8859_15": "ISO 8859-15",
    "koi8_r": "KOI8-R",
    "cp866": "DOS 866",
    "cp932": "Shift-JIS",
    "gb18030": "GB 18030",
    "big5": "Big5",
    "cp949": "Korean (949)",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16 LE",
    "utf-16-be": "UTF-16 BE",
}
_BLOCK = 256 * 1024
#: Bytes of lines with letters outside ASCII that are weighed.
_WEIGHED = 24 * 1024
#: Bytes of a line; longer ones are refused.
_LONGEST_LINE = 16 * MAX_CELL
#: Of letters of two bytes some look like UTF-8 by chance.
_TWO_BYTES = frozenset(
    {"cp932", "gb18030", "big5", "cp949", "euc_jp", "euc_kr"}
)
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_UTF8 = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Encoding:
    """How the bytes of a file are to be read."""

    #: A name that Python knows.
    name: str
    #: What shows whether it is right: up to three words with letters outside ASCII.
    samples: tuple[str, ...] = ()
    is_doubtful: bool = False
    #: The encoding of the lines that are not UTF-8 in a mixed file; empty in ordinary files.
    other: str = ""

    @property
    def is_mixed(self) -> bool:
        """Whether lines of two encodings stand in the file."""
        return bool(self.other)

    @property
    def codec(self) -> str:
        """The name to open the file with: a byte order mark is no letter."""
        is_utf8 = self.is_mixed or codecs.lookup(self.name).name == "utf-8"
        return "utf-8-sig" if is_utf8 else self.name

    @property
    def errors(self) -> str:
        """How to open the file: bytes of the other encoding are kept, for `read_line`."""
        return "surrogateescape" if self.is_mixed else "strict"

    @property
    def foreign_label(self) -> str:
        """What people call the encoding of the fewer lines of a mixed file."""
        is_mostly_utf8 = self.name == "utf-8"
        return label_of(self.other) if is_mostly_utf8 else label_of("utf-8")

    def read_line(self, line: str) -> tuple[str, bool]:
        """Return a line of a mixed file, and whether it is written unlike most others."""
        if not _NOT_UTF8.search(line):
            return line, self.name != "utf-8"
        as_bytes = line.encode("utf-8", "surrogateescape")
        return as_bytes.decode(self.other, "replace"), self.name == "utf-8"


def label_of(name: str) -> str:
    """Return what people call an encoding."""
    return LABELS.get(name, name.upper())


def chosen(name: str, path: Path) -> Encoding:
    """Return the encoding that a person chose; raises SheetError if it does not fit the file."""
    try:
        is_text = codecs.lookup(name)._is_text_encoding  # noqa: SLF001 (it has no public name)
    except LookupError:
        is_text = False
    if not is_text:
        raise SheetError("sheet.encoding_unknown", encoding=name)
    line = _first_unreadable(path, Encoding(name).codec)
    if line is not None:
        raise SheetError("sheet.encoding", row=line, encoding=label_of(name))
    is_wide = name.lower().startswith(("utf-16", "utf-32"))
    lines = [] if is_wide else _LinesOutsideAscii(path).lines
    texts = (line.decode(name, "replace") for line in lines)
    return Encoding(name, words_outside_ascii(texts))


def guessed(path: Path) -> Encoding:
    """Return the encoding that all lines of the file speak for."""
    with path.open("rb") as file:
        wide = wide_encoding(file.read(400))
    if wide:
        return Encoding(
            wide, *_shown(_first_letters(path, wide), is_marked=True)
        )
    found = _LinesOutsideAscii(path)
    if not found.lines:
        return Encoding("utf-8")
    if not found.other_count:
        texts = [line.decode("utf-8", "replace") for line in found.lines]
        return Encoding("utf-8", *_shown(texts, is_marked=found.is_marked))
    other = best_encoding(
        found.other_lines, has_lone_returns=found.has_lone_returns
    )
    is_by_chance = (
        other.name in _TWO_BYTES and found.utf8_count * 3 < found.other_count
    )
    if not found.utf8_count or is_by_chance:
        samples = words_outside_ascii(
            line.decode(other.name, "replace") for line in found.lines
        )
        return Encoding(other.name, samples, other.is_doubtful)
    is_mostly_utf8 = found.utf8_count >= found.other_count
    name = "utf-8" if is_mostly_utf8 else other.name
    mixed = Encoding(name, other=other.name)
    texts = []
    for line in found.lines:
        text = line.decode("utf-8", "surrogateescape")
        as_written, _is_unlike_others = mixed.read_line(text)
        texts.append(as_written)
    samples, is_doubtful = _shown(texts, is_marked=found.is_marked)
    return Encoding(
        mixed.name, samples, is_doubtful or other.is_doubtful, other.name
    )


def first_unreadable_line(path: Path, encoding: Encoding) -> int:
    """Return the number of the first line that cannot be read in the encoding."""
    return _first_unreadable(path, encoding.codec) or 1


def wide_encoding(head: bytes) -> str:
    """Return the encoding of a file whose letters have two or four bytes; empty for others."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return "" if name == "utf-8" else name
    zeros = len(head) // 6
    if head[1:200:2].count(0) > zeros and not head[0:200:2].count(0):
        return "utf-16-le"
    if head[0:200:2].count(0) > zeros and not head[1:200:2].count(0):
        return "utf-16-be"
    return ""


def _shown(
    texts: Sequence[str], *, is_marked: bool
) -> tuple[tuple[str, ...], bool]:
    """Return sample words, and whether they are doubtful.

    After a byte order mark, only letters that were lost before are doubtful.
    """
    doubts = is_garbled if is_marked else doubts_of
    return words_outside_ascii(texts), any(doubts(text) for text in texts)


def _first_letters(path: Path, name: str) -> list[str]:
    with path.open(encoding=name, errors="replace", newline="") as file:
        beginning = file.read(_WEIGHED)
    return [line for line in beginning.splitlines() if not line.isascii()]


def _first_unreadable(path: Path, codec: str) -> int | None:
    """Return the number of the first line that cannot be decoded, None where all can."""
    decoder = codecs.getincrementaldecoder(codec)("strict")
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                decoder.decode(block)
        decoder.decode(b"", final=True)
    except UnicodeError:
        return _first_with_gaps(path, codec)
    return None


def _first_with_gaps(path: Path, codec: str) -> int:
    with path.open(encoding=codec, errors="replace", newline="") as file:
        try:
            return next(
                (
                    number
                    for number, line in enumerate(file, 1)
                    if "\ufffd" in line
                ),
                1,
            )
        except UnicodeError:  # not even the byte order mark can be read
            return 1


class _LinesOutsideAscii:
    """The lines of a file with bytes outside ASCII: counts of UTF-8 and others, and the first."""

    def __init__(self, path: Path) -> None:
        self.utf8_count = 0
        self.other_count = 0
        #: The first ones in the order of the file, and of those the ones that are not UTF-8.
        self.lines: list[bytes] = []
        self.other_lines: list[bytes] = []
        #: Whether lines end as on old Macs.
        self.has_lone_returns = False
        with path.open("rb") as file:
            self.is_marked = file.read(3) == codecs.BOM_UTF8
        self._room = self._room_of_others = _WEIGHED
        for block in _whole_lines(path):
            self._look_at(block)

    def _look_at(self, block: bytes) -> None:
        if not self.has_lone_returns:
            self.has_lone_returns = b"\r" in block and b"\n" not in block
        if block.isascii():
            return
        is_utf8 = _is_utf8(block)
        if is_utf8 and self._room <= 0:
            self.utf8_count += 1  # at least one of its lines
            return
        for line in block.splitlines():
            if not line.isascii():
                self._count(line, is_utf8=is_utf8 or _is_utf8(line))

    def _count(self, line: bytes, *, is_utf8: bool) -> None:
        if self._room > 0:
            self.lines.append(line)
            self._room -= len(line)
        if is_utf8:
            self.utf8_count += 1
            return
        self.other_count += 1
        if self._room_of_others > 0:
            self.other_lines.append(line[:_WEIGHED])
            self._room_of_others -= len(line)


def _whole_lines(path: Path) -> Iterator[bytes]:
    """Yield the file in blocks that end with a line; a line too long to be read ends anywhere."""
    with path.open("rb") as file:
        rest = file.read(3).removeprefix(codecs.BOM_UTF8)
        while more := file.read(_BLOCK):
            block = rest + more
            end = max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
            if not end and len(block) > _LONGEST_LINE:
                end = len(block)
            yield block[:end]
            rest = block[end:]
        yield rest


def _is_utf8(text: bytes) -> bool:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True
