"""Detecting the subscriptions of a file: settings, parallel work, the answer as JSON."""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from functools import partial
from typing import TypedDict
from zoneinfo import ZoneInfo

from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.detection.decisions import Decision, decisions_of
from turnus.core.detection.detecting import (
    CustomerDeals,
    DetectionResult,
    answer_for,
    groups_of,
    rereadings_of,
    together,
)
from turnus.core.detection.facts import Detection, Sold
from turnus.core.detection.money import Revenue, fixed_rates, revenue_of
from turnus.core.money import Money
from turnus.core.revenue.conversion import Conversion
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.movements import MovementKind
from turnus.core.revenue.waterfall import Waterfall, WaterfallLine
from turnus.detection.duplicates import duplicates_of
from turnus.detection.files.histories import FileHistory
from turnus.detection.files.row_outcomes import RowRemark
from turnus.kit import clock
from turnus.kit.days import reckonable
from turnus.kit.errors import UserError
from turnus.kit.messages import sentence

#: Below so many deals starting processes costs more than it saves.
_WORTH_SHARING = 1500
#: Groups handed to a process at once: few enough for the progress bar to move.
_CHUNK = 8
_UNITS = {
    CadenceUnit.YEAR: ("month", 12),
    CadenceUnit.MONTH: ("month", 1),
    CadenceUnit.HALF_MONTH: ("halfmonth", 1),
    CadenceUnit.WEEK: ("week", 1),
    CadenceUnit.DAY: ("day", 1),
}


@dataclass(frozen=True, slots=True)
class Settings:
    """Day, zone, currency and rates; without `first`, months begin with the first deal."""

    as_of: date
    zone: ZoneInfo
    #: Empty: the currency of most deals.
    currency: str
    rates: Mapping[str, Decimal]
    first: date | None = None


class SettingsFile(TypedDict, total=False):
    """The settings as JSON has them; unchecked."""

    as_of: str
    first: str
    timezone: str
    currency: str
    rates: Mapping[str, object]


def settings_from(settings: SettingsFile) -> Settings:
    """Return the checked settings of a file; raises UserError if one is invalid."""
    zone = _zone(settings.get("timezone") or "Europe/Berlin")
    return Settings(
        as_of=_day(settings["as_of"])
        if settings.get("as_of")
        else clock.today(zone),
        zone=zone,
        currency=_code(settings["currency"])
        if settings.get("currency")
        else "",
        rates={
            _code(code): _rate(str(rate))
            for code, rate in (settings.get("rates") or {}).items()
        },
        first=_day(settings["first"]) if settings.get("first") else None,
    )


@dataclass(frozen=True, slots=True)
class Detected:
    """A file's history, what it means, and what it comes to."""

    history: FileHistory
    settings: Settings
    currency: str
    detection: Detection
    revenue: Revenue
    #: What a person decides, the most money first.
    decisions: tuple[Decision, ...]

    @property
    def conversion(self) -> Conversion:
        """Into the currency of the figures."""
        return fixed_rates(self.currency, self.settings.rates)

    @property
    def mrr_low_e4(self) -> Fraction:
        """The MRR if every decision goes the way that makes it least."""
        below = sum(
            self.converted(each.below_e4, each) for each in self.decisions
        )
        return self.revenue.today.mrr_e4 - below

    @property
    def mrr_high_e4(self) -> Fraction:
        """The MRR if every decision goes the way that makes it most."""
        above = sum(
            self.converted(each.above_e4, each) for each in self.decisions
        )
        return self.revenue.today.mrr_e4 + above

    def converted(self, amount_e4: Fraction, decision: Decision) -> Fraction:
        """Return an amount of a decision in the currency of the figures."""
        rate = self.conversion.rate(decision.currency, self.settings.as_of)
        return amount_e4 * Fraction(rate or 0)


