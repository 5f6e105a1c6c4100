"""Pipelines, stages, lost reasons."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission
from turnus.sales.actions_pipelines import (
    delete_lost_reason,
    delete_pipeline,
    delete_stage,
    order_pipelines,
    order_stages,
    save_lost_reason,
    save_pipeline,
    save_stage,
)
from turnus.sales.models import LostReason, Pipeline, Stage
from turnus.web.access import needs
from turnus.web.buttons import is_sent, sent_action, sent_numbers, sent_text
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.parameters import chosen, chosen_or_none
from turnus.web.settings.forms import (
    NameForm,
    NewPipelineForm,
    PipelineForm,
    StageForm,
)


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def pipelines(request: SignedInRequest) -> HttpResponse:
    if sent_action(request) == "order":
        order_pipelines(by=request.user, ids=sent_numbers(request, "order"))
        return HttpResponse(status=204)
    form = NewPipelineForm(posted(request))

    def add() -> HttpResponse:
        name = form.cleaned_data["name"]
        stage = form.cleaned_data["stage"]
        added = save_pipeline(
            by=request.user, name=name, has_deal_probability=False
        )
        save_stage(
            by=request.user, pipeline=added, name=stage, probability=100
        )
        return redirect("pipeline", added.pk)

    answer = form.submit(add)
    if answer is not None:
        return answer
    context = {
        "form": form,
        "pipelines": list(Pipeline.objects.prefetch_related("stages")),
    }
    return render(
        request, "settings/pipelines.html", context, status=form.status
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def pipeline(request: SignedInRequest, pk: int) -> HttpResponse:
    changed = get_object_or_404(Pipeline, pk=pk)
    action = sent_action(request)
    if action == "delete":
        delete_pipeline(pipeline=changed, by=request.user)
        return redirect("pipelines")
    if action == "order":
        ids = sent_numbers(request, "order")
        order_stages(by=request.user, pipeline=changed, ids=ids)
        return HttpResponse(status=204)
    if action == "delete-stage":
        return _delete_stage(request, changed)
    return _edit(request, changed)


def _delete_stage(request: SignedInRequest, changed: Pipeline) -> HttpResponse:
    delete_stage(
        stage=chosen(changed.stages.all(), sent_text(request, "stage")),
        by=request.user,
        at=request.at,
        move_to=chosen_or_none(Stage, sent_text(request, "move_to")),
    )
    return redirect("pipeline", changed.pk)


def _edit(request: SignedInRequest, changed: Pipeline) -> HttpResponse:
    """Change the pipeline, one of its stages, or add one; else show them."""
    saves_stage = sent_action(request) == "save-stage"
    pipeline_form = PipelineForm(
        None if saves_stage else posted(request), initial=vars(changed)
    )
    stage = chosen_or_none(changed.stages.all(), sent_text(request, "stage"))
    stage_form = StageForm(posted(request) if saves_stage else None, row=stage)

    def save() -> HttpResponse:
        save_pipeline(
            by=request.user, pipeline=changed, **pipeline_form.cleaned_data
        )
        return redirect("pipeline", changed.pk)

    def save_its_stage() -> HttpResponse:
        save_stage(
            by=request.user,
            pipeline=changed,
            stage=stage,
            **stage_form.cleaned_data,
        )
        return redirect("pipeline", changed.pk)

    answer = pipeline_form.submit(save) or stage_form.submit(save_its_stage)
    if answer is not None:
        return answer
    deal_count = Count("deals", filter=Q(deals__trashed_at__isnull=True))
    stages = changed.stages.annotate(deal_count=deal_count)
    context = {
        "pipeline": changed,
        "pipeline_form": pipeline_form,
        "new_stage_form": stage_form.for_new(),
        "stages": [(stage, stage_form.for_row(stage)) for stage in stages],
    }
    status = max(pipeline_form.status, stage_form.status)
    return render(request, "settings/pipeline.html", context, status=status)


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def lost_reasons(request: SignedInRequest) -> HttpResponse:
    if is_sent(request, "delete"):
        delete_lost_reason(
            reason=chosen(LostReason, sent_text(request, "delete")),
            by=request.user,
        )
        return redirect("lost-reasons")
    renamed = chosen_or_none(LostReason, sent_text(request, "reason"))
    form = NameForm(posted(request), row=renamed)

    def save() -> HttpResponse:
        save_lost_reason(
            by=request.user, name=form.cleaned_data["name"], reason=renamed
        )
        return redirect("lost-reasons")

    answer = form.submit(save)
    if answer is not None:
        return answer
    context = {
        "new_form": form.for_new(),
        "reasons": [
            (reason, form.for_row(reason))
            for reason in LostReason.objects.all()
        ],
    }
    return render(
        request, "settings/lost_reasons.html", context, status=form.status
    )
