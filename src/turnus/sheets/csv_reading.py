"""Reading CSV files of any usual encoding and delimiter."""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from turnus.core.issues import Issue
from turnus.core.tables import ReadingChoices, Row
from turnus.sheets import csv_encoding
from turnus.sheets.csv_encoding import Encoding
from turnus.sheets.csv_records import Records, split_line
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_CELL

_DELIMITERS = ",;\t|"
_SAMPLE_LINES = 60
#: Our own files put an apostrophe before texts that a spreadsheet program would take for a formula.
_FORMULA_MARKS = ("=", "+", "-", "@", "\t", "\r")
#: A comma between digits is hardly a separator.
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a CSV file is written."""

    encoding: Encoding
    delimiter: str
    #: Cells of an ordinary record.
    width: int
    #: Whether the first line only names the delimiter, for spreadsheet programs.
    has_sep_line: bool = False
    #: Whether quotes open cells behind a separator and a blank.
    skips_blanks: bool = False


class Shape(NamedTuple):
    """How many records have the usual number of cells, more than one, and that number."""

    record_count: int
    width: int


def sniff(path: Path, choices: ReadingChoices) -> Dialect:
    """Return how the file is written: as a person chose, else as its bytes tell."""
    if choices.encoding:
        encoding = csv_encoding.chosen(choices.encoding, path)
    else:
        encoding = csv_encoding.guessed(path)
    lines = _first_lines(path, encoding)
    delimiter_line = _named_delimiter(lines)
    body = lines[1:] if delimiter_line else lines
    if choices.delimiter:
        delimiter = _checked(choices.delimiter)
    else:
        delimiter = delimiter_line or _likely_delimiter(body)
    plain = _shape(body, delimiter)
    without_blanks = _shape(body, delimiter, skips_blanks=True)
    quotes_behind_blanks = sum(f'{delimiter} "' in line for line in body)
    are_usual = quotes_behind_blanks * 3 > len(body)
    skips_blanks = (
        are_usual and without_blanks.record_count >= plain.record_count
    )
    shape = without_blanks if skips_blanks else plain
    return Dialect(
        encoding=encoding,
        delimiter=delimiter,
        width=max(shape.width, 1),
        has_sep_line=bool(delimiter_line),
        skips_blanks=skips_blanks,
    )


def rows(path: Path, dialect: Dialect) -> Iterator[Row]:
    """Yield the rows that are not blank, numbered as a spreadsheet program would show them."""
    csv.field_size_limit(MAX_CELL)
    encoding = dialect.encoding
    with path.open(
        encoding=encoding.codec, errors=encoding.errors, newline=""
    ) as file:
        records = Records(
            file,
            delimiter=dialect.delimiter,
            width=dialect.width,
            encoding=encoding,
            skips_blanks=dialect.skips_blanks,
        )
        if dialect.has_sep_line:
            records.skip_line()
        try:
            for number, (cells, issues) in enumerate(records, 1):
                if not any(cells):
                    continue
                numbered = _numbered(issues, number) if issues else ()
                may_have_guards = "'" in "".join(cells)
                if may_have_guards:
                    yield Row(number, _without_guards(cells), numbered)
                else:
                    yield Row(number, cells, numbered)
        except UnicodeDecodeError:
            line = csv_encoding.first_unreadable_line(path, encoding)
            label = csv_encoding.label_of(encoding.name)
            raise SheetError(
                "sheet.encoding", row=line, encoding=label
            ) from None


def _numbered(issues: Iterable[Issue], number: int) -> tuple[Issue, ...]:
    return tuple([replace(issue, row=number) for issue in issues])


def _without_guards(cells: list[str]) -> list[str]:
    """Take off the apostrophes that only keep spreadsheet programs from running a text."""
    for index, text in enumerate(cells):
        if text[:1] == "'" and text.lstrip("'").startswith(_FORMULA_MARKS):
            cells[index] = text[1:]
    return cells


def _first_lines(path: Path, encoding: Encoding) -> list[str]:
    """Return the first lines with content, each as far as a cell may be long."""
    lines: list[str] = []
    with path.open(
        encoding=encoding.codec, errors="replace", newline=""
    ) as file:
        for line in islice(
            iter(lambda: file.readline(MAX_CELL), ""), 4 * _SAMPLE_LINES
        ):
            if line.strip():
                lines.append(line.lstrip("\ufeff").replace("\0", ""))
            if len(lines) == _SAMPLE_LINES:
                break
    return lines


def _named_delimiter(lines: Sequence[str]) -> str:
    """Return what a line `sep=;` at the beginning names; empty without one."""
    first = lines[0].strip(" \r\n") if lines else ""
    is_named = first.lower().startswith("sep=") and len(first) == 5
    return first[-1] if is_named else ""


def _checked(delimiter: str) -> str:
    if len(delimiter) != 1 or delimiter in '"\r\n':
        raise SheetError("sheet.delimiter_unknown", delimiter=delimiter)
    return delimiter


def _likely_delimiter(lines: Sequence[str]) -> str:
    shapes = {mark: _shape(lines, mark) for mark in _DELIMITERS}
    return max(_DELIMITERS, key=lambda mark: shapes[mark])


def _shape(
    lines: Sequence[str], delimiter: str, *, skips_blanks: bool = False
) -> Shape:
    """Return how many records have the usual number of cells (more than one), and that number.

    Records whose commas are all decimal marks are no evidence for the comma.
    """
    widths: Counter[int] = Counter()
    for cells in _sample_records(lines, delimiter, skips_blanks=skips_blanks):
        widths[len(cells)] += 1
    widths.pop(1, None)
    widths.pop(0, None)
    if not widths:
        return Shape(0, 0)
    width, count = max(widths.items(), key=lambda item: (item[1], item[0]))
    if delimiter == "," and width > 1:
        count -= sum(
            "," not in _DECIMAL_COMMA.sub("", line)
            for line in lines
            if "," in line
        )
    return Shape(max(count, 1), width)


def _sample_records(
    lines: Sequence[str], delimiter: str, *, skips_blanks: bool
) -> list[list[str]]:
    """Return the records of some lines; where their quotes are not in order, each line is one."""
    records: list[list[str]] = []
    try:
        records.extend(
            csv.reader(
                lines,
                delimiter=delimiter,
                skipinitialspace=skips_blanks,
                strict=True,
            )
        )
    except csv.Error as error:
        is_cut = "unexpected end" in str(error) and len(records) * 2 > len(
            lines
        )
        if not is_cut:
            return [
                split_line(line, delimiter, skips_blanks=skips_blanks)[0]
                for line in lines
            ]
    return records
