"""The lines of a deal: what its value is made of, one-off or recurring."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from turnus.core.money import E4, allocate, decimals_of


@dataclass(frozen=True, slots=True)
class DealLine:
    """One thing that is sold; `amount_e4` in ten-thousandths of the deal's currency, of a recurring one per period."""

    name: str
    amount_e4: int
    recurs: bool = False


def read_lines(stored: Iterable[Mapping[str, Any]] | None) -> tuple[DealLine, ...]:
    """Return lines from the form in which they are stored; none for None."""
    return tuple(DealLine(one["name"], one["amount_e4"], one["recurs"]) for one in stored or ())


def stored_lines(lines: Sequence[DealLine]) -> list[dict[str, Any]] | None:
    """Return lines in the form in which they are stored; None for none.

    >>> lines = (DealLine("Setup", 5_000_000), DealLine("Care", 990_000, recurs=True))
    >>> read_lines(stored_lines(lines)) == lines
    True
    """
    return [
        {"name": one.name, "amount_e4": one.amount_e4, "recurs": one.recurs} for one in lines
    ] or None


def sum_e4(lines: Iterable[DealLine], *, recurs: bool | None = None) -> int:
    """Return the sum of the lines, or only of the recurring (`recurs` true) or one-off ones (false).

    >>> lines = (DealLine("Setup", 500), DealLine("Care", 99, recurs=True))
    >>> sum_e4(lines), sum_e4(lines, recurs=True), sum_e4(lines, recurs=False)
    (599, 99, 500)
    """
    return sum(one.amount_e4 for one in lines if recurs is None or one.recurs is recurs)


def renewed_lines(lines: Iterable[DealLine], price_e4: int, currency: str) -> tuple[DealLine, ...]:
    """Return the lines of a renewal at `price_e4`: the recurring ones, which share another price in proportion.

    None where there is nothing to share by. Parts are whole in the currency's smallest unit, if the price is.

    >>> lines = (DealLine("Setup", 90_000), DealLine("A", 10_000, recurs=True), DealLine("B", 20_000, recurs=True))
    >>> [(one.name, one.amount_e4) for one in renewed_lines(lines, 40_000, "EUR")]
    [('A', 13300), ('B', 26700)]
    """
    recurring = [one for one in lines if one.recurs]
    if sum_e4(recurring) == price_e4:
        return tuple(recurring)
    weights = [one.amount_e4 for one in recurring]
    if not recurring or min(weights) < 0 or not any(weights):
        return ()
    step = E4 // 10 ** decimals_of(currency)
    step = step if price_e4 % step == 0 else 1
    shares = allocate(price_e4 // step, weights)
    return tuple(
        DealLine(one.name, share * step, recurs=True)
        for one, share in zip(recurring, shares, strict=True)
    )
