"""Plans from the options of a custom field: what each option means is reviewed, then subscriptions begin from the won deals."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.models import CustomField
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.revenue.models import Plan
from turnus.revenue.plans.queries import usable_plans
from turnus.revenue.subscriptions.actions.from_options import review_options, start_from_options
from turnus.web.access import needs
from turnus.web.gate import SignedInRequest
from turnus.web.once import once
from turnus.web.posted import number_in

_DOES_NOT_RECUR = "none"


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def map_plans(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what the options of a field mean, as guessed or as chosen; begin the subscriptions."""
    field = get_object_or_404(
        CustomField, pk=pk, record_kind=RecordKind.DEAL, kind=FieldKind.OPTION
    )
    plans, words = usable_plans(), ""
    if request.method == "POST":
        try:
            title = _("Subscriptions from %(field)s") % {"field": field.name}
            run = start_from_options(
                field=field,
                by=request.user,
                at=request.at,
                on=request.on,
                plans=_mapping(request, field, plans),
                title=title,
            )
        except UserError as error:
            words = say(error)
        else:
            return redirect("renewal-run", run.pk)
    lines = []
    for option in review_options(field=field, by=request.user):
        guessed = (
            str(option.plan.pk) if option.plan else "" if option.is_question else _DOES_NOT_RECUR
        )
        lines.append((option, request.POST.get(f"plan-{option.option_id}", guessed)))
    choices = [
        ("", _("Choose …")),
        (_DOES_NOT_RECUR, _("Does not recur")),
        *((str(one.pk), one.name) for one in plans),
    ]
    context = {"field": field, "lines": lines, "choices": choices, "words": words}
    return render(request, "settings/map_plans.html", context, status=422 if words else 200)


def _mapping(
    request: SignedInRequest, field: CustomField, plans: Sequence[Plan]
) -> dict[int, Plan | None]:
    """Return option -> chosen plan, None for one that does not recur; options without an answer are missing."""
    known = {one.pk: one for one in plans}
    mapping: dict[int, Plan | None] = {}
    for option in field.options.values_list("pk", flat=True):
        answer = request.POST.get(f"plan-{option}", "")
        if answer == _DOES_NOT_RECUR:
            mapping[option] = None
        elif (number_in(answer) or 0) in known:
            mapping[option] = known[number_in(answer) or 0]
    return mapping
