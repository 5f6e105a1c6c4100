"""A subscription's past as steps: what each does, what cannot be, and that nothing is lost."""

from dataclasses import replace
from datetime import date

import pytest

from turnus.core.cadence import MONTHLY, TWICE_A_MONTH, WEEKLY, YEARLY, Cadence
from turnus.core.revenue.steps import (
    PaidBy,
    Past,
    Refusal,
    Step,
    StepKind,
    Story,
    past_of,
)
from turnus.core.revenue.story_writing import story_of

START = date(2018, 1, 31)


def story(
    *steps: tuple[str, str] | tuple[str, str, int],
    until: str = "2018-07-01",
    end: str | None = None,
) -> Story:
    read = [
        Step(
            StepKind(step[0]),
            date.fromisoformat(step[1]),
            step[2] if len(step) == 3 else None,
        )
        for step in steps
    ]
    end_on = None if end is None else date.fromisoformat(end)
    return Story(
        PaidBy(1, MONTHLY), START, 100, read, date.fromisoformat(until), end_on
    )


def terms_as_text(past: Past) -> list[str]:
    """The terms: first day, first day after, price; `-` for a skipped term."""
    lines = []
    for term in past.terms:
        price = "-" if term.is_skipped else term.price_e4
        lines.append(f"{term.days.start:%m-%d} {term.days.end:%m-%d} {price}")
    return lines


def test_terms_are_counted_from_the_first_day_as_far_as_they_are_booked() -> (
    None
):
    past = past_of(story(until="2018-03-31"))
    assert terms_as_text(past) == ["01-31 02-28 100", "02-28 03-31 100"]
    assert (past.next_number, past.price_e4, past.refused) == (2, 100, ())


@pytest.mark.parametrize(
    ("steps", "expected"),
    [
        (
            [("price", "2018-02-28", 120)],
            ["01-31 02-28 100", "02-28 03-31 120", "03-31 04-30 120"],
        ),
        (
            [("price", "2018-02-10", 120)],
            ["01-31 02-10 100", "02-10 03-10 120", "03-10 04-10 120"],
        ),
        (
            [("pause", "2018-02-10"), ("resume", "2018-03-15")],
            ["01-31 02-10 100", "03-15 04-15 100"],
        ),
        (
            [("resume", "2018-03-15", 90), ("pause", "2018-02-10")],
            ["01-31 02-10 100", "03-15 04-15 90"],
        ),
        (
            [("skip", "2018-02-28")],
            ["01-31 02-28 100", "02-28 03-31 -", "03-31 04-30 100"],
        ),
        (
            [("pause", "2018-02-28"), ("price", "2018-03-05", 50)],
            ["01-31 02-28 100"],
        ),
    ],
    ids=[
        "price",
        "price inside a term",
        "pause",
        "any order",
        "skip",
        "price in a pause",
    ],
)
def test_each_step_does_what_it_says(
    steps: list[tuple[str, str]], expected: list[str]
) -> None:
    assert (
        terms_as_text(past_of(story(*steps, until="2018-04-01"))) == expected
    )


@pytest.mark.parametrize(
    ("steps", "refusal"),
    [
        ([("price", "2018-01-30", 1)], Refusal.BEFORE_START),
        ([("pause", "2018-06-01")], Refusal.AFTER_END),
        (
            [("pause", "2018-02-01"), ("pause", "2018-02-02")],
            Refusal.PAUSED_ALREADY,
        ),
        ([("skip", "2018-03-01")], Refusal.NO_TERM_BEGINS),
        (
            [("pause", "2018-02-28"), ("skip", "2018-02-28")],
            Refusal.NO_TERM_BEGINS,
        ),
        ([("price", "2018-05-01", 1)], Refusal.NOT_BOOKED),
    ],
    ids=[
        "before the start",
        "after the end",
        "paused twice",
        "skipped inside a term",
        "skipped in a pause",
        "not booked",
    ],
)
def test_what_cannot_be_is_named_and_changes_nothing(
    steps: list[tuple[str, str]], refusal: Refusal
) -> None:
    past = past_of(story(*steps, until="2018-03-31", end="2018-06-01"))
    assert past.refused == ((len(steps) - 1, refusal),)


