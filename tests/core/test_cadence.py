"""Due dates and terms: worked examples, an independent calendar library, laws."""

from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import islice, pairwise

import pytest
from dateutil.relativedelta import relativedelta
from hypothesis import given
from hypothesis import strategies as st

from turnus.core.cadence import (
    LAST,
    MONTHLY,
    READY_MADE,
    TWICE_A_MONTH,
    Cadence,
    CadenceTerm,
    CadenceUnit,
    suggested_days,
)
from turnus.core.calendar import DateRange

DAYS = st.dates(date(1990, 1, 1), date(2090, 1, 1))
PAIRS = st.integers(1, 27).flatmap(
    lambda first: st.tuples(st.just(first), st.integers(first + 1, 31))
)
CADENCES = st.one_of(
    st.builds(
        Cadence,
        st.sampled_from([CadenceUnit.YEAR, CadenceUnit.MONTH]),
        st.integers(1, 24),
        on_last_day=st.booleans(),
    ),
    st.builds(
        Cadence,
        st.sampled_from([CadenceUnit.YEAR, CadenceUnit.MONTH]),
        st.integers(1, 24),
        day=st.sampled_from([29, 30, 31]),
    ),
    st.builds(
        Cadence,
        st.sampled_from([CadenceUnit.WEEK, CadenceUnit.DAY]),
        st.integers(1, 400),
    ),
    st.builds(
        Cadence, st.just(CadenceUnit.HALF_MONTH), days=st.none() | PAIRS
    ),
)
#: Every day of a leap year, as in the oracle test of the plan: what differs between years is their
#: February.
ALL_START_DAYS = [date(2024, 1, 1) + timedelta(days=n) for n in range(366)]
YEARS = 50


def due_dates(text: str, anchor: str, count: int = 4) -> list[str]:
    cadence, day = Cadence.parse(text), date.fromisoformat(anchor)
    return [
        cadence.due(day, number).isoformat()[2:] for number in range(count)
    ]


@pytest.mark.parametrize(
    ("text", "anchor", "expected"),
    [
        ("1m", "2026-01-31", "26-01-31 26-02-28 26-03-31 26-04-30"),
        ("1m", "2028-01-31", "28-01-31 28-02-29 28-03-31 28-04-30"),
        ("1m", "2026-04-30", "26-04-30 26-05-30 26-06-30 26-07-30"),
        ("1m-last", "2026-04-30", "26-04-30 26-05-31 26-06-30 26-07-31"),
        ("1m-last", "2026-01-15", "26-01-15 26-02-28 26-03-31 26-04-30"),
        ("1y", "2024-02-29", "24-02-29 25-02-28 26-02-28 27-02-28 28-02-29"),
        ("1y-last", "2023-02-28", "23-02-28 24-02-29 25-02-28 26-02-28"),
        ("3m", "2025-08-31", "25-08-31 25-11-30 26-02-28 26-05-31 26-08-31"),
        ("2/m:1,15", "2026-01-01", "26-01-01 26-01-15 26-02-01 26-02-15"),
        ("2/m:1,15", "2026-01-10", "26-01-10 26-01-15 26-02-01 26-02-15"),
        (
            "2/m:15,31",
            "2026-01-31",
            "26-01-31 26-02-15 26-02-28 26-03-15 26-03-31",
        ),
        (
            "2/m:14,29",
            "2026-01-29",
            "26-01-29 26-02-14 26-02-28 26-03-14 26-03-29",
        ),
        ("2/m:14,29", "2028-02-14", "28-02-14 28-02-29 28-03-14 28-03-29"),
        ("2/m", "2026-03-07", "26-03-07 26-03-22 26-04-07 26-04-22"),
        ("1w", "2026-03-23", "26-03-23 26-03-30 26-04-06 26-04-13"),
        ("18m", "2026-01-31", "26-01-31 27-07-31 29-01-31 30-07-31"),
    ],
)
def test_due_dates_come_from_the_anchor(
    text: str, anchor: str, expected: str
) -> None:
    assert due_dates(text, anchor, len(expected.split())) == expected.split()


@pytest.mark.parametrize(
    ("text", "billings"),
    [
        ("1y", "1"),
        ("5y", "1/5"),
        ("1m", "12"),
        ("6m", "2"),
        ("18m", "2/3"),
        ("2/m", "24"),
        ("2/m:3,18", "24"),
        ("1w", "52"),
        ("2w", "26"),
        ("4w", "13"),
        ("28d", "13"),
        ("7d", "52"),
        ("1d", "365"),
        ("10d", "73/2"),
    ],
)
def test_billings_per_year(text: str, billings: str) -> None:
    assert Cadence.parse(text).billings_per_year == Fraction(billings)


