"""Filters that nobody means: too deep, too wide, too far, or comparing what a field never holds."""

import itertools
import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from tests.web.test_hostile import TITLE, WON
from tests.web.test_pages import filled
from tests.world import World
from turnus.core.fields import FieldKind
from turnus.core.filters import (
    FilterError,
    FilterTooFarError,
    FilterTooLargeError,
    from_text,
)
from turnus.core.records import RecordKind
from turnus.listing.actions import save_filter
from turnus.listing.models import SavedFilter


def wide(count: int) -> str:
    """A filter of so many conditions."""
    return json.dumps(
        {"any": [{"field": "title", "operator": "is", "value": "x"}] * count}
    )


FAR = {
    "field": "won_at",
    "operator": "in_period",
    "value": {"span": 36500, "unit": "years"},
}


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("[" * 10_000, FilterTooLargeError),
        ('{"not":' * 10_000 + "{}" + "}" * 10_000, FilterTooLargeError),
        ('{"not":' * 51 + TITLE % "1" + "}" * 51, FilterTooLargeError),
        (wide(201), FilterTooLargeError),
        (TITLE % f"[{','.join('1' * 2_001)}]", FilterTooLargeError),
        (TITLE % f'"{"x" * 1_001}"', FilterTooLargeError),
        (TITLE % r'"\udc80"', FilterError),
        (TITLE % r'"a\u0000"', FilterError),
        (TITLE % "true", FilterError),
        (TITLE % "NaN", FilterError),
        (WON % (101, "years"), FilterTooFarError),
        (WON % (-1_201, "months"), FilterTooFarError),
        (WON % (5_201, "weeks"), FilterTooFarError),
        (WON % (36_501, "days"), FilterTooFarError),
        (WON % ("[]", "years"), FilterError),
        ("", FilterError),
        ("null", FilterError),
        ('{"field": "\\ud800", "operator": "is"}', FilterError),
    ],
    ids=lambda one: one[:40] if isinstance(one, str) else one.__name__,
)
def test_no_filter_is_too_deep_too_wide_or_too_far(
    text: str, error: type[FilterError]
) -> None:
    with pytest.raises(FilterError) as refused:
        from_text(text)
    assert type(refused.value) is error


@pytest.mark.parametrize(
    "text",
    [
        '{"not":' * 49 + TITLE % '"x"' + "}" * 49,
        wide(200),
        TITLE.replace('"is"', '"is_any_of"') % json.dumps(["x"] * 2_000),
        TITLE.replace('"is"', '"contains"') % f'"{"ä" * 1_000}"',
        WON % (100, "years"),
        WON % (-100, "years"),
    ],
    ids=[
        "deep",
        "wide",
        "many values",
        "long text",
        "a century ahead",
        "a century back",
    ],
)
def test_what_is_just_within_the_limits_is_answered(
    admin_client: Client, text: str
) -> None:
    assert admin_client.get("/deals/", {"where": text}).status_code == 200


@pytest.mark.parametrize(
    "tree",
    [
        FAR,
        [],
        None,
        {"all": 1},
        {"field": "title", "operator": "is", "value": "\ud800"},
    ],
    ids=str,
)
def test_a_stored_filter_that_cannot_be_read_says_so_and_stops_no_other_page(
    world: World, tree: Any
) -> None:
    saved = save_filter(
        by=world.admin,
        kind=RecordKind.DEAL,
        name="Bald",
        tree={"all": []},
        is_shared=True,
        at=world.at,
    )
    if "ud800" in str(tree) and connection.vendor == "postgresql":
        return  # PostgreSQL keeps no such JSON
    SavedFilter.objects.update(
        tree=tree if tree is not None else json.loads("0")
    )
    client = world.client(world.admin)
    assert client.get("/deals/").status_code == 200
    assert client.get("/deals/", {"filter": saved.pk}).status_code == 422
    assert client.get("/reports/won/", {"filter": saved.pk}).status_code == 422
    assert client.get(f"/deals/filters/{saved.pk}/").status_code == 422
    assert client.post(f"/deals/filters/{saved.pk}/delete/").status_code == 302


def test_next_36500_years_is_refused_in_the_builder(
    world: World, english_client: Client
) -> None:
    given = {
        "0.group": "all",
        "0.0.field": "won_at",
        "0.0.operator": "in_period",
        "0.0.mode": "next",
        "0.0.count": "36500",
    }
    answer = english_client.post(
        "/deals/filters/new/",
        {**given, "0.0.unit": "years", "action": "save", "name": "x"},
    )
    assert (
        answer.status_code,
        "a hundred years" in answer.content.decode(),
    ) == (
        422,
        True,
    )
    assert not SavedFilter.objects.exists()


#: Fields of each way to hold a value, and what none of them holds.
COMPARED = (
    "title",
    "value",
    "won_at",
    "expected_close_on",
    "organization",
    "person.emails",
    "owner",
    "stage",
    "labels",
    "status",
    "id",
)
NONSENSE: tuple[Any, ...] = (
    "x",
    "",
    5,
    10**30,
    -1,
    "2018-11-14",
    {"period": "last_month"},
    ["x", 5],
    {"from": "x", "until": 5},
)


@pytest.mark.parametrize("field", COMPARED)
def test_a_field_is_compared_with_what_it_never_holds(
    world: World, admin_client: Client, field: str
) -> None:
    filled(world)
    paths = (
        field,
        *(
            f"custom.{world.field(kind, str(kind)).key}"
            for kind in (FieldKind.NUMBER, FieldKind.TIME)
            if field == "id"
        ),
    )
    for path, operator, value in itertools.product(
        paths, ("is", "between"), NONSENSE
    ):
        where = json.dumps(
            {"field": path, "operator": operator, "value": value}
        )
        for page in ("/deals/", "/deals/filters/new/"):
            assert admin_client.get(page, {"where": where}).status_code in {
                200,
                422,
            }


def test_groups_within_groups_without_end_are_refused(
    admin_client: Client,
) -> None:
    given = {f"0{'.0' * depth}.group": "all" for depth in range(200)}
    assert admin_client.post("/deals/filters/new/", given).status_code == 422
