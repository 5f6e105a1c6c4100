"""Matching the columns of a file: refused beside the column, and every choice stays."""

from pathlib import Path

import pytest
from django.urls import reverse

from tests.web.test_refused_forms import Inputs
from tests.world import World
from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.imports.actions import start_import

FILE = "Titel;Organisation;Wert\nDach;Elbe AG;5\n"
SENT = {
    "column-0": "title",
    "column-1": "organization",
    "column-2": "value",
    "delimiter": ";",
    "heading_row": "1",
    "on": "2018-11-01",
}
REFUSED = {
    "a field twice": ({"column-2": "organization"}, "column-2", "Two columns"),
    "a day that is none": ({"on": "2018-02-31"}, "on", "2018-02-31"),
    "a row that is none": ({"heading_row": "0"}, "heading_row", "1"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_columns_say_why_and_stay_as_they_were_chosen(
    world: World, tmp_path: Path, name: str
) -> None:
    User.objects.update(language="en")
    wrong, field, words = REFUSED[name]
    path = tmp_path / "deals.csv"
    path.write_text(FILE, encoding="utf-8")
    of = start_import(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        path=path,
        name="deals.csv",
    )
    sent = {**SENT, **wrong}
    answer = world.client(world.admin).post(
        reverse("match-columns", args=[of.pk]), sent
    )
    page = Inputs(answer.content.decode())
    assert answer.status_code == 422
    assert words in page.error_of(field)
    for key, value in sent.items():
        assert value in page.hold(key), key
