"""Marks of time in titles: the same month, however its year is written."""

from datetime import date

import pytest

from turnus.core.title_marks import MarkKind, marks_in


@pytest.mark.parametrize(
    "title", ["Wartung 3/18", "Wartung 03/2018", "Wartung 3.2018"]
)
def test_a_month_is_the_same_with_two_digits_of_its_year_and_with_four(
    title: str,
) -> None:
    (mark,) = marks_in(title, near=date(2018, 3, 1))
    assert (mark.kind, mark.value) == (MarkKind.MONTH, 2018 * 12 + 2)
