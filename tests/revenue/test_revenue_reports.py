"""Reports of recurring revenue: small stories with their figures."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.revenue.worlds import (
    RECURRING,
    TODAY,
    YEAR,
    booked,
    report,
    shown,
    source,
)
from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.core.calendar import DateRange, Period
from turnus.core.fields import FieldKind, Operator
from turnus.core.filters import Condition
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.reports.catalog import REPORTS
from turnus.reports.recurring.part_names import named_parts
from turnus.reports.shape import Basis, Measure
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

AUTUMN = DateRange(date(2018, 8, 1), date(2018, 12, 1))


def story(world: World) -> tuple[Subscription, ...]:
    """Four customers.

    Alpha grows in October; Beta leaves in September; Gamma pays yearly, in francs; Delta comes
    back in November.
    """
    countries = {
        "Alpha": "Österreich",
        "Beta": "Österreich",
        "Gamma": "Schweiz",
        "Delta": "",
    }
    alpha, beta, gamma, delta = (
        world.organization(name, country=land)
        for name, land in countries.items()
    )
    save_rate(
        by=world.admin, code="CHF", on=date(2017, 1, 1), rate=Decimal("0.9")
    )
    return (
        booked(world, alpha, "2018-08-15", [100, 100, 130, 130]),
        booked(world, beta, "2018-07-10", [50, 50], cadence="1m"),
        booked(
            world, gamma, "2018-08-01", [1200], cadence="1y", currency="CHF"
        ),
        booked(
            world,
            delta,
            "2018-07-01",
            [10, 10, None, None, 20],
            owner=world.charlie,
        ),
    )


#: Stands for a filter by owner, who is known only inside a test.
OWN = Condition("owner", Operator.IS, 0)


def test_mrr_is_what_recurs_on_the_last_day(world: World) -> None:
    story(world)
    found = report(world, "mrr", days=AUTUMN)
    assert shown(found, "mrr", "arr", "customers") == [
        "08: €250.00 €3,000.00 4",
        "09: €190.00 €2,280.00 2",
        "10: €220.00 €2,640.00 2",
        "11: €240.00 €2,880.00 3",
    ]


def test_the_waterfall_says_what_moved(world: World) -> None:
    story(world)
    codes = (
        "opening",
        "new",
        "reactivation",
        "expansion",
        "contraction",
        "churn",
        "closing",
    )
    assert shown(report(world, "movements", days=AUTUMN), *codes) == [
        "08: €60.00 €190.00 €0.00 €0.00 €0.00 €0.00 €250.00",
        "09: €250.00 €0.00 €0.00 €0.00 €0.00 -€60.00 €190.00",
        "10: €190.00 €0.00 €0.00 €30.00 €0.00 €0.00 €220.00",
        "11: €220.00 €0.00 €20.00 €0.00 €0.00 €0.00 €240.00",
    ]


def test_bookings_are_the_value_of_all_won_deals_by_what_they_are(
    world: World,
) -> None:
    story(world)
    world.deal(status="won", won_at=date(2018, 10, 5), amount=500)
    codes = ("new", "renewal", "expansion", "one_off", "won")
    assert shown(report(world, "bookings", days=AUTUMN), *codes) == [
        "08: €1,180.00 €60.00 €0.00 €0.00 €1,240.00",
        "09: €0.00 €100.00 €0.00 €0.00 €100.00",
        "10: €0.00 €100.00 €30.00 €500.00 €630.00",
        "11: €20.00 €0.00 €0.00 €0.00 €20.00",
    ]


def test_rates_compare_the_customers_of_two_days(world: World) -> None:
    story(world)
    found = report(world, "rates", days=AUTUMN)
    assert shown(
        found, "customer_churn", "gross_churn", "arpa", "quick_ratio"
    )[:2] == [
        "08: 0.00% 0.00% €62.50 –",
        "09: 50.00% 24.00% €95.00 0.00",
    ]


@pytest.mark.parametrize(
    ("measure", "line"),
    [
        (Measure.CUSTOMERS, "07: 2 100.00% 100.00% 0.00%"),
        (Measure.REVENUE, "07: 2 100.00% 100.00% 0.00%"),
    ],
)
def test_cohorts_follow_the_customers_of_a_month(
    world: World, measure: Measure, line: str
) -> None:
    story(world)
    found = report(world, "cohorts", measure=measure)
    assert shown(found, "size", "month:0", "month:1", "month:2")[0] == line


def test_the_forecast_tells_committed_from_expected(world: World) -> None:
    alpha = world.organization("Alpha")
    booked(world, alpha, "2018-10-20", [100])
    booked(world, alpha, "2018-10-20", [30], end_on=date(2018, 11, 20))
    assert shown(
        report(world, "forecast"),
        "opening",
        "ends",
        "total",
        "booked",
        "expected",
    )[:2] == [
        "11: €130.00 -€30.00 €100.00 €0.00 €100.00",
        "12: €100.00 €0.00 €100.00 €0.00 €100.00",
    ]


def test_what_is_known_to_end_renews_until_then(world: World) -> None:
    booked(
        world,
        world.organization("Alpha"),
        "2018-10-20",
        [100],
        end_on=date(2019, 1, 20),
    )
    found = report(world, "forecast")
    assert shown(found, "expected", "total", "ends")[1:4] == [
        "12: €100.00 €100.00 €0.00",
        "01: €0.00 €0.00 -€100.00",
        "02: €0.00 €0.00 €0.00",
    ]


def test_a_late_renewal_counts_inside_its_grace_and_is_marked(
    world: World,
) -> None:
    booked(
        world, world.organization("Alpha"), "2018-10-10", [100]
    )  # due on 10 November, grace 14 days
    found = report(world, "mrr", days=AUTUMN)
    assert shown(found, "mrr")[-1] == "11: €100.00"
    assert found.lines[-1].is_provisional
    assert source(world, days=AUTUMN).as_of == TODAY


@pytest.mark.parametrize(
    ("why", "change"),
    [
        (
            "deal lost",
            lambda: Deal.objects.update(
                status="lost", won_at=None, won_on=None
            ),
        ),
        (
            "deal in the trash",
            lambda: Deal.objects.update(trashed_at="2018-11-01T00:00Z"),
        ),
        ("skipped", lambda: Term.objects.update(deal=None)),
        (
            "subscription in the trash",
            lambda: Subscription.objects.update(
                trashed_at="2018-11-01T00:00Z"
            ),
        ),
        (
            "ended before",
            lambda: Subscription.objects.update(
                end_on=date(2018, 10, 25), state="ended"
            ),
        ),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_does_not_count(world: World, why: str, change: Any) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [100])
    change()
    assert shown(report(world, "mrr", days=AUTUMN), "mrr")[-1] == "11: €0.00"


def test_a_past_day_is_told_as_it_was_known_then(world: World) -> None:
    booked(world, world.organization("Alpha"), "2018-08-15", [100, 100, 130])
    known = report(world, "mrr", days=AUTUMN, known_on=date(2018, 9, 20))
    assert shown(known, "mrr") == ["08: €100.00", "09: €100.00"]


def test_currency_is_a_line_of_its_own_and_none_at_constant_rates(
    world: World,
) -> None:
    save_rate(
        by=world.admin, code="CHF", on=date(2016, 1, 1), rate=Decimal("1.0")
    )
    save_rate(
        by=world.admin, code="CHF", on=date(2018, 10, 1), rate=Decimal("1.1")
    )
    booked(
        world,
        world.organization("Alpha"),
        "2017-10-20",
        [1200, 1200],
        cadence="1y",
        currency="CHF",
    )
    assert (
        shown(
            report(world, "movements", days=AUTUMN), "opening", "fx", "closing"
        )[2]
        == "10: €100.00 €10.00 €110.00"
    )
    constant = report(world, "movements", days=AUTUMN, basis=Basis.TODAY)
    assert "fx" not in {one.code for one in constant.columns}
    assert (
        shown(report(world, "mrr", days=AUTUMN, currency="CHF"), "mrr")[0]
        == "08: CHF100.00"
    )


def test_a_currency_without_a_rate_is_withheld_and_named(world: World) -> None:
    booked(
        world,
        world.organization("Alpha"),
        "2018-08-15",
        [100, 100, 100, 100],
        currency="GBP",
    )
    found = report(world, "mrr", days=AUTUMN)
    assert [(one.currency, str(one.on)) for one in found.withheld] == [
        ("GBP", "2018-08-15")
    ]
    assert shown(found, "mrr")[0] == "08: €0.00"


@pytest.mark.parametrize(
    "split", ["plan", "owner", "currency", "owner.team", "organization.owner"]
)
def test_every_split_adds_up_to_the_whole(world: World, split: str) -> None:
    story(world)
    whole, parted = report(world, "mrr"), report(world, "mrr", split=split)
    for all_of_it, line in zip(whole.lines, parted.lines, strict=True):
        cells: list[Any] = list(line.cells)
        assert cells[-1] == all_of_it.cells[0]
        assert abs(
            sum(one.amount_e4 for one in cells[:-1]) - cells[-1].amount_e4
        ) <= 100 * len(cells)


def test_mrr_by_an_option_field_of_the_organization(world: World) -> None:
    field = world.field(FieldKind.OPTION, "Land", RecordKind.ORGANIZATION)
    alpha = world.organization(
        "Alpha", **{f"custom.{field.key}": world.option(field, "monatlich")}
    )
    booked(world, alpha, "2018-10-20", [100])
    booked(world, world.organization("Beta"), "2018-10-20", [7])
    found = report(
        world, "mrr", split=f"organization.custom.{field.key}", days=AUTUMN
    )
    assert [str(one.heading) for one in found.columns[:-1]] == [
        "monatlich",
        "not set",
    ]
    assert [cell.amount for cell in found.lines[-1].cells] == [100, 7, 107]  # type: ignore[union-attr]


def test_bookings_by_an_option_count_deals_without_a_subscription_by_their_own(
    world: World,
) -> None:
    field = world.field(FieldKind.OPTION, "Branche", RecordKind.ORGANIZATION)
    alpha = world.organization(
        "Alpha", **{f"custom.{field.key}": world.option(field, "monatlich")}
    )
    booked(world, alpha, "2018-10-20", [100])
    world.deal(
        organization=alpha.pk,
        status="won",
        won_at=date(2018, 10, 5),
        amount=500,
    )
    world.deal(status="won", won_at=date(2018, 10, 5), amount=7)
    found = report(
        world,
        "bookings",
        split=f"organization.custom.{field.key}",
        days=AUTUMN,
    )
    lines = [
        line for line in found.lines if line.days.start == date(2018, 10, 1)
    ]
    assert [(one.part_name, str(one.cells[-1])) for one in lines] == [
        ("monatlich", str(Money.of(600, "EUR"))),
        ("", str(Money.of(7, "EUR"))),
        ("", str(Money.of(607, "EUR"))),
    ]


def test_a_filter_keeps_the_one_off_part_of_its_deals(world: World) -> None:
    one = booked(world, world.organization("Alpha"), "2018-10-20", [100])
    Deal.objects.filter(term__subscription=one).update(value_e4=1_500_000)
    world.deal(status="won", won_at=date(2018, 10, 5), amount=500)
    found = report(
        world,
        "bookings",
        days=AUTUMN,
        tree=Condition("owner", Operator.IS, world.alice.pk),
    )
    assert (
        shown(found, "new", "one_off", "won")[2]
        == "10: €100.00 €50.00 €150.00"
    )


def test_committed_mrr_is_todays_with_what_is_known_to_change_it(
    world: World,
) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [100])
    booked(
        world,
        world.organization("Beta"),
        "2018-11-01",
        [30],
        end_on=date(2018, 12, 1),
    )
    booked(world, world.organization("Gamma"), "2018-12-10", [50])
    from_ = source(world, days=AUTUMN)
    found = REPORTS["mrr"].report(from_)
    assert shown(found, "mrr", "committed")[-2:] == [
        "10: €100.00 –",
        "11: €130.00 €150.00",
    ]
    (group,) = REPORTS["mrr"].parts(from_, found.columns[-1], found.lines[-1])
    assert [
        (one.customer, one.what, one.amount)
        for one in named_parts(group, from_.viewer)
    ] == [
        ("Alpha", "opening", Money.of(100, "EUR")),
        ("Gamma", "signed", Money.of(50, "EUR")),
        ("Beta", "opening", Money.of(30, "EUR")),
        ("Beta", "ends", Money.of(-30, "EUR")),
    ]


def test_new_mrr_per_new_customer_leaves_out_who_came_back(
    world: World,
) -> None:
    story(world)
    booked(world, world.organization("Epsilon"), "2018-11-02", [70])
    assert (
        shown(report(world, "rates", days=AUTUMN), "asp")[-1] == "11: €70.00"
    )


def test_a_stranger_sees_only_what_is_visible(world: World) -> None:
    one = booked(
        world,
        world.organization("Alpha"),
        "2018-10-20",
        [100],
        visibility="team",
    )
    assert (
        shown(report(world, "mrr", world.bob, days=AUTUMN), "mrr")[-1]
        == "11: €100.00"
    )
    for name in RECURRING:
        from_ = source(world, world.charlie, days=AUTUMN)
        cells = [
            cell
            for line in REPORTS[name].report(from_).lines
            for cell in line.cells
        ]
        assert not [
            cell
            for cell in cells
            if isinstance(cell, Money)
            and cell.amount_e4
            and name != "bookings"
        ]
    assert one.visibility == "team"


@pytest.mark.parametrize("name", RECURRING)
def test_the_number_of_queries_does_not_grow(world: World, name: str) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            REPORTS[name].report(source(world, split="owner"))
        return len(captured)

    story(world)
    before = queries()
    story(world)
    assert queries() == before
    # Of what is stored, and of what is stale beside it.
    assert before <= 20


def test_quarters_are_the_sum_of_their_months(world: World) -> None:
    story(world)
    months, quarters = (
        report(world, "movements", days=YEAR, period=each)
        for each in (Period.MONTH, Period.QUARTER)
    )
    for index, column in enumerate(quarters.columns):
        if column.code not in {"opening", "closing"}:
            sums = [
                sum(line.cells[index].amount_e4 for line in each.lines)
                for each in (months, quarters)
            ]  # type: ignore[union-attr]
            assert sums[0] == sums[1], column.code
    assert quarters.lines[-1].cells[-2] == months.lines[-1].cells[-2]


def test_the_day_before_a_term_begins_counts_nothing(world: World) -> None:
    booked(world, world.organization("Alpha"), "2018-11-14", [100])
    yesterday = DateRange(date(2018, 11, 1), TODAY)
    assert source(
        world, days=yesterday
    ).params.days.last_day == TODAY - timedelta(days=1)
