"""Laws: whatever the cadence, start and pause, the calendar says what is booked; undo restores."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as some

from tests.conftest import AT
from tests.revenue.test_renewals import EVERYTHING, plan, subscribed, tick
from tests.world import World, make_world
from turnus.cli.main import main
from turnus.core.cadence import Cadence
from turnus.jobs.worker import run_pending
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.plan import (
    plan_renewals,
    request_renewals,
)
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.sales.models import Deal

cadences = some.sampled_from(
    ["1y", "6m", "3m", "1m", "1m-last", "2/m", "2/m:5,20", "2w", "1w", "10d"]
)
days = some.dates(date(2015, 1, 1), date(2017, 12, 31))
few = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    suppress_health_check=list(HealthCheck),
)


def wanted(one: Subscription, until: date) -> list[date]:
    return [
        term.days.start
        for term in one.how.terms(
            one.anchor_on, until=until + timedelta(days=1)
        )
    ]


@pytest.mark.django_db
@few
@given(
    cadence=cadences,
    start=days,
    downtimes=some.lists(some.integers(0, 300), min_size=1, max_size=3),
)
def test_the_clock_books_the_calendar_after_any_downtime(
    cadence: str, start: date, downtimes: list[int]
) -> None:
    from django.db import transaction

    with transaction.atomic():
        one, day = (
            subscribed(make_world(AT), plan_of(cadence), start=start),
            start,
        )
        for away in downtimes:
            day += timedelta(days=away)
            tick(datetime(day.year, day.month, day.day, 11, tzinfo=UTC))
        booked = list(
            Term.objects.filter(subscription=one)
            .order_by("number")
            .values_list("starts_on", "deal__won_on")
        )
        assert booked == [(each, each) for each in wanted(one, day)]
        transaction.set_rollback(True)


@pytest.mark.django_db
@few
@given(cadence=cadences, start=days, later=some.integers(0, 400))
def test_a_run_does_what_its_preview_says_and_undo_restores(
    cadence: str, start: date, later: int
) -> None:
    from django.db import transaction

    with transaction.atomic():
        world = make_world(AT)
        subscribed(world, plan_of(cadence), start=start)
        before = state()
        runs = [
            plan_renewals(
                by=world.admin,
                at=AT,
                subscriptions=EVERYTHING(),
                until=start + timedelta(days=later),
                title="",
            )
            for _window in range(2)
        ]
        for run in filter(None, runs):
            request_renewals(run=run, by=world.admin, at=AT)
        run_pending()
        if runs[0] is not None:
            lines = list(
                runs[0].renewal_lines.values_list(
                    "number", "starts_on", "ends_on", "price_e4", "deal"
                )
            )
            assert (
                list(
                    runs[0].terms.values_list(
                        "number", "starts_on", "ends_on", "price_e4", "deal"
                    )
                )
                == lines
            )
            assert Term.objects.count() == len(lines) + 1
            undo_renewals(run=runs[0], by=world.admin, at=AT)
        assert state() == before
        transaction.set_rollback(True)


def plan_of(cadence: str) -> Any:
    from turnus.accounts.queries import first_admin
    from turnus.revenue.plans.actions import PlanValues, save_plan

    return save_plan(
        by=first_admin(),
        values=PlanValues(name=cadence, cadence=Cadence.parse(cadence)),
    )


def state() -> list[Any]:
    kept = Subscription.objects.values_list(
        "pk", "next_number", "next_due_on", "price_e4", "state", "anchor_on"
    )
    deals = Deal.objects.present().values_list(
        "pk", "title", "value_e4", "won_on"
    )
    return [
        list(kept),
        list(deals),
        list(
            Term.objects.values_list("number", "starts_on", "ends_on", "deal")
        ),
    ]


def test_the_command_shows_books_and_takes_back(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    subscribed(world, plan(world), start=date(2018, 8, 31))
    assert main(["renewals", "--on", "2018-10-31", "--dry-run"]) == 0
    assert Deal.objects.count() == 1
    out = capsys.readouterr().out
    assert "2018-09-30  Ärzte Solar GmbH: Abo  #1  100.00 EUR" in out
    assert "= 200.00 EUR" in out
    assert main(["renewals", "--on", "2018-10-31", "--json"]) == 0
    import json

    told = json.loads(capsys.readouterr().out)
    assert (len(told["terms"]), told["totals"], Deal.objects.count()) == (
        2,
        {"EUR": "200"},
        3,
    )
    assert main(["renewals", "--on", "2018-10-31"]) == 0
    assert "2018-10-31" in capsys.readouterr().out
    assert main(["undo", str(told["run"])]) == 0
    assert Deal.objects.present().count() == 1
    assert (
        main(
            [
                "renewals",
                "--as",
                "charlie@example.org",
                "--on",
                "2018-10-31",
                "--dry-run",
            ]
        )
        == 0
    )
    assert "Abo" not in capsys.readouterr().out
