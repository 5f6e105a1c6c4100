"""What was detected as one offline page; everything from the file is escaped."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import get_language

from turnus.core.customers import CustomerKey
from turnus.core.detection.facts import Sold
from turnus.core.money import Money
from turnus.core.revenue.runs import BookedTerm
from turnus.core.revenue.waterfall import Waterfall
from turnus.detection.cadence_names import cadence_name
from turnus.detection.decision_words import (
    money_between,
    mrr_of,
    question_of,
    reading_words,
)
from turnus.detection.duplicates import duplicates_of
from turnus.detection.files.detecting import Detected
from turnus.detection.files.drawing import (
    BarChart,
    BarColumn,
    BarPart,
    chart_of,
)
from turnus.detection.files.subscription_lines import (
    SubscriptionLine,
    lines_of,
)
from turnus.detection.files.terminal_text import (
    REASONS,
    remark_text,
    row_numbers,
    worth,
)
from turnus.detection.files.timeline_strips import TimelineStrip, strips_of
from turnus.detection.files.workbook import MOVED, STATES
from turnus.kit import formats
from turnus.kit.output_files import write_text
from turnus.reports.words import HEADINGS

#: Months in the charts; the table has them all.
_DRAWN = 60


def write_page(result: Detected, path: Path) -> None:
    """Write the page, in the active language."""
    write_text(render_to_string("detected/page.html", _context(result)), path)


def _context(result: Detected) -> dict[str, object]:
    lines = lines_of(result)
    return {
        "language": _language(),
        "file": result.history.origin.source.path.name,
        "as_of": result.settings.as_of,
        **_reading(result),
        **_figures(result, lines),
        "mrr_chart": _mrr_chart(result.revenue.months[-_DRAWN:]),
        "movement_chart": _movement_chart(result.revenue.months[-_DRAWN:]),
        "moved": [(line.value, HEADINGS[line.value]) for line in MOVED],
        "months": [_month(month) for month in reversed(result.revenue.months)],
        **_missing(result, lines),
        "customers": _customers(result, lines),
        "decisions": _decisions(result),
        "duplicates": duplicates_of(
            result.history.sold, result.detection.doubles
        ),
    }


def _language() -> str:
    return (get_language() or "en")[:2]


def _reading(result: Detected) -> dict[str, object]:
    history = result.history
    skipped = sorted(
        history.skipped_rows.items(), key=lambda pair: (-len(pair[1]), pair[0])
    )
    reasons = [
        (len(rows), f"{REASONS[reason]} ({row_numbers(rows)})")
        for reason, rows in skipped
    ]
    return {
        "row_count": history.row_count,
        "deal_count": len(history.sold),
        "skipped": [
            *reasons,
            *((len(note.rows), remark_text(note)) for note in history.notes),
        ],
    }


def _figures(
    result: Detected, lines: Sequence[SubscriptionLine]
) -> dict[str, object]:
    today = result.revenue.today
    plan_counts = Counter(line.cadence.bare for line in lines)
    plans = [
        f"{cadence_name(cadence)} {formats.number(count, _language())}"
        for cadence, count in plan_counts.most_common()
    ]
    return {
        "mrr": today.mrr,
        "mrr_low": Money.rounded_from(result.mrr_low_e4, result.currency),
        "mrr_high": Money.rounded_from(result.mrr_high_e4, result.currency),
        "arr": today.arr,
        "customer_count": len(result.detection.customers),
        "paying_count": len(today.by_customer),
        "subscription_count": len(lines),
        "chained_count": sum(len(line.deals) for line in lines),
        "single_count": len(result.detection.single),
        "plans": ", ".join(plans),
        "clear_share": _clear_share(result),
    }


def _clear_share(result: Detected) -> int:
    """Return the share of the deals that no decision is about, in per cent."""
    asked = {deal for decision in result.decisions for deal in decision.asked}
    count = len(result.history.sold)
    return 100 * (count - len(asked)) // count


@dataclass(frozen=True, slots=True)
class _ShownReading:
    """A reading as the page shows it."""

    mrr: Money
    sentences: Sequence[str]


@dataclass(frozen=True, slots=True)
class _ShownDecision:
    """A decision as the page shows it; the deals are those that it is about."""

    customer: str
    question: str
    between: str
    readings: Sequence[_ShownReading]
    deals: Sequence[Sold]


def _decisions(result: Detected) -> list[_ShownDecision]:
    sold = {deal.deal: deal for deal in result.history.sold}
    return [
        _ShownDecision(
            result.detection.customers[decision.customer],
            question_of(decision),
            money_between(decision, _language()),
            [
                _ShownReading(
                    mrr_of(reading, decision),
                    reading_words(decision, reading, sold, _language()),
                )
                for reading in decision.readings
            ],
            [sold[deal] for deal in decision.asked],
        )
        for decision in result.decisions
    ]


def _mrr_chart(months: Sequence[Waterfall]) -> BarChart:
    return chart_of(
        [_column(month, [("mrr", "MRR", month.closing)]) for month in months],
        show=_amount,
    )


def _movement_chart(months: Sequence[Waterfall]) -> BarChart:
    parts = [
        [
            (line.value, str(HEADINGS[line.value]), month.lines[line])
            for line in MOVED
        ]
        for month in months
    ]
    return chart_of(
        [
            _column(month, own)
            for month, own in zip(months, parts, strict=True)
        ],
        show=_amount,
    )


def _amount(amount: float) -> str:
    return formats.number(
        Decimal(f"{amount:g}") if amount % 1 else int(amount), _language()
    )


def _column(
    month: Waterfall, parts: Sequence[tuple[str, str, Fraction]]
) -> BarColumn:
    name = formats.month(month.days.start, _language())
    drawn: list[BarPart] = []
    for tone, words, amount in parts:
        money = Money.rounded_from(amount, month.currency)
        shown = formats.money(money.amount_e4, money.currency, _language())
        drawn.append(
            BarPart(tone, float(money.amount), f"{name}: {words} {shown}")
        )
    return BarColumn(name, drawn)


def _month(month: Waterfall) -> tuple[str, list[Money | None], Money, int]:
    """Return a month's name, its movements (None for none), MRR at its end, its customers."""
    moved = [
        Money.rounded_from(month.lines[line], month.currency)
        if month.lines[line]
        else None
        for line in MOVED
    ]
    closing = Money.rounded_from(month.closing, month.currency)
    return (
        formats.month(month.days.start, _language()),
        moved,
        closing,
        month.customer_count,
    )


