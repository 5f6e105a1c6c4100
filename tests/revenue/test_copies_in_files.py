"""Won deals that come with a plan begin subscriptions: copies are terms; undo removes them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import checked, codes, imported, verdicts
from tests.imports.test_imports import sheet as written
from tests.revenue.test_revenue_reports import AUTUMN
from tests.revenue.worlds import plan, report, shown
from tests.world import World
from turnus.imports.actions import request_undo
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

HEADINGS = (
    "Deal - Titel",
    "Deal - Organisation",
    "Deal - Wert",
    "Deal - Status",
    "Deal - Gewonnen am",
    "Abonnement beginnen: Plan",
)


def copy(
    month: int,
    day: int = 1,
    *,
    title: str = "Wartung",
    value: int = 100,
    how: str | None = "monatlich",
    **other: Any,
) -> Sequence[Any]:
    return (
        title,
        "Elbe AG",
        value,
        other.get("status", "Gewonnen"),
        datetime(2018, month, day, 12),
        how,
    )


def brought(
    world: World, folder: Path, *rows: Sequence[Any], **options: Any
) -> Import:
    plan(world)
    return imported(
        world, written(folder / "deals.xlsx", rows, HEADINGS), **options
    )


def terms() -> list[str]:
    rows = Term.objects.select_related("deal").order_by(
        "subscription", "number"
    )
    return [
        f"{one.subscription.name} {one.number} {one.starts_on:%m-%d} {one.price.amount:.0f}"
        for one in rows
    ]


def test_copies_book_the_terms_in_order_wherever_they_stand(
    world: World, tmp_path: Path
) -> None:
    of = brought(world, tmp_path, copy(11, 3, value=120), copy(9), copy(10))
    assert of.totals["begun"] == 1
    assert terms() == [
        "Wartung 0 09-01 100",
        "Wartung 1 10-01 100",
        "Wartung 2 11-01 120",
    ]
    one = Subscription.objects.get()
    assert (one.state, one.price.amount, str(one.next_due_on)) == (
        "active",
        120,
        "2018-12-01",
    )
    assert shown(report(world, "mrr", days=AUTUMN), "mrr") == [
        "08: €0.00",
        "09: €100.00",
        "10: €100.00",
        "11: €120.00",
    ]


def test_a_copy_beyond_the_grace_begins_a_new_stretch(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, copy(6), copy(9, 20), copy(10, 20))
    assert terms() == [
        "Wartung 0 06-01 100",
        "Wartung 1 09-20 100",
        "Wartung 2 10-20 100",
    ]
    assert (
        Subscription.objects.get().anchor_number,
        str(Subscription.objects.get().next_due_on),
    ) == (1, "2018-11-20")


def test_what_lapsed_long_ago_has_ended_and_books_nothing(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, copy(3))
    one = Subscription.objects.get()
    assert (one.state, str(one.end_on), one.next_due_on) == (
        "ended",
        "2018-04-01",
        None,
    )


@pytest.mark.parametrize(
    ("row", "code", "begun"),
    [
        (copy(11, how=None), [], 0),
        (copy(11, how="einmalig"), [], 0),
        (copy(11, value=0), [], 0),
        (
            copy(11, status="Offen"),
            ["row.won_time_ignored", "row.plan_ignored"],
            0,
        ),
        (copy(11), [], 1),
    ],
    ids=["blank", "once", "free", "open", "won"],
)
def test_only_new_won_deals_with_a_plan_begin_one(
    world: World, tmp_path: Path, row: Any, code: list[str], begun: int
) -> None:
    of = brought(world, tmp_path, row)
    assert (
        codes(of),
        of.totals.get("begun", 0),
        Subscription.objects.count(),
    ) == (
        code,
        begun,
        begun,
    )


def test_ambiguous_words_are_asked(world: World, tmp_path: Path) -> None:
    plan(world)
    of = checked(
        world,
        written(
            tmp_path / "deals.xlsx", [copy(11, how="bimonthly")], HEADINGS
        ),
    )
    assert (verdicts(of), codes(of)) == (["question"], ["row.word_ambiguous"])


def test_the_next_file_goes_on_with_what_is_here_and_is_taken_back(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, copy(10))
    of = brought(world, tmp_path, copy(11, 2, value=110))
    assert (of.totals["begun"], of.totals["booked"]) == (0, 1)
    assert terms() == ["Wartung 0 10-01 100", "Wartung 1 11-01 110"]
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()
    assert terms() == ["Wartung 0 10-01 100"]
    assert Subscription.objects.values_list(
        "next_number", "price_e4"
    ).get() == (
        1,
        1_000_000,
    )


def test_a_copy_that_is_not_due_books_nothing(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, copy(10), copy(11))
    of = brought(
        world, tmp_path, copy(11, 2), answers={"covered": {"do": "add"}}
    )
    assert (of.totals["begun"], of.totals["booked"], Term.objects.count()) == (
        0,
        0,
        2,
    )


def test_undo_takes_deals_and_subscriptions_back(
    world: World, tmp_path: Path
) -> None:
    of = brought(world, tmp_path, copy(10), copy(11))
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()
    assert not Subscription.objects.present().exists()
    assert not Deal.objects.present().exists()
    assert not Term.objects.exists()


def test_a_deal_that_is_gone_for_good_is_no_revenue(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, copy(11))
    Deal.objects.all().delete()
    assert shown(report(world, "mrr", days=AUTUMN), "mrr")[-1] == "11: €0.00"
