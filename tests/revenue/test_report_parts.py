"""Every figure of the reports of recurring revenue opens parts that add up to it."""

from collections.abc import Iterator, Sequence
from datetime import date
from fractions import Fraction
from typing import Any

import pytest

from tests.revenue.test_revenue_reports import AUTUMN, OWN, story
from tests.revenue.worlds import RECURRING, booked, source
from tests.world import World
from turnus.core.calendar import Period
from turnus.core.fields import Operator
from turnus.core.filters import Condition
from turnus.core.money import Money
from turnus.core.revenue.rates import shown_rate
from turnus.reports.catalog import REPORTS
from turnus.reports.catalog.rates import COLUMNS
from turnus.reports.recurring.part_names import named_parts
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Column, Group, Line, Measure, Report, Unit


def each_figure(found: Report) -> Iterator[tuple[Line, Column, Any]]:
    for line in found.lines:
        for column, cell in zip(found.columns, line.cells, strict=True):
            if column.has_parts and cell is not None:
                yield line, column, cell


def as_number(amount: Money | int) -> int:
    return amount.amount_e4 if isinstance(amount, Money) else amount


def made_of(groups: Sequence[Group], code: str, currency: str) -> Any:
    """The figure that groups of parts make: their sum, or one divided by the other."""
    if len(groups) == 1:
        return groups[0].shown
    first, second, *months = groups
    value = first.exact / second.exact
    if months:
        rates = [
            left.exact / all_.exact
            for left, all_ in zip(months[::2], months[1::2], strict=True)
            if all_.exact
        ]
        value /= sum(rates) / len(rates)
    is_money = first.unit is Unit.MONEY and code in {"arpa", "asp", "ltv"}
    return (
        Money.rounded_from(value, currency) if is_money else shown_rate(value)
    )


def exact(from_: Source, name: str, column: Column, line: Line) -> Fraction:
    return sum(
        (each.exact for each in REPORTS[name].parts(from_, column, line)),
        Fraction(0),
    )


@pytest.mark.parametrize("name", RECURRING)
@pytest.mark.parametrize(
    "params",
    [
        {},
        {"period": Period.QUARTER},
        {"split": "plan"},
        {"split": "organization.country"},
        {"measure": Measure.CUSTOMERS},
        {"tree": OWN},
    ],
    ids=["months", "quarters", "plan", "country", "customers", "filter"],
)
def test_every_figure_opens_parts_that_make_it(
    world: World, name: str, params: dict[str, Any]
) -> None:
    story(world)
    if "tree" in params:
        params = {"tree": Condition("owner", Operator.IS, world.alice.pk)}
    from_ = source(world, **params)
    found = REPORTS[name].report(from_)
    for line, column, cell in each_figure(found):
        opened = REPORTS[name].parts(from_, column, line)
        assert made_of(opened, column.code, "EUR") == cell, (
            line.days,
            line.part,
            column.code,
        )
        for group in opened:
            added = [
                as_number(one.amount)
                for one in named_parts(group, from_.viewer)
            ]
            difference = (
                group.rounding_difference.amount_e4
                if group.rounding_difference
                else 0
            )
            assert sum(added) + difference == as_number(group.shown)


@pytest.mark.parametrize(
    "split", ["plan", "owner", "organization.country", "owner.team"]
)
@pytest.mark.parametrize("name", ["movements", "bookings", "forecast"])
def test_the_lines_of_parts_add_up_to_the_period(
    world: World, name: str, split: str
) -> None:
    story(world)
    world.deal(status="won", won_at=date(2018, 10, 5), amount=500)
    from_ = source(world, split=split)
    found = REPORTS[name].report(from_)
    assert found.is_split
    for whole in found.whole:
        parts = [
            line
            for line in found.lines
            if line.days == whole.days and line.part is not None
        ]
        for column in found.columns:
            if column.has_parts:
                assert exact(from_, name, column, whole) == sum(
                    exact(from_, name, column, one) for one in parts
                )


def test_what_a_rate_divides_adds_up_over_the_parts(world: World) -> None:
    story(world)
    from_ = source(world, split="plan")
    lines = [
        one
        for one in REPORTS["rates"].report(from_).lines
        if one.days.start == date(2018, 9, 1)
    ]
    churn = next(one for one in COLUMNS if one.code == "gross_churn")
    sums = {
        one.part_name: [
            each.exact for each in REPORTS["rates"].parts(from_, churn, one)
        ]
        for one in lines
    }
    whole = sums.pop("")
    assert sorted(sums) == ["1m", "1y"]
    assert [sum(each) for each in zip(*sums.values(), strict=True)] == whole


def test_thirds_foot_with_a_rounding_difference(world: World) -> None:
    for name in ("Alpha", "Beta", "Gamma"):
        booked(
            world, world.organization(name), "2018-10-01", [100], cadence="1y"
        )
    from_ = source(world, days=AUTUMN)
    found = REPORTS["mrr"].report(from_)
    (opened,) = REPORTS["mrr"].parts(from_, found.columns[0], found.lines[-1])
    assert [one.amount for one in named_parts(opened, from_.viewer)] == [
        Money.of("8.33", "EUR")
    ] * 3
    assert (opened.shown, opened.rounding_difference) == (
        Money.of(25, "EUR"),
        Money.of("0.01", "EUR"),
    )


def test_a_part_names_its_deal(world: World) -> None:
    booked(
        world, world.organization("Alpha"), "2018-08-15", [100, 100, 130, 130]
    )
    from_ = source(world, days=AUTUMN)
    found = REPORTS["movements"].report(from_)
    column = next(one for one in found.columns if one.code == "expansion")
    (group,) = REPORTS["movements"].parts(from_, column, found.lines[2])
    (part,) = named_parts(group, from_.viewer)
    assert (part.customer, part.deal_title, part.what, str(part.on)) == (
        "Alpha",
        "Abo 2",
        "price_up",
        "2018-10-15",
    )
