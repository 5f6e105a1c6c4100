"""Pipelines, stages, lost reasons."""

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
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.posted import chosen, ids_in, number_in


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def pipelines(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        if request.POST.get("action") == "order":
            order_pipelines(by=request.user, ids=ids_in(request.POST.getlist("order")))
            return HttpResponse(status=204)
        pipeline = save_pipeline(
            by=request.user, name=request.POST.get("name", ""), has_deal_probability=False
        )
        save_stage(
            by=request.user,
            pipeline=pipeline,
            name=request.POST.get("stage", "") or "1",
            probability=100,
        )
        return redirect("pipeline", pipeline.pk)
    return render(
        request,
        "settings/pipelines.html",
        {"pipelines": list(Pipeline.objects.prefetch_related("stages"))},
    )


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def pipeline(request: SignedInRequest, pk: int) -> HttpResponse:
    changed = get_object_or_404(Pipeline, pk=pk)
    if request.method == "POST":
        return _change(request, changed)
    stages = [
        (stage, stage.deals.filter(trashed_at__isnull=True).count())
        for stage in changed.stages.all()
    ]
    return render(request, "settings/pipeline.html", {"pipeline": changed, "stages": stages})


def _change(request: SignedInRequest, changed: Pipeline) -> HttpResponse:
    given, by = request.POST, request.user
    action = given.get("action")
    if action == "delete":
        delete_pipeline(pipeline=changed, by=by)
        return redirect("pipelines")
    if action == "order":
        order_stages(by=by, pipeline=changed, ids=ids_in(given.getlist("order")))
        return HttpResponse(status=204)
    if action == "delete-stage":
        target = given.get("move_to", "")
        move_to = chosen(Stage, target) if target else None
        stage = chosen(changed.stages.all(), given.get("stage"))
        delete_stage(stage=stage, by=by, at=request.at, move_to=move_to)
    elif action == "save-stage":
        known = given.get("stage", "")
        edited = chosen(changed.stages.all(), known) if known else None
        probability = number_in(given.get("probability"))
        save_stage(
            by=by,
            pipeline=changed,
            name=given.get("name", ""),
            probability=-1 if probability is None else probability,
            stage=edited,
        )
    else:
        has = bool(given.get("has_deal_probability"))
        save_pipeline(by=by, name=given.get("name", ""), has_deal_probability=has, pipeline=changed)
    return redirect("pipeline", changed.pk)


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def lost_reasons(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        if "delete" in request.POST:
            delete_lost_reason(reason=chosen(LostReason, request.POST["delete"]), by=request.user)
        else:
            known = request.POST.get("reason", "")
            reason = chosen(LostReason, known) if known else None
            save_lost_reason(by=request.user, name=request.POST.get("name", ""), reason=reason)
        return redirect("lost-reasons")
    return render(
        request, "settings/lost_reasons.html", {"reasons": list(LostReason.objects.all())}
    )
