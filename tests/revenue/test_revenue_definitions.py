"""Definitions with a worked figure: lifetime value, rates of a cohort, a net that opens."""

from datetime import date
from decimal import Decimal

import pytest

from tests.revenue.worlds import booked, report, shown, source
from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.core.calendar import DateRange
from turnus.core.money import Money
from turnus.reports.catalog import REPORTS
from turnus.reports.shape import Measure

AUTUMN = DateRange(date(2018, 9, 1), date(2018, 12, 1))


def test_the_lifetime_value_looks_at_the_six_months_before_its_own(
    world: World,
) -> None:
    """Ten customers at 100; some leave.

    In September one does (10 % in one of six months), in October half of the others do.
    """
    for number in range(10):
        months = 6 if number == 0 else 7 if number < 5 else 12
        booked(
            world,
            world.organization(f"Kunde {number}"),
            "2018-03-01",
            [100] * months,
            state="ended" if months < 12 else "active",
        )
    # September's own churn is not in September's figure, October's not in October's:
    # 100 / (10 % / 6) = 6000.
    assert shown(
        report(world, "rates", days=AUTUMN), "customer_churn", "ltv"
    ) == [
        "09: 10.00% –",
        "10: 44.44% €6,000.00",
        "11: 0.00% €1,102.04",
    ]


@pytest.mark.parametrize("measure", list(Measure))
def test_a_cohort_is_at_the_rates_of_its_own_month(
    world: World, measure: Measure
) -> None:
    save_rate(
        by=world.admin, code="CHF", on=date(2018, 1, 1), rate=Decimal("1.00")
    )
    save_rate(
        by=world.admin, code="CHF", on=date(2018, 3, 1), rate=Decimal("1.07")
    )
    booked(
        world,
        world.organization("Alpha"),
        "2018-01-15",
        [100] * 11,
        currency="CHF",
    )
    booked(
        world,
        world.organization("Beta"),
        "2018-03-10",
        [100] * 9,
        currency="CHF",
    )
    found = report(world, "cohorts", measure=measure)
    assert shown(found, "base", "month:0", "month:3") == [
        "01: €100.00 100.00% 100.00%",
        "03: €107.00 100.00% 100.00%",
    ]
    new = shown(report(world, "movements"), "new")
    assert (new[0], new[2]) == ("01: €100.00", "03: €107.00")


def test_net_is_what_it_opens_to(world: World) -> None:
    for number, day in enumerate(("2018-09-01", "2018-10-01", "2018-11-01")):
        booked(
            world,
            world.organization(f"Kunde {number}"),
            day,
            [100],
            cadence="1y",
        )
    from_ = source(world, days=AUTUMN)
    found = REPORTS["movements"].report(from_)
    index = next(
        place for place, one in enumerate(found.columns) if one.code == "net"
    )
    for line in found.lines:
        parts = REPORTS["movements"].opened(
            from_, found, code="net", start=line.days.start
        )
        assert parts is not None
        assert (
            line.cells[index]
            == parts.groups[0].shown
            == Money.of(Decimal("8.33"), "EUR")
        )
