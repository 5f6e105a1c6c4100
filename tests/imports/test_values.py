"""What a person reads in a cell is what goes in, with a note on the row where it is not plain."""

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import (
    checked,
    codes,
    imported,
    sheet,
    verdicts,
)
from tests.world import World
from turnus.accounts.models import Currency
from turnus.contacts.models import Organization, Person
from turnus.core.fields import ContactPoint, FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.core.tables import FormattedNumber, Row
from turnus.fields.catalog import catalog
from turnus.imports.rows import RowReader, give_currency
from turnus.kit.phones import country_of, phone_key
from turnus.sales.models import Deal

DEALS = ("Title", "Organization", "Value", "Currency", "Status", "Won time")


def deal(number: int, **changes: Any) -> tuple[Any, ...]:
    row = {
        "title": f"Deal {number}",
        "organization": f"Org {number}",
        "value": 100,
        "currency": "EUR",
        "status": "won",
    }
    return tuple({**row, "won": date(2018, 11, 14), **changes}.values())


@pytest.mark.parametrize(
    "won",
    [
        "2018-12-31T23:30:00Z",
        "2019-01-01T00:30:00+01:00",
        "2018-12-31T18:30:00-0500",
        "2018-12-31 23:30:00+00",
        "2018-12-31 23:30:00 UTC",
    ],
)
def test_a_won_time_with_a_zone_counts_on_the_companys_day(
    world: World, tmp_path: Path, won: str
) -> None:
    imported(world, sheet(tmp_path / "in.xlsx", [deal(1, won=won)], DEALS))
    stored = Deal.objects.get()
    assert (stored.won_on, stored.won_at.isoformat()) == (
        date(2019, 1, 1),
        "2018-12-31T23:30:00+00:00",
    )  # type: ignore[union-attr]


def test_what_has_happened_does_not_lie_ahead(
    world: World, tmp_path: Path
) -> None:
    rows = [
        deal(number, won=f"15.04.{year}")
        for number, year in enumerate(("91", "99", "18", "30"), 1)
    ]
    of = imported(world, sheet(tmp_path / "in.xlsx", rows, DEALS))
    assert [
        one.year
        for one in Deal.objects.order_by("pk").values_list("won_on", flat=True)
    ] == [
        1991,
        1999,
        2018,
        1930,
    ]
    assert codes(of) == ["row.year_guessed"]


def test_a_birthday_is_not_ahead_and_another_day_may_be(
    world: World, tmp_path: Path
) -> None:
    world.field(FieldKind.DATE, "Geburtstag", record=RecordKind.PERSON)
    world.field(FieldKind.DATE, "Wiedervorlage", record=RecordKind.PERSON)
    rows = [("Eva", "15.04.85", "15.04.27"), ("Zoë", "15.04.45", "15.04.45")]
    of = checked(
        world,
        sheet(
            tmp_path / "in.xlsx", rows, ("Name", "Geburtstag", "Wiedervorlage")
        ),
        kind=RecordKind.PERSON,
    )
    assert (verdicts(of), codes(of)) == (
        ["new", "new"],
        ["row.year_guessed"] * 2,
    )


def test_three_people_whose_phones_a_spreadsheet_destroyed_stay_three(
    world: World, tmp_path: Path
) -> None:
    rows = [
        ("Thomas Klein", f"Org {number}", phone)
        for number, phone in enumerate(
            ("4,91702E+11", "4,91511E+11", "4.93E+11")
        )
    ]
    of = imported(
        world,
        sheet(tmp_path / "in.xlsx", rows, ("Name", "Organization", "Phone")),
        kind=RecordKind.PERSON,
    )
    assert (
        list(Person.objects.values_list("name", "phones"))
        == [("Thomas Klein", [])] * 3
    )
    assert codes(of) == ["row.phone_invalid"] * 3


