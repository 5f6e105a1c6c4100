"""The order in which the deals of a customer are read."""

from datetime import date
from itertools import permutations

from turnus.core.detection.detecting import group_of
from turnus.core.detection.facts import Sold

DAY = date(2018, 3, 10)


def test_a_deal_without_a_minute_stands_before_those_of_its_day() -> None:
    untimed = Sold(3, DAY, 300, "EUR", "Wartung", organization="Elbe GmbH")
    midnight = Sold(
        2, DAY, 200, "EUR", "Wartung", organization="Elbe GmbH", minute=0
    )
    later = Sold(
        1, DAY, 100, "EUR", "Wartung", organization="Elbe GmbH", minute=1
    )
    for sold in permutations([untimed, midnight, later]):
        group = group_of(1, "Elbe GmbH", "EUR", sold)
        assert group.sold == (untimed, midnight, later)
