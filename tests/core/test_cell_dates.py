"""Days and moments in the cells of a file: how people and programs write them."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from tests.core.test_cells import PAST, PLANNED, START, read
from turnus.core.fields import (
    DateRules,
    FieldKind,
    Notation,
    guess_notation,
    parse,
)
from turnus.core.tables import Cell

K = FieldKind


@pytest.mark.parametrize(
    "text",
    [
        "03-Dec-19",
        "3. Dez 19",
        "Di., 03.12.2019",
        "Tuesday, December 3, 2019",
        "Dienstag, 3. Dezember 2019",
        "3.12.19",
        "03.12.2019",
        "Di 03.12.2019",
        "3 December 2019",
        "Dec 3, 2019",
        "Dec 3, 19",
        "December 3rd, 2019",
        "3-Dez-2019",
        "3. Dezember 2019",
        "03Dec2019",
        "20191203",
        20191203,
        20191203.0,
        "2019/12/03",
        "2019-Dec-03",
        "12/03/2019",
        "Tue 3 Dec 2019",
        "\u200b03.12.2019",
        "３.１２.２０１９",
        "3.\u00a0Dezember\u00a02019",
        "Tue, 3 Dec 2019",
        "43802",
    ],
)
def test_short_and_long_days_are_read(text: Cell) -> None:
    assert read(
        K.MOMENT, text, notation=Notation(day_first=False), dates=PAST
    ) == (
        date(2019, 12, 3),
        "",
    )


@pytest.mark.parametrize(
    "text",
    [
        "2019-12-03T09:30",
        "3. Dez. 2019 9:30 Uhr",
        "03.12.19 9:30",
        "Dec 3, 2019 9:30 am",
        "20191203T0930",
        "Di., 03.12.2019, 09:30",
        "2019-12-03 09:30:00.123",
    ],
)
def test_moments_are_read_with_their_time(text: str) -> None:
    assert read(K.MOMENT, text, dates=PAST) == (
        datetime(2019, 12, 3, 9, 30),
        "",
    )


@pytest.mark.parametrize(
    ("name", "number"),
    [
        ("Jänner", 1),
        ("Jan", 1),
        ("Feber", 2),
        ("März", 3),
        ("Mrz", 3),
        ("Mär", 3),
        ("Ma\u0308rz", 3),
        ("March", 3),
        ("April", 4),
        ("Mai", 5),
        ("May", 5),
        ("Juni", 6),
        ("Juli", 7),
        ("Aug", 8),
        ("Sept", 9),
        ("Sep", 9),
        ("Okt", 10),
        ("October", 10),
        ("NOV", 11),
        ("dezember", 12),
    ],
)
def test_every_month_has_its_names(name: str, number: int) -> None:
    assert parse(K.DATE, f"5. {name}. 2019", notation=Notation()) == date(
        2019, number, 5
    )


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Dez 19", "DATE_INVALID"),
        ("03.12.", "DATE_INVALID"),
        ("Mo., 03.12.2019", "DATE_WEEKDAY"),
        ("00.01.1900", "DATE_INVALID"),
        ("30.12.1899", "DATE_MEANS_NONE"),
        ("31.12.1899", "DATE_MEANS_NONE"),
        ("0000-00-00", "DATE_INVALID"),
        ("00.00.0000", "DATE_INVALID"),
        ("0001-01-01", "DATE_MEANS_NONE"),
        ("2018-12-31T23:30 XYZ", "DATE_INVALID"),
        (datetime(1899, 12, 31), "DATE_MEANS_NONE"),
        (0, "DATE_INVALID"),
        (1, "DATE_INVALID"),
        ("20181341", "DATE_INVALID"),
        ("Dez 19 18", "DATE_INVALID"),
        ("14h30", "DATE_INVALID"),
        ("2018-12-31T23:30:00+99:00", "DATE_INVALID"),
        ("Xy 3. Dez 2019", "DATE_INVALID"),
        (True, "DATE_INVALID"),
        ("17640000", "DATE_INVALID"),
    ],
)
def test_what_names_no_day_is_a_problem(text: Cell, code: str) -> None:
    assert read(K.MOMENT, text, dates=PAST) == (None, f"problem {code}")


@pytest.mark.parametrize(
    "text",
    [
        "2018-12-31T23:30:00Z",
        "2018-12-31T23:30:00.000Z",
        "2019-01-01T00:30:00+01:00",
        "2018-12-31 23:30:00 UTC",
        "2018-12-31T18:30:00-0500",
        "2018-12-31 23:30:00+00",
        "31.12.2018 23:30 GMT",
        "01.01.2019 00:30 MEZ",
        "Tue Jan 01 2019 00:30:00 GMT+0100 (CET)",
        "2019-01-01T00:30:00+01:00[Europe/Berlin]",
        "Tue, 1 Jan 2019 00:30:00 +0100",
        "20181231T233000Z",
        "2018-12-31T18:30:00−05:00",
    ],
)
def test_a_time_with_a_zone_is_that_moment_on_the_companys_clocks(
    text: str,
) -> None:
    moment, note = read(K.MOMENT, text, dates=PAST)
    assert (moment, moment.date(), note) == (
        datetime(2018, 12, 31, 23, 30, tzinfo=UTC),
        date(2019, 1, 1),
        "",
    )
    assert read(K.DATE, text, dates=PAST) == (date(2019, 1, 1), "")


def test_a_zone_stays_what_it_is_where_nobody_knows_the_company() -> None:
    west = timezone(timedelta(hours=-5))
    assert parse(
        K.MOMENT, "2018-12-31T18:30-0500", notation=Notation()
    ) == datetime(2018, 12, 31, 18, 30, tzinfo=west)
    assert parse(K.DATE, "2018-12-31T18:30-0500", notation=Notation()) == date(
        2018, 12, 31
    )


@pytest.mark.parametrize(
    ("text", "rules", "year", "note"),
    [
        ("15.04.91", PAST, 1991, ""),
        ("15.04.99", PAST, 1999, ""),
        ("15.04.69", PAST, 1969, "YEAR_GUESSED"),
        ("15.04.26", PAST, 2026, ""),
        ("15.04.30", PAST, 1930, "YEAR_GUESSED"),
        ("15.04.27", PAST, 2027, "YEAR_GUESSED"),
        ("15.12.26", PAST, 2026, "YEAR_GUESSED"),
        ("15-Apr-91", PAST, 1991, ""),
        ("15.04.98", START, 1998, ""),
        ("15.04.28", START, 2028, ""),
        ("15.04.29", START, 1929, "YEAR_GUESSED"),
        ("31.12.99", PLANNED, 1999, "YEAR_GUESSED"),
        ("31.12.26", PLANNED, 2026, ""),
        ("31.12.36", PLANNED, 2036, ""),
        ("31.12.45", PLANNED, 2045, "YEAR_GUESSED"),
        ("31.12.47", PLANNED, 1947, "YEAR_GUESSED"),
        ("15.04.99", DateRules(), 1999, "YEAR_GUESSED"),
        ("15.04.18", DateRules(), 2018, ""),
    ],
)
def test_two_digits_of_a_year_mean_what_fits_the_field(
    text: str, rules: DateRules, year: int, note: str
) -> None:
    value, found = read(K.DATE, text, dates=rules)
    assert (value.year, found) == (year, note)


@pytest.mark.parametrize(
    ("cell", "note"),
    [
        ("01.01.1900", "DATE_MEANS_NONE"),
        ("01.01.1970", "DATE_MEANS_NONE"),
        (datetime(1970, 1, 1, 1), "DATE_MEANS_NONE"),
        (date(1904, 1, 1), "DATE_MEANS_NONE"),
        ("1969-12-31T23:00:00", "DATE_MEANS_NONE"),
        ("31.12.1969", ""),
        ("15.04.1895", ""),
        (date(1970, 1, 2), ""),
    ],
)
def test_the_days_from_which_programs_count_are_noted(
    cell: Cell, note: str
) -> None:
    assert read(K.MOMENT, cell, dates=PAST)[1] == note


SWAPPED: list[Cell] = ["1/14/2018", date(2018, 5, 1), datetime(2018, 3, 2)]


@pytest.mark.parametrize(
    ("cells", "doubted_by"),
    [
        (SWAPPED, False),
        (["14/1/2018", date(2018, 5, 1)], True),
        ([*SWAPPED, date(2018, 5, 13)], None),
        ([*SWAPPED, "1/5/2018"], None),
        (["1/14/2018"], None),
        ([date(2018, 5, 1)], None),
        (["1/14/2018", date(2018, 5, 5)], None),
        (["1/14/2018", "14/1/2018", date(2018, 5, 1)], None),
    ],
)
def test_texts_beyond_the_12th_beside_dates_before_it_show_that_days_were_taken_for_months(
    cells: list[Cell], doubted_by: bool | None
) -> None:
    assert guess_notation(cells).doubted_by_texts is doubted_by


def test_doubtful_dates_wait_for_an_answer_and_follow_it() -> None:
    asked, real = guess_notation(SWAPPED), date(2018, 5, 1)
    assert read(K.DATE, real, notation=asked) == (
        None,
        "problem DATE_AMBIGUOUS",
    )
    assert read(K.DATE, "1/14/2018", notation=asked) == (date(2018, 1, 14), "")
    assert read(
        K.DATE,
        real,
        notation=Notation(day_first=False, doubted_by_texts=False),
    ) == (
        date(2018, 1, 5),
        "",
    )
    assert read(
        K.DATE, real, notation=Notation(day_first=True, doubted_by_texts=False)
    ) == (
        real,
        "",
    )
    assert read(K.DATE, date(2018, 5, 13), notation=asked) == (
        date(2018, 5, 13),
        "",
    )
