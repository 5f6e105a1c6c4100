"""The deals-over-time reports: figures by day, converted, split; each adds up."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.accounts.queries import company, rates
from turnus.accounts.viewer import Viewer
from turnus.core.calendar import DateRange, Period
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.reports.deals_over_time import ReportKind, deals_over_time, segment_paths
from turnus.reports.report import Params, Report
from turnus.sales.models import Deal

YEAR = DateRange(date(2018, 1, 1), date(2019, 1, 1))


def report(
    world: World, kind: ReportKind = ReportKind.WON, user: Any = None, **params: Any
) -> Report:
    viewer = Viewer(user or world.admin, date(2018, 11, 14), company().zone, "de")
    asked = Params(params.pop("days", YEAR), **params)
    return deals_over_time(kind, asked, catalog(RecordKind.DEAL), viewer=viewer, rates=rates())


def sold(world: World) -> None:
    organization, person = world.organization().pk, world.person().pk
    for day, amount in ((date(2018, 1, 31), 10), (date(2018, 2, 1), 20), (date(2018, 2, 28), 5)):
        world.deal(organization=organization, status="won", won_at=day, amount=amount)
    world.deal(person=person, status="won", won_at=date(2018, 2, 10), value=Money.of(100, "USD"))
    world.deal(person=person, status="won", won_at=date(2018, 3, 10), value=Money.of(7, "GBP"))
    world.deal(organization=organization, status="lost", lost_at=date(2018, 5, 5), amount=3)
    world.deal(organization=organization, expected_close_on=date(2018, 12, 24), amount=4)
    save_rate(by=world.admin, code="USD", on=date(2018, 2, 1), rate=Decimal("0.8"))


def test_won_deals_count_in_the_month_of_their_won_day(world: World) -> None:
    sold(world)
    found = report(world)
    assert [(line.total.count, line.total.value_e4 // 10_000) for line in found.lines[:3]] == [
        (1, 10),
        (3, 105),
        (0, 0),
    ]
    assert (found.total.count, found.without_rate["GBP"].count) == (4, 1)
    assert sum(line.total.value_e4 for line in found.lines) == found.total.value_e4


@pytest.mark.parametrize(
    ("period", "lines"), [(Period.QUARTER, 4), (Period.YEAR, 1), (Period.MONTH, 12)]
)
def test_every_period_adds_up_to_the_same(world: World, period: Period, lines: int) -> None:
    sold(world)
    found = report(world, period=period)
    assert (len(found.lines), found.total.value_e4) == (lines, 1_150_000)


def test_a_contacts_first_deal_stands_apart_from_repeats(world: World) -> None:
    sold(world)
    found = report(world, segment="sequence")
    by_name = dict(zip([one.key for one in found.segments], found.totals, strict=True))
    assert (by_name["first"].count, by_name["repeat"].count) == (2, 2)


def test_every_split_adds_up_to_the_whole(world: World) -> None:
    sold(world)
    field = world.field()
    Deal.objects.update(custom={field.key: world.option(field, "monatlich")})
    for path in segment_paths(catalog(RecordKind.DEAL)):
        assert report(world, segment=path).total == report(world).total
    assert [one.name for one in report(world, segment=f"custom.{field.key}").segments] == [
        "monatlich"
    ]


def test_lost_and_open_deals_have_their_own_days(world: World) -> None:
    sold(world)
    assert report(world, ReportKind.LOST).lines[4].total.count == 1
    assert report(world, ReportKind.OPEN).lines[11].total.count == 1


def test_only_visible_deals_are_counted(world: World) -> None:
    world.deal(status="won", won_at=date(2018, 5, 1), visibility="owner")
    assert (
        report(world, user=world.alice).total.count,
        report(world, user=world.charlie).total.count,
    ) == (1, 0)
