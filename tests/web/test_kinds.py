"""Every field kind has a face on screen."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from turnus.core.fields import (
    CUSTOM_KINDS,
    KINDS,
    Address,
    DateSpan,
    FieldKind,
    Notation,
    TimeSpan,
)
from turnus.core.fields.operators import Comparison
from turnus.web.kinds import FACES, Screen, Widget


def test_every_kind_has_a_face() -> None:
    assert set(FACES) == set(FieldKind)


def test_every_kind_of_custom_fields_has_a_name() -> None:
    assert {kind for kind, face in FACES.items() if face.name} == set(
        CUSTOM_KINDS
    )


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (FieldKind.TEXT, "Elbe", "Elbe"),
        (FieldKind.ADDRESS, Address("Elbchaussee 1"), "Elbchaussee 1"),
        (FieldKind.NUMBER, Decimal("1234.5"), "1.234,5"),
        (FieldKind.PERCENT, 50, "50"),
        (FieldKind.DATE, date(2018, 11, 14), "14.11.2018"),
        (
            FieldKind.MOMENT,
            datetime(2018, 11, 14, 8, tzinfo=UTC),
            "14.11.2018 09:00",
        ),
        (
            FieldKind.DATE_RANGE,
            DateSpan(date(2018, 1, 1), date(2018, 12, 31)),
            "01.01.2018 – 31.12.2018",
        ),
        (
            FieldKind.TIME_RANGE,
            TimeSpan(time(22), time(6, 30)),
            "22:00 – 06:30",
        ),
    ],
)
def test_a_value_is_shown_as_its_kind(
    kind: FieldKind, value: Any, text: str
) -> None:
    screen = Screen(ZoneInfo("Europe/Berlin"), "de")
    assert FACES[kind].text(value, screen) == text


@pytest.mark.parametrize("kind", FieldKind)
def test_a_condition_that_was_typed_is_shown_as_it_was_typed(
    kind: FieldKind,
) -> None:
    notation = Notation(decimal_comma=True, day_first=True)
    compared = FACES[kind].compared
    typed = {
        Comparison.NUMBER: "12",
        Comparison.DAY: "2018-11-14",
        Comparison.MOMENT: "2018-11-14",
        Comparison.TIME: "09:30:00",
    }.get(KINDS[kind].comparison, "Elbe")
    shown = {"2018-11-14": "14.11.2018"}.get(typed, typed)
    assert compared.words(compared.stored(typed, notation), notation) == shown


@pytest.mark.parametrize("kind", FieldKind)
def test_a_span_says_what_its_ends_are(kind: FieldKind) -> None:
    face = FACES[kind]
    assert (face.end is None) == (face.widget is not Widget.SPAN)
