"""What the check planned is read back as it was: the import writes it unchanged."""

from datetime import date, datetime

import pytest
from django.db.models import DateField, DateTimeField

from tests.conftest import AT
from turnus.core.records import RecordKind
from turnus.history.tracked import tracked
from turnus.imports.plan import PlannedRow, Verdict, pack, unpack


@pytest.mark.parametrize("kind", list(RecordKind))
def test_every_day_and_moment_of_a_record_comes_back_as_one(kind: RecordKind) -> None:
    columns: dict[str, date | datetime] = {}
    for name, column in tracked(kind).columns().items():
        if isinstance(column, DateTimeField):
            columns[name] = AT
        elif isinstance(column, DateField):
            columns[name] = AT.date()
    (row,) = unpack(pack([PlannedRow(1, Verdict.NEW, [], dict(columns))]))
    assert {"created_at", "trashed_at"} <= columns.keys()
    assert row.columns == columns
