"""Headings: exactly so, then in the words of others, then whatever the dashes, spaces and units."""

import pytest

from turnus.core.mapping import guess

NAMES = {
    "value": ["Wert"],
    "won_at": ["Gewonnen am", "Won time"],
    "a": ["Plan A-1"],
    "b": ["Plan A1"],
    "mails": ["E-Mail"],
}
OTHERS = {"value": ["Umsatz"], "owner": ["Verkäufer"]}


@pytest.mark.parametrize(
    ("headings", "paths"),
    [
        (["Wert", "Verkäufer", "Notiz"], ["value", "owner", None]),
        (["won_time"], ["won_at"]),
        (["Won-time"], ["won_at"]),
        (["WERT (EUR)", "Umsatz"], [None, "value"]),
        (["Umsatz in €"], ["value"]),
        (["Wert", "Wert"], ["value", None]),
        (["Plan A-1", "Plan A1"], ["a", "b"]),
        (["Plan_A 1"], [None]),
        (["E-Mail", "E-Mail", "EMail"], ["mails", "mails", "mails"]),
        ([], []),
    ],
    ids=[
        "exact",
        "underscore",
        "dash",
        "unit-comes-last",
        "unit",
        "once",
        "dash-tells",
        "ambiguous",
        "repeatable",
        "none",
    ],
)
def test_each_column_gets_the_field_it_names_most_closely(
    headings: list[str], paths: list[str | None]
) -> None:
    assert guess(headings, NAMES, others=OTHERS, repeatable={"mails"}) == paths


def test_other_words_are_not_needed() -> None:
    assert guess(["Wert"], NAMES) == ["value"]
