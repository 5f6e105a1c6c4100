"""How the detection of a company compares with what is true about it."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from bench.companies.facts import Role
from bench.companies.files import CompanyTruth, RunTruth, chains_of, read_truth
from turnus.core.cadence import Cadence, CadenceUnit
from turnus.core.detection.facts import Chain, Detection
from turnus.core.detection.money import Revenue, revenue_of
from turnus.core.revenue.facts import Exact
from turnus.core.revenue.movements import MovementKind
from turnus.core.revenue.waterfall import Waterfall, WaterfallLine
from turnus.detection.files.detecting import Detected, detected, settings_from
from turnus.detection.files.histories import read_history

_MONTHS_IN_YEAR = 12
_DAYS_IN_WEEK = 7
_SCORED = {Role.FIRST.value, Role.RENEWAL.value, Role.PURCHASE.value}
#: A deal outside of all chains is a cluster of its own.
Cluster = int | str


@dataclass(frozen=True, slots=True)
class Mistake:
    """A deal that is in the wrong place, and in what way."""

    deal: int
    reason: str


@dataclass(frozen=True, slots=True)
class CompanyScore:
    """One company; shares are between 0 and 1, errors shares of the truth."""

    kind: str
    seed: int
    deals: int
    #: The mean of right and found, per deal (B-cubed); deals of one true line that are
    #: joined across a pause are neither right nor wrong.
    f1: float
    #: The same without the deals that are asked about.
    f1_sure: float
    #: Deals in a wrong place, and those of them that are asked about.
    wrong: int
    wrong_asked: int
    #: Of all deals, those that are asked about.
    review: float
    mrr_error: float
    movement_error: float
    dropped: int
    #: Subscriptions found for each true line.
    lines: float
    right_cadence: float
    mistakes: tuple[Mistake, ...]


@dataclass(frozen=True, slots=True)
class _Clusters:
    """The same deals as the truth and as the detection group them."""

    runs: Mapping[int, Cluster]
    lines: Mapping[int, Cluster]
    found: Mapping[int, Cluster]

    def f1(self, without: AbstractSet[int] = frozenset()) -> float:
        """Return the harmonic mean of precision and recall per deal."""
        deals = [deal for deal in self.runs if deal not in without]
        if not deals:
            return 1.0
        in_run = Counter(self.runs[deal] for deal in deals)
        in_found = Counter(self.found[deal] for deal in deals)
        in_both = Counter(
            (self.found[deal], self.runs[deal]) for deal in deals
        )
        of_line = Counter(
            (self.found[deal], self.lines[deal]) for deal in deals
        )
        precision = recall = 0.0
        for deal in deals:
            found, run, line = (
                self.found[deal],
                self.runs[deal],
                self.lines[deal],
            )
            same = in_both[found, run]
            other_runs = of_line[found, line] - same
            precision += same / (in_found[found] - other_runs)
            recall += same / in_run[run]
        return 2 * precision * recall / (precision + recall) / len(deals)


def score_folder(folder: Path) -> CompanyScore:
    """Return the score of the company in a folder."""
    truth = read_truth(folder)
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    settings = settings_from(meta)
    history = read_history(
        folder / "export.csv",
        currency=settings.currency,
        zone=settings.zone,
        as_of=settings.as_of,
    )
    return score(
        truth, detected(history, settings, progress=lambda _done, _all: None)
    )


def score(truth: CompanyTruth, result: Detected) -> CompanyScore:
    """Return how a detection compares with the truth."""
    clusters = _clusters(truth, result.detection)
    asked = {question.deal for question in result.detection.questions}
    mistakes = _mistakes(truth, result.detection)
    wrong = {mistake.deal for mistake in mistakes}
    scored = clusters.runs.keys()
    real = {deal["id"] for deal in truth["deals"] if deal["role"] in _SCORED}
    lines = {run["line"] for run in truth["runs"]}
    certain = [run for run in truth["runs"] if not run["is_unknowable"]]
    low = _revenue(certain, result)
    high = _revenue(truth["runs"], result)
    return CompanyScore(
        kind=truth["kind"],
        seed=truth["seed"],
        deals=len(scored),
        f1=clusters.f1(),
        f1_sure=clusters.f1(without=asked),
        wrong=len(wrong),
        wrong_asked=len(wrong & asked),
        review=len(asked & scored) / len(scored),
        mrr_error=_mrr_error(low.months, high.months, result.revenue.months),
        movement_error=_movement_error(
            low.months, high.months, result.revenue.months
        ),
        dropped=len(real.intersection(result.detection.doubles)),
        lines=len(result.detection.chains) / len(lines),
        right_cadence=_right_cadence(certain, result.detection.chains),
        mistakes=mistakes,
    )


def _clusters(truth: CompanyTruth, detection: Detection) -> _Clusters:
    runs: dict[int, Cluster] = {}
    lines: dict[int, Cluster] = {}
    for deal in truth["deals"]:
        if deal["role"] not in _SCORED or deal["is_unknowable"]:
            continue
        number, run, line = deal["id"], deal["run"], deal["line"]
        runs[number] = f"single {number}" if run is None else run
        lines[number] = f"single {number}" if line is None else line
    found: dict[int, Cluster] = {deal: f"single {deal}" for deal in runs}
    for place, chain in enumerate(detection.chains):
        found.update((deal, place) for deal in chain.deals if deal in found)
    return _Clusters(runs, lines, found)


def _mistakes(
    truth: CompanyTruth, detection: Detection
) -> tuple[Mistake, ...]:
    """Return the deals in a wrong place; one deal may be wrong in two ways."""
    clusters = _clusters(truth, detection)
    line_of = {
        deal: None if isinstance(line, str) else line
        for deal, line in clusters.lines.items()
    }
    mistakes: list[Mistake] = []
    for chain in detection.chains:
        deals = [deal for deal in chain.deals if deal in line_of]
        mistakes += _wrongly_joined(deals, line_of)
    members: dict[Cluster, list[int]] = defaultdict(list)
    for deal, run in clusters.runs.items():
        members[run].append(deal)
    for deals in members.values():
        if len(deals) > 1:
            mistakes += _wrongly_parted(deals, clusters.found)
    return tuple(mistakes)


def _wrongly_joined(
    deals: Sequence[int], line_of: Mapping[int, int | None]
) -> list[Mistake]:
    lines = Counter(line_of[deal] for deal in deals)
    purchases = [deal for deal in deals if line_of[deal] is None]
    del lines[None]
    if not lines:
        several = "purchases made a subscription"
        alone = "single purchase made a subscription"
        reason = several if len(purchases) > 1 else alone
        return [Mistake(deal, reason) for deal in purchases]
    main_line = lines.most_common(1)[0][0]
    mistakes = [
        Mistake(deal, "purchase in a subscription") for deal in purchases
    ]
    others = [deal for deal in deals if line_of[deal] not in {None, main_line}]
    mistakes += [Mistake(deal, "joined with another line") for deal in others]
    return mistakes


def _wrongly_parted(
    deals: Sequence[int], found: Mapping[int, Cluster]
) -> list[Mistake]:
    chains = Counter(
        found[deal] for deal in deals if isinstance(found[deal], int)
    )
    if not chains:
        return [Mistake(deal, "subscription not seen") for deal in deals]
    main_chain = chains.most_common(1)[0][0]
    mistakes = []
    for deal in deals:
        if isinstance(found[deal], str):
            mistakes.append(Mistake(deal, "left single"))
        elif found[deal] != main_chain:
            mistakes.append(Mistake(deal, "split off"))
    return mistakes


def _revenue(runs: Iterable[RunTruth], result: Detected) -> Revenue:
    """Return what true runs come to, reckoned as for those that were found."""
    detection = Detection(chains_of(runs), (), (), (), (), ())
    first = result.revenue.months[0].days.start
    return revenue_of(
        detection,
        result.history.sold,
        conversion=result.conversion,
        as_of=result.settings.as_of,
        first=first,
    )


def _mrr_error(
    low: Sequence[Waterfall],
    high: Sequence[Waterfall],
    found: Sequence[Waterfall],
) -> float:
    """Return the error of the MRR outside of what nobody could decide."""
    figures = [
        _Figure(without.closing, with_all.closing, month.closing)
        for without, with_all, month in zip(low, high, found, strict=True)
    ]
    return _error(figures)


def _movement_error(
    low: Sequence[Waterfall],
    high: Sequence[Waterfall],
    found: Sequence[Waterfall],
) -> float:
    """Return the error of all movements outside of what nobody could decide."""
    figures = []
    for without, with_all, month in zip(low, high, found, strict=True):
        for kind in MovementKind:
            line = WaterfallLine(kind)
            figures.append(
                _Figure(
                    without.lines[line],
                    with_all.lines[line],
                    month.lines[line],
                )
            )
    return _error(figures)


@dataclass(frozen=True, slots=True)
class _Figure:
    """A figure without and with what nobody could decide, and as it was found."""

    without: Exact
    with_all: Exact
    found: Exact

    @property
    def error(self) -> Fraction:
        """How far it was found outside of the two."""
        least = min(self.without, self.with_all)
        most = max(self.without, self.with_all)
        return Fraction(max(0, least - self.found, self.found - most))


def _error(figures: Sequence[_Figure]) -> float:
    """Return the errors as a share of the true figures."""
    error = sum((figure.error for figure in figures), Fraction(0))
    whole = sum(
        (abs(Fraction(figure.without)) for figure in figures), Fraction(0)
    )
    return float(error / whole) if whole else float(error > 0)


def _right_cadence(runs: Sequence[RunTruth], chains: Sequence[Chain]) -> float:
    """Return in how many true runs most deals have the right cadence.

    After a change of plan both are right.
    """
    chain_of = {deal: chain for chain in chains for deal in chain.deals}
    right = counted = 0
    for run in runs:
        if len(run["paid"]) < 2:
            continue
        counted += 1
        deals = [paid["deal"] for paid in run["paid"]]
        found = Counter(
            id(chain_of[deal]) for deal in deals if deal in chain_of
        )
        if not found:
            continue
        main = found.most_common(1)[0][0]
        cadence = next(chain.cadence for chain in chains if id(chain) == main)
        right += int(rhythm_of(cadence) in _accepted(run))
    return right / counted if counted else 1.0


def _accepted(run: RunTruth) -> set[tuple[CadenceUnit, int]]:
    words = [paid["cadence"] for paid in run["paid"]]
    most_common = Counter(words).most_common(1)[0][0]
    accepted = [most_common, words[-1], *run["accepted"]]
    return {rhythm_of(Cadence.parse(word)) for word in accepted}


def rhythm_of(cadence: Cadence) -> tuple[CadenceUnit, int]:
    """Return the cadence in its smallest usual unit: a year is twelve months."""
    if cadence.unit is CadenceUnit.YEAR:
        return CadenceUnit.MONTH, cadence.every * _MONTHS_IN_YEAR
    if cadence.unit is CadenceUnit.DAY and cadence.every % _DAYS_IN_WEEK == 0:
        return CadenceUnit.WEEK, cadence.every // _DAYS_IN_WEEK
    return cadence.unit, cadence.every
