"""Reference rates: the history and the file of a day, gaps, and files that are something else."""

from datetime import date
from decimal import Decimal

import pytest

from turnus.core.reference_rates import (
    ReferenceDay,
    ReferenceFileError,
    reference_days,
)


def test_the_file_of_a_single_day_writes_it_out() -> None:
    lines = ["Date, USD, JPY, ", "05 January 2024, 1.0921, 158.24, "]
    assert list(reference_days(lines)) == [
        ReferenceDay(
            date(2024, 1, 5),
            {"USD": Decimal("1.0921"), "JPY": Decimal("158.24")},
        )
    ]


def test_a_currency_without_a_rate_is_missing_on_that_day_only() -> None:
    lines = [
        "Date,USD,ISK,",
        "2024-01-05,1.0921,N/A,",
        "",
        "2024-01-04,1.0953,150.5,",
    ]
    assert [sorted(day.per_euro) for day in reference_days(lines)] == [
        ["USD"],
        ["ISK", "USD"],
    ]


@pytest.mark.parametrize(
    ("lines", "line"),
    [
        ([], 1),
        (["Titel;Wert"], 1),
        (["Date,USD", "2024-01-05,1.09", "gestern,1.08"], 3),
        (["Date,USD", "2024-01-05,viel"], 2),
        (["Date,USD", "2024-01-05,-1"], 2),
        (["Date,USD", "2024-01-05,Infinity"], 2),
    ],
    ids=[
        "empty",
        "another file",
        "no day",
        "no number",
        "negative",
        "endless",
    ],
)
def test_what_is_no_such_file_is_refused_with_its_line(
    lines: list[str], line: int
) -> None:
    with pytest.raises(ReferenceFileError) as refused:
        list(reference_days(lines))
    assert refused.value.line == line


def test_rates_turn_into_units_of_the_companys_currency() -> None:
    day = ReferenceDay(
        date(2024, 1, 5), {"CHF": Decimal("0.8"), "USD": Decimal("1.6")}
    )
    assert day.in_units_of("EUR") == {
        "CHF": Decimal("1.25"),
        "USD": Decimal("0.625"),
    }
    assert day.in_units_of("CHF") == {
        "EUR": Decimal("0.8"),
        "USD": Decimal("0.5"),
    }
    assert day.in_units_of("BTC") == {}


XML = """\
<?xml version="1.0" encoding="UTF-8"?>
<gesmes:Envelope xmlns:gesmes="http://www.gesmes.org/xml/2002-08-01"
    xmlns="http://www.ecb.int/vocabulary/2002-08-01/eurofxref">
  <gesmes:subject>Reference rates</gesmes:subject>
  <Cube>
    <Cube time='2024-01-05'>
      <Cube currency='USD' rate='1.0921'/>
      <Cube currency='CHF' rate='0.93'/>
    </Cube>
    <Cube time='2024-01-04'>
      <Cube currency='USD' rate='1.0953'/>
    </Cube>
  </Cube>
</gesmes:Envelope>
"""
XML_DAYS = [
    ReferenceDay(
        date(2024, 1, 5), {"USD": Decimal("1.0921"), "CHF": Decimal("0.93")}
    ),
    ReferenceDay(date(2024, 1, 4), {"USD": Decimal("1.0953")}),
]


@pytest.mark.parametrize(
    "lines",
    [XML.splitlines(keepends=True), [XML], list(XML.replace("\n", " "))],
    ids=["in lines", "in one line", "letter by letter"],
)
def test_the_xml_has_the_same_days(lines: list[str]) -> None:
    assert list(reference_days(lines)) == XML_DAYS


def test_days_of_xml_come_while_it_is_read() -> None:
    lines = iter(XML.splitlines(keepends=True))
    assert next(reference_days(lines)) == XML_DAYS[0]
    assert "1.0953" in next(lines)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<html>\n<body></body></html>", 2),
        ("<Cube time='2024-01-05'>\n<Cube>", 2),
        ("<Cube>\n<Cube time='yesterday'/></Cube>", 2),
        ("<Cube time='2024-01-05'>\n<Cube currency='USD'/></Cube>", 2),
        (
            "<Cube time='2024-01-05'><Cube currency='USD' rate='0'/></Cube>",
            1,
        ),
        ('<!DOCTYPE x [<!ENTITY a "b">]><Cube time="2024-01-05"/>', 1),
    ],
    ids=["page", "cut off", "no day", "no rate", "zero", "entities"],
)
def test_other_xml_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(ReferenceFileError) as refused:
        list(reference_days(text.splitlines(keepends=True)))
    assert refused.value.line == line
