"""The table of companies: one line for each kind, and all of them together."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import mean

from bench.companies.files import write_company
from bench.companies.kinds import KINDS, company_of
from bench.companies.scoring import CompanyScore, score_folder

_HEADINGS = (
    f"{'':<16} deals    F1  worst   sure  asked review    MRR  worst   mov."
    "  drop lines cadence"
)


def scores_of(
    kind: str, seeds: Iterable[int], folder: Path, *, size: int
) -> list[CompanyScore]:
    """Return the scores of the companies of a kind."""
    scores = []
    for seed in seeds:
        path = folder / f"{kind}-{seed}"
        write_company(company_of(kind, seed=seed, size=size), path)
        scores.append(score_folder(path))
    return scores


def print_companies(
    seeds: Sequence[int],
    folder: Path,
    *,
    kinds: Sequence[str] = tuple(KINDS),
    size: int = 40,
    has_each: bool = False,
) -> list[CompanyScore]:
    """Print the table, a kind as soon as it is done; return the scores."""
    print(_HEADINGS)
    scores: list[CompanyScore] = []
    for kind in kinds:
        own = scores_of(kind, seeds, folder, size=size)
        if has_each:
            for seed, score in zip(seeds, own, strict=True):
                print(_line(f"  {kind} {seed}", [score]), flush=True)
        print(_line(kind, own), flush=True)
        scores += own
    print(_line("all", scores))
    return scores


def _line(name: str, scores: Sequence[CompanyScore]) -> str:
    def average(figure: Callable[[CompanyScore], float]) -> float:
        return mean(figure(score) for score in scores)

    deals = sum(score.deals for score in scores)
    worst_f1 = min(score.f1 for score in scores)
    worst_mrr = max(score.mrr_error for score in scores)
    dropped = sum(score.dropped for score in scores)
    return (
        f"{name:<16} {deals:>5} {average(lambda each: each.f1):.3f}  {worst_f1:.3f}"
        f"  {average(lambda each: each.f1_sure):.3f}"
        f"  {asked_share(scores):5.2f} {average(lambda each: each.review):6.1%}"
        f" {average(lambda each: each.mrr_error):6.1%} {worst_mrr:6.1%}"
        f"  {average(lambda each: each.movement_error):5.2f} {dropped:>5}"
        f"  {average(lambda each: each.lines):.2f}"
        f"   {average(lambda each: each.right_cadence):.3f}"
    )


def asked_share(scores: Sequence[CompanyScore]) -> float:
    """Return, of all wrong deals of the companies, the share that is asked about."""
    wrong = sum(score.wrong for score in scores)
    asked = sum(score.wrong_asked for score in scores)
    return asked / wrong if wrong else 1.0


def print_mistakes(scores: Sequence[CompanyScore], *, most: int) -> None:
    """Print the reasons of the mistakes with their counts, and some deals of each."""
    reasons = Counter(
        mistake.reason for score in scores for mistake in score.mistakes
    )
    for reason, count in reasons.most_common():
        print(f"{count:>7} {reason}")
        shown = 0
        for score in scores:
            deals = [
                each.deal for each in score.mistakes if each.reason == reason
            ]
            if deals and shown < most:
                print(f"        {score.kind} {score.seed}: {deals[:most]}")
                shown += 1