def _missing(
    result: Detected, lines: Sequence[SubscriptionLine]
) -> dict[str, object]:
    """Return the terms without a deal, overdue ones and missed ones, most expensive first."""
    missing = [
        (line, term) for line in lines for term in line.timeline.missing
    ]
    missing.sort(key=lambda pair: (-pair[1].price_e4, pair[1].days.start))
    overdue = [pair for pair in missing if pair[1].is_overdue]
    forgotten = [pair for pair in missing if not pair[1].is_overdue]
    return {
        "overdue": [_missed(result, *pair) for pair in overdue],
        "overdue_worth": _worth(overdue),
        "forgotten": [_missed(result, *pair) for pair in forgotten],
        "forgotten_worth": _worth(forgotten),
    }


def _missed(
    result: Detected, line: SubscriptionLine, term: BookedTerm
) -> tuple[date, Money, str, str]:
    return (
        term.days.start,
        Money(term.price_e4, term.currency),
        result.detection.customers[line.customer],
        line.name,
    )


def _worth(terms: Sequence[tuple[SubscriptionLine, BookedTerm]]) -> str:
    return worth(
        ((term.currency, term.price_e4) for _line, term in terms), _language()
    )


@dataclass(frozen=True, slots=True)
class _Shown:
    """A subscription as the page shows it."""

    line: SubscriptionLine
    plan: str
    state: Promise
    price: Money
    strip: TimelineStrip


@dataclass(frozen=True, slots=True)
class _Customer:
    """A customer with the subscriptions; MRR today."""

    name: str
    mrr: Money
    shown: Sequence[_Shown]


def _customers(
    result: Detected, lines: Sequence[SubscriptionLine]
) -> list[_Customer]:
    """Return those with subscriptions, the largest first."""
    by_customer: dict[int, list[_Shown]] = defaultdict(list)
    for line, strip in zip(
        lines, strips_of(lines, as_of=result.settings.as_of), strict=True
    ):
        price = Money(line.price_e4, line.currency)
        by_customer[line.customer].append(
            _Shown(
                line,
                cadence_name(line.cadence),
                STATES[line.state],
                price,
                strip,
            )
        )
    names, arr = result.detection.customers, result.revenue.today.by_customer
    found = [
        _Customer(
            names[customer],
            Money.rounded_from(
                arr.get(CustomerKey(customer), Fraction(0)) / 12,
                result.currency,
            ),
            shown,
        )
        for customer, shown in by_customer.items()
    ]
    return sorted(
        found, key=lambda customer: (-customer.mrr.amount_e4, customer.name)
    )
