"""A span of a filter with a blank end is open there: the list shows that much, and says so."""

import re
from datetime import date

import pytest
from django.test import Client

from tests.world import World

AMOUNT = {"field": "value", "operator": "between"}
DAYS = {"field": "won_at", "operator": "between"}
PERIOD = {"field": "won_at", "operator": "in_period", "mode": "days"}
OUTSIDE = {**PERIOD, "operator": "not_in_period"}


def with_deals(world: World) -> None:
    for title, amount, year in (("Early", 50, 2017), ("Late", 500, 2018)):
        world.deal(
            title=title, amount=amount, status="won", won_at=date(year, 6, 1)
        )


def sent(action: str, written: dict[str, str]) -> dict[str, str]:
    condition = {f"0.0.{name}": text for name, text in written.items()}
    return {"0.group": "all", "action": action, **condition}


def chip(page: str) -> str:
    """Return the condition as the list says it."""
    found = re.search(r"(?s)<[^>]*t-chip[^>]*>(.*?)</span>", page)
    assert found is not None
    return " ".join(re.sub("<[^>]*>", " ", found[1]).split())


@pytest.mark.parametrize("way", ["filters/new", "filters/quick"])
@pytest.mark.parametrize(
    ("written", "words", "shown"),
    [
        (
            AMOUNT | {"value": "100", "until": ""},
            "Value is at least 100",
            ["Late"],
        ),
        (
            AMOUNT | {"value": "", "until": "100"},
            "Value is at most 100",
            ["Early"],
        ),
        (
            DAYS | {"value": "2018-01-01", "until": ""},
            "Won time is on or after 2018-01-01",
            ["Late"],
        ),
        (
            PERIOD | {"from": "", "until": "2018-01-01"},
            "Won time is on or before 2018-01-01",
            ["Early"],
        ),
        (
            OUTSIDE | {"from": "2018-01-01", "until": ""},
            "Won time is before 2018-01-01",
            ["Early"],
        ),
    ],
    ids=["no most", "no least", "no last day", "no first day", "outside"],
)
def test_a_span_with_a_blank_end_is_open_there_and_says_so(
    world: World,
    english_client: Client,
    way: str,
    written: dict[str, str],
    words: str,
    shown: list[str],
) -> None:
    with_deals(world)
    response = english_client.post(f"/deals/{way}/", sent("apply", written))
    page = english_client.get(response.headers["Location"]).content.decode()
    assert chip(page) == words
    assert [title for title in ("Early", "Late") if title in page] == shown


def test_a_blank_end_stays_blank_while_the_filter_is_built(
    english_client: Client,
) -> None:
    form = sent("add:0", AMOUNT | {"value": "100", "until": ""})
    page = english_client.post("/deals/filters/new/", form).content.decode()
    ends = r'name="0\.0\.(?:value|until)"[^>]* value="([^"]*)"'
    assert re.findall(ends, page) == ["100", ""]


@pytest.mark.parametrize("way", ["filters/new", "filters/quick"])
def test_an_end_that_is_no_number_is_refused(
    english_client: Client, way: str
) -> None:
    form = sent("apply", AMOUNT | {"value": "many", "until": "100"})
    response = english_client.post(f"/deals/{way}/", form)
    assert response.status_code == 422
    assert "“many” is not a valid value here." in response.content.decode()
