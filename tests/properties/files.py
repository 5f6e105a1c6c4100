"""Random deals and files, made the same way every time."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from tests.world import World
from turnus.accounts.queries import company
from turnus.accounts.viewer import Viewer
from turnus.contacts.models import Organization, Person
from turnus.core.fields import FieldKind
from turnus.core.fields.words import is_error_word, is_word_for_nothing
from turnus.core.filters import All
from turnus.core.records import RecordKind
from turnus.exports.actions import write_list
from turnus.fields.catalog import catalog
from turnus.listing.lists import ListState, RecordList
from turnus.sales.models import Deal

#: Few examples, the same every time: each one is files and rows.
few = settings(
    max_examples=5,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


def _says_something(text: str) -> bool:
    return not is_word_for_nothing(text) and not is_error_word(text)


#: What spreadsheets like to make something else of; but for words that mean nothing in a file, and
#: error values.
texts = st.one_of(
    st.sampled_from(
        [
            "=1+1",
            "-5",
            "007",
            "1.234",
            "TRUE",
            "14.11.2018",
            "Ärzte & Söhne; GmbH",
            'sagt "ja"',
            "a\nb",
            "+49 40",
            "@x",
        ]
    ),
    st.text(
        st.characters(codec="utf-8", exclude_categories=("C", "Z")),
        min_size=1,
        max_size=30,
    ).filter(_says_something),
)


def taken_back(body: Callable[[], None]) -> None:
    """Run one example; what it wrote is gone afterwards."""
    with transaction.atomic():
        body()
        transaction.set_rollback(True)


def export(
    world: World,
    kind: RecordKind,
    columns: tuple[str, ...],
    path: Path,
    language: str,
) -> Path:
    """Write every record of a kind into a file."""
    viewer = Viewer(world.admin, world.at.date(), company().zone, language)
    records = RecordList(
        kind, catalog(kind), ListState(All(()), columns=columns), viewer
    )
    write_list(records, path, delimiter=";" if language == "de" else ",")
    return path


def custom_fields(world: World) -> dict[FieldKind, str]:
    """Add a custom field of each kind that a file can hold; return their paths."""
    linked = {FieldKind.PERSON, FieldKind.ORGANIZATION}
    return {
        kind: f"custom.{world.field(kind, kind.title()).key}"
        for kind in list(FieldKind)[:16]
        if kind not in linked
    }


def state() -> dict[str, list[dict[str, Any]]]:
    """Return everything outside the trash as the tables hold it, without times of changes."""
    models: tuple[Any, ...] = (Deal, Person, Organization)
    return {
        model.__name__: [
            without_time(row)
            for row in model.objects.present().order_by("pk").values()
        ]
        for model in models
    }


def without_time(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name != "updated_at"}
