"""Plans from a custom field: its words are reviewed, then subscriptions begin from won deals."""

from datetime import date
from typing import Any

import pytest

from tests.revenue.test_renewals import plan
from tests.world import World
from turnus.core.cadence import MONTHLY, TWICE_A_MONTH, YEARLY
from turnus.fields.models import CustomField
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.subscriptions.actions.from_options import (
    review_options,
    start_from_options,
)


@pytest.fixture
def field(world: World) -> CustomField:
    return world.field()


def sold(
    world: World, field: CustomField, option: str, won: date, **values: Any
) -> Any:
    held = {f"custom.{field.key}": world.option(field, option)}
    return world.deal(
        **{
            "title": "Wartung",
            "status": "won",
            "won_at": won,
            "amount": 100,
            **held,
            **values,
        }
    )


def begun(
    world: World, field: CustomField, plans: dict[str, Plan | None]
) -> Any:
    given = {world.option(field, name): one for name, one in plans.items()}
    return start_from_options(
        field=field,
        by=world.admin,
        at=world.at,
        on=date(2018, 11, 14),
        plans=given,
    )


def test_certain_words_name_a_plan_and_the_rest_is_asked(
    world: World, field: CustomField
) -> None:
    monthly = plan(world, MONTHLY)
    for name in ("bimonthly", "einmalig"):
        field.options.create(name=name, position=9)
    sold(world, field, "monatlich", date(2018, 11, 1))
    found = {
        one.name: (one.plan, one.is_question, one.won_count)
        for one in review_options(field=field, by=world.admin)
    }
    assert (found["monatlich"], found["jährlich"]) == (
        (monthly, False, 1),
        (None, True, 0),
    )
    assert (found["bimonthly"], found["einmalig"]) == (
        (None, True, 0),
        (None, False, 0),
    )


def test_won_deals_book_the_terms_of_one_subscription_each(
    world: World, field: CustomField
) -> None:
    customer = world.organization().pk
    plans = {
        "monatlich": plan(world, MONTHLY),
        "jährlich": plan(world, YEARLY),
    }
    copies = [
        sold(
            world,
            field,
            "monatlich",
            date(2018, month, 30),
            organization=customer,
        )
        for month in (9, 10)
    ]
    sold(world, field, "jährlich", date(2015, 1, 1))
    sold(world, field, "jährlich", date(2018, 1, 1), amount=0)
    run = begun(world, field, plans)
    one, old = (
        Subscription.objects.get(state="active"),
        Subscription.objects.get(state="ended"),
    )
    assert (run.totals, one.next_due_on, one.price_e4) == (
        {"count": 2, "ended": 1},
        date(2018, 11, 30),
        1_000_000,
    )
    assert [term.deal for term in one.terms.all()] == copies
    assert (old.end_on, old.terms.count()) == (date(2016, 1, 1), 1)
    assert begun(world, field, plans).totals["count"] == 0


def test_an_option_without_an_answer_stops_it(
    world: World, field: CustomField
) -> None:
    sold(world, field, "zweimal monatlich", date(2018, 11, 1))
    with pytest.raises(UserError, match="zweimal monatlich"):
        begun(world, field, {"monatlich": plan(world, MONTHLY)})
    assert (
        begun(world, field, {"zweimal monatlich": None}).totals["count"] == 0
    )


def test_what_was_begun_can_be_taken_back_and_begun_again(
    world: World, field: CustomField
) -> None:
    sold(world, field, "zweimal monatlich", date(2018, 11, 10))
    plans: dict[str, Plan | None] = {
        "zweimal monatlich": plan(world, TWICE_A_MONTH)
    }
    run = begun(world, field, plans)
    with pytest.raises(UserError, match="unknown"):
        undo_renewals(run=run, by=world.charlie, at=world.at)
    undo_renewals(run=run, by=world.admin, at=world.at)
    assert (Subscription.objects.present().count(), Term.objects.count()) == (
        0,
        0,
    )
    assert begun(world, field, plans).totals["count"] == 1
    assert Subscription.objects.present().get().cadence == "2/m:10,25"


def test_only_deals_that_one_may_change_begin_something(
    world: World, field: CustomField
) -> None:
    sold(world, field, "monatlich", date(2018, 11, 1))
    given = {world.option(field, "monatlich"): plan(world, MONTHLY)}
    run = start_from_options(
        field=field,
        by=world.charlie,
        at=world.at,
        on=date(2018, 11, 14),
        plans=given,
    )
    assert run.totals["count"] == 0