def test_a_price_before_anything_is_booked_has_no_day() -> None:
    assert past_of(
        story(("price", "2018-03-01", 1), until="2018-01-31")
    ).refused == ((0, Refusal.NOT_BOOKED),)


def test_the_last_term_is_cut_where_the_subscription_ends() -> None:
    assert terms_as_text(past_of(story(end="2018-03-10"))) == [
        "01-31 02-28 100",
        "02-28 03-10 100",
    ]


def test_a_past_without_terms_is_told_by_what_comes() -> None:
    past = past_of(story(("price", "2018-01-31", 70), until="2018-01-31"))
    assert story_of(past, is_active=True) == replace(
        story(until="2018-01-31"), price_e4=70, steps=()
    )


def test_a_price_agreed_for_the_next_term_is_told_on_its_day() -> None:
    past = replace(past_of(story(until="2018-03-31")), price_e4=120)
    assert story_of(past, is_active=True).steps == (
        Step(StepKind.PRICE, date(2018, 3, 31), 120),
    )


def test_terms_that_were_never_booked_are_told_as_skipped_or_paused() -> None:
    past = past_of(story(until="2018-05-01"))
    lost = replace(past, terms=[past.terms[0], past.terms[3]])
    assert [
        (step.kind, step.on) for step in story_of(lost, is_active=True).steps
    ] == [
        (StepKind.SKIP, date(2018, 2, 28)),
        (StepKind.SKIP, date(2018, 3, 31)),
    ]
    moved = replace(lost, anchor_number=3, anchor_on=past.terms[3].days.start)
    assert [step.kind for step in story_of(moved, is_active=True).steps] == [
        StepKind.PAUSE,
        StepKind.RESUME,
    ]


def test_an_ended_past_needs_no_words_about_what_comes() -> None:
    past = replace(
        past_of(story(until="2018-03-01", end="2018-03-31")), price_e4=5
    )
    assert story_of(past, is_active=False).steps == ()
    assert story_of(past, is_active=True).steps == ()


def test_terms_booked_beyond_a_pause_are_paid_all_the_same() -> None:
    past = replace(
        past_of(story(until="2018-04-01")), paused_on=date(2018, 2, 10)
    )
    assert story_of(past, is_active=False).steps == (
        Step(StepKind.PAUSE, date(2018, 4, 30)),
    )


def test_what_was_skipped_last_is_told() -> None:
    told_once = story(
        ("skip", "2018-03-31"), ("skip", "2018-04-30"), until="2018-03-31"
    )
    assert story_of(past_of(told_once), is_active=True) == replace(
        told_once, steps=tuple(told_once.steps)
    )


def test_another_plan_holds_from_its_day_on_and_cuts_the_running_term() -> (
    None
):
    yearly = Step(StepKind.PLAN, date(2018, 3, 10), 960, PaidBy(2, YEARLY))
    past = past_of(replace(story(until="2018-04-01"), steps=[yearly]))
    assert terms_as_text(past) == [
        "01-31 02-28 100",
        "02-28 03-10 100",
        "03-10 03-10 960",
    ]
    assert (past.plan.key, past.next_number, due(past)) == (
        2,
        3,
        date(2019, 3, 10),
    )
    assert story_of(past, is_active=True).steps == (yearly,)


def test_a_plan_that_changes_in_a_pause_holds_after_it() -> None:
    steps = [
        Step(StepKind.PAUSE, date(2018, 2, 28)),
        Step(StepKind.PLAN, date(2018, 3, 10), None, PaidBy(2, TWICE_A_MONTH)),
        Step(StepKind.RESUME, date(2018, 3, 13)),
    ]
    past = past_of(replace(story(until="2018-04-01"), steps=steps))
    assert terms_as_text(past) == [
        "01-31 02-28 100",
        "03-13 03-25 100",
        "03-25 04-10 100",
    ]
    assert as_in_a_file(story_of(past, is_active=True)).steps == steps


