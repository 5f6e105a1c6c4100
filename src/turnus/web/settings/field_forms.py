"""The forms of custom fields, their options, and labels."""

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from turnus.core.fields import FieldKind
from turnus.fields.models import Label
from turnus.web.forms import NameField, RowForm, ScreenForm

KIND_NAMES = {
    FieldKind.TEXT: _("Text"),
    FieldKind.LARGE_TEXT: _("Large text"),
    FieldKind.AUTOCOMPLETE: _("Autocomplete"),
    FieldKind.NUMBER: _("Number"),
    FieldKind.MONEY: _("Monetary value"),
    FieldKind.OPTION: _("Single option"),
    FieldKind.OPTIONS: _("Multiple options"),
    FieldKind.USER: _("User"),
    FieldKind.PERSON: _("Person"),
    FieldKind.ORGANIZATION: _("Organization"),
    FieldKind.PHONE: _("Phone"),
    FieldKind.DATE: _("Date"),
    FieldKind.DATE_RANGE: _("Date range"),
    FieldKind.TIME: _("Time"),
    FieldKind.TIME_RANGE: _("Time range"),
    FieldKind.ADDRESS: _("Address"),
}
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
        label=_("Description"), required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    is_required = forms.BooleanField(label=_("Required"), required=False)

    refused_fields = {"name.taken": "name"}


class OptionForm(RowForm):
    option_name = NameField()

    refused_fields = {"name.taken": "option_name", "text.too_long": "option_name"}

    def initial_of(self, row: Model) -> dict[str, object]:
        return {"option_name": str(row)}


class LabelForm(RowForm):
    name = NameField()
    color = forms.ChoiceField(label=_("Color"), choices=list(COLOR_NAMES.items()))

    refused_fields = {"name.taken": "name"}
