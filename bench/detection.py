"""How well subscriptions are detected: `python -m bench.detection [FOLDER] [--rows 100000]` prints a table by world.

FOLDER holds histories with `export.csv`, `meta.json` and `truth.json` each (default: HISTORIES, else worlds made here).
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import django

from bench.histories import World, cadence_of
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
            f"{self.deals:>7,} {self.seconds:6.1f} s  {self.joined_right:.4f}  {self.f1:.4f}  {self.exact:.3f}"
            f"  {self.mrr_error:7.2%}  {self.movement_error:5.3f}  {self.review:6.2%}"
        )


def main() -> int:
    """Print the table; the exit code is 0, or 1 where the folder holds no worlds."""
    given = argparse.ArgumentParser(prog="bench.detection", description=__doc__)
    given.add_argument(
        "folder", nargs="?", type=Path, default=os.environ.get("HISTORIES")
    )
    given.add_argument(
        "--rows", type=int, default=0, help="also a world of about so many deals"
    )
    given.add_argument(
        "--seeds",
        type=int,
        default=2,
        help="worlds of each level, where they are made here",
    )
    asked = given.parse_args()
    print(f"{'':<16}   deals     time   joined      F1  exact  MRR err.   mov.  review")
    with tempfile.TemporaryDirectory(prefix="turnus-bench-") as made:
        folder = Path(asked.folder) if asked.folder else Path(made)
        if not asked.folder:
            _make(folder, seeds=asked.seeds)
        if asked.rows:
            World(level=2, seed=7, customers=max(1, asked.rows // 55)).write(
                Path(made) / "large"
            )
        worlds = sorted(
            {*folder.glob("*/truth.json"), *Path(made).glob("*/truth.json")}
        )
        for truth in worlds:
            print(f"{truth.parent.name:<16} {scored(truth.parent)}", flush=True)
    return 0 if worlds else 1


def _make(folder: Path, *, seeds: int) -> None:
    for level in range(5):
        for seed in range(seeds):
            World(level=level, seed=100 * level + seed).write(
                folder / f"level{level}-{seed}"
            )


def scored(folder: Path) -> Score:
    """Return how the detection of a world compares with its truth."""
    from turnus.detection.files.detecting import detected, settings_from
    from turnus.detection.files.histories import read_history

    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    started = time.perf_counter()
    settings = settings_from(
        json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    )
    history = read_history(
        folder / "export.csv", currency="EUR", zone=settings.zone, as_of=settings.as_of
    )
    result = detected(history, settings, progress=lambda _done, _total: None)
    seconds = time.perf_counter() - started
    counted = {
        deal["id"]: deal
        for deal in truth["deals"]
        if deal["role"] in {"first", "renewal", "oneoff"}
    }
    right = {deal: one["chain"] or f"one-{deal}" for deal, one in counted.items()}
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
        for count in Counter((right[deal], found[deal]) for deal in right).values()
    )
    joined = sum(_pairs(len(deals)) for deals in _members(found).values())
    return together / joined if joined else 1.0


def _pairs(count: int) -> int:
    return count * (count - 1) // 2


def _f1(right: Mapping[int, Any], found: Mapping[int, Any]) -> float:
    of_right, of_found = _members(right), _members(found)
    shared = {
        deal: len(of_right[right[deal]] & of_found[found[deal]]) for deal in right
    }
    precision = sum(shared[deal] / len(of_found[found[deal]]) for deal in right) / len(
        right
    )
    recall = sum(shared[deal] / len(of_right[right[deal]]) for deal in right) / len(
        right
    )
    return 2 * precision * recall / (precision + recall)


def _exact(right: Mapping[int, Any], found: Mapping[int, Any]) -> float:
    of_found = _members(found)
    chains = [deals for deals in _members(right).values() if len(deals) > 1]
    return sum(of_found[found[min(deals)]] == deals for deals in chains) / len(chains)


def _true_months(
    truth: Any, currency: str, rates: dict[str, Any], months: Sequence[Waterfall]
) -> list[Waterfall]:
    until = months[-1].days.last_day
    conversion = fixed_rates(currency, rates)
    ledger = ledger_of(list(_segments(truth)), conversion=conversion, until=until)
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
        (one.lines[line], other.lines[line]) for one, other in pairs for line in lines
    )


def _share(pairs: Iterable[tuple[Any, Any]]) -> float:
    known = list(pairs)
    whole = sum(abs(right) for right, _ in known)
    return (
        float(sum(abs(found - right) for right, found in known) / whole)
        if whole
        else 0.0
    )


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")
    django.setup()
    sys.exit(main())
