"""The words of choices of every kind."""

import pytest

from tests.world import World
from turnus.core.fields import KINDS, AnyKind, Comparison
from turnus.core.records import RecordKind
from turnus.fields.choices import choices_of
from turnus.fields.field import Field

CHOOSING = [
    kind
    for kind in KINDS.values()
    if kind.comparison in {Comparison.CHOICE, Comparison.CHOICES}
]


@pytest.mark.django_db
@pytest.mark.parametrize(
    "kind", CHOOSING, ids=[kind.name for kind in CHOOSING]
)
def test_every_kind_of_choices_knows_its_words(
    kind: AnyKind, world: World
) -> None:
    del world
    field = Field(RecordKind.DEAL, "key", kind.name, {"en": "Choice"})
    choices = choices_of(field, "de")
    assert choices is not None
    assert [choices.find(word) for _stored, word in choices.items()] == [
        stored for stored, _word in choices.items()
    ]