def detected(
    history: FileHistory,
    settings: Settings,
    *,
    progress: Callable[[int, int], None],
) -> Detected:
    """Return what the history means; raises UserError where a needed rate is missing."""
    currency = settings.currency or history.currencies[0]
    missing = [
        code
        for code in history.currencies
        if code != currency and code not in settings.rates
    ]
    if missing:
        example = " ".join(f"--rate {code}=0.95" for code in missing)
        raise UserError(
            "history.rates_missing",
            codes=", ".join(missing),
            currency=currency,
            example=example,
        )
    detection = detection_of(history.sold, settings.as_of, progress=progress)
    revenue = revenue_of(
        detection,
        history.sold,
        conversion=fixed_rates(currency, settings.rates),
        as_of=settings.as_of,
        first=settings.first or min(deal.won_on for deal in history.sold),
    )
    decisions = decisions_of(detection, history.sold, as_of=settings.as_of)
    result = Detected(history, settings, currency, detection, revenue, ())
    ordered = sorted(
        decisions,
        key=lambda each: (
            -result.converted(each.stake_e4, each),
            -result.converted(each.past_stake_e4, each),
            each.deals,
        ),
    )
    return replace(result, decisions=tuple(ordered))


def detection_of(
    sold: Sequence[Sold], as_of: date, *, progress: Callable[[int, int], None]
) -> Detection:
    """Return what the deals mean, whatever their currencies are worth in one another."""
    groups, names = groups_of(sold)
    answers = _answers(groups, as_of, progress)
    rereadings = rereadings_of(groups, answers)
    again = [rereading.group for rereading in rereadings]
    for rereading, answer in zip(
        rereadings, _answers(again, as_of, _no_progress), strict=True
    ):
        answers[rereading.place] = answer
    return together(answers, names)


def _no_progress(_done: int, _total: int) -> None:
    """Tell nobody: the second reading is a small part of the first."""


def _answers(
    groups: Sequence[CustomerDeals],
    as_of: date,
    progress: Callable[[int, int], None],
) -> list[DetectionResult]:
    """Return the groups' answers in their order; on several processors where it pays."""
    total = sum(len(group.sold) for group in groups)
    work = partial(answer_for, as_of=as_of)
    with ExitStack() as stack:
        found: Iterator[DetectionResult] = map(work, groups)
        if total >= _WORTH_SHARING and _processor_count() > 1:
            # Readings hold no cycles: looking for some takes a tenth of the time.
            pool = multiprocessing.Pool(
                _processor_count(), initializer=gc.disable
            )
            found = stack.enter_context(pool).imap(work, groups, _CHUNK)
        answers = []
        done = 0
        for group, answer in zip(groups, found, strict=True):
            answers.append(answer)
            done += len(group.sold)
            progress(done, total)
    return answers


def _processor_count() -> int:
    """Return how many processors this process may use; 1 where that is not known."""
    if not hasattr(os, "sched_getaffinity"):
        return 1
    return len(os.sched_getaffinity(0))


def as_json(result: Detected) -> dict[str, object]:
    """Return the answer for other programs: amounts as text, days as ISO."""
    detection = result.detection
    return {
        "as_of": result.settings.as_of.isoformat(),
        "currency": result.currency,
        "mrr": str(result.revenue.today.mrr.amount),
        "mrr_low": str(_rounded(result.mrr_low_e4, result)),
        "mrr_high": str(_rounded(result.mrr_high_e4, result)),
        "arr": str(result.revenue.today.arr.amount),
        "chains": _chains(result),
        "single": list(detection.single),
        "doubles": list(detection.doubles),
        "double_pairs": [
            {
                "deal": pair.deal.deal,
                "of": None if pair.of is None else pair.of.deal,
            }
            for pair in duplicates_of(result.history.sold, detection.doubles)
        ],
        "months": [_month(each) for each in result.revenue.months],
        "review": [question.deal for question in detection.questions],
        "questions": [
            {
                "deal": one.deal,
                "doubt": one.doubt.value,
                "margin": round(one.margin, 2),
            }
            for one in detection.questions
        ],
        "decisions": [_decision(each, result) for each in result.decisions],
        "left_out": result.history.skipped_counts,
        **_rows(result.history),
    }


