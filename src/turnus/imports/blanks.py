"""Blank cells that become a value where other rows fill the column in: such rows get a note.

A column that is blank throughout says nothing about a row, so its rows get none: blank won times of
all copies are today's.
"""

from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence

from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.imports.plan import PlannedRow, Verdict
from turnus.imports.read_row import ReadRow
from turnus.imports.rows import RowReader

#: Field -> what its blank cells are noted as, by kind of record.
_OWNER = {"owner": IssueCode.BLANK_OWNER}
_NOTED: Mapping[RecordKind, Mapping[str, IssueCode]] = {
    RecordKind.DEAL: {
        "value": IssueCode.BLANK_VALUE,
        "currency": IssueCode.BLANK_CURRENCY,
        "status": IssueCode.BLANK_STATUS,
        "won_at": IssueCode.BLANK_WON_TIME,
        "lost_at": IssueCode.BLANK_LOST_TIME,
        "stage": IssueCode.BLANK_STAGE,
        **_OWNER,
    },
    RecordKind.PERSON: _OWNER,
    RecordKind.ORGANIZATION: _OWNER,
    RecordKind.SUBSCRIPTION: {
        "currency": IssueCode.BLANK_CURRENCY,
        "booked_to": IssueCode.BLANK_PAID_UNTIL,
        **_OWNER,
    },
}
_AMOUNTS = {RecordKind.DEAL: "value", RecordKind.SUBSCRIPTION: "price"}
_TIMES = {"won_at": "won", "lost_at": "lost"}
#: Late notes by block and row.
LateNotes = dict[int, dict[int, list[Issue]]]


class BlankNotes:
    """Notes about the blank cells of one check, a block at a time.

    Whether any row fills a column in may turn out later: blank rows until then are remembered.
    """

    def __init__(
        self, reader: RowReader, kind: RecordKind, currency: str
    ) -> None:
        self.currency = currency
        self.amount = _AMOUNTS.get(kind, "")
        self.headings = {path: _heading(reader, path) for path in _NOTED[kind]}
        #: Fields that some column fills; amounts may name their currency themselves.
        self.watched = {
            path: code
            for path, code in _NOTED[kind].items()
            if self.headings[path] is not None
            or (path == "currency" and reader.heading_of(self.amount))
        }
        #: Those that a row was seen to fill in.
        self.filled: set[str] = set()
        #: Whether amounts may have another currency: it has a column, or some amount names one.
        self.is_currency_open = self.headings.get("currency") is not None
        self.filled_by_row: list[set[str]] = []
        #: Field -> block -> its rows that were blank before any was seen to be filled in.
        self.pending: dict[str, dict[int, array[int]]] = defaultdict(dict)

    def look(self, read: Sequence[ReadRow]) -> None:
        """Keep which fields the rows of a block give, before planning takes values away."""
        self.filled_by_row = [self._filled_paths(row) for row in read]
        self.filled.update(*self.filled_by_row)
        if not self.is_currency_open:
            self.is_currency_open = any(
                self._names_other_currency(row) for row in read
            )

    def note(self, planned: Sequence[PlannedRow], *, block: int) -> None:
        """Add notes to those rows of the block just looked at that become new records."""
        for filled, row in zip(self.filled_by_row, planned, strict=True):
            if row.verdict is not Verdict.NEW:
                continue
            for path in self.watched.keys() - filled:
                if not _becomes_value(path, row, filled, self.amount):
                    continue
                if self._is_filled(path):
                    row.issues.append(self._issue(path, row.number))
                else:
                    self.pending[path].setdefault(block, array("L")).append(
                        row.number
                    )

    def late(self) -> LateNotes:
        """Return the notes of rows planned before the first one that fills the column in."""
        notes: LateNotes = defaultdict(lambda: defaultdict(list))
        for path in filter(self._is_filled, sorted(self.pending)):
            for block, numbers in self.pending[path].items():
                for number in numbers:
                    notes[block][number].append(self._issue(path, number))
        return notes

    def _is_filled(self, path: str) -> bool:
        return path in self.filled and (
            path != "currency" or self.is_currency_open
        )

    def _names_other_currency(self, row: ReadRow) -> bool:
        money = row.values.get(self.amount)
        return isinstance(money, Money) and money.currency not in {
            "",
            self.currency,
        }

    def _filled_paths(self, row: ReadRow) -> set[str]:
        values = row.values
        filled = {
            path for path in self.watched if values.get(path) is not None
        }
        money = values.get(self.amount)
        if isinstance(money, Money):
            filled.add(self.amount)
            if money.currency and "currency" in self.watched:
                filled.add("currency")
        if values.get("closed_at") is not None:
            filled.update(_TIMES.keys() & self.watched.keys())
        return filled

    def _issue(self, path: str, number: int) -> Issue:
        params = {"currency": self.currency} if path == "currency" else {}
        return Issue(
            self.watched[path],
            Severity.WARNING,
            number,
            self.headings[path],
            params,
        )


def _heading(reader: RowReader, path: str) -> str | None:
    heading = reader.heading_of(path)
    return (
        reader.heading_of("closed_at")
        if heading is None and path in _TIMES
        else heading
    )


def _becomes_value(
    path: str, row: PlannedRow, filled: set[str], amount: str
) -> bool:
    """Return whether a blank cell of the field made a value of its own for this row."""
    if path == "currency":
        return amount in filled
    if path in _TIMES:
        return row.columns.get("status") == _TIMES[path]
    return True
