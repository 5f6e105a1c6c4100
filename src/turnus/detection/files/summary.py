"""What was detected, as text for a terminal: figures, months as bars, what to look at."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from turnus.core.detection.decisions import Decision
from turnus.core.detection.facts import Sold
from turnus.core.money import Money
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.runs import BookedTerm
from turnus.core.revenue.waterfall import WaterfallLine
from turnus.detection.cadence_names import cadence_name
from turnus.detection.decision_words import (
    money_between,
    question_of,
    reading_words,
    shown_money,
)
from turnus.detection.files.detecting import Detected
from turnus.detection.files.reading_report import reading_report
from turnus.detection.files.terminal_text import columns, worth
from turnus.kit import formats
from turnus.reports.words import HEADINGS

#: Months in the chart, overdue terms in the list, letters of the longest bar.
_MONTHS, _OVERDUE, _BAR = 24, 10, 40
#: Decisions that are shown with their readings.
_DECISIONS = 10
#: Days after which a list without a new deal has probably been exported for another day than today.
_OLD = 45


def summary(result: Detected, *, is_plain: bool = False) -> Iterator[str]:
    """Yield the lines; `is_plain` for terminals that know ASCII only."""
    language = (get_language() or "en")[:2]
    yield from reading_report(result.history, result.detection)
    yield ""
    yield from _figures(result, language)
    yield ""
    yield from _chart(result, language, mark="#" if is_plain else "█")
    yield ""
    yield from _movements(result, language)
    yield from _missing(result, language)
    yield ""
    yield from _decisions(result, language)


def _figures(result: Detected, language: str) -> Iterator[str]:
    detection = result.detection
    today = result.revenue.today
    yield _(
        "Customers: {count}, {paying} of them with recurring revenue today"
    ).format(count=len(detection.customers), paying=len(today.by_customer))
    yield _(
        "Subscriptions: {count}, made of {deals} deals; {single} deals do not recur"
    ).format(
        count=len(detection.chains),
        deals=sum(len(chain.paid) for chain in detection.chains),
        single=len(detection.single),
    )
    counts = Counter(chain.cadence.bare for chain in detection.chains)
    plans = [
        f"{cadence_name(cadence)} {count}"
        for cadence, count in counts.most_common()
    ]
    yield _("Plans: {plans}").format(plans=", ".join(plans))
    yield _("On {day}: MRR {mrr}, ARR {arr}").format(
        day=formats.day(result.settings.as_of, language),
        mrr=_money(today.mrr, language),
        arr=_money(today.arr, language),
    )
    yield from _range(result, language)


def _range(result: Detected, language: str) -> Iterator[str]:
    """Yield how far the decisions may move the MRR, and whether the list is an old one."""
    if result.mrr_low_e4 != result.mrr_high_e4:
        yield _(
            "MRR between {low} and {high}, depending on your decisions"
        ).format(
            low=_shown(result.mrr_low_e4, result, language),
            high=_shown(result.mrr_high_e4, result, language),
        )
    newest = max(deal.won_on for deal in result.history.sold)
    if (result.settings.as_of - newest).days > _OLD:
        yield _(
            "The newest deal was won on {day}; for the figures of that day: --as-of {iso}"
        ).format(day=formats.day(newest, language), iso=newest)


def _chart(result: Detected, language: str, *, mark: str) -> Iterator[str]:
    months = result.revenue.months[-_MONTHS:]
    amounts = [_shown(month.closing, result, language) for month in months]
    width = max(map(len, amounts), default=0)
    most = max((month.closing for month in months), default=Fraction(0))
    yield _("MRR by month")
    for month, amount in zip(months, amounts, strict=True):
        length = round(_BAR * month.closing / most) if most else 0
        line = f"  {month.days.start:%Y-%m}  {amount.rjust(width)}  {mark * length}"
        yield line.rstrip()


def _shown(exact: Exact, result: Detected, language: str) -> str:
    return _money(Money.rounded_from(exact, result.currency), language)


def _money(money: Money, language: str) -> str:
    return formats.money(money.amount_e4, money.currency, language)


def _movements(result: Detected, language: str) -> Iterator[str]:
    months = result.revenue.months[-12:]
    yield ngettext(
        "Movements of the last month",
        "Movements of the last {count} months",
        len(months),
    ).format(count=len(months))
    rows: list[tuple[str, str]] = []
    for line in WaterfallLine:
        amount = sum(month.lines[line] for month in months)
        if amount:
            name = str(HEADINGS[line.value])
            rows.append((name, _shown(amount, result, language)))
    yield from columns(rows)


def _missing(result: Detected, language: str) -> Iterator[str]:
    """Yield what is overdue now, and what was forgotten in between, with the money at stake."""
    missing = [
        (timeline.customer, term)
        for timeline in result.revenue.timelines
        for term in timeline.missing
    ]
    overdue = [pair for pair in missing if pair[1].is_overdue]
    forgotten = [pair for pair in missing if not pair[1].is_overdue]
    if overdue:
        yield ""
        yield _("Overdue, not renewed yet: {count}, worth {money}").format(
            count=len(overdue), money=_worth(overdue, language)
        )
        overdue.sort(key=lambda pair: -pair[1].price_e4)
        for customer, term in overdue[:_OVERDUE]:
            due = formats.day(term.days.start, language)
            amount = formats.money(term.price_e4, term.currency, language)
            yield f"  {due}  {amount}  {result.detection.customers[customer]}"
    if forgotten:
        yield _("Missed renewals: {count}, worth {money}").format(
            count=len(forgotten), money=_worth(forgotten, language)
        )


def _worth(terms: Sequence[tuple[int, BookedTerm]], language: str) -> str:
    return worth(
        ((term.currency, term.price_e4) for _customer, term in terms), language
    )


def _decisions(result: Detected, language: str) -> Iterator[str]:
    """Yield what a person decides, the most money first, with both readings."""
    decisions = result.decisions
    count = len(result.history.sold)
    asked = len({deal for decision in decisions for deal in decision.asked})
    share = formats.number(100 * (count - asked) // count, language)
    yield _("Clear: {share}% of the deals; decisions to make: {count}").format(
        share=share, count=len(decisions)
    )
    if not decisions:
        return
    sold = {deal.deal: deal for deal in result.history.sold}
    for number, decision in enumerate(decisions[:_DECISIONS], 1):
        yield from _decision(number, decision, result, sold, language)
    rest = decisions[_DECISIONS:]
    if rest:
        stake_e4 = sum(result.converted(each.stake_e4, each) for each in rest)
        yield _(
            "  and {count} more, {money} a month: --report lists all"
        ).format(
            count=len(rest), money=_shown(Fraction(stake_e4), result, language)
        )


def _decision(
    number: int,
    decision: Decision,
    result: Detected,
    sold: Mapping[int, Sold],
    language: str,
) -> Iterator[str]:
    yield _("{number:>4}. {customer}: {question} {money}").format(
        number=number,
        customer=result.detection.customers[decision.customer],
        question=question_of(decision),
        money=money_between(decision, language),
    )
    for place, reading in enumerate(decision.readings, 1):
        words = "; ".join(reading_words(decision, reading, sold, language))
        mrr = shown_money(reading.mrr_e4, decision.currency, language)
        yield f"      {place}  MRR {mrr}: {words}"
