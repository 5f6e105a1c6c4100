"""What was detected as a workbook: subscriptions, months, movements, decisions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Context, Decimal
from fractions import Fraction
from pathlib import Path

from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from turnus.core.detection.decisions import MOST_READINGS
from turnus.core.money import E4, from_e4
from turnus.core.revenue.waterfall import WaterfallLine as Moved
from turnus.core.tables import Cell
from turnus.detection.cadence_names import cadence_name
from turnus.detection.decision_words import question_of, reading_words
from turnus.detection.duplicates import duplicates_of
from turnus.detection.files.detecting import Detected
from turnus.detection.files.subscription_lines import (
    State,
    SubscriptionLine,
    lines_of,
    steps_of,
)
from turnus.kit.output_files import replacing
from turnus.reports.words import HEADINGS, PARTS
from turnus.sheets.writing import XlsxWriter

STATES: Mapping[State, Promise] = {
    State.ACTIVE: gettext_lazy("active"),
    State.OVERDUE: gettext_lazy("overdue"),
    State.ENDED: gettext_lazy("ended"),
    State.LAPSED: gettext_lazy("lapsed"),
}
#: Those that can have a value where nothing is filtered.
MOVED = (
    Moved.NEW,
    Moved.REACTIVATION,
    Moved.EXPANSION,
    Moved.CONTRACTION,
    Moved.CHURN,
    Moved.FX,
)
#: Numbers of spreadsheets have 15 digits.
_CELL = Context(prec=15)
#: Letters of a name, of a title.
_NAME, _TITLE = 30, 40
_DECISION_WIDTHS = (
    _NAME,
    _TITLE,
    0,
    0,
    _TITLE,
    0,
    _TITLE,
    0,
    _TITLE,
    0,
    _TITLE,
)


@dataclass(frozen=True, slots=True)
class _Sheet:
    name: str
    headings: Sequence[str]
    #: Of the first columns, in letters.
    widths: Sequence[int]
    rows: Iterator[list[Cell]]


def write_workbook(result: Detected, path: Path) -> None:
    """Write the sheets."""
    first, *others = _sheets(result)
    with (
        replacing(path) as draft,
        XlsxWriter(
            draft, first.headings, sheet=first.name, widths=first.widths
        ) as book,
    ):
        _fill(book, first)
        for one in others:
            book.next_sheet(one.headings, sheet=one.name, widths=one.widths)
            _fill(book, one)


def _fill(book: XlsxWriter, sheet: _Sheet) -> None:
    for row in sheet.rows:
        book.write_row(row)


def _sheets(result: Detected) -> list[_Sheet]:
    mrr = _("MRR in {currency}").format(currency=result.currency)
    return [
        _subscription_sheet(result, mrr),
        _month_sheet(result, mrr),
        _movement_sheet(result, mrr),
        _decision_sheet(result),
        _duplicate_sheet(result),
        _Sheet(
            _("Range of the MRR"),
            [_("Figure"), mrr],
            (_TITLE,),
            _range(result),
        ),
    ]


def _subscription_sheet(result: Detected, mrr: str) -> _Sheet:
    headings = [
        _("Subscription"),
        _("Customer"),
        _("Name"),
        _("Plan"),
        _("State today"),
        _("Price per period"),
        _("Currency"),
        mrr,
        _("First day"),
        _("Paid until"),
        _("Next renewal"),
        _("Deals"),
        _("Their IDs"),
    ]
    widths = (0, _NAME, _TITLE, 16)
    return _Sheet(_("Subscriptions"), headings, widths, _chains(result))


def _month_sheet(result: Detected, mrr: str) -> _Sheet:
    headings = [
        _("Month"),
        _("Opening"),
        *(str(HEADINGS[line.value]) for line in MOVED),
        mrr,
        _("ARR"),
        _("Customers"),
    ]
    return _Sheet(_("Months"), headings, (), _months(result))


def _movement_sheet(result: Detected, mrr: str) -> _Sheet:
    headings = [
        _("Day"),
        _("Customer"),
        _("Subscription"),
        _("Movement"),
        _("What happened"),
        mrr,
        _("Deal"),
    ]
    widths = (0, _NAME, 0, 0, 16)
    return _Sheet(_("Movements"), headings, widths, _movements(result))


def _decision_sheet(result: Detected) -> _Sheet:
    headings = [
        _("Customer"),
        _("Question"),
        _("Money between, a month"),
        _("Currency"),
        _("Reading 1"),
        _("MRR 1"),
        _("Reading 2"),
        _("MRR 2"),
        _("Reading 3"),
        _("MRR 3"),
        _("Deals in question"),
    ]
    return _Sheet(
        _("Decisions"), headings, _DECISION_WIDTHS, _decisions(result)
    )


def _duplicate_sheet(result: Detected) -> _Sheet:
    headings = [
        _("Deal"),
        _("Duplicate of"),
        _("Won on"),
        _("Customer"),
        _("Title"),
        _("Value"),
        _("Currency"),
    ]
    widths = (0, 0, 0, _NAME, _TITLE)
    return _Sheet(_("Duplicates"), headings, widths, _repeated(result))


def _chains(result: Detected) -> Iterator[list[Cell]]:
    for line in lines_of(result):
        yield [
            line.number,
            result.detection.customers[line.customer],
            line.name,
            cadence_name(line.cadence),
            str(STATES[line.state]),
            from_e4(line.price_e4),
            line.currency,
            exact(line.mrr_e4),
            line.first_on,
            line.paid_until,
            line.timeline.next_due,
            len(line.deals),
            _ids(line),
        ]


def _ids(line: SubscriptionLine) -> str:
    return ", ".join(map(str, line.deals))


def _months(result: Detected) -> Iterator[list[Cell]]:
    for month in result.revenue.months:
        moved = [exact(month.lines[line]) for line in MOVED]
        closing = exact(month.closing), exact(month.closing * 12)
        yield [
            month.days.start,
            exact(month.opening),
            *moved,
            *closing,
            month.customer_count,
        ]


def _movements(result: Detected) -> Iterator[list[Cell]]:
    for step in steps_of(result):
        customer = result.detection.customers[step.customer]
        words = str(HEADINGS[step.line]), str(PARTS[step.what])
        yield [
            step.day,
            customer,
            step.subscription,
            *words,
            exact(step.mrr_e4),
            step.deal,
        ]


def _decisions(result: Detected) -> Iterator[list[Cell]]:
    language = (get_language() or "en")[:2]
    sold = {deal.deal: deal for deal in result.history.sold}
    for decision in result.decisions:
        readings: list[Cell] = []
        for reading in decision.readings:
            words = reading_words(decision, reading, sold, language)
            readings += ["\n".join(words), exact(reading.mrr_e4)]
        missing = 2 * (MOST_READINGS - len(decision.readings))
        yield [
            result.detection.customers[decision.customer],
            question_of(decision),
            exact(decision.stake_e4),
            decision.currency,
            *readings,
            *[None] * missing,
            ", ".join(map(str, decision.asked)),
        ]


def _repeated(result: Detected) -> Iterator[list[Cell]]:
    for pair in duplicates_of(result.history.sold, result.detection.doubles):
        deal = pair.deal
        yield [
            deal.deal,
            None if pair.of is None else pair.of.deal,
            deal.won_on,
            deal.organization or deal.person,
            deal.title,
            from_e4(deal.value_e4),
            deal.currency,
        ]


def _range(result: Detected) -> Iterator[list[Cell]]:
    """Yield the MRR as it was read, and its range over all decisions."""
    yield [_("as it was read"), exact(result.revenue.today.mrr_e4)]
    yield [_("at least"), exact(result.mrr_low_e4)]
    yield [_("at most"), exact(result.mrr_high_e4)]


def exact(amount_e4: Fraction) -> Decimal:
    """Return an amount in units, exact enough that sums of a column match the figures.

    As many digits as a cell can hold.
    """
    return _CELL.divide(
        Decimal(amount_e4.numerator), Decimal(amount_e4.denominator * E4)
    )
