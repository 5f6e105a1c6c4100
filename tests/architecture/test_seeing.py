"""Names of linked records are read in few places, each of which asks who may see them."""

import ast
import re
from pathlib import Path

import pytest

from tests.architecture.source import (
    PACKAGE,
    modules,
    name_of,
    nodes,
    templates,
)

#: Values as they are stored, whoever may see them.
BARE = {"comparable", "folded"}
#: A column of a linked record that says what it is.
_TELLING = re.compile(
    r"\b(organization|person|deal|bills_with)__(name|title|address|country|emails|phones|custom)"
)
#: Modules that read such columns without asking who may see them, each with its reason.
READERS = {
    "contacts/queries.py": "puts the condition around them",
    "revenue/renewals/actions/book.py": "a renewal is called as its subscription's deals were",
}
#: In templates: what a linked record is called. A record that was found by `{% seen %}` is a name
#: without a dot before it.
_NAMED = re.compile(
    r"\w\.(organization|person|deal|subscription)\.(name|title)\b|\w\.(organization|person)\s*(\||\}\})"
)
#: Templates that name linked records, each with its reason.
TELLERS = {
    "detected/_duplicates.html": "made from a file by the command line: no records, no readers",
    "records/_recurs.html": "`record_page` passes no term of a hidden subscription",
    "detection/_block_head.html": "`history_page` reads those that the reader may see",
    "renewals/_due.html": "`due_groups` has only what the reader may see",
    "renewals/_waiting.html": "`waiting_terms` leaves out what the reader may not see",
    "subscriptions/_moves.html": "`movements_of` leaves out what the reader may not see",
}


def inner_name(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_values_without_a_condition_are_for_filters_alone() -> None:
    takers = {
        inner_name(path)
        for path in modules()
        for imported in nodes(path, ast.ImportFrom)
        if imported.module == "turnus.listing.expressions"
        and BARE & {one.name for one in imported.names}
    }
    assert takers == {"listing/compiling.py"}


@pytest.mark.parametrize("path", modules(), ids=name_of)
def test_names_of_linked_records_are_read_with_their_condition(
    path: Path,
) -> None:
    if inner_name(path) in READERS:
        return
    texts = [
        one.value
        for one in nodes(path, ast.Constant)
        if isinstance(one.value, str)
    ]
    assert [one for one in texts if _TELLING.search(one)] == []


def test_templates_name_linked_records_only_where_the_reader_sees_them() -> (
    None
):
    found = {
        "/".join(path.parts[-2:])
        for path in templates()
        if _NAMED.search(path.read_text())
    }
    assert found == TELLERS.keys()