@pytest.mark.parametrize(
    ("text", "grace"),
    [
        ("1d", 7),
        ("4w", 7),
        ("2/m", 7),
        ("5w", 14),
        ("1m", 14),
        ("2m", 14),
        ("3m", 30),
        ("1y", 30),
        ("3y", 30),
    ],
)
def test_grace_grows_with_the_term(text: str, grace: int) -> None:
    assert Cadence.parse(text).default_grace_days == grace


@pytest.mark.parametrize(
    ("anchor", "pair"),
    [
        ("2026-01-01", (1, 15)),
        ("2026-01-15", (1, 15)),
        ("2026-01-31", (15, 31)),
        ("2026-02-28", (15, 31)),
        ("2028-02-28", (13, 28)),
        ("2028-02-29", (15, 31)),
        ("2026-04-30", (15, 31)),
        ("2026-01-30", (15, 30)),
        ("2026-01-16", (1, 16)),
        ("2026-01-14", (14, 29)),
    ],
)
def test_the_pair_that_suits_an_anchor(
    anchor: str, pair: tuple[int, int]
) -> None:
    assert suggested_days(date.fromisoformat(anchor)) == pair
    assert TWICE_A_MONTH.anchored(date.fromisoformat(anchor)).days == pair
    assert MONTHLY.anchored(date.fromisoformat(anchor)) is MONTHLY


@pytest.mark.parametrize(
    "wrong",
    [
        "",
        "0m",
        "1x",
        "m",
        "2/m:15",
        "2/m:15,1",
        "2/m:28,31",
        "2/m:0,15",
        "2/m:1,32",
        "1w-last",
        "1d-last",
        "1000d",
        "1m:28",
        "1m:32",
        "1w:31",
        "1m-last:31",
    ],
)
def test_what_is_no_cadence_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"no cadence|last day|two days"):
        Cadence.parse(wrong)
    with pytest.raises(ValueError, match="every 2 HALF_MONTH"):
        Cadence(CadenceUnit.HALF_MONTH, 2)


def test_the_terms_of_a_stretch_and_those_fallen_due() -> None:
    anchor = date(2026, 1, 31)
    assert [
        term.days.start.month
        for term in MONTHLY.terms(anchor, until=date(2026, 4, 30))
    ] == [
        1,
        2,
        3,
    ]
    assert MONTHLY.term_on(anchor, date(2026, 1, 30)) is None
    assert MONTHLY.term_on(anchor, date(2026, 2, 28)) == CadenceTerm(
        1, DateRange(date(2026, 2, 28), date(2026, 3, 31))
    )
    due = MONTHLY.terms_due(
        anchor, after=date(2026, 2, 28), until=date(2026, 4, 30)
    )
    assert [(term.number, term.days.start) for term in due] == [
        (2, date(2026, 3, 31)),
        (3, date(2026, 4, 30)),
    ]
    assert [
        term.number
        for term in MONTHLY.terms_due(
            anchor, after=date(2020, 1, 1), until=anchor
        )
    ] == [0]


@cache
def nth_of_month(months: int, day: int) -> date:
    """The oracle: that day of the month `months` after January 2024, or its last one."""
    return date(2024, 1, 1) + relativedelta(months=months, day=day)


