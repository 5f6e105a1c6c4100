"""Amounts and days as languages write them; one that has no catalog yet needs no code either."""

from datetime import date

import pytest

from turnus.fields.words import delimiter_of
from turnus.kit import formats


@pytest.mark.parametrize(
    ("language", "amount", "day"),
    [
        ("en", "-€1,234.50", "3 Sept 2018"),
        ("de", "-1.234,50\u00a0€", "03.09.2018"),
        ("fr", "-1\u202f234,50\u00a0€", "3 sept. 2018"),
    ],
)
def test_amounts_and_days_are_written_as_their_language_does(
    language: str, amount: str, day: str
) -> None:
    assert formats.money(-12_345_000, "EUR", language) == amount
    assert formats.day(date(2018, 9, 3), language) == day


@pytest.mark.parametrize(
    ("language", "delimiter"), [("en", ","), ("de", ";"), ("fr", ";")]
)
def test_files_have_semicolons_where_commas_stand_in_numbers(
    language: str, delimiter: str
) -> None:
    assert delimiter_of(language) == delimiter
