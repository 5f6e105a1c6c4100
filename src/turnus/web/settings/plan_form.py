"""The form of a plan: how it recurs, and what happens when a term is due."""

from typing import TYPE_CHECKING, TypedDict

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from turnus.core.cadence import Cadence, CadenceUnit
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.revenue.models import Plan, RenewalWay
from turnus.revenue.plans.actions import PlanValues
from turnus.sales.models import Stage
from turnus.web.forms import NameField, ScreenForm
from turnus.web.parameters import half_month_days

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

UNIT_NAMES = {
    CadenceUnit.YEAR: _("years"),
    CadenceUnit.MONTH: _("months"),
    CadenceUnit.HALF_MONTH: _("twice a month"),
    CadenceUnit.WEEK: _("weeks"),
    CadenceUnit.DAY: _("days"),
}
WAY_NAMES = {
    RenewalWay.BOOK: _("Book as won"),
    RenewalWay.OPEN: _("Open a renewal deal"),
    RenewalWay.REMIND: _("Only remind"),
}
_USUAL_DAYS_BEFORE = 30
_HAS_LAST_DAY = frozenset({CadenceUnit.YEAR, CadenceUnit.MONTH})


class _StageField(forms.ModelChoiceField):  # type: ignore[type-arg]  # no generic class at runtime
    def label_from_instance(self, obj: Stage) -> str:
        return f"{obj.pipeline.name}: {obj.name}"


class _NumberField(forms.IntegerField):
    def __init__(
        self, *, label: "_StrPromise", min_value: int, max_value: int
    ) -> None:
        super().__init__(
            label=label,
            required=False,
            min_value=min_value,
            max_value=max_value,
            widget=forms.NumberInput(attrs={"class": "t-narrow"}),
        )


class PlanForm(ScreenForm):
    name = NameField()
    every = _NumberField(label=_("Recurs every"), min_value=1, max_value=999)
    unit = forms.ChoiceField(
        label=_("Unit"),
        choices=[(str(unit), name) for unit, name in UNIT_NAMES.items()],
    )
    on_last_day = forms.BooleanField(
        label=_("always on the last day of the month"), required=False
    )
    half_month_days = forms.CharField(
        label=_("Twice a month: on which days"),
        help_text=_(
            "Blank: the days that suit the first day of the subscription"
        ),
        required=False,
        widget=forms.TextInput(
            attrs={"class": "t-narrow", "placeholder": "10/25"}
        ),
    )
    renewal_way = forms.ChoiceField(
        label=_("When a term is due"),
        choices=list(WAY_NAMES.items()),
        required=False,
    )
    days_before = _NumberField(
        label=_("Open the renewal deal this many days before the term"),
        min_value=0,
        max_value=366,
    )
    stage = _StageField(
        label=_("Stage of renewal deals"),
        queryset=Stage.objects.select_related("pipeline"),
        required=False,
        empty_label="–",
    )
    grace_days = _NumberField(
        label=_("Days a renewal may be late (blank: the usual number)"),
        min_value=0,
        max_value=366,
    )

    refused_fields = {
        "name.taken": "name",
        "plan.in_use": "every",
        "plan.cadence_invalid": "every",
        "plan.days_invalid": "half_month_days",
    }

    def __init__(
        self, data: QueryDict | None, *, plan: Plan | None = None
    ) -> None:
        super().__init__(data, initial=_shown(plan) if plan else _USUAL)

    def clean(self) -> dict[str, object]:
        """Add the cadence to the values, or say beside its field why there is none."""
        values = self.cleaned_data
        if "every" in values and "unit" in values:
            try:
                values["cadence"] = _cadence(
                    _CadenceInput(
                        every=values["every"],
                        unit=values["unit"],
                        on_last_day=values["on_last_day"],
                        half_month_days=values["half_month_days"],
                    )
                )
            except UserError as error:
                self.add_error(self._field_of(error), say(error))
        return values

    def values(self) -> PlanValues:
        """Return the plan that was typed."""
        values = self.cleaned_data
        days_before = values["days_before"]
        return PlanValues(
            name=values["name"],
            cadence=values["cadence"],
            grace_days=values["grace_days"],
            renewal_way=values["renewal_way"] or RenewalWay.BOOK,
            days_before=_USUAL_DAYS_BEFORE
            if days_before is None
            else days_before,
            stage=values["stage"],
        )


_USUAL: dict[str, object] = {
    "every": 1,
    "unit": str(CadenceUnit.MONTH),
    "renewal_way": RenewalWay.BOOK,
    "days_before": _USUAL_DAYS_BEFORE,
}


def _shown(plan: Plan) -> dict[str, object]:
    cadence = plan.how
    return {
        "name": plan.name,
        "every": cadence.every,
        "unit": str(cadence.unit),
        "on_last_day": cadence.on_last_day,
        "half_month_days": "/".join(map(str, cadence.days or ())),
        "renewal_way": plan.renewal_way,
        "days_before": plan.days_before,
        "stage": plan.stage_id,
        "grace_days": plan.grace_days,
    }


class _CadenceInput(TypedDict):
    """What of the form says how often a plan recurs."""

    every: int | None
    unit: str
    on_last_day: bool
    half_month_days: str


def _cadence(values: _CadenceInput) -> Cadence:
    unit = CadenceUnit(values["unit"])
    if unit is CadenceUnit.HALF_MONTH:
        return Cadence(unit, days=half_month_days(values["half_month_days"]))
    if values["every"] is None:
        raise UserError("plan.cadence_invalid")
    on_last_day = values["on_last_day"] and unit in _HAS_LAST_DAY
    return Cadence(unit, values["every"], on_last_day=on_last_day)
