"""Forms whose inputs are fields of records: read by the rule of each field's kind."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from turnus.core.fields import LINK_KINDS, Value
from turnus.fields.field import Field
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.web.forms import ScreenForm
from turnus.web.inputs import Input, Inputs


class _SeveralInputs(forms.Widget):
    """What was posted as a whole: an amount and its currency are one value."""

    def value_from_datadict(
        self,
        data: Mapping[str, object],
        _files: "MultiValueDict[str, UploadedFile[Any]]",
        _name: str,
    ) -> Mapping[str, object]:
        return data


class RecordField(forms.Field):
    """The value of a field of a record, None for a blank."""

    widget = _SeveralInputs

    def __init__(
        self,
        field: Field,
        inputs: Inputs,
        *,
        name: str,
        present: int | None = None,
    ) -> None:
        """Read the inputs called `name`; of two contacts of one name the `present` one is meant."""
        super().__init__(required=False)
        self.field = field
        self.name = name
        self.inputs = inputs
        self.present = present

    def clean(self, value: QueryDict) -> Value | None:
        try:
            return self.inputs.read(
                self.field, value, name=self.name, held=self.present
            )
        except UserError as error:
            raise ValidationError(_beside_field(error)) from None


class ContactNameField(RecordField):
    """The name of a contact, which need not be one yet; empty for a blank."""

    def clean(self, value: QueryDict) -> str:
        return value.get(self.name, "").strip()


class RecordForm(ScreenForm):
    """Some fields of a record, each by the name that it has in the catalog."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        fields: Mapping[str, RecordField],
        initial: Mapping[str, object],
    ) -> None:
        super().__init__(data, initial=initial)
        self.fields.update(fields)
        self._record_fields = fields

    @property
    def inputs(self) -> list[Input]:
        """The inputs to draw: as they were posted, each with what is wrong with it."""
        return [self._input(name) for name in self._record_fields]

    def _input(self, name: str) -> Input:
        record_field = self._record_fields[name]
        field = record_field.field
        if isinstance(self.data, QueryDict) and self.is_bound:
            drawn = record_field.inputs.redraw(field, self.data, name=name)
        else:
            value = self.initial.get(name)
            drawn = record_field.inputs.draw(field, value, name=name)
        return replace(
            drawn,
            errors=tuple(map(str, self.errors.get(name, ()))),
            is_focused="autofocus" in record_field.widget.attrs,
        )

    def _field_of(self, error: UserError) -> str | None:
        """Return the field that a refusal names, by its key or as people read it."""
        place = super()._field_of(error)
        if place is not None:
            return place
        called = error.params.get("field")
        for name, record_field in self._record_fields.items():
            if called in record_field.field.names.values():
                return name
        return None


class ValueForm(RecordForm):
    """One field of a record: what it holds, in an input called `value`."""

    def __init__(
        self,
        data: QueryDict | None,
        *,
        field: Field,
        inputs: Inputs,
        present: object = None,
    ) -> None:
        contact = present if isinstance(present, int) else None
        value = RecordField(field, inputs, name="value", present=contact)
        super().__init__(
            data, fields={"value": value}, initial={"value": present}
        )

    @property
    def value(self) -> Value | None:
        """What was typed."""
        value: Value | None = self.cleaned_data["value"]
        return value

    @property
    def input(self) -> Input:
        """The input to draw."""
        return self._input("value")

    def refuse(self, error: UserError) -> None:
        """Show a refusal beside the input; what one may not change at all is refused everywhere."""
        if error.is_denial:
            raise error
        super().refuse(error)

    def _field_of(self, _error: UserError) -> str:
        return "value"


def record_field(field: Field, inputs: Inputs, *, name: str) -> RecordField:
    """Return the field of a form for a new record: contacts that it names are added."""
    if field.kind in LINK_KINDS and not field.is_custom:
        return ContactNameField(field, inputs, name=name)
    return RecordField(field, inputs, name=name)


def _beside_field(error: UserError) -> str:
    """Return the words for a value: the field that they stand beside need not be named."""
    if error.code == "value.refused":
        return str(error.params["reason"])
    return say(error)
