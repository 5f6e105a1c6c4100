"""Pieces of what the commands about copied deals print."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from turnus.kit import formats


def worth(amounts: Iterable[tuple[str, int]], language: str) -> str:
    """Return the sum of amounts (currency, ten-thousandths), each currency on its own: different ones are never added."""
    sums: Counter[str] = Counter()
    for currency, amount_e4 in amounts:
        sums[currency] += amount_e4
    return " + ".join(formats.money(amount, currency, language) for currency, amount in sums.most_common())


def columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield the rows as lines of aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
