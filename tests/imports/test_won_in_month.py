"""What a check says will have been won in a month."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_paid_terms import brought, paid, row
from tests.world import World
from turnus.imports.actions import request_import
from turnus.imports.won_months import won_months
from turnus.jobs.worker import run_pending
from turnus.sales.models import Deal


def won_in_november() -> int:
    won = Deal.objects.present().filter(
        status="won",
        won_on__gte=date(2018, 11, 1),
        won_on__lt=date(2018, 12, 1),
    )
    return sum(one.value_e4 for one in won)


@pytest.mark.parametrize(
    ("answer", "after", "is_mrr_kept"),
    [
        ({"do": "skip"}, 130, True),
        ({"do": "add"}, 250, True),
        ({"do": "attach"}, 150, False),
        ({"do": "skip", "rows": {"2": "add"}}, 250, True),
    ],
    ids=["skipped", "added", "in place of the other", "one added"],
)
def test_the_check_says_what_will_have_been_won_in_the_month(
    world: World,
    tmp_path: Path,
    answer: dict[str, Any],
    after: int,
    is_mrr_kept: bool,
) -> None:
    paid(world, name="Hosting")
    of = brought(
        world,
        tmp_path,
        row(title="Hosting", value=120),
        row(None, firm="Neu AG", value=30),
        answers={"covered": answer},
    )
    (november,) = won_months(of, world.admin)
    assert (november.before.amount, november.after.amount) == (100, after)
    page = world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()
    assert ("Der MRR ändert sich nicht." in page) == is_mrr_kept
    assert "Gewonnen im November 2018" in page
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    assert won_in_november() == november.after.amount_e4


def test_a_currency_without_a_rate_is_named_beside_what_was_won(
    world: World, tmp_path: Path
) -> None:
    of = brought(
        world,
        tmp_path,
        row(firm="Alp AG", value="70 CHF"),
        row(firm="Neu AG", value=30),
    )
    (november,) = won_months(of, world.admin)
    assert (november.after.amount, november.without) == (30, ("CHF",))
    assert (
        "ohne CHF"
        in world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()
    )
