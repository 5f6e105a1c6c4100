"""Any past that is told back as steps loses nothing."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.core.test_revenue_steps import START, as_in_a_file, due
from turnus.core.cadence import MONTHLY, TWICE_A_MONTH, WEEKLY, YEARLY, Cadence
from turnus.core.revenue.steps import (
    PaidBy,
    Past,
    Step,
    StepKind,
    Story,
    past_of,
)
from turnus.core.revenue.story_writing import story_of

days = st.integers(0, 900).map(lambda count: START + timedelta(days=count))
cadences = st.sampled_from(
    [
        MONTHLY,
        YEARLY,
        WEEKLY,
        TWICE_A_MONTH,
        Cadence.parse("1m-last"),
        Cadence.parse("3m"),
    ]
)
plans = st.builds(PaidBy, st.integers(1, 2), cadences)
plain = st.sampled_from(
    [kind for kind in StepKind if kind is not StepKind.PLAN]
)
prices = st.sampled_from([None, 0, 100, 120])
steps = st.one_of(
    st.builds(Step, plain, days, prices),
    st.builds(Step, st.just(StepKind.PLAN), days, prices, plans),
)
starts = st.integers(0, 60).map(lambda count: START + timedelta(days=count))


@given(
    plans,
    starts,
    st.lists(steps, max_size=8),
    days,
    st.one_of(st.none(), days),
)
def test_telling_a_past_back_loses_nothing(
    plan: PaidBy, start: date, steps: list[Step], until: date, end: date | None
) -> None:
    end_on = None if end is None else max(end, start + timedelta(days=1))
    past = past_of(Story(plan, start, 100, steps, max(until, start), end_on))
    is_active = past.paused_on is None
    again = past_of(as_in_a_file(story_of(past, is_active=is_active)))
    assert again.refused == ()
    assert paid(again) == paid(past)
    assert again.paused_on == past.paused_on
    if is_active and (end_on is None or due(past) < end_on):
        assert [due(again, n) for n in range(3)] == [
            due(past, n) for n in range(3)
        ]
        assert again.price_e4 == past.price_e4


def paid(past: Past) -> list[tuple[date, date, int, int, str]]:
    return [
        (
            term.days.start,
            term.days.end,
            term.price_e4,
            term.plan.key,
            str(term.plan.cadence).partition(":")[0],
        )
        for term in past.terms
        if not term.is_skipped
    ]