def test_one_number_written_in_two_ways_is_one_person(
    world: World, tmp_path: Path
) -> None:
    known = world.person("Eva", phones=(ContactPoint("+49 40 123456"),))
    rows = [("Eva", "040/12 34 56"), ("Eva", "040 99 99 99")]
    imported(
        world,
        sheet(tmp_path / "in.xlsx", rows, ("Name", "Telefon")),
        kind=RecordKind.PERSON,
    )
    known.refresh_from_db()
    assert [one["value"] for one in known.phones] == ["+49 40 123456"]
    assert Person.objects.filter(name="Eva").count() == 2


@pytest.mark.parametrize(
    ("one", "other", "is_same"),
    [
        ("0049 40 123456", "040 123456", True),
        ("+49 (0)40 123456", "(040) 12 34 56", True),
        ("+43 1 123456", "+49 1 123456", False),
        ("040 123456 ext. 5", "040 123456 ext. 6", False),
        ("040 123456 ext. 5", "040 123456", False),
        ("intern 12", "INTERN 12", True),
        ("+1 212 555 0100", "001 (212) 555-0100", True),
    ],
)
def test_phones_are_compared_as_they_are_dialled(
    one: str, other: str, *, is_same: bool
) -> None:
    assert (phone_key(one, "DE") == phone_key(other, "DE")) is is_same


@pytest.mark.parametrize(
    ("time_zone", "currency", "language", "country"),
    [
        ("Europe/Berlin", "USD", "en", "DE"),
        ("Europe/Vienna", "EUR", "de", "AT"),
        ("UTC", "CHF", "de", "CH"),
        ("UTC", "EUR", "de", "DE"),
        ("UTC", "EUR", "en", ""),
    ],
)
def test_the_companys_country_follows_from_what_is_known(
    time_zone: str, currency: str, language: str, country: str
) -> None:
    assert (
        country_of(time_zone=time_zone, currency=currency, language=language)
        == country
    )


@pytest.mark.parametrize("word", ["NULL", "(leer)", "-", "k. A."])
def test_a_word_for_nothing_is_no_customer(
    world: World, tmp_path: Path, word: str
) -> None:
    rows = [
        (*deal(1, organization=word), None),
        (*deal(2, organization=word), "Eva"),
    ]
    of = checked(
        world, sheet(tmp_path / "in.xlsx", rows, (*DEALS, "Contact person"))
    )
    assert verdicts(of) == ["problem", "new"]
    assert codes(of) == [
        "row.empty_word",
        "row.contact_missing",
        "row.empty_word",
    ]


def test_a_number_that_a_program_lost_is_blank_and_said_for_each_row(
    world: World, tmp_path: Path
) -> None:
    of = imported(
        world,
        sheet(
            tmp_path / "in.xlsx",
            [deal(1, value="NULL"), deal(2, value="NULL")],
            DEALS,
        ),
    )
    assert codes(of) == ["row.empty_word"] * 2
    assert Organization.objects.count() == 2


def test_a_failed_formula_in_a_link_is_a_problem(
    world: World, tmp_path: Path
) -> None:
    world.field(FieldKind.ORGANIZATION, "Partner")
    of = checked(
        world,
        sheet(
            tmp_path / "in.xlsx",
            [(*deal(1), "#SPILL!"), (*deal(2), "-")],
            (*DEALS, "Partner"),
        ),
    )
    assert (verdicts(of), codes(of)) == (
        ["problem", "new"],
        ["row.error_cell", "row.empty_word"],
    )


@pytest.mark.parametrize(
    ("value", "currency", "note"),
    [
        ("12,345", "EUR", ["row.amount_fine"]),
        ("100,5", "JPY", ["row.amount_fine"]),
        ("1,234", "KWD", []),
        ("1,23456", "EUR", ["row.amount_rounded"]),
        ("12,34", "EUR", []),
    ],
)
def test_more_decimals_than_the_currency_has_are_noted(
    world: World, tmp_path: Path, value: str, currency: str, note: list[str]
) -> None:
    world.field(FieldKind.MONEY, "Budget")
    Currency.objects.get_or_create(code=currency)
    rows = [
        (*deal(1, value=value, currency=currency), None),
        (*deal(2, value="1,5"), None),
    ]
    answers = {"numbers:Value": {"do": "comma"}}
    of = checked(
        world,
        sheet(tmp_path / "in.xlsx", rows, (*DEALS, "Budget")),
        answers=answers,
    )
    assert codes(of) == note


