"""From won deals to terms and segments: early, late, overdue, ended, changed."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.core.subscriptions import change, day, fact, ledger, told
from turnus.core.cadence import Cadence
from turnus.core.revenue.facts import Reason
from turnus.core.revenue.runs import Booking, SubscriptionFact
from turnus.core.revenue.timeline import (
    Credit,
    CreditKind,
    Timeline,
    timeline_of,
)


def starts(timeline: Timeline) -> str:
    """The terms as `day[!]`: ! without a deal that should be there; / before a new run."""
    words = []
    for before, term in zip(
        (None, *timeline.terms), timeline.terms, strict=False
    ):
        gap = "/ " if before and before.run != term.run else ""
        words.append(
            f"{gap}{term.days.start:%y-%m-%d}{'' if term.deal else '!'}"
        )
    return " ".join(words)


def story(booked: SubscriptionFact, as_of: str) -> list[str]:
    return told(ledger(timeline_of(booked, as_of=day(as_of)).segments, as_of))


@pytest.mark.parametrize(
    ("cadence", "won", "as_of", "expected"),
    [
        (
            "1m",
            "2026-01-31 2026-02-28 2026-03-31",
            "2026-04-10",
            "26-01-31 26-02-28 26-03-31",
        ),
        (
            "1m",
            "2026-01-31 2026-02-20 2026-04-05",
            "2026-04-10",
            "26-01-31 26-02-28 26-03-31",
        ),  # early, late
        (
            "1m",
            "2026-01-31 2026-03-14",
            "2026-03-20",
            "26-01-31 26-02-28",
        ),  # the last day of grace
        (
            "1m",
            "2026-01-31 2026-03-15",
            "2026-03-20",
            "26-01-31 / 26-03-15",
        ),  # one day too late: a new anchor
        (
            "1m",
            "2026-01-31 2026-02-01 2026-02-02",
            "2026-02-03",
            "26-01-31 26-02-28 26-03-31",
        ),  # paid ahead
        (
            "1y",
            "2024-02-29 2025-03-20 2026-02-01",
            "2026-03-20",
            "24-02-29 25-02-28 26-02-28",
        ),
        ("1m", "2026-01-31", "2026-03-14", "26-01-31 26-02-28!"),  # overdue
        ("1m", "2026-01-31", "2026-03-15", "26-01-31"),  # lapsed
        (
            "1m",
            "2026-01-31 2026-05-01",
            "2026-02-10",
            "26-01-31",
        ),  # a deal of the future is not known yet
        ("1m", "", "2026-03-15", ""),
    ],
)
def test_which_period_a_deal_pays_for(
    cadence: str, won: str, as_of: str, expected: str
) -> None:
    booked = fact(cadence, *((each, 100) for each in won.split()))
    assert starts(timeline_of(booked, as_of=day(as_of))) == expected


def test_what_is_due_next() -> None:
    booked = fact("1m", ("2026-01-31", 100))
    assert timeline_of(booked, as_of=day("2026-02-05")).next_due == day(
        "2026-02-28"
    )
    assert timeline_of(booked, as_of=day("2026-03-05")).next_due == day(
        "2026-02-28"
    )
    assert timeline_of(booked, as_of=day("2026-03-15")).next_due is None
    assert [
        term.number
        for term in timeline_of(booked, as_of=day("2026-03-05")).missing
    ] == [1]


def test_churn_outside_grace_is_back_dated_and_a_comeback_is_a_reactivation() -> (
    None
):
    booked = fact("1m", ("2026-01-31", 100), ("2026-04-10", 120))
    assert story(booked, "2026-03-14") == ["2026-01-31 new 100"]
    assert story(booked, "2026-03-15") == [
        "2026-01-31 new 100",
        "2026-02-28 churn -100",
    ]
    assert story(booked, "2026-04-10")[1:] == [
        "2026-02-28 churn -100",
        "2026-04-10 reactivation 120",
    ]


def test_the_price_of_an_early_renewal_counts_from_the_due_date() -> None:
    booked = fact("1y", ("2025-03-01", 1200), ("2026-01-10", 2400))
    assert story(booked, "2026-02-28") == ["2025-03-01 new 100"]
    assert story(booked, "2026-03-01") == [
        "2025-03-01 new 100",
        "2026-03-01 expansion 100",
    ]


def test_grace_can_be_given() -> None:
    booked = fact("1m", ("2026-01-01", 100), ("2026-02-02", 100), grace_days=0)
    assert story(booked, "2026-02-02") == [
        "2026-01-01 new 100",
        "2026-02-01 churn -100",
        "2026-02-02 reactivation 100",
    ]


def test_an_upgrade_that_starts_now_cuts_the_old_period() -> None:
    booked = fact(
        "1y", ("2025-03-01", 1200), ("2025-09-10", 2400, "2025-09-15")
    )
    timeline = timeline_of(booked, as_of=day("2025-10-01"))
    assert [
        (term.days.start, term.days.end, term.run) for term in timeline.terms
    ] == [
        (day("2025-03-01"), day("2025-09-15"), 0),
        (day("2025-09-15"), day("2026-09-15"), 0),
    ]
    assert story(booked, "2025-10-01") == [
        "2025-03-01 new 100",
        "2025-09-15 expansion 100",
    ]


def test_a_renewal_may_bring_another_cadence_and_currency() -> None:
    yearly = Booking(
        2,
        day("2026-02-20"),
        12_000_000,
        cadence=Cadence.parse("1y"),
        currency="CHF",
    )
    booked = fact("1m", ("2026-01-31", 100))
    booked = SubscriptionFact(
        1, 1, "EUR", booked.cadence, [*booked.bookings, yearly]
    )
    terms = timeline_of(booked, as_of=day("2026-03-01")).terms
    assert [(term.days.start, term.currency) for term in terms] == [
        (day("2026-01-31"), "EUR"),
        (day("2026-02-28"), "CHF"),
    ]
    assert terms[1].days.end == day("2027-02-28")


def test_stored_starts_keep_the_schedule_and_replace_what_overlaps() -> None:
    monthly = (
        ("2026-01-31", 100, "2026-01-31"),
        ("2026-03-30", 100, "2026-03-31"),
        ("2026-02-20", 90, "2026-02-28"),
    )
    assert (
        starts(timeline_of(fact("1m", *monthly), as_of=day("2026-04-01")))
        == "26-01-31 26-02-28 26-03-31"
    )
    twice = (*monthly, ("2026-03-31", 80, "2026-03-31"))
    assert (
        timeline_of(fact("1m", *twice), as_of=day("2026-04-01"))
        .terms[-1]
        .price_e4
        == 800_000
    )
    hole = timeline_of(fact("1m", *monthly[:2]), as_of=day("2026-04-01"))
    assert starts(hole) == "26-01-31 / 26-03-31"
    assert hole.terms[1].anchor == day("2026-01-31")
    replaced = fact(
        "1m", ("2026-01-31", 100), ("2026-02-01", 50, "2026-01-31")
    )
    assert [
        term.deal
        for term in timeline_of(replaced, as_of=day("2026-02-02")).terms
    ] == [2]


@pytest.mark.parametrize(
    ("copies", "won", "expected"),
    [
        (1, "2026-01-31 2026-03-30", "26-01-31 26-02-28! 26-03-31"),
        (0, "2026-01-31 2026-03-30", "26-01-31 / 26-03-30"),
        (
            1,
            "2026-01-31 2026-03-16",
            "26-01-31 / 26-03-16",
        ),  # too far from either
        (1, "2026-01-31 2026-05-30", "26-01-31 / 26-05-30"),
        (2, "2026-01-31 2026-04-30", "26-01-31 26-02-28! 26-03-31! 26-04-30"),
    ],
)
def test_old_data_may_miss_copies(
    copies: int, won: str, expected: str
) -> None:
    booked = fact(
        "1m", *((each, 100) for each in won.split()), bridged_copies=copies
    )
    assert starts(timeline_of(booked, as_of=day("2026-05-31"))).startswith(
        expected
    )


@pytest.mark.parametrize(
    ("copies", "expected"),
    [
        (0, "26-01-20 26-02-20 / 26-05-08"),
        (1, "26-01-20 26-02-20 / 26-05-08"),
        (2, "26-01-20 26-02-20 26-03-20! 26-04-20! 26-05-08"),
    ],
    ids=["none", "too few", "enough"],
)
def test_copies_are_bridged_also_where_the_due_day_moves(
    copies: int, expected: str
) -> None:
    booked = fact(
        "1m",
        ("2026-01-20", 100),
        ("2026-02-20", 100),
        ("2026-05-08", 100, "2026-05-08"),
        bridged_copies=copies,
    )
    assert starts(timeline_of(booked, as_of=day("2026-05-31"))) == expected


@pytest.mark.parametrize("on", [None, "2026-02-28"])
def test_canceling_changes_nothing_before_the_end(on: str | None) -> None:
    booked = fact(
        "1m", ("2026-01-31", 100), changes=[change(Reason.CANCELLATION, on)]
    )
    assert story(booked, "2026-02-27") == ["2026-01-31 new 100"]
    timeline = timeline_of(booked, as_of=day("2026-03-01"))
    assert timeline.next_due is None
    assert timeline.missing == []
    assert timeline.segments[-1].end_cause.event == 900
    assert story(booked, "2026-03-01")[1:] == ["2026-02-28 churn -100"]


def test_a_cancellation_inside_the_period_or_after_it() -> None:
    inside = fact(
        "1m",
        ("2026-01-31", 100),
        changes=[change(Reason.CANCELLATION, "2026-02-10")],
    )
    assert story(inside, "2026-03-01")[1:] == ["2026-02-10 churn -100"]
    after = fact(
        "1m",
        ("2026-01-31", 100),
        changes=[change(Reason.CANCELLATION, "2026-06-10")],
    )
    assert timeline_of(after, as_of=day("2026-03-01")).next_due == day(
        "2026-02-28"
    )


def test_who_canceled_and_buys_again_continues_from_the_end_at_the_earliest() -> (
    None
):
    canceled = [change(Reason.CANCELLATION, "2026-02-28")]
    early = fact(
        "1m", ("2026-01-31", 100), ("2026-02-20", 100), changes=canceled
    )
    assert (
        starts(timeline_of(early, as_of=day("2026-03-01")))
        == "26-01-31 26-02-28"
    )
    stored = fact(
        "1m",
        ("2026-01-31", 100),
        ("2026-04-02", 100, "2026-04-15"),
        changes=canceled,
    )
    assert (
        starts(timeline_of(stored, as_of=day("2026-04-16")))
        == "26-01-31 / 26-04-15"
    )


def test_a_price_change_inside_the_period_counts_from_its_day() -> None:
    booked = fact(
        "1y",
        ("2025-03-01", 1200),
        changes=[change(Reason.PRICE_CHANGE, "2025-06-10", 2400)],
    )
    assert story(booked, "2025-12-01") == [
        "2025-03-01 new 100",
        "2025-06-10 expansion 100",
    ]
    assert timeline_of(booked, as_of=day("2025-12-01")).segments[
        1
    ].rate_on == day("2025-03-01")


def test_the_price_of_a_renewal_counts_and_not_an_older_change() -> None:
    raised = [change(Reason.PRICE_CHANGE, "2025-06-10", 2400)]
    booked = fact(
        "1y", ("2025-03-01", 1200), ("2026-03-01", 1800), changes=raised
    )
    assert story(booked, "2026-03-01")[1:] == [
        "2025-06-10 expansion 100",
        "2026-03-01 contraction -50",
    ]


def test_a_new_price_goes_on_in_terms_without_a_deal() -> None:
    raised = [change(Reason.PRICE_CHANGE, "2026-02-28", 150)]
    booked = fact("1m", ("2026-01-31", 100), is_evergreen=True, changes=raised)
    timeline = timeline_of(booked, as_of=day("2026-04-01"))
    assert [each.price_e4 // 10_000 for each in timeline.segments] == [
        100,
        150,
        150,
    ]
    assert timeline.segments[1].cause.event == 900


def test_an_assignment_changes_the_slices_from_its_day() -> None:
    moved = [change(Reason.ASSIGNMENT, "2026-02-10", owner="Bob")]
    booked = fact(
        "1m",
        ("2026-01-31", 100),
        slices={"owner": "Alice", "country": "DE"},
        changes=moved,
    )
    slices = [
        each.slices
        for each in timeline_of(booked, as_of=day("2026-02-20")).segments
    ]
    assert slices == [
        {"owner": "Alice", "country": "DE"},
        {"owner": "Bob", "country": "DE"},
    ]


@pytest.mark.parametrize(
    ("won_on", "value", "kind", "on"),
    [
        ("2026-03-10", -100, CreditKind.ENDS, "2026-03-31"),
        ("2026-04-10", -100, CreditKind.ENDS, "2026-03-31"),
        ("2026-03-10", -40, CreditKind.REDUCES, "2026-03-31"),
        ("2026-03-10", -140, CreditKind.ONE_OFF, None),
        ("2026-01-10", -100, CreditKind.ONE_OFF, None),
        ("2026-07-10", -100, CreditKind.ONE_OFF, None),
    ],
)
def test_what_a_negative_deal_means(
    won_on: str, value: int, kind: CreditKind, on: str | None
) -> None:
    booked = fact(
        "1m", ("2026-01-31", 100), ("2026-02-28", 100), (won_on, value)
    )
    timeline = timeline_of(booked, as_of=day("2026-07-20"))
    assert timeline.credits == (Credit(3, kind, on and day(on)),)
    assert (timeline.segments[-1].end_cause.reason is Reason.CREDIT) == (
        kind is CreditKind.ENDS
    )


def test_a_refund_in_the_middle_of_a_renewed_year_ends_nothing() -> None:
    booked = fact(
        "1y", ("2024-03-01", 100), ("2025-03-01", 100), ("2024-09-01", -100)
    )
    assert timeline_of(booked, as_of=date(2025, 4, 1)).credits == (
        Credit(3, CreditKind.ONE_OFF),
    )


WON = st.lists(
    st.dates(date(2026, 1, 1), date(2027, 12, 31)), min_size=1, max_size=12
)
CHANGES = st.lists(
    st.builds(
        change,
        st.sampled_from(
            [
                Reason.PAUSE,
                Reason.RESUME,
                Reason.PRICE_CHANGE,
                Reason.CANCELLATION,
                Reason.ASSIGNMENT,
            ]
        ),
        st.dates(date(2026, 1, 1), date(2027, 12, 31)).map(str),
        st.integers(0, 300),
        owner=st.sampled_from("AB"),
    ),
    max_size=4,
)


@st.composite
def lives(draw: st.DrawFn) -> SubscriptionFact:
    """Any won dates, any changes: also such as nobody would enter."""
    bookings = [(str(won), draw(st.integers(0, 200))) for won in draw(WON)]
    other = {
        "is_evergreen": draw(st.booleans()),
        "bridged_copies": draw(st.integers(0, 2)),
        "changes": draw(CHANGES),
    }
    return fact(
        draw(st.sampled_from(["1m", "2/m", "3m", "2w", "1m-last"])),
        *bookings,
        **other,
    )


@given(
    lives(),
    st.dates(date(2026, 1, 1), date(2028, 6, 30)),
    st.randoms(use_true_random=False),
)
def test_any_life_gives_terms_and_segments_in_order_whatever_the_order_of_the_facts(
    life: SubscriptionFact, as_of: date, random: Random
) -> None:
    timeline = timeline_of(life, as_of=as_of)
    for before, after in pairwise(timeline.terms):
        assert before.days.start < before.days.end <= after.days.start
    for one, other in pairwise(timeline.segments):
        assert one.end is not None
        assert one.end <= other.start
    shuffled = list(life.bookings)
    random.shuffle(shuffled)
    assert (
        timeline_of(replace(life, bookings=shuffled), as_of=as_of) == timeline
    )


@given(WON, st.dates(date(2026, 1, 1), date(2028, 6, 30)), st.integers(0, 400))
def test_figures_older_than_the_grace_do_not_depend_on_when_one_looks(
    won: list[date], as_of: date, later: int
) -> None:
    given_fact = fact(
        "1m", *((str(each), 100 + number) for number, each in enumerate(won))
    )
    final = as_of - timedelta(days=15)
    early, late = (
        ledger(
            timeline_of(given_fact, as_of=on).segments, str(final)
        ).movements
        for on in (as_of, as_of + timedelta(days=later))
    )
    assert [(each.day, each.kind, each.amount) for each in early] == [
        (each.day, each.kind, each.amount) for each in late
    ]