def _chains(result: Detected) -> list[dict[str, object]]:
    detection, timelines = result.detection, result.revenue.timelines
    return [
        {
            "id": number,
            "customer": detection.customers[chain.customer],
            "currency": chain.currency,
            "deals": list(chain.deals),
            "credits": list(chain.credits),
            "interval": _interval(chain.cadence),
            "starts": [each.starts_on.isoformat() for each in chain.paid],
            "next_due": due.isoformat()
            if (due := timeline.next_due)
            else None,
        }
        for number, (chain, timeline) in enumerate(
            zip(detection.chains, timelines, strict=True)
        )
    ]


def _decision(decision: Decision, result: Detected) -> dict[str, object]:
    return {
        "customer": result.detection.customers[decision.customer],
        "currency": decision.currency,
        "doubt": decision.doubt.value,
        "margin": round(decision.margin, 2),
        "stake": str(_rounded(decision.stake_e4, result, decision.currency)),
        "past_stake": str(
            _rounded(decision.past_stake_e4, result, decision.currency)
        ),
        "asked": list(decision.asked),
        "deals": list(decision.deals),
        "readings": [
            {
                "mrr": str(
                    _rounded(reading.mrr_e4, result, decision.currency)
                ),
                "chains": [list(chain.deals) for chain in reading.chains],
                "intervals": [
                    _interval(chain.cadence) for chain in reading.chains
                ],
                "single": list(reading.single),
                "doubles": list(reading.doubles),
            }
            for reading in decision.readings
        ],
    }


def _rounded(
    amount_e4: Fraction, result: Detected, currency: str | None = None
) -> Decimal:
    return Money.rounded_from(amount_e4, currency or result.currency).amount


def _rows(history: FileHistory) -> dict[str, object]:
    """Return how the file was read, and which rows were skipped or are odd, by number."""
    sheet = history.origin.sheet
    return {
        "left_out_rows": {
            reason: list(rows) for reason, rows in history.skipped_rows.items()
        },
        "unreadable": [_remark(one) for one in history.unreadable],
        "notes": [_remark(one) for one in history.notes],
        "columns": {sheet.heading(path): path for path in sheet.columns},
        "reading": asdict(sheet.table.reading),
        "proofs": [
            {"code": one.code, **one.params} for one in history.origin.proofs
        ],
    }


def _remark(one: RowRemark) -> dict[str, object]:
    return {
        "code": str(one.code),
        "column": one.column,
        "message": sentence(one.code, one.params),
        "rows": list(one.rows),
    }


def _interval(cadence: Cadence) -> dict[str, object]:
    unit, factor = _UNITS[cadence.unit]
    days = {"days": list(cadence.days)} if cadence.days else {}
    return {"unit": unit, "count": factor * cadence.every, **days}


def _month(month: Waterfall) -> dict[str, str]:
    lines = {
        kind.value: str(_money(month, month.lines[WaterfallLine(kind)]))
        for kind in MovementKind
    }
    return {
        "month": f"{month.days.start:%Y-%m}",
        "mrr": str(_money(month, month.closing)),
        **lines,
    }


def _money(month: Waterfall, exact: Exact) -> Decimal:
    return Money.rounded_from(exact, month.currency).amount


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UserError("zone.unknown", zone=name) from None


def _day(text: str) -> date:
    try:
        return reckonable(date.fromisoformat(text))
    except (TypeError, ValueError):
        raise UserError("day.invalid", day=text) from None


def _code(text: str) -> str:
    code = text.strip().upper()
    if len(code) != 3 or not code.isalpha():
        raise UserError("currency.invalid", code=text)
    return code


def _rate(text: str) -> Decimal:
    try:
        rate = Decimal(text)
    except InvalidOperation:
        raise UserError("rate.pair_invalid", pair=text) from None
    if not rate.is_finite() or rate <= 0:
        raise UserError("rate.pair_invalid", pair=text)
    return rate
