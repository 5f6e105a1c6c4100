"""Where the headings of a table are, and their names: without title lines and invisible signs."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import date, time
from itertools import pairwise

from turnus.core.folding import visible_letters
from turnus.core.tables import Cell, FormattedNumber, Row, UnreadCell
from turnus.sheets.errors import SheetError
from turnus.sheets.limits import MAX_COLUMNS

#: The headings stand among so many rows with content, or the first row holds them.
_SEARCHED = 20
#: A heading is a short text.
_MAX_HEADING = 80
_VALUE = re.compile(
    r"[\W\d_]*\d[\W\d_]*|\S+@\S+\.\S+|[-+]?\d[\d.,'’ \u00a0]*\s*\S{1,3}"
)
_QUOTES = '"“”„«»'


def heading_index(rows: Sequence[Row]) -> int:
    """Return which of the first rows holds the headings: the first after any title lines.

    A title line has far fewer cells than the table. It is skipped only if the first wide row holds
    only different short texts, and the rows below differ from it as values differ from headings.
    """
    filled = [_filled(row) for row in rows]
    width = _usual_width(filled)
    is_title = [len(cells) * 2 <= width for cells in filled]
    last_searched = min(len(rows) - 1, _SEARCHED)
    index = 0
    while index < last_searched and is_title[index]:
        index += 1
    if index == 0 or is_title[index] or not _are_headings(filled[index]):
        return 0
    rows_below = rows[index + 1 :]
    if not rows_below:
        return 0
    if _differ(rows[index], rows_below):
        return index
    titles = filled[:index]
    is_single = all(len(cells) == 1 for cells in titles)
    is_set_apart = is_single or _has_gap(rows[: index + 1])
    return index if width > 2 and is_set_apart else 0


def _has_gap(rows: Sequence[Row]) -> bool:
    """Return whether blank rows stand between the rows."""
    pairs = pairwise(rows)
    return any(below.number > above.number + 1 for above, below in pairs)


def headings_of(
    row: Row, rows_below: Sequence[Row], *, is_csv: bool
) -> tuple[str, ...]:
    """Return the headings, made distinct; columns without one that hold something are `(7)`.

    In a CSV file, a column without a heading counts only if most rows have it: else a row has an
    extra separator.
    """
    names = [clean_heading(cell) for cell in row.cells]
    while names and not names[-1]:
        names.pop()
    width = _columns_below(rows_below, len(names), is_csv=is_csv)
    while len(names) < width:
        names.append("")
    if len(names) > MAX_COLUMNS:
        raise SheetError(
            "sheet.too_many_columns", count=len(names), limit=MAX_COLUMNS
        )
    counts: Counter[str] = Counter()
    headings = []
    for number, text in enumerate(names, 1):
        name = text or f"({number})"
        counts[name] += 1
        count = counts[name]
        if count > 1:
            name = f"{name} ({count})"
        headings.append(name)
    return tuple(headings)


def clean_heading(cell: Cell) -> str:
    """Return a heading without signs that nobody sees and without stray quotes.

    >>> clean_heading('"Status'), clean_heading('Wert "netto"')
    ('Status', 'Wert "netto"')
    >>> clean_heading("Won \N{ZERO WIDTH SPACE}time ")
    'Won time'
    """
    text = " ".join(visible_letters(_written(cell)).split())
    if text.count('"') % 2:
        text = text.replace('"', "")
    while len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        text = text[1:-1]
    return text.strip()


def _written(cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, UnreadCell):
        return cell.text
    if isinstance(cell, FormattedNumber):
        return str(cell.number)
    return str(cell)


def _filled(row: Row) -> dict[int, Cell]:
    """Return the cells with content; those that repeat one text, as merged cells do, are one."""
    cells: dict[int, Cell] = {}
    for index, cell in enumerate(row.cells):
        is_blank = isinstance(cell, str) and not clean_heading(cell)
        if cell is not None and not is_blank:
            cells[index] = cell
    texts = {str(cell) for cell in cells.values()}
    are_one_text = len(cells) > 1 and len(texts) == 1
    if not are_one_text:
        return cells
    first = min(cells)
    return {first: cells[first]}


def _usual_width(filled: Iterable[dict[int, Cell]]) -> int:
    counts = Counter(len(cells) for cells in filled)
    return max(counts, key=lambda width: (counts[width], width), default=0)


def _are_headings(cells: dict[int, Cell]) -> bool:
    texts = [cell for cell in cells.values() if isinstance(cell, str)]
    if len(texts) < len(cells):
        return False
    for text in texts:
        is_value = _VALUE.fullmatch(text.strip())
        if is_value or len(text) > _MAX_HEADING:
            return False
    different = {text.strip().lower() for text in texts}
    return len(different) == len(texts)


def _differ(headings: Row, rows: Sequence[Row]) -> bool:
    """Return whether a column below holds values where the row has a text."""
    for index in _filled(headings):
        reaching = [row.cells[index] for row in rows if index < len(row.cells)]
        below = [cell for cell in reaching if cell not in (None, "")]
        value_count = sum(_is_value(cell) for cell in below)
        if value_count * 2 > len(below):
            return True
    return False


def _is_value(cell: Cell) -> bool:
    if isinstance(cell, str):
        return _VALUE.fullmatch(cell.strip()) is not None
    return isinstance(cell, int | float | date | time | FormattedNumber)


def _columns_below(rows: Sequence[Row], width: int, *, is_csv: bool) -> int:
    """Return how many columns the rows have, if more than there are headings."""
    counts: Counter[int] = Counter()
    for row in rows:
        for index in range(width, len(row.cells)):
            if row.cells[index] not in (None, ""):
                counts[index] += 1
    least = max(len(rows) // 2 + 1, 2) if is_csv else 1
    filled = [index for index, count in counts.items() if count >= least]
    return max(filled) + 1 if filled else width
