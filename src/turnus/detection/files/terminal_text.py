"""Pieces of what the commands about copied deals print."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Any

from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from turnus.core.fields import FieldKind, Notation, parser_for
from turnus.core.issues import IssueCode
from turnus.detection.duplicates import Duplicate
from turnus.detection.files.row_outcomes import RowRemark
from turnus.kit import formats
from turnus.kit.messages import sentence

#: Why a row is no readable won deal.
REASONS = {
    "not_won": gettext_lazy("not won"),
    "later": gettext_lazy("won after the day that counts as today"),
    "twice": gettext_lazy("duplicate deal: counted once"),
    "answered": gettext_lazy("skipped, as you chose"),
    "empty": gettext_lazy("blank in all columns that are read"),
    "no_date": gettext_lazy("no won time"),
    "no_customer": gettext_lazy("neither organization nor contact person"),
    "hidden": gettext_lazy(
        "hidden by the spreadsheet; choose whether they count"
    ),
    "unreadable_won_at": gettext_lazy("an unreadable won time"),
    "unreadable_value": gettext_lazy("an unreadable value"),
    "unreadable_status": gettext_lazy("an unknown status"),
    "unreadable_currency": gettext_lazy("an unknown currency"),
    "unreadable_text": gettext_lazy("an unreadable text"),
    "unreadable_row": gettext_lazy("an unreadable row"),
}
#: Row numbers that are named one by one.
_NAMED = 10
_REAL_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
#: What answers a question about how something is written.
_FLAGS = {
    IssueCode.DATE_AMBIGUOUS: "--day-first / --month-first",
    IssueCode.NUMBER_AMBIGUOUS: "--decimal comma / --decimal point",
    IssueCode.ROW_HIDDEN: "--hidden read / --hidden leave-out",
}


def worth(amounts: Iterable[tuple[str, int]], language: str) -> str:
    """Return the sum of amounts (currency, ten-thousandths), separately for each currency."""
    sums: Counter[str] = Counter()
    for currency, amount_e4 in amounts:
        sums[currency] += amount_e4
    return " + ".join(
        formats.money(amount, currency, language)
        for currency, amount in sums.most_common()
    )


def columns(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """Yield the rows as lines of aligned columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield (
            "  "
            + "  ".join(
                cell.ljust(width)
                for cell, width in zip(row, widths, strict=True)
            ).rstrip()
        )


def duplicate_cells(pair: Duplicate, language: str) -> tuple[str, ...]:
    """Return a suspected duplicate in words: which deal, of which one, and what it is."""
    deal = pair.deal
    number = str(deal.deal)
    if pair.of is not None:
        number = _("{deal} repeats {other}").format(
            deal=number, other=pair.of.deal
        )
    return (
        number,
        formats.day(deal.won_on, language),
        formats.money(deal.value_e4, deal.currency, language),
        deal.organization or deal.person,
        deal.title,
    )


def row_numbers(rows: Sequence[int]) -> str:
    """Return the numbers of rows as a person reads them: the first ten, and how many more."""
    named = ", ".join(map(str, sorted(rows)[:_NAMED]))
    if len(rows) == 1:
        return _("row {number}").format(number=named)
    if len(rows) <= _NAMED:
        return _("rows {numbers}").format(numbers=named)
    return _("rows {numbers} and {count} more").format(
        numbers=named, count=len(rows) - _NAMED
    )


def remark_text(one: RowRemark) -> str:
    """Return a remark with its rows: “Value: “viel” is not a number. (row 7)”."""
    column = f"{one.column}: " if one.column else ""
    return (
        f"{column}{sentence(one.code, one.params)} ({row_numbers(one.rows)})"
    )


def why_unreadable(unreadable: Iterable[RowRemark]) -> Iterator[str]:
    """Yield what is wrong with unreadable rows, both readings, and what chooses one."""
    for one in unreadable:
        yield remark_text(one)
        yield from (f"  {line}" for line in _ways_out(one))


def _ways_out(one: RowRemark) -> Iterator[str]:
    text = str(one.params.get("text", ""))
    if one.code in {IssueCode.DATE_AMBIGUOUS, IssueCode.NUMBER_AMBIGUOUS}:
        readings = _readings(one.code, text)
        yield _("It could be {first} or {second}.").format(
            first=readings[0], second=readings[1]
        )
    if one.code == IssueCode.CURRENCY_UNKNOWN:
        example = f'{{"currency:{text}": {{"do": "map", "to": "EUR"}}}}'
        yield _(
            "If it is one, say which: --answers FILE with {example}"
        ).format(example=example)
    if one.code in _FLAGS:
        yield _("Say which it is: {flags}").format(
            flags=_FLAGS[IssueCode(one.code)]
        )


def _readings(code: str, text: str) -> list[str]:
    """Return what a text with two readings says in each of them."""
    if code == IssueCode.DATE_AMBIGUOUS:
        language = (get_language() or "en")[:2]
        return [formats.day(day, language) for day in _days(text)]
    ways = [Notation(decimal_comma=True), Notation(decimal_comma=False)]
    return [f"{_read(FieldKind.MONEY, text, way).amount:f}" for way in ways]


def _days(text: str) -> list[date]:
    """Return the two days that a text may mean; a real date may have day and month swapped."""
    if _REAL_DATE.match(text):
        day = date.fromisoformat(text[:10])
        return [day, day.replace(month=day.day, day=day.month)]
    return [
        _read(FieldKind.DATE, text, Notation(day_first=is_first))
        for is_first in (True, False)
    ]


def _read(kind: FieldKind, text: str, notation: Notation) -> Any:
    return parser_for(kind, notation=notation, currency="EUR")(text)