def test_a_plan_agreed_for_later_is_told_in_the_pause_that_came_before() -> (
    None
):
    past = replace(
        past_of(story(until="2018-03-31")),
        plan=PaidBy(2, YEARLY),
        anchor_on=date(2018, 3, 31),
        anchor_number=2,
    )
    told_back = story_of(
        replace(past, paused_on=date(2018, 3, 10)), is_active=False
    )
    assert [(step.kind, step.on) for step in told_back.steps] == [
        (StepKind.PAUSE, date(2018, 3, 31)),
        (StepKind.PLAN, date(2018, 3, 31)),
    ]
    assert past_of(told_back).plan.key == 2


def test_a_plan_cannot_change_where_nothing_is_booked() -> None:
    yearly = Step(StepKind.PLAN, date(2018, 5, 1), None, PaidBy(2, YEARLY))
    assert past_of(
        replace(story(until="2018-03-31"), steps=[yearly])
    ).refused == ((0, Refusal.NOT_BOOKED),)


def test_a_story_can_be_too_long_by_the_plan_it_changes_to() -> None:
    daily = Step(
        StepKind.PLAN, date(2018, 3, 1), None, PaidBy(2, Cadence.parse("1d"))
    )
    assert (
        replace(story(until="2018-03-31"), steps=[daily]).most_terms == 2 + 31
    )


def test_only_plans_change_how_many_terms_a_story_can_have() -> None:
    steps = story(("skip", "2018-02-28"), ("price", "2018-03-31", 5)).steps
    monthly = story(until="2018-03-31")
    assert replace(monthly, steps=steps).most_terms == monthly.most_terms == 3


def test_chosen_days_of_the_month_stay_after_a_pause() -> None:
    steps = story(("pause", "2018-02-10"), ("resume", "2018-02-14")).steps
    plan = PaidBy(1, Cadence.parse("2/m:10,25"))
    past = past_of(
        Story(plan, date(2018, 1, 10), 100, steps, date(2018, 3, 1))
    )
    assert past.plan == plan
    assert due(past) == date(2018, 3, 10)


def test_a_stretch_agreed_for_after_the_end_is_not_told() -> None:
    past = replace(
        past_of(story(until="2018-03-01", end="2018-03-31")),
        anchor_on=date(2018, 4, 15),
        anchor_number=2,
    )
    assert story_of(past, is_active=False).steps == ()


def test_a_plan_of_a_clipped_day_is_told_on_the_day_the_pause_ends() -> None:
    steps = [
        Step(StepKind.PAUSE, date(2018, 2, 28)),
        Step(
            StepKind.PLAN,
            date(2018, 4, 30),
            None,
            PaidBy(2, Cadence.parse("3m")),
        ),
        Step(StepKind.RESUME, date(2018, 4, 30)),
    ]
    past = past_of(replace(story(until="2018-05-01"), steps=steps))
    assert str(past.plan.cadence) == "3m:31"
    assert as_in_a_file(story_of(past, is_active=True)).steps == steps


def test_a_stretch_whose_first_term_was_skipped_keeps_its_due_days() -> None:
    once = story(
        ("pause", "2018-03-10"),
        ("resume", "2018-03-30"),
        ("skip", "2018-03-30"),
        until="2018-05-01",
    )
    past = past_of(once)
    assert [
        due(past_of(story_of(past, is_active=True)), n) for n in range(2)
    ] == [
        date(2018, 5, 30),
        date(2018, 6, 30),
    ]
    assert story_of(past, is_active=True).steps == tuple(once.steps)


QUARTERLY, HALF_YEARLY = Cadence.parse("3m"), Cadence.parse("6m")


