"""Filters over custom fields of every kind: each operator is said in SQL."""

from typing import Any

import pytest

from tests.world import World
from turnus.core.fields import (
    CUSTOM_KINDS,
    KINDS,
    Comparison,
    FieldKind,
    Operator,
)
from turnus.core.filters import from_json
from turnus.core.records import RecordKind
from turnus.fields.actions import create_field
from turnus.fields.catalog import catalog
from turnus.listing.compiling import SQL, compile_filter
from turnus.sales.models import Deal

from .test_listing import viewer

#: What a condition compares with, by the way in which the kind compares.
WANTED: dict[Comparison, Any] = {
    Comparison.TEXT: "elbe",
    Comparison.NUMBER: 4001,
    Comparison.DAY: "2018-11-14",
    Comparison.TIME: "09:30:00",
    Comparison.CHOICE: 1,
    Comparison.CHOICES: 1,
    Comparison.LINK: 1,
}
#: Operators that hold where the field is empty.
HOLD_WHEN_EMPTY = {
    Operator.IS_EMPTY,
    Operator.IS_NOT,
    Operator.IS_NONE_OF,
    Operator.NOT_CONTAINS,
    Operator.NOT_STARTS_WITH,
    Operator.NOT_ENDS_WITH,
    Operator.NOT_IN_PERIOD,
}


def written(operator: Operator, wanted: Any) -> Any:
    """Return the value of a condition in the form that its operator takes."""
    if operator in {
        Operator.BETWEEN,
        Operator.IN_PERIOD,
        Operator.NOT_IN_PERIOD,
    }:
        return {"from": wanted, "until": wanted}
    return [wanted] if operator.endswith("_of") else wanted


def test_every_way_to_compare_has_its_sql() -> None:
    assert set(SQL) == set(Comparison)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", CUSTOM_KINDS)
def test_every_operator_of_a_custom_field_is_a_query(
    kind: FieldKind, world: World
) -> None:
    field = create_field(
        by=world.admin,
        at=world.at,
        record=RecordKind.DEAL,
        kind=kind,
        name="Field",
        options=("Hosting",),
    )
    world.deal()
    fields = catalog(RecordKind.DEAL)
    found = {}
    for operator in KINDS[kind].operators:
        wanted = written(operator, WANTED[KINDS[kind].comparison])
        tree = from_json(
            {
                "field": f"custom.{field.key}",
                "operator": operator,
                "value": wanted,
            }
        )
        condition = compile_filter(tree, fields, viewer(world))
        found[operator] = Deal.objects.filter(condition).exists()
    assert found == {
        operator: operator in HOLD_WHEN_EMPTY
        for operator in KINDS[kind].operators
    }
