"""The deals-over-time reports: figures by day, converted, split; each adds up."""

from datetime import date
from decimal import Decimal

import pytest

from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.accounts.models import User
from turnus.accounts.queries import company, rates
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange, Period
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.reports.catalog import REPORTS
from turnus.reports.shape import Line, Params, Report
from turnus.sales.models import Deal

YEAR = DateRange(date(2018, 1, 1), date(2019, 1, 1))


def report(
    world: World,
    name: str = "won",
    user: User | None = None,
    *,
    period: Period = Period.MONTH,
    split: str = "",
) -> Report:
    viewer = Viewer(
        user or world.admin, date(2018, 11, 14), company().zone, "de"
    )
    definition = REPORTS[name]
    params = Params(YEAR, period, split)
    source = definition.source(
        viewer, params, catalog(RecordKind.DEAL), rates=rates()
    )
    return definition.report(source)


def shown(line: Line) -> tuple[object, Decimal]:
    """Count and value of all segments together, which stand last."""
    count, value = line.cells[-2:]
    assert isinstance(value, Money)
    return count, value.amount


def sold(world: World) -> None:
    organization, person = world.organization().pk, world.person().pk
    for day, amount in (
        (date(2018, 1, 31), 10),
        (date(2018, 2, 1), 20),
        (date(2018, 2, 28), 5),
    ):
        world.deal(
            organization=organization, status="won", won_at=day, amount=amount
        )
    world.deal(
        person=person,
        status="won",
        won_at=date(2018, 2, 10),
        value=Money.of(100, "USD"),
    )
    world.deal(
        person=person,
        status="won",
        won_at=date(2018, 3, 10),
        value=Money.of(7, "GBP"),
    )
    world.deal(
        organization=organization,
        status="lost",
        lost_at=date(2018, 5, 5),
        amount=3,
    )
    world.deal(
        organization=organization,
        expected_close_on=date(2018, 12, 24),
        amount=4,
    )
    save_rate(
        by=world.admin, code="USD", on=date(2018, 2, 1), rate=Decimal("0.8")
    )


def test_won_deals_count_in_the_month_of_their_won_day(world: World) -> None:
    sold(world)
    found = report(world)
    assert [shown(line) for line in found.lines[:3]] == [
        (1, 10),
        (3, 105),
        (0, 0),
    ]
    assert found.totals == (4, Money.of(115, "EUR"))
    (unconverted,) = found.unconverted
    assert (unconverted.count, unconverted.money) == (1, Money.of(7, "GBP"))


@pytest.mark.parametrize(
    ("period", "lines"),
    [(Period.QUARTER, 4), (Period.YEAR, 1), (Period.MONTH, 12)],
)
def test_every_period_adds_up_to_the_same(
    world: World, period: Period, lines: int
) -> None:
    sold(world)
    found = report(world, period=period)
    assert len(found.lines) == lines
    assert sum(shown(line)[1] for line in found.lines) == 115
    assert found.totals == (4, Money.of(115, "EUR"))


def test_a_contacts_first_deal_stands_apart_from_repeats(world: World) -> None:
    sold(world)
    found = report(world, split="sequence")
    assert found.cell(found.totals, "count:first") == 2
    assert found.cell(found.totals, "count:repeat") == 2


def test_every_split_adds_up_to_the_whole(world: World) -> None:
    sold(world)
    field = world.field()
    Deal.objects.update(custom={field.key: world.option(field, "monatlich")})
    for path in REPORTS["won"].splits(catalog(RecordKind.DEAL)):
        assert report(world, split=path).totals[-2:] == report(world).totals


def test_a_split_into_options_is_headed_by_their_names(world: World) -> None:
    field = world.field()
    option = world.option(field, "monatlich")
    for custom in ({field.key: option}, {}):
        deal = world.deal(status="won", won_at=date(2018, 5, 1), amount=1)
        Deal.objects.filter(pk=deal.pk).update(custom=custom)
    found = report(world, split=f"custom.{field.key}")
    assert [column.group for column in found.columns[::2]] == [
        "monatlich",
        "not set",
        "Total",
    ]


def test_lost_and_open_deals_have_their_own_days(world: World) -> None:
    sold(world)
    assert shown(report(world, "lost").lines[4]) == (1, 3)
    assert shown(report(world, "open").lines[11]) == (1, 4)


def test_only_visible_deals_are_counted(world: World) -> None:
    world.deal(
        status="won", won_at=date(2018, 5, 1), visibility="owner", amount=1
    )
    assert report(world, user=world.alice).totals[0] == 1
    assert report(world, user=world.charlie).totals[0] == 0