def test_an_amount_of_an_own_field_is_noted_too(
    world: World, tmp_path: Path
) -> None:
    world.field(FieldKind.MONEY, "Budget")
    of = checked(
        world,
        sheet(tmp_path / "in.xlsx", [(*deal(1), 12.345)], (*DEALS, "Budget")),
    )
    assert codes(of) == ["row.amount_fine"]


def test_a_sign_of_several_currencies_is_a_question_that_can_only_be_matched(
    world: World, tmp_path: Path
) -> None:
    Currency.objects.create(code="SEK")
    path = sheet(
        tmp_path / "in.xlsx",
        [deal(1, value="2 500,00 kr", currency=None)],
        DEALS,
    )
    of = checked(world, path)
    assert [(one["key"], one["options"]) for one in of.questions] == [
        ("currency:kr", ["map", "skip"])
    ]
    imported(world, path, answers={"currency:kr": {"do": "map", "to": "SEK"}})
    assert Deal.objects.values_list("value_e4", "currency").get() == (
        25_000_000,
        "SEK",
    )


def test_a_currency_in_the_format_of_a_cell_counts_and_must_not_contradict_the_row(
    world: World,
) -> None:
    Currency.objects.get_or_create(code="CHF")
    paths = ("title", "value", "currency")
    reader = RowReader(paths, paths, catalog(RecordKind.DEAL), {}, {}, "EUR")
    in_francs = FormattedNumber(Decimal("1200.5"), currency="CHF")
    rows = [
        reader.read(Row(number, ("A", in_francs, named)))
        for number, named in enumerate((None, "CHF", "EUR"))
    ]
    for row in rows:
        give_currency(row, "value", reader, "EUR")
    assert [str(issue.code) for row in rows for issue in row.issues] == [
        "row.multiple_currencies"
    ]
    assert (
        rows[0].values["value"]
        == rows[1].values["value"]
        == Money.of("1200.5", "CHF")
    )


SWAPPED = [
    datetime(2018, 5, 1),
    "1/14/2018",
    datetime(2018, 3, 1),
    "2/20/2018",
]


@pytest.mark.parametrize(
    ("answer", "days"),
    [
        (
            "month_first",
            ["2018-01-05", "2018-01-14", "2018-01-03", "2018-02-20"],
        ),
        (
            "day_first",
            ["2018-05-01", "2018-01-14", "2018-03-01", "2018-02-20"],
        ),
    ],
)
def test_a_half_converted_column_of_dates_is_asked_about(
    world: World, tmp_path: Path, answer: str, days: list[str]
) -> None:
    path = sheet(
        tmp_path / "in.xlsx",
        [deal(number, won=won) for number, won in enumerate(SWAPPED)],
        DEALS,
    )
    of = checked(world, path)
    assert (verdicts(of), [one["key"] for one in of.questions]) == (
        ["question", "new"] * 2,
        ["dates:Won time"],
    )
    imported(world, path, answers={"dates:Won time": {"do": answer}})
    assert [
        one.isoformat()
        for one in Deal.objects.order_by("pk").values_list("won_on", flat=True)
        if one
    ] == days


def test_an_ordinary_file_gets_no_note(world: World, tmp_path: Path) -> None:
    rows = [
        deal(1, value="1.234,50 €"),
        deal(2, won="14.11.2018 09:30"),
        deal(3, won=datetime(2018, 11, 14, 9, 30)),
        deal(4, value=0),
        deal(5, won="14.11.18"),
    ]
    of = checked(world, sheet(tmp_path / "in.xlsx", rows, DEALS))
    assert (set(verdicts(of)), codes(of), of.questions) == ({"new"}, [], [])
