"""Lines of a CSV file -> records, whatever its quotes: no quote swallows lines that are rows.

The csv module joins lines from a quote that opens to the next one. What it joined is believed where
the quotes are in order and the lines between do not look like rows themselves; else each line is
read as it stands.
"""

import csv
from collections import deque
from collections.abc import Iterator, Sequence
from typing import TextIO

from turnus.core.issues import Issue, IssueCode, Severity
from turnus.sheets.csv_encoding import Encoding
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_CELL, MAX_COLUMNS

_MAX_LINE = 4 * MAX_CELL
#: A cell whose quotes are not in order goes on for at most so many lines.
_MAX_JOINED = 20
#: Separators that must be in place before lines in a well-quoted cell are taken for rows.
_TELLING_SEPARATORS = 4
#: Cells of a line that may open quotes in vain, each a scan of the line, before quotes are ignored.
_MAX_ATTEMPTS = 8
_LINE_ENDS = ("\n", "\r")

#: A record: its cells, and what is odd about it.
Record = tuple[list[str], tuple[Issue, ...]]


class Records:
    """The records of an open CSV file; `width` is the usual number of cells in one."""

    def __init__(
        self,
        file: TextIO,
        *,
        delimiter: str,
        width: int,
        encoding: Encoding,
        skips_blanks: bool = False,
    ) -> None:
        self.delimiter = delimiter
        #: Whether blanks behind a separator are no part of the cell: `a, "b"`.
        self.skips_blanks = skips_blanks
        self.width = width
        self.lines = _Lines(file, encoding, delimiter)

    def skip_line(self) -> None:
        """Leave the next line out; it is counted all the same."""
        self.lines.take_one()
        self.lines.next_record()

    def __iter__(self) -> Iterator[Record]:
        """Yield the records, blank ones too; raises SheetError where a cell is too long."""
        lines = self.lines
        width = self.width
        pending = lines.pending
        while not lines.is_at_end:
            reader = csv.reader(
                lines.take(),
                delimiter=self.delimiter,
                skipinitialspace=self.skips_blanks,
                strict=True,
            )
            try:
                for cells in reader:
                    if len(pending) > 1 and self._hides_rows(pending):
                        yield self._first_line(Severity.PROBLEM)
                        break
                    issues = lines.issues() if lines.foreign else ()
                    if len(cells) < width and not pending[-1].endswith(
                        _LINE_ENDS
                    ):
                        issues = (*issues, self._cut(cells))
                    yield cells, issues
                    lines.first += len(pending)
                    pending.clear()
            except csv.Error as error:
                yield self._broken(str(error))

    def _broken(self, error: str) -> Record:
        """Return the record that starts with the first line, whose quotes are not in order."""
        pending = self.lines.pending
        swallowed_rows = self._are_rows(pending[1:])
        if "field limit" in error and not swallowed_rows:
            raise SheetError(
                "sheet.cell_too_long", row=self.lines.first, limit=MAX_CELL
            )
        if swallowed_rows:
            return self._first_line()
        if "unexpected end" in error and 1 < len(pending) <= _MAX_JOINED:
            return self._cut_record()
        return self._joined() or self._first_line()

    def _first_line(self, severity: Severity | None = None) -> Record:
        """Return the first of the pending lines as it stands; the others are read anew.

        Without a `severity` the row may go in if a quote that opens is all that is odd about it.
        """
        self.lines.keep(1)
        line = self.lines.pending[0]
        cells, is_open = self._split(line)
        issues = self.lines.issues()
        if severity is None and is_open:
            fits = len(cells) == self.width
            severity = Severity.WARNING if fits else Severity.PROBLEM
        if severity is not None:
            issues = (*issues, self._unclosed(severity))
        if len(cells) < self.width and not line.endswith(_LINE_ENDS):
            issues = (*issues, self._cut(cells))
        self.lines.next_record()
        return cells, issues

    def _joined(self) -> Record | None:
        """Return the record of the lines that close its quotes; None if it is not complete."""
        lines = self.lines
        lines.keep(1)
        cells, is_open = self._split(lines.pending[0])
        while (
            is_open and len(lines.pending) < _MAX_JOINED and lines.take_one()
        ):
            cells, is_open = self._split("".join(lines.pending))
        is_whole = len(cells) == self.width or len(lines.pending) == 1
        if is_open or not is_whole or self._are_rows(lines.pending[1:]):
            return None
        issues = lines.issues()
        lines.next_record()
        return cells, issues

    def _cut_record(self) -> Record:
        """Return the record in whose quoted cell the file ends."""
        [cells] = csv.reader(
            self.lines.pending,
            delimiter=self.delimiter,
            skipinitialspace=self.skips_blanks,
        )
        issues = (*self.lines.issues(), self._unclosed(Severity.PROBLEM))
        self.lines.next_record()
        return cells, issues

    def _split(self, text: str) -> tuple[list[str], bool]:
        """Return the cells of a record, by its quotes or by its separators alone."""
        cells, is_open = split_line(
            text, self.delimiter, skips_blanks=self.skips_blanks
        )
        if len(cells) == self.width:
            return cells, is_open
        bare = text.rstrip("\r\n").split(self.delimiter)
        if len(bare) != self.width:
            return cells, is_open
        return [_unwrapped(cell) for cell in bare], any(
            _opens(cell) for cell in bare
        )

    def _unclosed(self, severity: Severity) -> Issue:
        return Issue(
            IssueCode.QUOTE_UNCLOSED,
            severity,
            params={"line": self.lines.first},
        )

    def _cut(self, cells: Sequence[str]) -> Issue:
        return Issue(
            IssueCode.ROW_CUT,
            params={"found": len(cells), "expected": self.width},
        )

    def _are_rows(self, lines: Sequence[str], share: float = 0.5) -> bool:
        """Return whether so many of the lines have, each alone, as many cells as a row."""
        filled = [line for line in lines if line.strip()]
        complete = sum(
            len(self._split(line)[0]) == self.width for line in filled
        )
        return bool(filled) and complete >= share * len(filled)

    def _hides_rows(self, lines: Sequence[str]) -> bool:
        """Return whether a record with quotes in order swallowed rows, by two mistaken quotes.

        A text of several lines may hold separators too; in a sentence or an address, a space
        follows them.
        """
        separators = (len(lines) - 1) * (self.width - 1)
        if separators < _TELLING_SEPARATORS:
            return False
        is_prose = any(f"{self.delimiter} " in line for line in lines[1:])
        is_first_complete = len(self._split(lines[0])[0]) == self.width
        return (
            is_first_complete
            and not is_prose
            and self._are_rows(lines[1:], share=0.8)
        )


