"""The forms of custom fields, their options, and labels."""

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from turnus.core.fields import CUSTOM_KINDS
from turnus.fields.models import Label
from turnus.web.forms import NameField, RowForm, ScreenForm
from turnus.web.kinds import FACES

KIND_NAMES = {kind: FACES[kind].name for kind in CUSTOM_KINDS}
COLOR_NAMES = {
    Label.Color.GREY: _("Gray"),
    Label.Color.BLUE: _("Blue"),
    Label.Color.GREEN: _("Green"),
    Label.Color.YELLOW: _("Yellow"),
    Label.Color.ORANGE: _("Orange"),
    Label.Color.RED: _("Red"),
    Label.Color.PINK: _("Pink"),
    Label.Color.PURPLE: _("Purple"),
}


class NewFieldForm(ScreenForm):
    name = NameField()
    kind = forms.ChoiceField(
        label=_("Type"),
        choices=[(str(kind), name) for kind, name in KIND_NAMES.items()],
    )
    options = forms.CharField(
        label=_("Options, one on each line (for single and multiple options)"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    refused_fields = {"name.taken": "name", "field.options_missing": "options"}


class FieldForm(ScreenForm):
    name = NameField()
    description = forms.CharField(
        label=_("Description"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    is_required = forms.BooleanField(label=_("Required"), required=False)

    refused_fields = {"name.taken": "name"}


class OptionForm(RowForm):
    option_name = NameField()

    refused_fields = {
        "name.taken": "option_name",
        "text.too_long": "option_name",
    }

    def initial_of(self, row: Model) -> dict[str, object]:
        return {"option_name": str(row)}


class LabelForm(RowForm):
    name = NameField()
    color = forms.ChoiceField(
        label=_("Color"), choices=list(COLOR_NAMES.items())
    )

    refused_fields = {"name.taken": "name"}
