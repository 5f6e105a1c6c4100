"""The reference rates of the European Central Bank, as its files have them: units for one euro.

Source: the files of ecb.europa.eu, "Euro foreign exchange reference rates". CSV has a line for
each day of trade, a column for each currency, `N/A` where there is no rate; XML has an element
`Cube` for each day, and within it one for each currency that has a rate.
"""

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from itertools import chain
from xml.parsers import expat

_EURO = "EUR"
#: Ten decimals, as rates are stored.
_STEP = Decimal("1e-10")


@dataclass(frozen=True, slots=True)
class ReferenceDay:
    """How many units of each currency one euro was worth on a day."""

    day: date
    per_euro: Mapping[str, Decimal]

    def in_units_of(self, base: str) -> dict[str, Decimal]:
        """Return what one unit of each currency was worth in `base`; empty without its rate.

        >>> rates = {"CHF": Decimal("0.93"), "USD": Decimal("1.0921")}
        >>> friday = ReferenceDay(date(2024, 1, 5), rates)
        >>> friday.in_units_of("CHF")["USD"]
        Decimal('0.8515703690')
        """
        known = {_EURO: Decimal(1), **self.per_euro}
        if base not in known:
            return {}
        return {
            code: (known[base] / units).quantize(_STEP)
            for code, units in known.items()
            if code != base
        }


class ReferenceFileError(ValueError):
    """A text that is not such a file; `line` is where, counted from 1."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line}")
        self.line = line


def reference_days(lines: Iterable[str]) -> Iterator[ReferenceDay]:
    """Yield the days of a file, in its order; raises ReferenceFileError where it is none.

    >>> [day] = reference_days(["Date,USD,CHF,", "2024-01-05,1.0921,N/A,"])
    >>> day
    ReferenceDay(day=datetime.date(2024, 1, 5), per_euro={'USD': Decimal('1.0921')})
    >>> xml = "<Cube time='2024-01-05'><Cube currency='USD' rate='1.0921'/></Cube>"
    >>> list(reference_days([xml])) == [day]
    True
    """
    remaining = iter(lines)
    first_line = next(remaining, "")
    all_lines = chain([first_line], remaining)
    if first_line.lstrip().startswith("<"):
        return _days_of_xml(all_lines)
    return _days_of_csv(all_lines)


def _days_of_csv(lines: Iterable[str]) -> Iterator[ReferenceDay]:
    rows = csv.reader(lines, skipinitialspace=True)
    header = [cell.strip() for cell in next(rows, [])]
    if not header or header[0] != "Date":
        raise ReferenceFileError(1)
    codes = header[1:]
    for row in rows:
        if not row:
            continue
        try:
            yield ReferenceDay(_day(row[0]), _rates(codes, row[1:]))
        except (ValueError, InvalidOperation) as error:
            raise ReferenceFileError(rows.line_num) from error


def _days_of_xml(lines: Iterable[str]) -> Iterator[ReferenceDay]:
    reader = _XmlReader()
    has_days = False
    for line in chain(lines, [None]):
        for day in reader.days_after(line):
            has_days = True
            yield day
    if not has_days:
        raise ReferenceFileError(reader.line)


class _XmlReader:
    """A reader of days from XML as it comes, without a document type: only bombs have entities."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.StartDoctypeDeclHandler = self._refuse
        self._parser.buffer_text = True
        self._days: list[tuple[date, dict[str, Decimal]]] = []

    @property
    def line(self) -> int:
        """The line that is being read, counted from 1."""
        return self._parser.CurrentLineNumber

    def days_after(self, text: str | None) -> Iterator[ReferenceDay]:
        """Yield the days that are complete after a further text; None: there is no more."""
        try:
            self._parser.Parse(text or "", text is None)
        except (expat.ExpatError, ValueError, InvalidOperation) as error:
            raise ReferenceFileError(self.line) from error
        unfinished_count = 0 if text is None else 1
        while len(self._days) > unfinished_count:
            yield ReferenceDay(*self._days.pop(0))

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag.rpartition(":")[2] != "Cube":
            return
        if "time" in attributes:
            self._days.append((date.fromisoformat(attributes["time"]), {}))
        elif "currency" in attributes and self._days:
            _day, rates = self._days[-1]
            rates[attributes["currency"]] = _rate(attributes.get("rate", ""))

    def _refuse(self, *_declared: object) -> None:
        raise ValueError(_declared)


def _day(cell: str) -> date:
    """Return the day: 2024-01-05 in the history, 05 January 2024 in the file of a single day."""
    text = cell.strip()
    try:
        return date.fromisoformat(text)
    except ValueError:
        return datetime.strptime(text, "%d %B %Y").date()  # noqa: DTZ007 (a day has no zone)


def _rates(codes: Iterable[str], cells: Iterable[str]) -> dict[str, Decimal]:
    rates = {}
    for code, cell in zip(codes, cells, strict=False):
        text = cell.strip()
        if code and text and text != "N/A":
            rates[code] = _rate(text)
    return rates


def _rate(text: str) -> Decimal:
    """Return a rate; raises ValueError or InvalidOperation for what is none."""
    rate = Decimal(text)
    if not rate.is_finite() or rate <= 0:
        raise ValueError(text)
    return rate
