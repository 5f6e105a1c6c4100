"""The typed sets of changes name every column of their table that may change, and no other."""

from typing import get_type_hints

import pytest

from turnus.contacts.changes import OrganizationChanges, PersonChanges
from turnus.core.records import RecordKind
from turnus.history.tracked import tracked
from turnus.sales.changes import DealChanges

#: Who made the record, which one it is, and what follows from other columns.
NEVER_ASKED = {
    *("id", "creator_id", "updated_at"),
    *("folded", "name_folded", "name_key", "title_folded"),
}


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        (RecordKind.DEAL, DealChanges),
        (RecordKind.PERSON, PersonChanges),
        (RecordKind.ORGANIZATION, OrganizationChanges),
    ],
)
def test_changes_name_every_column_that_may_change(
    kind: RecordKind, changes: type
) -> None:
    assert (
        set(get_type_hints(changes))
        == set(tracked(kind).columns()) - NEVER_ASKED
    )
