"""Plans: what can be sold as recurring."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission
from turnus.core.cadence import Cadence, Unit
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.choices import RENEWAL_WORDS
from turnus.fields.models import CustomField
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, RenewalWay
from turnus.revenue.plans.actions import PlanValues, delete_plan, save_plan
from turnus.sales.models import Stage
from turnus.web.access import needs
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.meanwhile import seen_in
from turnus.web.once import once
from turnus.web.posted import half_month_days, number_in
from turnus.web.settings.seen import saved_as_seen

UNIT_NAMES = {
    Unit.YEAR: gettext_lazy("years"),
    Unit.MONTH: gettext_lazy("months"),
    Unit.HALF_MONTH: gettext_lazy("twice a month"),
    Unit.WEEK: gettext_lazy("weeks"),
    Unit.DAY: gettext_lazy("days"),
}


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def plans(request: SignedInRequest) -> HttpResponse:
    if request.method == "POST":
        save_plan(by=request.user, values=_values(request))
        return redirect("plans")
    present = Count("subscriptions", filter=Q(subscriptions__trashed_at__isnull=True))
    shown = [(one, one.count) for one in Plan.objects.annotate(count=present)]
    fields = CustomField.objects.filter(record_kind=RecordKind.DEAL, kind=FieldKind.OPTION)
    return render(
        request, "settings/plans.html", {"plans": shown, "fields": fields, **_choices(None)}
    )


#: What the form of a plan shows.
_COLUMNS = ("name", "cadence", "grace_days", "renewal_way", "days_before", "stage_id")


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
def plan(request: SignedInRequest, pk: int) -> HttpResponse:
    changed = get_object_or_404(Plan, pk=pk)
    if request.method == "POST":
        if request.POST.get("action") == "delete":
            delete_plan(plan=changed, by=request.user)
            return redirect("plans")

        def save() -> Plan:
            return save_plan(by=request.user, values=_values(request), plan=changed)

        def now(stored: Plan) -> list[tuple[str, str]]:
            return _now(stored, language_of(request))

        moved = saved_as_seen(
            request, changed, _COLUMNS, save, now=now, back=reverse("plan", args=[pk])
        )
        return redirect("plans") if moved is None else moved
    context = {"plan": changed, "seen": seen_in(_COLUMNS, changed), **_choices(changed)}
    return render(request, "settings/plan.html", context)


def _now(changed: Plan, language: str) -> list[tuple[str, str]]:
    stage = changed.stage.name if changed.stage else ""
    grace = "" if changed.grace_days is None else str(changed.grace_days)
    return [
        (_("Name"), changed.name),
        (_("Recurs every"), f"{changed.how.every} {UNIT_NAMES[changed.how.unit]}"),
        (_("When a term is due"), RENEWAL_WORDS[changed.renewal_way][language][0]),
        (_("Renewal deals are opened so many days before"), str(changed.days_before)),
        (_("Stage of renewal deals"), stage),
        (_("Days that a renewal may come late (blank: what is usual)"), grace),
    ]


def _values(request: SignedInRequest) -> PlanValues:
    given = request.POST
    way, before = given.get("renewal_way", ""), number_in(given.get("days_before"))
    return PlanValues(
        name=given.get("name", ""),
        cadence=_cadence(given),
        grace_days=_days(given.get("grace_days")),
        renewal_way=way if way in RenewalWay.values else RenewalWay.BOOK,
        days_before=30 if before is None else _days(before) or 0,
        stage=Stage.objects.filter(pk=number_in(given.get("stage")) or 0).first(),
    )


def _days(given: str | int | None) -> int | None:
    """Return a number of days within a year, None for none."""
    number = number_in(given) if isinstance(given, str) else given
    return None if number is None else max(0, min(number, 366))


def _cadence(given: Any) -> Cadence:
    unit, every = given.get("unit", ""), given.get("every", "1")
    try:
        unit = Unit(unit)
        if unit is Unit.HALF_MONTH:
            return Cadence(unit, days=half_month_days(given))
        return Cadence(
            unit,
            int(every),
            on_last_day=bool(given.get("on_last_day")) and unit in {Unit.YEAR, Unit.MONTH},
        )
    except ValueError:
        raise UserError("plan.cadence_invalid") from None


def _choices(changed: Plan | None) -> dict[str, Any]:
    how = changed.how if changed else Cadence(Unit.MONTH)
    return {
        "how": how,
        "units": [(str(unit), name, unit is how.unit) for unit, name in UNIT_NAMES.items()],
        "ways": [
            (way, changed is not None and way == changed.renewal_way) for way in RenewalWay.values
        ],
        "stages": [
            (stage, bool(changed and changed.stage_id == stage.pk))
            for stage in Stage.objects.select_related("pipeline")
        ],
    }
