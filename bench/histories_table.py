"""How the detection of histories compares with their truth: a line for each history."""

import json
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from bench.histories import cadence_of
from turnus.core.customers import CustomerKey
from turnus.core.detection.money import fixed_rates
from turnus.core.money import Money
from turnus.core.revenue.facts import Cause, Reason, Segment
from turnus.core.revenue.movements import MovementKind, ledger_of
from turnus.core.revenue.waterfall import (
    Waterfall,
    WaterfallLine,
    periods_between,
    waterfall,
)
from turnus.detection.files.detecting import detected, settings_from
from turnus.detection.files.histories import read_history


@dataclass(frozen=True, slots=True)
class Score:
    """One world: shares between 0 and 1, errors as shares of the truth."""

    deals: int
    seconds: float
    #: Of the pairs of deals that were joined, the share that belongs together.
    joined_right: float
    #: The mean of right and found, per deal (B-cubed).
    f1: float
    exact: float
    mrr_error: float
    movement_error: float
    review: float

    def __str__(self) -> str:
        return (
            f"{self.deals:>7,} {self.seconds:6.1f} s  {self.joined_right:.4f}"
            f"  {self.f1:.4f}  {self.exact:.3f}  {self.mrr_error:7.2%}"
            f"  {self.movement_error:5.3f}  {self.review:6.2%}"
        )


def print_histories(truths: Iterable[Path]) -> None:
    """Print the table of the histories whose truth lies there."""
    figures = (
        "   deals     time   joined      F1  exact  MRR err.   mov.  review"
    )
    print(f"{'':<16}{figures}")
    for truth in truths:
        print(f"{truth.parent.name:<16} {scored(truth.parent)}", flush=True)


def scored(folder: Path) -> Score:
    """Return how the detection of a world compares with its truth."""
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    started = time.perf_counter()
    settings = settings_from(
        json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    )
    history = read_history(
        folder / "export.csv",
        currency="EUR",
        zone=settings.zone,
        as_of=settings.as_of,
    )
    result = detected(history, settings, progress=lambda _done, _total: None)
    seconds = time.perf_counter() - started
    counted = {
        deal["id"]: deal
        for deal in truth["deals"]
        if deal["role"] in {"first", "renewal", "oneoff"}
    }
    right = {
        deal: one["chain"] or f"one-{deal}" for deal, one in counted.items()
    }
    found: dict[int, Any] = {deal: f"one-{deal}" for deal in counted}
    for number, chain in enumerate(result.detection.chains):
        found.update({deal: number for deal in chain.deals if deal in counted})
    months = _true_months(
        truth, result.currency, dict(settings.rates), result.revenue.months
    )
    return Score(
        len(history.sold),
        seconds,
        _joined_right(right, found),
        _f1(right, found),
        _exact(right, found),
        *_errors(months, result.revenue.months),
        len({one.deal for one in result.detection.questions}) / len(counted),
    )


def _members(label_of: Mapping[int, Any]) -> dict[Any, set[int]]:
    members = defaultdict(set)
    for deal, label in label_of.items():
        members[label].add(deal)
    return members


def _joined_right(right: Mapping[int, Any], found: Mapping[int, Any]) -> float:
    together = sum(
        _pairs(count)
        for count in Counter(
            (right[deal], found[deal]) for deal in right
        ).values()
    )
    joined = sum(_pairs(len(deals)) for deals in _members(found).values())
    return together / joined if joined else 1.0


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _f1(right: Mapping[int, Any], found: Mapping[int, Any]) -> float:
    of_right, of_found = _members(right), _members(found)
    shared = {
        deal: len(of_right[right[deal]] & of_found[found[deal]])
        for deal in right
    }
    precision = sum(
        shared[deal] / len(of_found[found[deal]]) for deal in right
    ) / len(right)
    recall = sum(
        shared[deal] / len(of_right[right[deal]]) for deal in right
    ) / len(right)
    return 2 * precision * recall / (precision + recall)


def _exact(right: Mapping[int, Any], found: Mapping[int, Any]) -> float:
    of_found = _members(found)
    chains = [deals for deals in _members(right).values() if len(deals) > 1]
    return sum(of_found[found[min(deals)]] == deals for deals in chains) / len(
        chains
    )


def _true_months(
    truth: Any,
    currency: str,
    rates: dict[str, Any],
    months: Sequence[Waterfall],
) -> list[Waterfall]:
    until = months[-1].days.last_day
    conversion = fixed_rates(currency, rates)
    ledger = ledger_of(
        list(_segments(truth)), conversion=conversion, until=until
    )
    return waterfall(ledger, periods_between(months[0].days.start, until))


def _segments(truth: Any) -> Iterator[Segment]:
    customers = {
        key: number
        for number, key in enumerate(
            sorted({chain["customer"] for chain in truth["chains"]})
        )
    }
    for number, chain in enumerate(truth["chains"]):
        for period in chain["periods"]:
            yield Segment(
                number,
                CustomerKey(customers[chain["customer"]]),
                date.fromisoformat(period["due"]),
                date.fromisoformat(period["end"]),
                Money.of(period["price"], chain["currency"]).amount_e4,
                chain["currency"],
                cadence_of(period["key"]),
                date.fromisoformat(period["due"]),
                Cause(Reason.BOOKED, deal=period["deal"] or 0),
            )


def _errors(
    right: Sequence[Waterfall], found: Sequence[Waterfall]
) -> tuple[float, float]:
    pairs = list(zip(right, found, strict=True))
    mrr = _share((one.closing, other.closing) for one, other in pairs)
    lines = [WaterfallLine(kind) for kind in MovementKind]
    return mrr, _share(
        (one.lines[line], other.lines[line])
        for one, other in pairs
        for line in lines
    )


def _share(pairs: Iterable[tuple[Any, Any]]) -> float:
    known = list(pairs)
    whole = sum(abs(right) for right, _ in known)
    return (
        float(sum(abs(found - right) for right, found in known) / whole)
        if whole
        else 0.0
    )
