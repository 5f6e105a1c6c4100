"""Plans from the options of a custom field.

A person reviews what each option means; then subscriptions start from the won deals.
"""

from collections.abc import Mapping, Sequence

from django import forms
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from turnus.accounts.access import Permission
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.models import CustomField
from turnus.revenue.models import Plan
from turnus.revenue.plans.queries import usable_plans
from turnus.revenue.subscriptions.actions.from_options import (
    MappedOption,
    review_options,
    start_from_options,
)
from turnus.web.access import needs
from turnus.web.forms import ScreenForm, posted
from turnus.web.gate import SignedInRequest
from turnus.web.once import once

_DOES_NOT_RECUR = "none"


class OptionPlansForm(ScreenForm):
    """For each option of a field its plan; an option that no won deal holds may stay open."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        options: Sequence[MappedOption],
        plans: Sequence[Plan],
    ) -> None:
        self.options = options
        self.plans = {str(plan.pk): plan for plan in plans}
        super().__init__(
            data, initial={_key(option): _guess(option) for option in options}
        )
        choices = [
            ("", _("Choose …")),
            (_DOES_NOT_RECUR, _("Does not recur")),
            *((pk, plan.name) for pk, plan in self.plans.items()),
        ]
        for option in options:
            self.fields[_key(option)] = forms.ChoiceField(
                label=option.name,
                choices=choices,
                required=option.won_count > 0,
                widget=forms.Select(attrs={"class": "form-select"}),
                error_messages={
                    "required": _("Choose a plan, or “Does not recur”.")
                },
            )

    def lines(self) -> list[tuple[MappedOption, forms.BoundField]]:
        """Return each option with its field."""
        return [(option, self[_key(option)]) for option in self.options]

    def chosen(self) -> Mapping[int, Plan | None]:
        """Return option -> plan, None where it does not recur; open options are missing."""
        answers = {
            option.option_id: self.cleaned_data[_key(option)]
            for option in self.options
        }
        return {
            option: self.plans.get(answer)
            for option, answer in answers.items()
            if answer
        }


def _key(option: MappedOption) -> str:
    return f"plan-{option.option_id}"


def _guess(option: MappedOption) -> str:
    if option.plan:
        return str(option.plan.pk)
    return "" if option.is_question else _DOES_NOT_RECUR


@require_http_methods(["GET", "POST"])
@needs(Permission.PIPELINES)
@once
def map_plans(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show what the options of a field mean, as guessed or as chosen; start the subscriptions."""
    field = get_object_or_404(
        CustomField, pk=pk, record_kind=RecordKind.DEAL, kind=FieldKind.OPTION
    )
    options = review_options(field=field, by=request.user)
    form = OptionPlansForm(
        posted(request), options=options, plans=usable_plans()
    )

    def start() -> HttpResponse:
        run = start_from_options(
            field=field,
            by=request.user,
            at=request.at,
            on=request.on,
            plans=form.chosen(),
            title=_("Subscriptions from %(field)s") % {"field": field.name},
        )
        return redirect("renewal-run", run.pk)

    answer = form.submit(start)
    if answer is not None:
        return answer
    return render(
        request,
        "settings/map_plans.html",
        {"field": field, "form": form},
        status=form.status,
    )