@pytest.mark.parametrize("months", [1, 2, 3, 6, 12, 18, 24])
def test_months_and_years_agree_with_dateutil_for_fifty_years(
    months: int,
) -> None:
    cadence = (
        Cadence(CadenceUnit.YEAR, months // 12)
        if months % 12 == 0
        else Cadence(CadenceUnit.MONTH, months)
    )
    count = YEARS * 12 // months
    for anchor in ALL_START_DAYS:
        expected = [
            nth_of_month(anchor.month - 1 + k * months, anchor.day)
            for k in range(count)
        ]
        assert [cadence.due(anchor, k) for k in range(count)] == expected


@pytest.mark.parametrize("months", [1, 3, 12])
def test_last_days_agree_with_dateutil_for_fifty_years(months: int) -> None:
    cadence = Cadence(CadenceUnit.MONTH, months, on_last_day=True)
    count = YEARS * 12 // months
    for anchor in ALL_START_DAYS:
        expected = [
            nth_of_month(anchor.month - 1 + k * months, LAST)
            for k in range(1, count)
        ]
        assert [cadence.due(anchor, k) for k in range(1, count)] == expected


@pytest.mark.parametrize(
    "pair", [None, (1, 15), (15, LAST), (14, 29)], ids=str
)
def test_twice_a_month_agrees_with_dateutil_for_fifty_years(
    pair: tuple[int, int] | None,
) -> None:
    cadence = Cadence(CadenceUnit.HALF_MONTH, days=pair)
    for anchor in ALL_START_DAYS if pair is None else ALL_START_DAYS[::7]:
        days = pair or suggested_days(anchor)
        every = (
            nth_of_month(month, day)
            for month in range(YEARS * 12)
            for day in days
        )
        expected = [anchor, *(day for day in every if day > anchor)]
        assert [
            cadence.due(anchor, k) for k in range(len(expected))
        ] == expected


@pytest.mark.parametrize("days", [1, 7, 10, 14, 28, 30])
def test_weeks_and_days_are_plain_distances_for_fifty_years(days: int) -> None:
    cadence = (
        Cadence(CadenceUnit.DAY, days)
        if days % 7
        else Cadence(CadenceUnit.WEEK, days // 7)
    )
    for anchor in ALL_START_DAYS[::31]:
        expected = range(
            anchor.toordinal(), anchor.toordinal() + YEARS * 365, days
        )
        assert [
            cadence.due(anchor, k).toordinal() for k in range(len(expected))
        ] == list(expected)


@given(CADENCES)
def test_the_stored_form_says_everything(cadence: Cadence) -> None:
    assert Cadence.parse(str(cadence)) == cadence


@given(CADENCES, DAYS)
def test_terms_follow_one_another_without_gap_or_overlap(
    cadence: Cadence, anchor: date
) -> None:
    terms = list(islice(cadence.terms(anchor, until=date(9000, 1, 1)), 30))
    assert terms[0].days.start == anchor
    assert all(
        one.days.end == other.days.start for one, other in pairwise(terms)
    )
    assert all(term.days.start < term.days.end for term in terms)


@given(CADENCES, DAYS, st.integers(0, 20_000))
def test_the_term_on_a_day_holds_that_day(
    cadence: Cadence, anchor: date, distance: int
) -> None:
    day = anchor + timedelta(days=distance)
    term = cadence.term_on(anchor, day)
    assert term is not None
    assert day in term.days
    assert term == cadence.term(anchor, term.number)


@given(CADENCES, DAYS, st.lists(st.integers(0, 400), min_size=1, max_size=6))
def test_looking_often_or_once_finds_the_same_terms(
    cadence: Cadence, anchor: date, pauses: list[int]
) -> None:
    look = start = anchor - timedelta(days=9)
    found = []
    for pause in pauses:
        found += list(
            cadence.terms_due(
                anchor, after=look, until=look + timedelta(days=pause)
            )
        )
        look += timedelta(days=pause)
    assert found == list(cadence.terms_due(anchor, after=start, until=look))


@given(st.sampled_from(list(READY_MADE.values())), DAYS)
def test_billings_per_year_is_the_long_run_of_the_calendar(
    cadence: Cadence, anchor: date
) -> None:
    number = cadence.number_on(anchor, anchor + timedelta(days=36_525))
    assert number is not None
    assert abs(number / 100 - cadence.billings_per_year) < Fraction(
        cadence.billings_per_year, 200
    )


@pytest.mark.parametrize(
    ("before", "anchor", "on", "after"),
    [
        ("2/m:1,15", "2026-01-01", "2026-03-14", "2/m"),
        ("2/m:1,15", "2026-01-01", "2026-03-15", "2/m:1,15"),
        ("2/m:10,25", "2026-01-01", "2026-03-14", "2/m:10,25"),
        ("1m", "2026-01-01", "2026-03-14", "1m"),
        ("2/m:15,31", "2026-01-31", "2026-02-28", "2/m:15,31"),
    ],
    ids=["suggested", "on-one-of-them", "given", "monthly", "on-the-last"],
)
def test_two_days_that_only_suited_the_first_day_are_not_agreed_anew(
    before: str, anchor: str, on: str, after: str
) -> None:
    assert (
        str(
            Cadence.parse(before).anew(
                date.fromisoformat(anchor), date.fromisoformat(on)
            )
        )
        == after
    )


def test_a_first_term_between_the_days_of_the_month_keeps_its_own_day() -> (
    None
):
    cadence, anchor = Cadence.parse("2/m:1,15"), date(2026, 1, 10)
    days = [date(2026, 1, 10), date(2026, 1, 15), date(2026, 1, 16)]
    assert [cadence.day_of_month(anchor, day) for day in days] == [
        10,
        15,
        None,
    ]
