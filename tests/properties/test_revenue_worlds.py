"""Law: opening + movements = closing, for every period and split, in stored worlds."""

from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.revenue.worlds import RECURRING, booked, source
from tests.world import World
from turnus.core.calendar import Period
from turnus.core.money import Money
from turnus.core.revenue.waterfall import waterfall
from turnus.reports.catalog import REPORTS
from turnus.revenue.models import Subscription

PRICES = st.lists(
    st.one_of(st.none(), st.integers(0, 500)), min_size=1, max_size=5
)
ONE = st.tuples(
    st.integers(0, 2),
    st.dates(date(2018, 1, 1), date(2018, 10, 1)),
    PRICES,
    st.sampled_from(["1m", "3m", "1w", "2/m", "1y"]),
)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    each=st.lists(ONE, min_size=1, max_size=4),
    period=st.sampled_from([Period.MONTH, Period.QUARTER]),
)
def test_every_part_foots_and_the_parts_are_the_whole(
    world: World, each: list[Any], period: Period
) -> None:
    Subscription.objects.all().delete()
    customers = [world.organization(f"Kunde {number}") for number in range(3)]
    for customer, start, prices, cadence in each:
        booked(
            world,
            customers[customer],
            start.isoformat(),
            prices,
            cadence=cadence,
        )
    from_ = source(world, split="plan", period=period)
    whole = waterfall(from_.ledger, from_.periods)
    keys = {one.slices["part"] for one in from_.segments}
    tables = {
        key: waterfall(from_.ledger, from_.periods, from_.matching(key))
        for key in keys
    }
    for index, table in enumerate(whole):
        assert (
            sum((each[index].closing for each in tables.values()), Fraction(0))
            == table.closing
        )
        for own in tables.values():
            assert index == 0 or own[index].opening == own[index - 1].closing
            shown = own[index].shown
            added = shown.opening.amount_e4 + sum(
                one.amount_e4 for one in shown.lines.values()
            )
            assert (
                added + shown.rounding_difference.amount_e4
                == shown.closing.amount_e4
            )
    _holds_on_the_screen(from_)


def _holds_on_the_screen(from_: Any) -> None:
    mrr, movements = (
        REPORTS[name].report(from_) for name in ("mrr", "movements")
    )
    codes = [one.code for one in movements.columns]
    closings = {}
    for line in movements.lines:
        cells: dict[str, Any] = dict(zip(codes, line.cells, strict=True))
        between = [
            one.amount_e4
            for code, one in cells.items()
            if code not in {"opening", "closing", "net"}
        ]
        assert (
            cells["opening"].amount_e4 + sum(between)
            == cells["closing"].amount_e4
        )
        closings[line.days, line.part] = cells["closing"]
    for line in mrr.lines:
        for column, cell in zip(mrr.columns, line.cells, strict=True):
            part = (
                column.code.removeprefix("part:")
                if column.code != "mrr"
                else None
            )
            assert (
                closings.get((line.days, part), Money(0, from_.currency))
                == cell
            )


@pytest.mark.parametrize("name", RECURRING)
def test_an_empty_world_has_every_report(world: World, name: str) -> None:
    assert REPORTS[name].report(source(world)).name == name