@pytest.mark.parametrize(
    ("start", "plan", "changes", "expected"),
    [
        (
            "2025-12-31",
            MONTHLY,
            [("2026-02-28", QUARTERLY)],
            ["2026-11-30", "2027-02-28", "2027-05-31", "2027-08-31"],
        ),
        (
            "2025-12-31",
            MONTHLY,
            [("2026-03-31", QUARTERLY)],
            ["2026-12-31", "2027-03-31", "2027-06-30"],
        ),
        (
            "2024-02-29",
            YEARLY,
            [("2025-02-28", HALF_YEARLY)],
            ["2027-02-28", "2027-08-29"],
        ),
        (
            "2024-02-29",
            YEARLY,
            [("2026-02-28", MONTHLY)],
            ["2026-11-29", "2026-12-29"],
        ),
        ("2025-12-31", MONTHLY, [], ["2026-11-30", "2026-12-31"]),
        (
            "2025-12-31",
            MONTHLY,
            [("2026-02-28", QUARTERLY), ("2026-05-31", MONTHLY)],
            ["2026-11-30", "2026-12-31"],
        ),
        (
            "2025-12-31",
            MONTHLY,
            [("2026-02-28", QUARTERLY), ("2026-05-28", MONTHLY)],
            ["2026-11-28", "2026-12-28"],
        ),
        (
            "2026-01-15",
            Cadence.parse("1m-last"),
            [("2026-02-28", QUARTERLY)],
            ["2026-11-30", "2027-02-28"],
        ),
        (
            "2025-12-31",
            MONTHLY,
            [("2026-02-28", TWICE_A_MONTH)],
            ["2026-11-30", "2026-12-15"],
        ),
        (
            "2025-12-29",
            MONTHLY,
            [("2026-02-28", TWICE_A_MONTH)],
            ["2026-11-29", "2026-12-14"],
        ),
        (
            "2025-12-31",
            TWICE_A_MONTH,
            [("2026-02-28", MONTHLY)],
            ["2026-11-30", "2026-12-31"],
        ),
        (
            "2025-12-31",
            WEEKLY,
            [("2026-01-28", MONTHLY)],
            ["2026-11-28", "2026-12-28"],
        ),
    ],
    ids=[
        "quarterly",
        "on the 31st",
        "half-yearly",
        "monthly",
        "left alone",
        "twice on due days",
        "inside a term",
        "from a last day",
        "to twice a month",
        "to twice a month on the 29th",
        "from twice a month",
        "from weeks",
    ],
)
def test_a_change_of_plan_on_a_due_day_moves_no_due_day(
    start: str,
    plan: Cadence,
    changes: list[tuple[str, Cadence]],
    expected: list[str],
) -> None:
    steps = [
        Step(StepKind.PLAN, date.fromisoformat(day), None, PaidBy(2, how))
        for day, how in changes
    ]
    first = date.fromisoformat(start)
    past = past_of(
        Story(PaidBy(1, plan), first, 100, steps, date(2026, 11, 27))
    )
    assert past.refused == ()
    assert [
        str(due(past, ahead)) for ahead in range(len(expected))
    ] == expected


@pytest.mark.parametrize(
    ("pause", "resume", "expected"),
    [
        ("02-28", "02-28", "03-31"),
        ("02-10", "02-28", "03-31"),
        ("02-28", "04-30", "05-31"),
        ("02-28", "04-29", "05-29"),
    ],
    ids=["at once", "in the middle", "on a due day", "on another day"],
)
def test_a_pause_that_ends_on_a_due_day_moves_no_due_day(
    pause: str, resume: str, expected: str
) -> None:
    past = past_of(
        story(
            ("pause", f"2018-{pause}"),
            ("resume", f"2018-{resume}"),
            until=f"2018-{resume}",
        )
    )
    assert due(past, 1) == date.fromisoformat(f"2018-{expected}")


def as_in_a_file(read: Story) -> Story:
    """The story with plans as named: without the two days that follow from where they start."""
    bare = [
        replace(step, plan=step.plan and step.plan.bare) for step in read.steps
    ]
    return replace(read, plan=read.plan.bare, steps=bare)


def due(past: Past, ahead: int = 0) -> date:
    return past.plan.cadence.due(
        past.anchor_on, past.next_number + ahead - past.anchor_number
    )
