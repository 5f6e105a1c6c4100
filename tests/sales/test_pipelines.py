"""Pipelines and their stages: what a new one has, and which probabilities there are."""

import pytest

from tests.world import World
from turnus.kit.errors import UserError
from turnus.sales.actions import create_deal
from turnus.sales.actions_pipelines import add_usual_stages, save_stage
from turnus.sales.models import Pipeline

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("language", "first"), [("de", "Qualifiziert"), ("en", "Qualified")]
)
def test_a_new_pipeline_has_five_stages_ever_more_likely(
    language: str, first: str
) -> None:
    pipeline = Pipeline.objects.create(name="Neu")
    add_usual_stages(pipeline=pipeline, language=language)
    stages = pipeline.stages.order_by("position")
    assert stages[0].name == first
    probabilities = stages.values_list("position", "probability")
    assert list(probabilities) == [(0, 10), (1, 25), (2, 50), (3, 70), (4, 90)]


@pytest.mark.parametrize("probability", [0, 100])
def test_a_probability_goes_from_0_to_100(
    world: World, probability: int
) -> None:
    pipeline = Pipeline.objects.get()
    stage = save_stage(
        by=world.admin, pipeline=pipeline, name="Neu", probability=probability
    )
    assert stage.probability == probability
    deal = world.deal(probability=probability)
    assert deal.probability == probability


@pytest.mark.parametrize("probability", [-1, 101])
def test_a_probability_beyond_that_is_refused(
    world: World, probability: int
) -> None:
    pipeline = Pipeline.objects.get()
    with pytest.raises(UserError, match=r"probability\.range"):
        save_stage(
            by=world.admin,
            pipeline=pipeline,
            name="Neu",
            probability=probability,
        )
    values = {"title": "Neu", "organization": world.organization().pk}
    with pytest.raises(UserError, match=r"probability\.range"):
        create_deal(
            by=world.alice,
            at=world.at,
            values={**values, "probability": probability},
        )
