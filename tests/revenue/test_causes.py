"""What causes each movement: the deal that pays, or what a person did; a subscription's page."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.revenue.test_life import on
from tests.revenue.test_renewals import plan, renewed, subscribed
from tests.revenue.worlds import TODAY, report, source
from tests.world import World
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.core.cadence import YEARLY
from turnus.core.money import Money
from turnus.core.revenue.conversion import own_currency
from turnus.core.revenue.mrr import recurring_on
from turnus.core.revenue.waterfall import waterfall
from turnus.history.models import Event
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.reports.recurring.life import movements_of, stretches_of
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.renewals.actions.plan import (
    plan_renewals,
    request_renewals,
)
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
from turnus.revenue.terms.queries import coming_terms, terms_of

Act = Callable[[dict[str, Any], date], object]


def _price(number: int) -> Money:
    return Money.of(number, "EUR")


ACTS: dict[str, Act] = {
    "pause": lambda given, day: pause_subscriptions(**given, pauses_on=day),
    "resume": lambda given, day: resume_subscriptions(**given, resumes_on=day),
    "price now": lambda given, day: change_price_now(
        **given, price=_price(150), on=day
    ),
    "price": lambda given, _day: change_price(**given, price=_price(80)),
    "plan": lambda given, _day: change_plan(
        **given, plan=Plan.objects.get(cadence="1y"), price=_price(960)
    ),
    "plan now": lambda given, day: change_plan(
        **given, plan=Plan.objects.get(cadence="1y"), price=_price(960), on=day
    ),
    "cancel": lambda given, day: cancel_subscriptions(
        **given, on=day, ends_on=day
    ),
    "skip": lambda given, _day: skip_terms(**given),
}


def does(world: World, what: str, day: date, pk: int | None = None) -> None:
    """Do something to one subscription (None: the only one) on a day."""
    one = Subscription.objects.filter(pk=pk or Subscription.objects.get().pk)
    ACTS[what](
        {"subscriptions": one, "by": world.alice, "at": on(str(day))}, day
    )


def lived(world: World, *story: tuple[str, str]) -> Subscription:
    """A monthly subscription from 1 June; on each day of the story something is done with it."""
    if not Plan.objects.filter(cadence="1y").exists():
        plan(world, YEARLY)
    one = subscribed(world, start=date(2018, 6, 1))
    for day, what in story:
        renewed(world, date.fromisoformat(day))
        if what:
            does(world, what, date.fromisoformat(day), one.pk)
    for term in one.terms.all():
        Term.objects.filter(pk=term.pk).update(
            recorded_at=on(str(term.starts_on))
        )
    one.refresh_from_db()
    return one


def viewer(world: World, user: Any = None) -> Viewer:
    return Viewer(user or world.admin, TODAY, company().zone)


def told(world: World, one: Subscription, user: Any = None) -> list[str]:
    lines = []
    for movement in reversed(movements_of(one, viewer(world, user))):
        deal = "deal" if movement.deal else "-"
        event = "event" if movement.event else "-"
        change = f"{movement.on:%m-%d} {movement.what} {movement.mrr.amount}"
        lines.append(f"{change} {deal} {event}")
    return lines


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        (
            [
                ("2018-06-15", "pause"),
                ("2018-07-01", "resume"),
                ("2018-07-10", "pause"),
                ("2018-08-01", "resume"),
                ("2018-11-14", ""),
            ],
            [
                "06-01 started 100 deal -",
                "06-15 paused -100 deal event",
                "07-01 resumed 100 deal event",
                "07-10 paused -100 deal event",
                "08-01 resumed 100 deal event",
            ],
        ),
        (
            [("2018-10-20", "price now"), ("2018-11-14", "")],
            ["06-01 started 100 deal -", "10-20 price_up 50 deal event"],
        ),
        (
            [("2018-10-20", "price"), ("2018-11-14", "")],
            ["06-01 started 100 deal -", "11-01 price_down -20 deal -"],
        ),
        (
            [("2018-10-20", "plan"), ("2018-11-14", "")],
            ["06-01 started 100 deal -", "11-01 plan_changed -20 deal event"],
        ),
        (
            [("2018-10-20", "cancel"), ("2018-11-14", "")],
            ["06-01 started 100 deal -", "10-20 ended -100 deal event"],
        ),
        (
            [
                ("2018-08-20", "cancel"),
                ("2018-10-01", "resume"),
                ("2018-11-14", ""),
            ],
            [
                "06-01 started 100 deal -",
                "08-20 ended -100 deal event",
                "10-01 resumed 100 deal event",
            ],
        ),
        (
            [("2018-08-20", "")],
            ["06-01 started 100 deal -", "09-01 lapsed -100 deal -"],
        ),
    ],
    ids=[
        "two pauses",
        "price at once",
        "price of the next term",
        "plan",
        "canceled",
        "came back",
        "not renewed",
    ],
)
def test_each_movement_names_the_deal_and_the_event(
    world: World, story: Any, expected: list[str]
) -> None:
    assert told(world, lived(world, *story)) == expected


def test_an_agreed_end_is_no_lapse_and_goes_back_to_the_deal(
    world: World,
) -> None:
    one = subscribed(world, start=date(2018, 6, 1), ends_on=date(2018, 7, 1))
    assert told(world, one) == [
        "06-01 started 100 deal -",
        "07-01 ended -100 deal -",
    ]


def test_a_deal_that_one_may_not_see_is_not_named(world: World) -> None:
    one = lived(world, ("2018-10-20", "price now"), ("2018-11-14", ""))
    one.terms.first().deal.__class__.objects.update(
        visibility="owner", owner=world.alice
    )  # type: ignore[union-attr]
    assert told(world, one, world.charlie) == [
        "06-01 started 100 - -",
        "10-20 price_up 50 - event",
    ]


def test_days_are_told_from_the_first_to_those_planned(world: World) -> None:
    one = lived(
        world,
        ("2018-06-15", "pause"),
        ("2018-07-01", "resume"),
        ("2018-09-20", "price now"),
    )
    does(world, "skip", date(2018, 9, 20))
    one.refresh_from_db()
    found = stretches_of(
        one, terms_of(one), coming_terms(one, on=TODAY), on=TODAY
    )
    assert [
        f"{each.start:%m-%d} {each.what} {each.price.amount if each.price else ''}".strip()
        for each in found
    ] == [
        "06-01 booked 100",
        "06-15 paused",
        "07-01 booked 100",
        "09-20 skipped 0",
        "10-20 due 150",
        "11-20 planned 150",
    ]


def test_the_page_tells_movements_and_opens_an_old_event(world: World) -> None:
    one = lived(
        world,
        ("2018-06-15", "pause"),
        ("2018-07-01", "resume"),
        ("2018-11-14", ""),
    )
    pause = Event.objects.filter(changes__has_key="paused_on").earliest("id")
    for _ in range(60):
        change_price(
            subscriptions=Subscription.objects.all(),
            by=world.alice,
            at=world.at,
            price=_price(99 + _ % 2),
        )
    client = world.client(world.bob)
    page = client.get(f"/subscriptions/{one.pk}/").content.decode()
    assert "Am 15.06.2018 wurde es pausiert." in page
    assert "15.06.2018 – 30.06.2018: pausiert" in page
    assert f'id="event-{pause.pk}"' not in page
    assert (
        f'id="event-{pause.pk}"'
        in client.get(
            f"/subscriptions/{one.pk}/?event={pause.pk}"
        ).content.decode()
    )


def test_a_report_opens_down_to_the_event(world: World) -> None:
    one = lived(world, ("2018-10-20", "pause"))
    page = world.client(world.admin).get(
        "/reports/movements/parts/?from=2018-10-01&until=2018-10-31&figure=churn&at=2018-10-01"
    )
    event = Event.objects.latest("id")
    assert (
        f"/subscriptions/{one.pk}/?event={event.pk}#event-{event.pk}"
        in page.content.decode()
    )


def test_events_cost_one_query_however_many_there_are(world: World) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as caught:
            report(world, "movements")
        return len(caught)

    lived(world, ("2018-06-15", "pause"), ("2018-07-01", "resume"))
    before = count()
    for _ in range(3):
        lived(world, ("2018-06-15", "pause"), ("2018-07-01", "resume"))
    assert count() == before


@pytest.mark.parametrize("what", ["pause", "cancel", "price now", "plan now"])
def test_what_was_not_known_on_a_day_did_not_stop_anything_then(
    world: World, what: str
) -> None:
    lived(world, ("2018-10-20", what), ("2018-11-14", ""))
    known = report(world, "mrr", known_on=date(2018, 10, 19))
    assert [line.cells[0] for line in known.lines][5:] == [_price(100)] * 5
    now = report(world, "mrr").lines[9].cells[0]
    assert (
        report(world, "mrr", known_on=date(2018, 11, 13)).lines[9].cells[0]
        == now
    )


def test_a_pause_that_was_known_then_counts_though_it_is_over(
    world: World,
) -> None:
    lived(
        world,
        ("2018-06-20", "pause"),
        ("2018-10-01", "resume"),
        ("2018-11-14", ""),
    )
    known = report(world, "mrr", known_on=date(2018, 8, 31))
    assert [line.cells[0] for line in known.lines][4:] == [
        _price(0),
        _price(0),
        _price(0),
        _price(0),
    ]
    legs = [
        str(leg.kind)
        for each in source(world, known_on=date(2018, 8, 31)).ledger.movements
        for leg in each.legs
    ]
    assert legs == ["started", "paused"]


STORY = st.lists(
    st.tuples(
        st.dates(date(2018, 6, 2), TODAY), st.sampled_from(sorted(ACTS))
    ),
    max_size=6,
).map(sorted)


def _live(world: World, pk: int, story: list[tuple[date, str]]) -> None:
    for day, what in story:
        due = plan_renewals(
            by=world.admin,
            at=world.at,
            subscriptions=Subscription.objects.filter(pk=pk),
            until=day,
            title="",
        )
        if due is not None:
            request_renewals(run=due, by=world.admin, at=world.at)
            run_pending()
        try:
            does(world, what, day, pk)
        except UserError:
            continue  # what cannot be done on that day is refused, and changes nothing


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(story=STORY)
def test_any_life_foots_and_each_movement_has_a_source(
    world: World, story: list[tuple[date, str]]
) -> None:
    Subscription.objects.all().delete()
    _live(world, lived(world).pk, story)
    from_ = source(world)
    tables = waterfall(from_.ledger, from_.periods)
    for table in tables:
        day = min(table.days.last_day, TODAY)
        assert (
            table.closing
            == recurring_on(
                day, from_.segments, conversion=own_currency("EUR")
            ).mrr_e4
        )
    legs = [leg for each in from_.ledger.movements for leg in each.legs]
    assert all(leg.cause.deal or leg.cause.event for leg in legs)


@settings(
    max_examples=4,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(stories=st.tuples(STORY, STORY))
def test_the_order_of_recording_changes_no_figure(
    world: World, stories: tuple[Any, Any]
) -> None:
    figures = []
    for order in (stories, stories[::-1]):
        Subscription.objects.all().delete()
        for story in order:
            _live(world, lived(world).pk, story)
        figures.append(report(world, "movements").lines)
    assert figures[0] == figures[1]
