"""Every field kind has every ability: a walk over all of them."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from turnus.core.fields import (
    CUSTOM_KINDS,
    KINDS,
    Address,
    AnyKind,
    CellRules,
    Comparison,
    ContactPoint,
    DateSpan,
    FieldKind,
    FileForm,
    Notation,
    TimeSpan,
    cell_keys,
    from_cells,
    parse,
    reader_for,
    show,
    to_cells,
)
from turnus.core.fields.kinds.choices import ChoiceKind
from turnus.core.money import Money

GERMAN = Notation(decimal_comma=True, day_first=True)
ENGLISH = Notation(decimal_comma=False, day_first=True)


@dataclass(frozen=True, slots=True)
class Words:
    """Choices of a test: two with ids, one with a word."""

    def find(self, word: str) -> int | str | None:
        return {"Hosting": 1, "Wartung": 2, "Offen": "open", "CHF": "CHF"}.get(
            word
        )

    def name(self, stored: int | str) -> str:
        words = {1: "Hosting", 2: "Wartung", "open": "Offen", "CHF": "CHF"}
        return words.get(stored, str(stored))  # labels are their own words


NOON = datetime(2018, 11, 14, 12)
#: A value of each kind that is no choice.
VALUES: dict[FieldKind, Any] = {
    FieldKind.TEXT: "Ärzte, =1+1",
    FieldKind.LARGE_TEXT: "one\ntwo",
    FieldKind.AUTOCOMPLETE: "Elbe",
    FieldKind.PHONE: "+49 40 123456",
    FieldKind.ADDRESS: Address("Elbchaussee 1, Hamburg"),
    FieldKind.EMAILS: (ContactPoint("a@b.de"), ContactPoint("c@d.de", "home")),
    FieldKind.PHONES: (ContactPoint("+49 40 123456", "mobile"),),
    FieldKind.NUMBER: Decimal("1234.5"),
    FieldKind.MONEY: Money.of("99.5", "CHF"),
    FieldKind.PERCENT: 50,
    FieldKind.ID: 4001,
    FieldKind.DATE: date(2018, 11, 14),
    FieldKind.MOMENT: NOON,
    FieldKind.DATE_RANGE: DateSpan(date(2018, 11, 14), date(2018, 12, 31)),
    FieldKind.TIME: time(9, 30),
    FieldKind.TIME_RANGE: TimeSpan(time(22), time(6, 30)),
    FieldKind.OPTIONS: (1, 2),
    FieldKind.LABELS: (2,),
    FieldKind.CURRENCY: "CHF",
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))


def value_of(kind: AnyKind) -> Any:
    """Return a value of a kind: one of the table, else a choice."""
    is_worded = isinstance(kind, ChoiceKind) and kind.is_worded
    return VALUES.get(kind.name, "open" if is_worded else 1)


@EVERY_KIND
@pytest.mark.parametrize(
    "notation", [GERMAN, ENGLISH], ids=["german", "english"]
)
def test_what_a_kind_shows_it_reads_back(
    kind: AnyKind, notation: Notation
) -> None:
    value = value_of(kind)
    shown = show(kind.name, value, notation=notation, choices=Words())
    assert parse(kind.name, shown, notation=notation, choices=Words()) == value


@EVERY_KIND
def test_what_a_kind_writes_into_a_file_it_reads_back(kind: AnyKind) -> None:
    zone = ZoneInfo("Europe/Berlin")
    value = value_of(kind)
    if kind.name is FieldKind.MOMENT:
        value = value.replace(tzinfo=zone)
    cell = kind.cell(value, FileForm(GERMAN, zone, Words()))
    rules = CellRules(GERMAN, Words(), currency="CHF")
    assert reader_for(kind.name, rules)(cell) == value_of(kind)


@pytest.mark.parametrize("name", CUSTOM_KINDS)
def test_what_a_custom_field_stores_it_loads(name: FieldKind) -> None:
    value = value_of(KINDS[name])
    cells = to_cells(name, "key", value)
    assert set(cells) <= set(cell_keys(name, "key"))
    assert from_cells(name, "key", cells) == value


@EVERY_KIND
def test_what_a_column_holds_is_the_value_again(kind: AnyKind) -> None:
    value = value_of(kind)
    assert kind.from_column(kind.to_column(value)) == value
    blank = kind.to_column(None)
    assert blank in (["", []] if kind.is_blank_stored else [None])


#: What a filter compares a kind with, by the way in which it compares.
COMPARED: dict[Comparison, Any] = {
    Comparison.TEXT: "elbe",
    Comparison.NUMBER: 1,
    Comparison.DAY: "2018-11-14",
    Comparison.MOMENT: "2018-11-14",
    Comparison.TIME: "09:30:00",
    Comparison.CHOICE: 1,
    Comparison.CHOICES: 1,
    Comparison.LINK: 1,
}


@EVERY_KIND
def test_a_kind_compares_with_what_its_filters_hold(kind: AnyKind) -> None:
    is_worded = isinstance(kind, ChoiceKind) and kind.is_worded
    assert kind.operators == kind.comparison.operators
    assert kind.is_comparable(
        "open" if is_worded else COMPARED[kind.comparison]
    )
    assert not kind.is_comparable(None)
    assert (
        not kind.is_comparable(1 << 63) or kind.comparison is Comparison.TEXT
    )


def test_a_day_without_a_time_stays_a_day_in_a_file() -> None:
    form = FileForm(GERMAN, ZoneInfo("UTC"), Words())
    assert KINDS[FieldKind.MOMENT].cell(date(2018, 1, 2), form) == date(
        2018, 1, 2
    )


def test_a_moment_in_a_file_is_what_clocks_of_the_company_show() -> None:
    form = FileForm(GERMAN, ZoneInfo("Europe/Berlin"), Words())
    moment = datetime(2018, 11, 14, 11, 0, 0, 5, tzinfo=UTC)
    assert KINDS[FieldKind.MOMENT].cell(moment, form) == NOON


def test_a_computed_amount_in_a_file_has_the_decimals_of_its_currency() -> (
    None
):
    form = FileForm(GERMAN, ZoneInfo("UTC"), Words(), is_computed=True)
    third = Money(333_333, "EUR")
    assert KINDS[FieldKind.MONEY].cell(third, form) == Decimal("33.33")


def test_a_percentage_is_shown_as_a_whole_number() -> None:
    assert show(FieldKind.PERCENT, 50, notation=GERMAN) == "50"