class _Lines:
    """The lines of a file, counted, with room to put some back."""

    def __init__(
        self, file: TextIO, encoding: Encoding, delimiter: str
    ) -> None:
        self.file = file
        self.delimiter = delimiter
        self.encoding = encoding
        #: Lines of the record that is being read, and the number of its first one in the file.
        self.pending: list[str] = []
        self.first = 1
        self.is_at_end = False
        #: Numbers of the lines that are written in another encoding than the rest.
        self.foreign: set[int] = set()
        self._waiting: deque[str] = deque()
        self._read_count = 0

    def take(self) -> Iterator[str]:
        """Yield line after line; those that were put back come first."""
        pending = self.pending
        waiting = self._waiting
        read = self._read
        while line := waiting.popleft() if waiting else read():
            pending.append(line)
            yield line
        self.is_at_end = True

    def take_one(self) -> str:
        """Return the next line, which now belongs to the record; empty at the end of the file."""
        line = self._waiting.popleft() if self._waiting else self._read()
        if line:
            self.pending.append(line)
        else:
            self.is_at_end = True
        return line

    def keep(self, count: int) -> None:
        """Put back the pending lines but for the first `count`."""
        self._waiting.extendleft(reversed(self.pending[count:]))
        del self.pending[count:]
        self.is_at_end = False

    def next_record(self) -> None:
        """Let the record end with the pending lines."""
        self.first += len(self.pending)
        self.pending.clear()

    def issues(self) -> tuple[Issue, ...]:
        """Return what is odd about the encoding of the pending lines."""
        numbers = range(self.first, self.first + len(self.pending))
        if self.foreign.isdisjoint(numbers):
            return ()
        params = {"encoding": self.encoding.foreign_label}
        return (
            Issue(IssueCode.ROW_ENCODING, Severity.WARNING, params=params),
        )

    def _read(self) -> str:
        """Return the next line of the file, without NUL bytes, which the csv module refuses."""
        line = self.file.readline(_MAX_LINE)
        self._read_count += 1
        if len(line) >= _MAX_LINE:
            raise self._too_long(line)
        if "\0" in line:
            line = line.replace("\0", "")
        if line[:1] == "\ufeff":
            line = line.lstrip("\ufeff")
        if self.encoding.is_mixed and not line.isascii():
            line, is_foreign = self.encoding.read_line(line)
            if is_foreign:
                self.foreign.add(self._read_count)
        return line

    def _too_long(self, line: str) -> SheetError:
        """Return what is wrong with a line that was read in part: too many or too long cells."""
        count = line.count(self.delimiter) + 1
        if count > MAX_COLUMNS:
            return SheetError(
                "sheet.too_many_columns", count=count, limit=MAX_COLUMNS
            )
        return SheetError(
            "sheet.cell_too_long", row=self._read_count, limit=MAX_CELL
        )


