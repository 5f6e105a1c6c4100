"""Adding, renaming, ordering and deleting pipelines, stages and lost reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import pgettext_lazy

from turnus.accounts.access import Permission, require
from turnus.accounts.models import User
from turnus.fields.words import Words
from turnus.kit.errors import UserError
from turnus.kit.lines import named
from turnus.kit.sql import take_turns
from turnus.sales.actions import update_deals
from turnus.sales.models import Deal, LostReason, Pipeline, Stage


@dataclass(frozen=True, slots=True)
class UsualStage:
    """A stage of a new pipeline: its name, and how likely its deals are won, in percent."""

    name: Words
    probability: int


USUAL_STAGES = (
    UsualStage(Words(pgettext_lazy("stage", "Qualified")), 10),
    UsualStage(Words(pgettext_lazy("stage", "Contact Made")), 25),
    UsualStage(Words(pgettext_lazy("stage", "Demo Scheduled")), 50),
    UsualStage(Words(pgettext_lazy("stage", "Proposal Made")), 70),
    UsualStage(Words(pgettext_lazy("stage", "Negotiations Started")), 90),
)


@transaction.atomic
def save_pipeline(
    *,
    by: User,
    name: str,
    has_deal_probability: bool,
    pipeline: Pipeline | None = None,
) -> Pipeline:
    """Create a pipeline, at the end, or change one."""
    require(by, Permission.PIPELINES)
    pipeline = pipeline or Pipeline(position=Pipeline.objects.count())
    pipeline.name = named(name)
    pipeline.has_deal_probability = has_deal_probability
    _save(pipeline, "name", "has_deal_probability")
    return pipeline


@transaction.atomic
def add_usual_stages(*, pipeline: Pipeline, language: str) -> None:
    """Give a new pipeline the five usual stages; for the set-up, which needs no permission."""
    for position, stage in enumerate(USUAL_STAGES):
        Stage.objects.create(
            pipeline=pipeline,
            name=stage.name[language],
            position=position,
            probability=stage.probability,
        )


@transaction.atomic
def first_pipeline(*, language: str) -> Pipeline:
    """Create the pipeline of a new instance."""
    pipeline = Pipeline.objects.create(name="Pipeline")
    add_usual_stages(pipeline=pipeline, language=language)
    return pipeline


@transaction.atomic
def delete_pipeline(*, pipeline: Pipeline, by: User) -> None:
    """Delete a pipeline without deals; the last one stays."""
    require(by, Permission.PIPELINES)
    if pipeline.deals.exists():
        raise UserError("pipeline.has_deals", count=pipeline.deals.count())
    others = Pipeline.objects.exclude(pk=pipeline.pk)
    if not others.filter(stages__isnull=False).exists():
        raise UserError("pipeline.last")
    pipeline.delete()


@transaction.atomic
def save_stage(
    *,
    by: User,
    pipeline: Pipeline,
    name: str,
    probability: int,
    stage: Stage | None = None,
) -> Stage:
    """Create a stage at the end of a pipeline, or change one."""
    require(by, Permission.PIPELINES)
    if not 0 <= probability <= 100:
        raise UserError("probability.range")
    stage = stage or Stage(pipeline=pipeline, position=pipeline.stages.count())
    stage.name = named(name)
    stage.probability = probability
    _save(stage, "name", "probability")
    return stage


@transaction.atomic
def delete_stage(
    *, stage: Stage, by: User, at: datetime, move_to: Stage | None = None
) -> None:
    """Delete a stage; its deals move to another one of the same pipeline, with history."""
    require(by, Permission.PIPELINES)
    if stage.pipeline.stages.count() == 1:
        raise UserError("stage.last")
    deals = Deal.objects.filter(stage=stage)
    if deals.exists():
        if move_to is None or move_to not in stage.pipeline.stages.exclude(
            pk=stage.pk
        ):
            raise UserError("stage.has_deals", count=deals.count())
        update_deals(deals=deals, by=by, at=at, values={"stage": move_to.pk})
        deals.update(stage=move_to)  # those in the trash
    stage.delete()


@transaction.atomic
def order_pipelines(*, by: User, ids: Sequence[int]) -> None:
    """Put pipelines in the order of `ids`."""
    require(by, Permission.PIPELINES)
    for position, pipeline_id in enumerate(ids):
        Pipeline.objects.filter(pk=pipeline_id).update(position=position)


@transaction.atomic
def order_stages(*, by: User, pipeline: Pipeline, ids: Sequence[int]) -> None:
    """Put the stages of a pipeline in the order of `ids`."""
    require(by, Permission.PIPELINES)
    for position, stage_id in enumerate(ids):
        pipeline.stages.filter(pk=stage_id).update(position=position)


@transaction.atomic
def save_lost_reason(
    *, by: User, name: str, reason: LostReason | None = None
) -> LostReason:
    """Create a lost reason, at the end, or rename one; deals keep the words they were lost with."""
    require(by, Permission.PIPELINES)
    name = named(name)
    take_turns("sales.lost_reason")
    reason = reason or LostReason(position=LostReason.objects.count())
    others = LostReason.objects.exclude(pk=reason.pk)
    if others.filter(name__iexact=name).exists():
        raise UserError("name.taken", name=name)
    reason.name = name
    _save(reason, "name")
    return reason


@transaction.atomic
def delete_lost_reason(*, reason: LostReason, by: User) -> None:
    """Offer a lost reason no longer."""
    require(by, Permission.PIPELINES)
    reason.delete()


def _save(changed: Pipeline | Stage | LostReason, *columns: str) -> None:
    """Write a new row whole, of a stored one these columns only: its position may have changed."""
    changed.save(update_fields=columns if changed.pk else None)
