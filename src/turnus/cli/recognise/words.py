"""Pieces of what the commands about copied deals print."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from django.utils.translation import gettext_lazy

from turnus.kit import formats

#: Why a row is no readable won deal.
REASONS = {
    "not_won": gettext_lazy("not won"),
    "no_date": gettext_lazy("no won time"),
    "no_value": gettext_lazy("no value"),
    "no_customer": gettext_lazy("neither organization nor contact person"),
    "later": gettext_lazy("won after the day that counts as today"),
    "twice": gettext_lazy("the same deal twice: counted once"),
    "unreadable_won_at": gettext_lazy("a won time that cannot be read"),
    "unreadable_value": gettext_lazy("a value that cannot be read"),
    "unreadable_status": gettext_lazy("a status that is not known"),
}


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