def split_line(
    text: str, delimiter: str, *, skips_blanks: bool = False
) -> tuple[list[str], bool]:
    """Return the cells of a record, and whether a quote opens one that none closes.

    A quote closes a cell only before a separator or at the end; one that does not open a cell is an
    ordinary letter.

    >>> split_line('12" Rohr;"a;b";"sagt "ja" dazu";"c', ";")
    (['12" Rohr', 'a;b', 'sagt "ja" dazu', '"c'], True)
    """
    text = text.rstrip("\r\n")
    cells: list[str] = []
    is_open = False
    attempts = _MAX_ATTEMPTS
    start = 0
    while True:
        while skips_blanks and text.startswith(" ", start):
            start += 1
        closing = (
            _closing_quote(text, start, delimiter)
            if attempts and text.startswith('"', start)
            else None
        )
        if closing is not None:
            cells.append(text[start + 1 : closing].replace('""', '"'))
            end = closing + 1
        else:
            end = text.find(delimiter, start)
            end = len(text) if end < 0 else end
            cell = text[start:end]
            cells.append(cell)
            attempts -= attempts > 0 and cell.startswith('"')
            is_open = is_open or _opens(cell)
        if end >= len(text):
            return cells, is_open
        start = end + 1


def _closing_quote(text: str, start: int, delimiter: str) -> int | None:
    """Return the place of the quote that closes the cell opened at `start`; None if there is none.

    A scan, no pattern: the possessive repeat that would keep a pattern linear matches wrongly
    before Python 3.11.5 (CPython issue 100061), and Debian 12 has 3.11.2.
    """
    position = text.find('"', start + 1)
    while position >= 0:
        following = text[position + 1 : position + 2]
        if following in {"", delimiter}:
            return position
        is_doubled = following == '"'
        position = text.find('"', position + (2 if is_doubled else 1))
    return None


def _opens(cell: str) -> bool:
    return cell.startswith('"') and cell.count('"') % 2 == 1


def _unwrapped(cell: str) -> str:
    is_wrapped = len(cell) > 1 and cell.startswith('"') and cell.endswith('"')
    return cell[1:-1].replace('""', '"') if is_wrapped else cell
