"""Files of subscriptions that may exist already: near duplicates are asked about."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import checked, codes, verdicts
from tests.revenue.test_subscription_files import (
    CARE,
    brought,
    changed,
    sheet,
    step,
    told,
)
from tests.revenue.worlds import plan
from tests.world import World
from turnus.core.records import RecordKind
from turnus.imports.plan_storage import unpack
from turnus.jobs.worker import run_pending
from turnus.revenue.models import Subscription

FIRST = [
    changed(customer="Paar 1 GmbH", name="Hosting", start=date(2018, 1, 10)),
    changed(
        customer="Paar 2 GmbH", plan="1y", price=2400, start=date(2018, 2, 10)
    ),
    changed(
        customer="Paar 3 GmbH",
        name="Support",
        price=300,
        start=date(2018, 3, 10),
    ),
]
SHIFTED = [
    changed(customer="Paar 1 GmbH", name="Hosting", start=date(2018, 1, 9)),
    changed(
        customer="Paar 2 GmbH",
        name="Wartung 2018",
        plan="1y",
        price=2400,
        start=date(2018, 2, 10),
    ),
    changed(
        customer="Paar 4 GmbH",
        name="Lizenz",
        price=50,
        start=date(2018, 4, 10),
    ),
    changed(
        customer="Paar 4 GmbH",
        name="Lizenz",
        price=50,
        start=date(2018, 4, 10),
    ),
]


def test_the_same_file_changes_nothing_and_a_shifted_one_is_asked_about(
    world: World, tmp_path: Path
) -> None:
    plan(world, "1y")
    brought(world, tmp_path, *FIRST)
    assert verdicts(told(world, tmp_path, *FIRST)) == ["same"] * 3
    of = told(world, tmp_path, *SHIFTED)
    assert verdicts(of) == ["question", "question", "new", "question"]
    assert codes(of) == [
        "row.subscription_like",
        "row.subscription_like",
        "row.twice",
    ]
    assert [
        (one["key"], one["rows"], one["options"]) for one in of.questions
    ] == [
        ("existing", [2, 3, 5], ["add", "skip"]),
    ]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"do": "skip"}, ["skip", "skip", "new", "skip"]),
        ({"do": "add"}, ["new"] * 4),
        ({"do": "skip", "rows": {"3": "add"}}, ["skip", "new", "new", "skip"]),
        (
            {"rows": {"2": "skip", "5": "skip"}},
            ["skip", "question", "new", "skip"],
        ),
        ({"do": "update"}, ["question", "question", "new", "question"]),
    ],
    ids=str,
)
def test_what_may_be_here_is_begun_or_left_out_as_answered(
    world: World, tmp_path: Path, answer: dict[str, Any], expected: list[str]
) -> None:
    plan(world, "1y")
    brought(world, tmp_path, *FIRST)
    assert (
        verdicts(told(world, tmp_path, *SHIFTED, answers={"existing": answer}))
        == expected
    )


LIKE = [
    (changed(start=date(2018, 9, 3)), True),
    (changed(start=date(2018, 9, 3), price=110), True),
    (changed(start=date(2018, 9, 3), name="Pflege"), True),
    (changed(start=date(2018, 9, 3), name="WARTUNG\u200b"), True),
    (changed(start=date(2018, 9, 30)), True),
    (changed(start=date(2017, 8, 31)), True),
    (changed(name="Pflege", price=110), False),
    (changed(name="Pflege", plan="1y"), False),
    (changed(name="Pflege", price="100 CHF"), False),
    (changed(start=date(2018, 9, 30), price=110), False),
    (changed(customer="Spree AG"), False),
    (changed(start=date(2017, 1, 31), last=date(2018, 7, 30)), False),
]


@pytest.mark.parametrize(("row", "is_like"), LIKE, ids=str)
def test_which_subscriptions_are_nearly_the_same(
    world: World, tmp_path: Path, row: tuple[Any, ...], is_like: bool
) -> None:
    plan(world, "1y")
    brought(world, tmp_path, CARE)
    of = told(world, tmp_path, row, answers={"currency:CHF": {"do": "create"}})
    assert verdicts(of) == ["question" if is_like else "new"]


def test_one_that_ended_before_is_no_twin(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, changed(last=date(2018, 9, 29)))
    assert verdicts(
        told(world, tmp_path, changed(start=date(2018, 10, 31)))
    ) == ["new"]


def test_a_subscription_and_its_rows_wait_and_stay_out_together(
    world: World, tmp_path: Path
) -> None:
    rows = [
        CARE,
        step("Pause", date(2018, 9, 30)),
        CARE,
        step("Preis", date(2018, 10, 31), 90),
    ]
    assert verdicts(told(world, tmp_path, *rows)) == [
        "new",
        "part",
        "question",
        "question",
    ]
    of = told(
        world, tmp_path, *rows, answers={"existing": {"rows": {"4": "skip"}}}
    )
    assert verdicts(of) == ["new", "part", "skip", "skip"]


@pytest.mark.parametrize(
    ("last", "pause"),
    [
        (date(2018, 10, 20), date(2018, 9, 30)),
        (date(2018, 12, 20), date(2018, 9, 30)),
        (date(2018, 10, 20), date(2018, 9, 15)),
        (date(2018, 10, 30), date(2018, 9, 30)),
        (date(2019, 1, 15), date(2018, 12, 31)),
    ],
    ids=str,
)
def test_one_that_ended_paused_is_here_unchanged(
    world: World, tmp_path: Path, last: date, pause: date
) -> None:
    rows = [changed(last=last), step("Pause", pause)]
    brought(world, tmp_path, *rows)
    of = told(world, tmp_path, *rows)
    assert (verdicts(of), codes(of)) == (
        ["same", "same"],
        ["row.subscription_here"],
    )


def test_an_ended_one_that_a_file_lets_go_on_longer_differs(
    world: World, tmp_path: Path
) -> None:
    brought(
        world,
        tmp_path,
        changed(last=date(2018, 10, 20)),
        step("Pause", date(2018, 9, 30)),
    )
    of = told(world, tmp_path, changed(last=date(2018, 10, 20)))
    (row,) = [row for block in of.blocks.all() for row in unpack(block.rows)]
    assert [(str(one.code), one.params["field"]) for one in row.issues] == [
        ("row.subscription_differs", "terms")
    ]


def test_the_check_page_asks_and_takes_answers_for_single_rows(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, FIRST[0])
    of = told(world, tmp_path, SHIFTED[0], SHIFTED[2])
    client = world.client(world.admin)
    page = client.get(f"/imports/{of.pk}/").content.decode()
    assert "1 Abonnement könnte ein Duplikat sein" in page
    assert 'value="copy"' not in page
    client.post(f"/imports/{of.pk}/answers/", {"row-2": "skip"})
    run_pending()
    assert verdicts(of) == ["skip", "new"]


def test_subscriptions_that_one_may_not_see_are_not_here(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE)
    Subscription.objects.update(visibility="owner", owner=world.charlie)
    world.alice.permissions = ["import"]
    world.alice.save()
    path = sheet(tmp_path, changed(start=date(2018, 9, 3)))
    assert verdicts(
        checked(world, path, kind=RecordKind.SUBSCRIPTION, by=world.alice)
    ) == ["new"]


@pytest.mark.parametrize(
    ("days", "asked"), [(-1, True), (7, True), (8, False)]
)
def test_a_row_like_one_above_but_for_some_days_is_asked_about(
    world: World, tmp_path: Path, days: int, asked: bool
) -> None:
    start = date(2018, 3, 15)
    of = told(
        world,
        tmp_path,
        changed(start=start),
        changed(start=start + timedelta(days=days)),
    )
    assert verdicts(of) == ["new", "question" if asked else "new"]
