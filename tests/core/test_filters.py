"""Filters as trees: their JSON, their words, their meaning in memory."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from turnus.core.fields import FieldKind, Operator
from turnus.core.filters import (
    EVERYTHING,
    All,
    AnyOf,
    Condition,
    FieldGoneError,
    FilterError,
    PeriodUnit,
    PhraseCode,
    RelativeDay,
    RelativePeriod,
    RelativeSpan,
    conditions_of,
    describe,
    from_json,
    matches,
    resolve_day,
    resolve_period,
    to_json,
)
from turnus.core.filters.matching import fits

ON = date(2018, 11, 14)
KINDS = {
    "title": FieldKind.TEXT,
    "value": FieldKind.MONEY,
    "won_at": FieldKind.MOMENT,
    "labels": FieldKind.LABELS,
    "owner": FieldKind.USER,
    "close": FieldKind.DATE,
    "at": FieldKind.TIME,
}


@dataclass(frozen=True, slots=True)
class Someone:
    user_id: int
    on: date
    zone: ZoneInfo


ASKER = Someone(7, ON, ZoneInfo("Europe/Berlin"))
DEAL: dict[str, Any] = {
    "title": "Ärzte Solar",
    "value": 990_000,
    "won_at": datetime(2018, 10, 31, 23, 30, tzinfo=UTC),
    "labels": [1, 2],
    "owner": 7,
    "close": "2018-12-24",
    "at": "09:30:00",
}


def condition(field: str, operator: str, value: Any = None) -> dict[str, Any]:
    return {"field": field, "operator": operator} | (
        {} if value is None else {"value": value}
    )


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (condition("title", "contains", "arzte"), True),
        (condition("title", "not_contains", "ÄRZTE"), False),
        (condition("title", "starts_with", "solar"), False),
        (condition("title", "ends_with", "solar"), True),
        (condition("title", "is", "arzte  solar"), True),
        (condition("title", "is_any_of", ["x", "Ärzte Solar"]), True),
        (condition("value", "more_than", 990_000), False),
        (condition("value", "at_least", 990_000), True),
        (condition("value", "between", {"from": 1, "until": 990_000}), True),
        (condition("value", "less_than", 2), False),
        (condition("value", "at_most", 2), False),
        (condition("won_at", "is", "2018-11-01"), True),
        (condition("won_at", "in_period", {"period": "this_month"}), True),
        (condition("won_at", "not_in_period", {"period": "last_month"}), True),
        (condition("won_at", "after", {"ago": 30, "unit": "days"}), True),
        (
            condition("won_at", "on_or_before", {"ago": 0, "unit": "days"}),
            True,
        ),
        (
            condition("won_at", "in_period", {"span": -2, "unit": "weeks"}),
            True,
        ),
        (condition("close", "before", "2018-12-24"), False),
        (condition("close", "in_period", {"span": 2, "unit": "months"}), True),
        (
            condition(
                "close",
                "in_period",
                {"from": "2018-01-01", "until": "2018-12-31"},
            ),
            True,
        ),
        (condition("labels", "is_any_of", [2, 9]), True),
        (condition("labels", "is_all_of", [1, 9]), False),
        (condition("labels", "is_none_of", [9]), True),
        (condition("owner", "is", {"me": True}), True),
        (condition("owner", "is_any_of", [1, {"me": True}]), True),
        (condition("owner", "is_not", 7), False),
        (condition("at", "on_or_after", "09:30:00"), True),
        (condition("title", "is_empty"), False),
        (condition("title", "is_not_empty"), True),
        (condition("close", "in_period", {"from": "", "until": ""}), True),
        (condition("title", "is"), True),
        ({"any": []}, True),
        ({"all": []}, True),
        ({"not": condition("title", "is", "x")}, True),
        (
            {
                "any": [
                    condition("title", "is", "x"),
                    condition("owner", "is", 7),
                ]
            },
            True,
        ),
        (condition("close", "is", 2018), False),
    ],
)
def test_a_record_passes_or_not(
    written: dict[str, Any], expected: bool
) -> None:
    tree = from_json(written)
    assert matches(tree, DEAL, kinds=KINDS, asker=ASKER) is expected
    assert to_json(tree) == written


@pytest.mark.parametrize(
    "written",
    [
        condition("gone", "is", "x"),
        condition("gone", "is_empty"),
        {
            "any": [
                condition("title", "is_not_empty"),
                condition("gone", "is", "x"),
            ]
        },
        {"not": condition("gone", "is", "x")},
    ],
    ids=["alone", "negative", "any of", "not"],
)
def test_a_filter_on_a_field_that_is_gone_is_refused(
    written: dict[str, Any],
) -> None:
    with pytest.raises(FieldGoneError) as refused:
        matches(from_json(written), DEAL, kinds=KINDS, asker=ASKER)
    assert refused.value.path == "gone"


@pytest.mark.parametrize(
    "operator", ["is_not", "not_contains", "is_none_of", "is_empty"]
)
def test_an_empty_field_satisfies_negative_operators(operator: str) -> None:
    value = None if operator == "is_empty" else "x"
    assert matches(
        Condition("title", Operator(operator), value),
        {},
        kinds=KINDS,
        asker=ASKER,
    )
    assert not matches(
        Condition("title", Operator.CONTAINS, "x"),
        {"title": ""},
        kinds=KINDS,
        asker=ASKER,
    )


def test_between_a_single_value_is_that_value() -> None:
    between = Condition("value", Operator.BETWEEN, 5)
    kinds = {"value": FieldKind.NUMBER}
    assert matches(between, {"value": 5}, kinds=kinds, asker=ASKER)
    assert not matches(between, {"value": 6}, kinds=kinds, asker=ASKER)


@pytest.mark.parametrize(
    ("written", "place"),
    [
        ([], ""),
        ({"all": 3}, "all"),
        ({"all": [{"field": ""}]}, "all[0]"),
        (condition("title", "likes", "x"), "operator"),
        (condition("title", "is", 1.5), "value"),
        (condition("title", "is", {"period": "someday"}), "value"),
        (condition("title", "is", {"ago": True}), "value"),
        (condition("title", "is", {"span": 10**6}), "value"),
        ({"not": {"any": [{"not": 1}]}}, "not.any[0].not"),
    ],
)
def test_json_that_is_no_filter_says_where(
    written: object, place: str
) -> None:
    with pytest.raises(FilterError) as error:
        from_json(written)
    assert error.value.path == place


def test_trees_nested_beyond_reason_are_refused() -> None:
    written: dict[str, Any] = condition("title", "is", "x")
    for _ in range(60):
        written = {"not": written}
    with pytest.raises(FilterError):
        from_json(written)


def test_conditions_are_found_wherever_they_stand() -> None:
    tree = from_json(
        {
            "all": [
                condition("title", "is_empty"),
                {"not": {"any": [condition("value", "is_empty")]}},
            ]
        }
    )
    assert [one.field for one in conditions_of(tree)] == ["title", "value"]


@pytest.mark.parametrize(
    ("period", "first", "last"),
    [
        (RelativePeriod.YESTERDAY, "2018-11-13", "2018-11-13"),
        (RelativePeriod.NEXT_QUARTER, "2019-01-01", "2019-03-31"),
        (RelativePeriod.LAST_YEAR, "2017-01-01", "2017-12-31"),
        (RelativeSpan(-1, PeriodUnit.YEARS), "2017-11-14", "2018-11-14"),
    ],
)
def test_periods_move_with_the_day(
    period: RelativePeriod | RelativeSpan, first: str, last: str
) -> None:
    days = resolve_period(period, on=ON)
    assert (days.start.isoformat(), days.last_day.isoformat()) == (first, last)
    assert (
        resolve_day(RelativeDay(1, PeriodUnit.WEEKS), on=ON).isoformat()
        == "2018-11-21"
    )


def test_a_filter_is_said_in_phrases() -> None:
    values: list[Any] = [
        "x",
        ["a", {"me": True}],
        {"me": True},
        {"from": 1, "until": 2},
        {"period": "today"},
        {"span": -3},
        {"ago": 3},
    ]
    tree = from_json(
        {
            "all": [condition("title", "is", value) for value in values]
            + [{"not": condition("title", "is_empty")}]
        }
    )
    phrase = describe(tree, lambda _field, stored: str(stored))
    assert [str(part.value.code) for part in phrase.parts[:7]] == [
        "value.plain",
        "value.list",
        "value.me",
        "value.between",
        "value.period",
        "value.span",
        "value.day",
    ]
    assert phrase.parts[7].code is PhraseCode.NOT
    assert describe(EVERYTHING, str).code is PhraseCode.EVERYTHING  # type: ignore[arg-type]
    assert describe(AnyOf((All(()),)), str).code is PhraseCode.ANY  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (condition("title", "is", 7), True),
        (condition("title", "less_than", "a"), False),
        (condition("title", "is_empty"), True),
        (condition("value", "is", 990_000), True),
        (condition("value", "is", "99 €"), False),
        (condition("value", "at_most", 1 << 63), False),
        (condition("value", "between", {"from": 1, "until": "x"}), False),
        (condition("value", "is", {"from": 1, "until": 2}), False),
        (condition("value", "between", {"period": "today"}), False),
        (condition("value", "between", 5), False),
        (condition("close", "in_period", {"period": "today"}), True),
        (condition("close", "is", {"ago": 3}), True),
        (condition("close", "is", "2018-13-01"), False),
        (condition("close", "is", 2018), False),
        (condition("value", "is", {"ago": 3}), False),
        (condition("at", "is", "09:30:00"), True),
        (condition("at", "is", "late"), False),
        (condition("state", "is", "won"), True),
        (condition("state", "is", 1), False),
        (condition("owner", "is", {"me": True}), True),
        (condition("labels", "is_any_of", [{"me": True}]), False),
        (condition("labels", "is_any_of", [1]), True),
        (condition("owner", "is", [1]), False),
    ],
)
def test_a_filter_from_outside_is_held_against_the_kinds(
    written: dict[str, Any], *, expected: bool
) -> None:
    kinds = {**KINDS, "state": FieldKind.STATUS}
    condition = from_json(written)
    assert isinstance(condition, Condition)
    assert fits(condition, kinds[condition.field]) is expected
