"""What follows from a price: a month's share, and a price after a rise."""

from decimal import Decimal

import pytest

from turnus.core.cadence import TWICE_A_MONTH, WEEKLY, YEARLY, Cadence
from turnus.revenue.rules import monthly_e4
from turnus.revenue.subscriptions.actions.prices import PriceRise


@pytest.mark.parametrize(
    ("price", "cadence", "share"),
    [
        (1_000_000, YEARLY, 83_333),
        (1_000_000, TWICE_A_MONTH, 2_000_000),
        (-600_000, WEEKLY, -2_600_000),
    ],
    ids=["yearly", "twice a month", "weekly, negative"],
)
def test_a_price_has_a_share_for_each_month(
    price: int, cadence: Cadence, share: int
) -> None:
    assert monthly_e4(price, cadence) == share


@pytest.mark.parametrize(
    ("price", "percent", "amount", "step", "new"),
    [
        (999_900, "3.5", 0, 100, 1_034_900),
        (1_000_000, "0", 55_000, 10_000, 1_060_000),
        (1_000_000, "-2.5", 0, 50_000, 1_000_000),
        (10_000, "0", -25_000, 10_000, -20_000),
    ],
    ids=["to the cent", "half up", "to five", "below nothing"],
)
def test_a_price_rises_to_a_round_one(
    price: int, percent: str, amount: int, step: int, new: int
) -> None:
    rise = PriceRise(Decimal(percent), amount, step)
    assert rise.of(price) == new
