"""Applies pipelines with their stages, lost reasons and plans."""

from collections.abc import Mapping, Sequence

from turnus.kit.errors import UserError
from turnus.revenue.models import Plan
from turnus.revenue.plans.actions import PlanValues, save_plan
from turnus.sales.actions_pipelines import (
    order_pipelines,
    order_stages,
    save_lost_reason,
    save_pipeline,
    save_stage,
)
from turnus.sales.models import LostReason, Pipeline, Stage
from turnus.setup.application import (
    Application,
    by_name,
    found_by_name,
    in_order_of,
    tidied,
)
from turnus.setup.changes import Shown
from turnus.setup.map_reader import Written
from turnus.setup.records import PipelineSetup, PlanSetup, StageSetup
from turnus.setup.words import cadence_word, stage_in_words, stage_word

#: What a plan that only names its cadence gets, as in the form.
_USUAL_DAYS_BEFORE = 30
_USUAL_PROBABILITY = 100


def apply_pipelines(
    work: Application, wanted: Sequence[PipelineSetup]
) -> None:
    """Add and change pipelines and stages, and put those that are named in their order."""
    present = by_name(Pipeline.objects.all())
    ids = []
    for each in wanted:
        with work.entry(each.line, "pipelines"):
            pipeline = _pipeline(work, each, present.get(each.name))
            ids.append(pipeline.pk)
            _apply_stages(work, pipeline, each.stages)
    order = in_order_of([each.pk for each in Pipeline.objects.all()], ids)
    if order is not None:
        order_pipelines(by=work.by, ids=order)
        work.changes.ordered("pipelines", map(str, Pipeline.objects.all()))


def _pipeline(
    work: Application, wanted: PipelineSetup, present: Pipeline | None
) -> Pipeline:
    has_own = wanted.has_deal_probability
    if present is None:
        if not wanted.stages:
            raise UserError("apply.missing", key="stages")
        added = save_pipeline(
            by=work.by,
            name=wanted.name,
            has_deal_probability=has_own or False,
        )
        values = {"deal_probability": has_own}
        work.changes.added("pipelines", added.name, values)
        return added
    before = present.has_deal_probability
    if has_own is None or has_own == before:
        return present
    changed = save_pipeline(
        by=work.by,
        name=present.name,
        has_deal_probability=has_own,
        pipeline=present,
    )
    work.changes.changed(
        "pipelines", changed.name, "deal_probability", before, has_own
    )
    return changed


def _apply_stages(
    work: Application, pipeline: Pipeline, wanted: Sequence[StageSetup]
) -> None:
    present = by_name(pipeline.stages.all())
    ids = []
    for each in wanted:
        with work.entry(each.line, "pipelines.stages"):
            stage = _stage(work, pipeline, each, present.get(each.name))
            ids.append(stage.pk)
    order = in_order_of([each.pk for each in pipeline.stages.all()], ids)
    if order is not None:
        order_stages(by=work.by, pipeline=pipeline, ids=order)
        names = map(str, pipeline.stages.all())
        work.changes.ordered(f"pipelines “{pipeline.name}”: stages", names)


def _stage(
    work: Application,
    pipeline: Pipeline,
    wanted: StageSetup,
    present: Stage | None,
) -> Stage:
    name = stage_word(pipeline.name, wanted.name)
    probability = wanted.probability
    if present is None:
        added = save_stage(
            by=work.by,
            pipeline=pipeline,
            name=wanted.name,
            probability=_USUAL_PROBABILITY
            if probability is None
            else probability,
        )
        work.changes.added("stages", name, {"probability": probability})
        return added
    before = present.probability
    if probability is None or probability == before:
        return present
    changed = save_stage(
        by=work.by,
        pipeline=pipeline,
        name=present.name,
        probability=probability,
        stage=present,
    )
    work.changes.changed("stages", name, "probability", before, probability)
    return changed


def apply_lost_reasons(
    work: Application, wanted: Sequence[Written[str]]
) -> None:
    """Add the lost reasons that are not there."""
    present = by_name(LostReason.objects.all())
    for each in wanted:
        if tidied(each.value) in present:
            continue
        with work.entry(each.line, "lost_reasons"):
            reason = save_lost_reason(by=work.by, name=each.value)
            work.changes.added("lost_reasons", reason.name)


def apply_plans(work: Application, wanted: Sequence[PlanSetup]) -> None:
    """Add the plans that are not there, and change what differs in those that are."""
    if not wanted:
        return
    present = by_name(Plan.objects.select_related("stage__pipeline"))
    stages = {
        stage_word(stage.pipeline.name, stage.name): stage
        for stage in Stage.objects.select_related("pipeline")
    }
    for each in wanted:
        with work.entry(each.line, "plans"):
            plan = present.get(each.name)
            before = None if plan is None else _values_of(plan)
            after = _values(work, each, before, stages)
            if before == after:
                continue
            save_plan(by=work.by, values=after, plan=plan)
            _tell(work, before, after)


def _values_of(plan: Plan) -> PlanValues:
    return PlanValues(
        name=plan.name,
        cadence=plan.how,
        grace_days=plan.grace_days,
        renewal_way=plan.renewal_way,
        days_before=plan.days_before,
        stage=plan.stage,
    )


def _values(
    work: Application,
    wanted: PlanSetup,
    before: PlanValues | None,
    stages: Mapping[str, Stage],
) -> PlanValues:
    """Return what the plan should be: what the file names, else what it is, else the usual."""
    if before is None:
        if wanted.cadence is None:
            raise UserError("apply.missing", key="every")
        before = PlanValues(
            name=wanted.name,
            cadence=wanted.cadence,
            days_before=_USUAL_DAYS_BEFORE,
        )
    grace = before.grace_days
    if wanted.grace_days is not None:
        grace = wanted.grace_days.value
    stage = before.stage
    if wanted.stage is not None:
        with work.entry(wanted.stage.line, "plans.stage"):
            word = wanted.stage.value
            stage = found_by_name(stages, word) if word else None
    days_before = wanted.days_before
    return PlanValues(
        name=before.name,
        cadence=wanted.cadence or before.cadence,
        grace_days=grace,
        renewal_way=wanted.renewal_way or before.renewal_way,
        days_before=before.days_before if days_before is None else days_before,
        stage=stage,
    )


def _tell(
    work: Application, before: PlanValues | None, after: PlanValues
) -> None:
    values = _shown(after)
    if before is None:
        work.changes.added("plans", after.name, values)
        return
    shown_before = _shown(before)
    for key, value in values.items():
        if shown_before[key] != value:
            work.changes.changed(
                "plans", after.name, key, shown_before[key], value
            )


def _shown(values: PlanValues) -> Mapping[str, Shown]:
    return {
        "every": cadence_word(values.cadence),
        "grace_days": values.grace_days,
        "renewal": str(values.renewal_way),
        "days_before": values.days_before,
        "stage": stage_in_words(values.stage),
    }
