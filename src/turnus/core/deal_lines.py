"""The lines of a deal: what its value is made of, one-off or recurring."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypedDict

from turnus.core.money import E4, allocate, decimals_of


@dataclass(frozen=True, slots=True)
class DealLine:
    """One thing that is sold.

    `amount_e4` is in ten-thousandths of the deal's currency; if it recurs, per period.
    """

    name: str
    amount_e4: int
    recurs: bool = False


class StoredLine(TypedDict):
    """A line as the JSON column of a deal holds it."""

    name: str
    amount_e4: int
    recurs: bool


def read_lines(stored: Iterable[StoredLine] | None) -> tuple[DealLine, ...]:
    """Return lines from the form in which they are stored; none for None."""
    return tuple(
        DealLine(line["name"], line["amount_e4"], line["recurs"])
        for line in stored or ()
    )


def stored_lines(lines: Sequence[DealLine]) -> list[StoredLine] | None:
    """Return lines in the form in which they are stored; None for none.

    >>> lines = (DealLine("Setup", 5_000_000), DealLine("Care", 990_000, recurs=True))
    >>> read_lines(stored_lines(lines)) == lines
    True
    """
    if not lines:
        return None
    return [
        {"name": line.name, "amount_e4": line.amount_e4, "recurs": line.recurs}
        for line in lines
    ]


def sum_e4(lines: Iterable[DealLine], *, recurs: bool | None = None) -> int:
    """Return the sum of the lines: all, only those that recur, or only those that do not.

    >>> lines = (DealLine("Setup", 500), DealLine("Care", 99, recurs=True))
    >>> sum_e4(lines), sum_e4(lines, recurs=True), sum_e4(lines, recurs=False)
    (599, 99, 500)
    """
    return sum(
        line.amount_e4 for line in lines if recurs in {None, line.recurs}
    )


def renewed_lines(
    lines: Iterable[DealLine], price_e4: int, currency: str
) -> tuple[DealLine, ...]:
    """Return the lines of a renewal at `price_e4`: the recurring ones, sharing it in proportion.

    None where there is nothing to share by. Parts are whole in the currency's smallest unit, if the
    price is.

    >>> recurring = (DealLine("A", 10_000, recurs=True), DealLine("B", 20_000, recurs=True))
    >>> lines = (DealLine("Setup", 90_000), *recurring)
    >>> [(line.name, line.amount_e4) for line in renewed_lines(lines, 40_000, "EUR")]
    [('A', 13300), ('B', 26700)]
    """
    recurring = [line for line in lines if line.recurs]
    if sum_e4(recurring) == price_e4:
        return tuple(recurring)
    weights = [line.amount_e4 for line in recurring]
    can_be_shared = any(weights) and min(weights) >= 0
    if not can_be_shared:
        return ()
    smallest_unit = E4 // 10 ** decimals_of(currency)
    step = smallest_unit if price_e4 % smallest_unit == 0 else 1
    shares = allocate(price_e4 // step, weights)
    shared = zip(recurring, shares, strict=True)
    return tuple(
        DealLine(line.name, share * step, recurs=True)
        for line, share in shared
    )
