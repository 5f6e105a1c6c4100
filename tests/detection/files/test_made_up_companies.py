"""Made-up companies of the bench: reproducible, whole, and scored by their own truth."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from bench.companies.facts import Role
from bench.companies.files import (
    chains_of,
    read_truth,
    truth_of,
    write_company,
)
from bench.companies.kinds import KINDS, company_of
from bench.companies.scoring import score
from turnus.core.detection.facts import Detection
from turnus.core.detection.money import revenue_of
from turnus.detection.files.detecting import Detected, detected, settings_from
from turnus.detection.files.histories import read_history


@pytest.mark.parametrize("seed", [0, 1, 2], ids=["desk", "list", "books"])
def test_the_same_seed_writes_the_same_files(
    seed: int, tmp_path: Path
) -> None:
    for name in ("first", "second"):
        write_company(
            company_of("hosting", seed=seed, size=5), tmp_path / name
        )
    for file in ("export.csv", "meta.json", "truth.json"):
        first = (tmp_path / "first" / file).read_bytes()
        assert first == (tmp_path / "second" / file).read_bytes()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_every_deal_of_a_run_is_in_the_file_once(kind: str) -> None:
    company = company_of(kind, seed=4, size=10)
    truth = truth_of(company)
    paid = [paid["deal"] for run in truth["runs"] for paid in run["paid"]]
    renewing = {Role.FIRST, Role.RENEWAL}
    own = [deal.number for deal in company.deals if deal.role in renewing]
    assert sorted(paid) == sorted(own)
    assert len(own) > 10
    assert max(deal.moment.date() for deal in company.deals) <= company.as_of


def perfect(folder: Path) -> Detected:
    """Return the answer of somebody who knows the truth."""
    meta = json.loads((folder / "meta.json").read_text(encoding="utf-8"))
    settings = settings_from(meta)
    history = read_history(
        folder / "export.csv",
        currency="EUR",
        zone=settings.zone,
        as_of=settings.as_of,
    )
    result = detected(history, settings, progress=lambda _done, _all: None)
    detection = Detection(
        chains_of(read_truth(folder)["runs"]),
        (),
        (),
        (),
        (),
        result.detection.customers,
    )
    months = result.revenue.months
    revenue = revenue_of(
        detection,
        history.sold,
        conversion=result.conversion,
        as_of=settings.as_of,
        first=months[0].days.start,
    )
    return replace(result, detection=detection, revenue=revenue)


def test_the_truth_has_the_best_score(tmp_path: Path) -> None:
    write_company(company_of("magazines", seed=1, size=6), tmp_path)
    best = score(read_truth(tmp_path), perfect(tmp_path))
    assert (best.f1, best.f1_sure, best.lines, best.right_cadence) == (
        1,
        1,
        1,
        1,
    )
    assert (best.mrr_error, best.movement_error, best.dropped) == (0, 0, 0)
    assert best.mistakes == ()


def test_a_deal_left_out_and_one_joined_are_mistakes(tmp_path: Path) -> None:
    write_company(company_of("magazines", seed=1, size=6), tmp_path)
    truth = read_truth(tmp_path)
    answer = perfect(tmp_path)
    chains = sorted(
        answer.detection.chains, key=lambda chain: -len(chain.paid)
    )
    first, second, *others = chains
    worse = replace(first, paid=(*first.paid[:-1], second.paid[-1]))
    shorter = replace(second, paid=second.paid[:-1])
    detection = replace(answer.detection, chains=(worse, shorter, *others))
    found = score(truth, replace(answer, detection=detection))
    assert {(each.deal, each.reason) for each in found.mistakes} == {
        (first.deals[-1], "left single"),
        (second.deals[-1], "joined with another line"),
        (second.deals[-1], "split off"),
    }
    assert found.f1 < 1
