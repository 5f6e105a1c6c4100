"""The cards above a report: its most important figures, compared with the time before."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from decimal import Decimal

from turnus.reports.shape import Cell, Line, Report, Unit
from turnus.reports.words import cell_text, cell_value

CardsOf = Callable[[Report, Line | None, str], "list[Card]"]
#: Units whose change in per cent says something; of rates it would be a per cent of per cents.
_COMPARED = frozenset({Unit.MONEY, Unit.COUNT})


@dataclass(frozen=True, slots=True)
class Card:
    """One card: a figure as it is shown, and its change in whole per cent.

    `change` is None where there is nothing to compare.
    """

    name: str
    shown: str
    change: int | None = None
    #: Whether more of it is worse.
    is_loss: bool = False

    @property
    def is_better(self) -> bool:
        """Whether the change is a good one."""
        return bool(self.change) and not self.is_worse

    @property
    def is_worse(self) -> bool:
        """Whether the change is a bad one."""
        if not self.change:
            return False
        return self.change > 0 if self.is_loss else self.change < 0


def cards_of_last_line(
    codes: Collection[str], *, losses: Collection[str] = ()
) -> CardsOf:
    """Return the cards of the last whole line in these columns.

    `losses` are worse when they grow.
    """

    def cards(
        report: Report, before: Line | None, language: str
    ) -> list[Card]:
        if not report.lines:
            return []
        last = report.whole[-1]
        found = []
        for index, column in enumerate(report.columns):
            if column.code in codes:
                now = last.cells[index]
                earlier = None if before is None else before.cells[index]
                change = (
                    _change_of_cells(now, earlier)
                    if column.unit in _COMPARED
                    else None
                )
                shown = cell_text(now, column.unit, language)
                found.append(
                    Card(
                        str(column.heading),
                        shown,
                        change,
                        column.code in losses,
                    )
                )
        return found

    return cards


def cards_of_first_columns(count: int) -> CardsOf:
    """Return the cards of the last line in the first columns: where a split makes the columns."""

    def cards(
        report: Report, before: Line | None, language: str
    ) -> list[Card]:
        codes = [column.code for column in report.columns[:count]]
        return cards_of_last_line(codes)(report, before, language)

    return cards


def change_in_percent(now: int, before: int) -> int | None:
    """Return by how much a figure changed; None where there was nothing before.

    >>> change_in_percent(150, 100), change_in_percent(50, 100), change_in_percent(5, 0)
    (50, -50, None)
    """
    return round(100 * (now - before) / before) if before > 0 else None


def _change_of_cells(now: Cell, before: Cell) -> int | None:
    """Return the change of a figure that is there now and was before; None if it rounds to 0 %."""
    current = cell_value(now)
    earlier = cell_value(before)
    if not current or not earlier:
        return None
    return (
        change_in_percent(_hundredths(current), _hundredths(earlier)) or None
    )


def _hundredths(value: Decimal | int) -> int:
    return int(value * 100)
