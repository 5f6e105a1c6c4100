"""Plans: what can be sold as recurring."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.models import CustomField
from turnus.revenue.models import Plan, RenewalWay
from turnus.revenue.plans.actions import delete_plan, save_plan
from turnus.web.access import needs
from turnus.web.buttons import sent_action
from turnus.web.forms import posted
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.settings.plan_form import UNIT_NAMES, WAY_NAMES, PlanForm
from turnus.web.settings.saving import saved_as_seen, seen_mark

#: What the form of a plan shows.
_COLUMNS = (
    "name",
    "cadence",
    "grace_days",
    "renewal_way",
    "days_before",
    "stage_id",
)


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def plans(request: SignedInRequest) -> HttpResponse:
    form = PlanForm(posted(request))

    def add() -> HttpResponse:
        save_plan(by=request.user, values=form.values())
        return redirect("plans")

    answer = form.submit(add)
    if answer is not None:
        return answer
    present = Q(subscriptions__trashed_at__isnull=True)
    counted = Plan.objects.annotate(
        subscription_count=Count("subscriptions", filter=present)
    )
    option_fields = CustomField.objects.filter(
        record_kind=RecordKind.DEAL, kind=FieldKind.OPTION
    )
    context = {
        "form": form,
        "plans": [
            (plan, WAY_NAMES[RenewalWay(plan.renewal_way)]) for plan in counted
        ],
        "fields": option_fields,
    }
    return render(request, "settings/plans.html", context, status=form.status)


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
def plan(request: SignedInRequest, pk: int) -> HttpResponse:
    changed = get_object_or_404(Plan, pk=pk)
    if sent_action(request) == "delete":
        delete_plan(plan=changed, by=request.user)
        return redirect("plans")
    form = PlanForm(posted(request), plan=changed)
    answer = form.submit(lambda: _save(request, changed, form))
    if answer is not None:
        return answer
    context = {
        "plan": changed,
        "form": form,
        "seen": seen_mark(request, _COLUMNS, changed),
    }
    return render(request, "settings/plan.html", context, status=form.status)


def _save(
    request: SignedInRequest, changed: Plan, form: PlanForm
) -> HttpResponse:
    def save() -> Plan:
        return save_plan(by=request.user, values=form.values(), plan=changed)

    back = reverse("plan", args=[changed.pk])
    question = saved_as_seen(
        request, changed, _COLUMNS, save, now=_now, back=back
    )
    return question or redirect("plans")


def _now(changed: Plan) -> list[tuple[str, str]]:
    labels = PlanForm.base_fields
    grace_days = "" if changed.grace_days is None else str(changed.grace_days)
    return [
        (_("Name"), changed.name),
        (
            _("Recurs every"),
            f"{changed.how.every} {UNIT_NAMES[changed.how.unit]}",
        ),
        (
            _("When a term is due"),
            str(WAY_NAMES[RenewalWay(changed.renewal_way)]),
        ),
        (str(labels["days_before"].label), str(changed.days_before)),
        (
            _("Stage of renewal deals"),
            changed.stage.name if changed.stage else "",
        ),
        (str(labels["grace_days"].label), grace_days),
    ]
