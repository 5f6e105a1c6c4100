"""Due dates as numbers of days are those of the calendar, and agree with the cadence's own."""

from datetime import date
from itertools import islice

import pytest

from turnus.core.cadence import Cadence
from turnus.core.detection.due_days import due_days_after

ANCHORS = [
    date(2018, 1, 1),
    date(2018, 2, 28),
    date(2018, 3, 14),
    date(2018, 4, 30),
    date(2019, 12, 31),
    date(2020, 2, 29),
    date(2020, 1, 16),
]

FORMS = [
    *("1m", "5m", "1m-last", "3m:31", "1y", "2y:30"),
    *("2/m", "2/m:1,15", "2/m:10,31"),
    *("1w", "6w", "1d", "10d"),
]


@pytest.mark.parametrize("anchor", ANCHORS, ids=str)
@pytest.mark.parametrize("form", FORMS)
def test_due_days_are_those_of_the_cadence(form: str, anchor: date) -> None:
    cadence = Cadence.parse(form)
    numbers = range(1, 80)
    due_days = list(islice(due_days_after(cadence, anchor.toordinal()), 79))
    expected = [cadence.due(anchor, number).toordinal() for number in numbers]
    assert due_days == expected
