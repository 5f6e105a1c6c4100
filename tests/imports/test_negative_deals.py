"""Negative won deals of a file end a subscription, lower its price, or are a credit."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import verdicts
from tests.imports.test_paid_terms import (
    NOVEMBER,
    brought,
    carried_out,
    codes,
    lives,
    paid,
    row,
    terms,
    undone,
)
from tests.world import World
from turnus.imports.actions import request_import
from turnus.jobs.worker import run_pending
from turnus.revenue.models import Subscription
from turnus.revenue.renewals.actions.book import renew_next
from turnus.sales.models import Deal


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (row(value=-100), "row.credit_ends"),
        (row(date(2018, 12, 21), value=-100), "row.credit_ends"),
        (row(date(2018, 12, 22), value=-100), "row.credit_alone"),
        (row(date(2018, 10, 12), value=-100), "row.credit_ends"),
        (row(date(2018, 10, 11), value=-100), "row.credit_alone"),
        (row(value=-30), "row.credit_reduces"),
        (row(value=-130), "row.credit_alone"),
        (row(value="-100 CHF"), "row.credit_alone"),
        (row(firm="Neu AG", value=-100), ""),
    ],
    ids=[
        "in the last term",
        "20 days after the due day",
        "later",
        "20 days before it began",
        "before that",
        "a part",
        "more",
        "other currency",
        "other customer",
    ],
)
def test_a_negative_deal_ends_or_reduces_or_is_a_credit(
    world: World, tmp_path: Path, given: Any, code: str
) -> None:
    paid(world)
    of = brought(world, tmp_path, given)
    asked = code in {"row.credit_ends", "row.credit_reduces"}
    assert (codes(of), verdicts(of)) == (
        [code] if code else [],
        ["question" if asked else "new"],
    )


def test_a_negative_deal_of_the_whole_price_ends_the_subscription_with_what_is_paid(
    world: World, tmp_path: Path
) -> None:
    paid(world)
    before = lives()
    of = carried_out(
        world, tmp_path, row(value=-100), answers={"credit": {"do": "end"}}
    )
    assert lives() == [("active", 3, 1_000_000, date(2018, 12, 1))]
    assert Subscription.objects.get().next_due_on is None
    assert terms() == NOVEMBER
    undone(world, of)
    assert lives() == before


def test_negative_deals_of_a_part_take_it_off_the_price_of_the_next_term(
    world: World, tmp_path: Path
) -> None:
    paid(world)
    before = lives()
    of = carried_out(
        world,
        tmp_path,
        row(value=-30),
        row(value=-20),
        answers={"reduction": {"do": "reduce"}},
    )
    assert lives() == [("active", 3, 500_000, None)]
    undone(world, of)
    assert lives() == before


@pytest.mark.parametrize(
    ("key", "value"), [("credit", -100), ("reduction", -30)]
)
@pytest.mark.parametrize(("answer", "count"), [("credit", 4), ("skip", 3)])
def test_a_negative_deal_that_is_a_credit_changes_no_subscription(
    world: World, tmp_path: Path, key: str, value: int, answer: str, count: int
) -> None:
    paid(world)
    before = lives()
    rows = [row(value=value), row(firm="Neu AG")]
    carried_out(world, tmp_path, *rows, answers={key: {"do": answer}})
    assert (lives(), Deal.objects.count()) == (before, count + 1)


def test_a_subscription_ends_once_and_the_rest_of_the_price_ends_it(
    world: World, tmp_path: Path
) -> None:
    paid(world)
    of = brought(world, tmp_path, row(value=-100), row(value=-100))
    assert codes(of) == ["row.credit_ends", "row.credit_alone"]
    of = brought(world, tmp_path, row(value=-30), row(value=-70))
    assert codes(of) == ["row.credit_reduces", "row.credit_ends"]


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "ended"},
        {"end_on": date(2018, 12, 1)},
        {"state": "paused", "next_due_on": None},
    ],
)
def test_what_does_not_go_on_is_not_ended_again(
    world: World, tmp_path: Path, columns: dict[str, Any]
) -> None:
    paid(world, **columns)
    assert codes(brought(world, tmp_path, row(value=-100))) == [
        "row.credit_alone"
    ]


def test_of_two_subscriptions_the_one_that_is_named_ends(
    world: World, tmp_path: Path
) -> None:
    paid(world, name="Hosting")
    other = paid(world, name="Wartung")
    carried_out(
        world,
        tmp_path,
        row(title="Gutschrift Wartung", value=-100),
        answers={"credit": {"do": "end"}},
    )
    assert [
        one.pk for one in Subscription.objects.filter(end_on__isnull=False)
    ] == [other.pk]


def test_a_subscription_that_was_renewed_after_the_check_is_not_ended(
    world: World, tmp_path: Path
) -> None:
    one = paid(world)
    of = brought(
        world, tmp_path, row(value=-100), answers={"credit": {"do": "end"}}
    )
    renew_next(subscription=one, number=3, by=world.admin, at=world.at)
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    assert (verdicts(of), lives()[0][3]) == (["problem"], None)


def test_the_page_asks_with_the_money_and_lets_a_row_be_answered_by_itself(
    world: World, tmp_path: Path
) -> None:
    paid(world)
    of = brought(world, tmp_path, row(), row(date(2018, 10, 4)))
    client = world.client(world.admin)
    page = client.get(f"/imports/{of.pk}/").content.decode()
    assert (
        "2 gewonnene Deals sind für Zeiträume, die Abonnements schon gebucht haben."
        in page
    )
    assert "200,00" in page
    assert "01.11.2018 bis 30.11.2018" in page
    client.post(
        f"/imports/{of.pk}/answers/",
        {
            "row-covered-3": "add",
            "row-covered-x": "add",
            "row-covered-2": "nonsense",
        },
    )
    run_pending()
    client.post(f"/imports/{of.pk}/answers/", {"answer-0": "skip"})
    of.refresh_from_db()
    assert of.answers == {"covered": {"do": "skip", "rows": {"3": "add"}}}
    run_pending()
    assert verdicts(of) == ["skip", "new"]
    assert (
        'aria-pressed="true"'
        in client.get(f"/imports/{of.pk}/").content.decode()
    )
