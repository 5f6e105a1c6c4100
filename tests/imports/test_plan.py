"""What the check planned is read back as it was: the import writes it unchanged."""

import json
from datetime import date, datetime
from typing import cast

import pytest
from django.db.models import DateField, DateTimeField

from tests.conftest import AT
from turnus.core.fields import FieldKind
from turnus.core.issues import Issue, IssueCode, Severity
from turnus.core.records import RecordKind
from turnus.fields.builtin import (
    DEAL_FIELDS,
    ORGANIZATION_FIELDS,
    PERSON_FIELDS,
)
from turnus.fields.builtin_subscriptions import SUBSCRIPTION_FIELDS
from turnus.fields.field import Field
from turnus.fields.values import column_of
from turnus.history.cells import CellChange
from turnus.history.tracked import tracked
from turnus.imports.plan import (
    ContactRef,
    Effect,
    EffectKind,
    NewContact,
    PlannedRow,
    Verdict,
)
from turnus.imports.plan_storage import (
    contacts_from_json,
    contacts_to_json,
    pack,
    unpack,
)
from turnus.imports.planned_columns import PlannedColumns


def _date_fields() -> list[Field]:
    fields = (
        *DEAL_FIELDS,
        *PERSON_FIELDS,
        *ORGANIZATION_FIELDS,
        *SUBSCRIPTION_FIELDS,
    )
    kinds = {FieldKind.DATE, FieldKind.MOMENT}
    return [field for field in fields if field.column and field.kind in kinds]


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_day_and_moment_of_a_record_comes_back_as_one(
    kind: RecordKind,
) -> None:
    columns: dict[str, date | datetime] = {}
    for name, column in tracked(kind).columns().items():
        if isinstance(column, DateTimeField):
            columns[name] = AT
        elif isinstance(column, DateField):
            columns[name] = AT.date()
    planned = PlannedRow(1, Verdict.NEW, [], cast("PlannedColumns", columns))
    (row,) = unpack(pack([planned]))
    assert {"created_at", "trashed_at"} <= columns.keys()
    assert row.columns == columns


def test_a_row_comes_back_with_all_that_is_stored_of_it() -> None:
    row = PlannedRow(
        number=7,
        verdict=Verdict.UPDATE,
        issues=[
            Issue(
                IssueCode.TERM_TAKEN,
                Severity.WARNING,
                7,
                "Deal - Value",
                {"row": 3},
            )
        ],
        columns={"title": "Solar", "won_on": AT.date(), "lost_on": None},
        organization=ContactRef(id=4),
        person=ContactRef(number=0),
        record_id=12,
        changes={"title": CellChange("Sun", "Solar")},
        added={"emails": [{"value": "eva@elbe.example", "label": "work"}]},
        is_stamped=True,
        effect=Effect(EffectKind.BOOK, subscription=2, number=5, deal=9),
    )
    assert unpack(pack([row])) == [row]


def test_a_new_contact_comes_back_with_its_moment_and_its_organization() -> (
    None
):
    person = NewContact(
        {"name": "Eva", "created_at": AT}, ContactRef(number=1)
    )
    organization = NewContact({"name": "Elbe Solar GmbH"})
    contacts = {
        RecordKind.PERSON: [person],
        RecordKind.ORGANIZATION: [organization],
    }
    stored = json.loads(json.dumps(contacts_to_json(contacts)))
    assert contacts_from_json(stored, RecordKind.PERSON) == [person]
    assert contacts_from_json(stored, RecordKind.ORGANIZATION) == [
        organization
    ]


@pytest.mark.parametrize(
    "field", _date_fields(), ids=lambda field: f"{field.record}-{field.key}"
)
def test_every_date_field_with_a_column_comes_back_as_a_date(
    field: Field,
) -> None:
    value = AT if field.kind is FieldKind.MOMENT else AT.date()
    columns = {column_of(field): value}
    row = PlannedRow(1, Verdict.NEW, [], cast("PlannedColumns", columns))
    (stored,) = unpack(pack([row]))
    assert stored.columns == columns
