"""Law: exported subscriptions change nothing here, and give the same figures elsewhere."""

import json
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.files import few
from tests.revenue.test_renewals import renewed
from tests.revenue.worlds import booked, plan, report, shown
from tests.world import World
from turnus.cli.main import main
from turnus.contacts.models import Organization
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.history.models import Event
from turnus.kit.errors import UserError
from turnus.revenue.models import RenewalLine, Subscription, Term
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.subscriptions.actions.change import change_price
from turnus.revenue.subscriptions.actions.pause import (
    pause_subscriptions,
    resume_subscriptions,
)
from turnus.revenue.subscriptions.actions.stretch import (
    change_plan,
    change_price_now,
)
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.sales.models import Deal

DAYS = DateRange(date(2018, 1, 1), date(2019, 7, 1))
CADENCES = ("1m", "3m", "2/m", "1w", "1y")
whats = st.sampled_from(
    [
        "price",
        "price now",
        "plan",
        "plan now",
        "pause",
        "resume",
        "skip",
        "cancel",
        "cancel now",
    ]
)
happened = st.tuples(
    whats, st.integers(1, 50), st.integers(0, 300), st.sampled_from(CADENCES)
)


def live(
    world: World, one: Any, what: str, on: date, price: int, cadence: str
) -> None:
    """Let something happen to a subscription on a day up to which it was renewed, if it can."""
    renewed(world, on)
    common: dict[str, Any] = {
        "subscriptions": one,
        "by": world.admin,
        "at": world.at,
    }
    money, other = Money.of(price, "EUR"), plan(world, cadence)
    actions = {
        "price": lambda: change_price(**common, price=money),
        "price now": lambda: change_price_now(**common, price=money, on=on),
        "plan": lambda: change_plan(**common, price=money, plan=other),
        "plan now": lambda: change_plan(
            **common, price=money, plan=other, on=on
        ),
        "pause": lambda: pause_subscriptions(**common, pauses_on=on),
        "resume": lambda: resume_subscriptions(**common, resumes_on=on),
        "skip": lambda: skip_terms(**common),
        "cancel": lambda: cancel_subscriptions(**common, on=on, ends_on=None),
        "cancel now": lambda: cancel_subscriptions(
            **common, on=on, ends_on=on
        ),
    }
    with suppress(UserError):
        actions[what]()


def figures(world: World) -> Any:
    by_plan = report(world, "mrr", days=DAYS, split="plan")
    columns = ("name", "plan", "cadence", "state", "price_e4", "next_due_on")
    return (
        shown(by_plan, *sorted(one.code for one in by_plan.columns)),
        shown(report(world, "movements", days=DAYS), "closing"),
        sorted(
            map(
                repr,
                Subscription.objects.filter(end_on__isnull=True).values_list(
                    *columns
                ),
            )
        ),
    )


def empty() -> None:
    for model in (RenewalLine, Term, Subscription, Deal, Organization, Event):
        model._default_manager.all().delete()


def test_figures_and_due_days_survive_the_way_round(
    world: World, tmp_path: Path
) -> None:
    file, answers, said = (
        tmp_path / name for name in ("all.csv", "answers.json", "said.json")
    )
    answers.write_text(json.dumps({"unknown_ids": {"do": "new"}}))
    for cadence in CADENCES:
        plan(world, cadence)

    @settings(few, max_examples=12)
    @given(st.sampled_from(CADENCES), st.lists(happened, max_size=5))
    def law(cadence: str, events: list[Any]) -> None:
        empty()
        day = date(2018, 1, 31)
        pk = booked(
            world, world.organization("Elbe"), str(day), [100], cadence=cadence
        ).pk
        for what, after, price, other in events:
            day += timedelta(days=after)
            live(
                world,
                Subscription.objects.filter(pk=pk),
                what,
                day,
                price,
                other,
            )
        before = figures(world)
        assert main(["subscriptions", "export", str(file)]) == 0
        assert (
            main(
                [
                    "subscriptions",
                    "import",
                    str(file),
                    "--dry-run",
                    "--report",
                    str(said),
                ]
            )
            == 0
        )
        assert {
            row["verdict"] for row in json.loads(said.read_text())["rows"]
        } == {"same"}
        empty()
        assert (
            main(
                [
                    "subscriptions",
                    "import",
                    str(file),
                    "--answers",
                    str(answers),
                ]
            )
            == 0
        )
        assert figures(world) == before

    law()
