"""What all forms share: errors beside their field, and nothing that was typed is lost."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeAlias, TypeVar
from zoneinfo import available_timezones

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from turnus.kit.errors import UserError
from turnus.kit.lines import named
from turnus.kit.messages import say
from turnus.web.parameters import day_in, end_in

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    #: A text, or one that is translated when it is shown.
    Words: TypeAlias = str | _StrPromise
else:
    Words = str | Promise

T = TypeVar("T")


def posted(request: HttpRequest) -> QueryDict | None:
    """Return what a form is bound to: what was posted, None for a page that is only opened."""
    return request.POST if request.method == "POST" else None


class ScreenForm(forms.Form):
    """A form that shows why it was refused beside the field that it is about.

    A view returns what `submit` returns; where that is None, it draws the page with this form and
    its `status`.
    """

    #: Code of a refusal -> field that it is about. What is not here is shown above the fields.
    refused_fields: ClassVar[Mapping[str, str]] = {}

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        auto_id: str = "id_%s",
        initial: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(
            data, label_suffix="", auto_id=auto_id, initial=dict(initial or {})
        )
        self._is_denied = False
        for field in self.fields.values():
            style(field.widget)

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows the form."""
        if self._is_denied:
            return 403
        return 422 if self.errors else 200

    def submit(self, save: Callable[[], HttpResponse]) -> HttpResponse | None:
        """Return the answer of `save`.

        None if nothing was posted, or if the form now shows what was refused.
        """
        if self.is_valid():
            try:
                return save()
            except UserError as error:
                self.refuse(error)
        self.focus_on_error()
        return None

    def refuse(self, error: UserError) -> None:
        """Show a refusal beside the field that it is about."""
        self._is_denied = error.is_denial
        self.add_error(self._field_of(error), say(error))

    def _field_of(self, error: UserError) -> str | None:
        name = self.refused_fields.get(error.code) or str(
            error.params.get("field", "")
        )
        return name if name in self.fields else None

    def focus_on_error(self) -> None:
        """Let the first field that is wrong have the focus when the page opens."""
        wrong = [name for name in self.fields if name in self.errors]
        if not wrong:
            return
        for field in self.fields.values():
            field.widget.attrs.pop("autofocus", None)
        self.fields[wrong[0]].widget.attrs["autofocus"] = True


class RowForm(ScreenForm):
    """A form that stands once for each row of a list, and once more, empty, to add a row."""

    def __init__(
        self,
        data: Mapping[str, object] | None = None,
        *,
        row: Model | None = None,
    ) -> None:
        self.row = row
        if row is None:
            super().__init__(data)
        else:
            super().__init__(
                data, auto_id=f"id_{row.pk}_%s", initial=self.initial_of(row)
            )

    def initial_of(self, row: Model) -> dict[str, object]:
        """Return what the inputs of a row hold at first: its columns of the same names."""
        return vars(row)

    def for_new(self) -> Self:
        """Return the form that adds a row: this one, if it was sent to add one."""
        return self if self.row is None else type(self)()

    def for_row(self, row: Model) -> Self:
        """Return the form that changes a row: this one, if it was sent to change it."""
        return self if self.row == row else type(self)(row=row)

    def for_rows(self, rows: Iterable[Model]) -> list[Self]:
        """Return the form of each row, in the order of the rows."""
        return [self.for_row(row) for row in rows]


class NameField(forms.CharField):
    """A name, by the same rule as the actions: one line that fits its column."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"label": gettext_lazy("Name"), **options})

    def clean(self, value: object) -> str:
        text: str = super().clean(value)
        return or_invalid(lambda: named(text)) if text else ""


class DayField(forms.Field):
    """A day of the calendar; None for a blank."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def to_python(self, value: str | None) -> date | None:
        return or_invalid(lambda: day_in(value))


class LastDayField(DayField):
    """A last day; None for a blank, and for never, which people write as 31.12.9999."""

    def to_python(self, value: str | None) -> date | None:
        return or_invalid(lambda: end_in(value))


class PasswordField(forms.CharField):
    """A password, taken as it is typed and never sent back to the browser."""

    def __init__(
        self,
        *,
        label: Words,
        autocomplete: str = "new-password",
        required: bool = True,
    ) -> None:
        widget = forms.PasswordInput(attrs={"autocomplete": autocomplete})
        super().__init__(
            label=label, strip=False, widget=widget, required=required
        )


def zone_choices(present: str = "") -> list[tuple[str, str]]:
    """Return the time zones that people live in, and the `present` one in any case."""
    zones = {zone for zone in available_timezones() if _is_place(zone)}
    if present:
        zones.add(present)
    return [(zone, zone) for zone in sorted(zones)]


def _is_place(zone: str) -> bool:
    return "/" in zone and not zone.startswith(("Etc/", "posix"))


def or_invalid(read: Callable[[], T]) -> T:
    """Return what `read` returns; what it refuses is wrong with the field."""
    try:
        return read()
    except UserError as error:
        raise ValidationError(say(error)) from None


def style(widget: forms.Widget) -> None:
    """Give an input the look of its kind."""
    styles = "form-control"
    if isinstance(widget, forms.CheckboxInput | forms.CheckboxSelectMultiple):
        styles = "form-check-input"
    elif isinstance(widget, forms.Select):
        styles = "form-select"
    widget.attrs["class"] = f"{styles} {widget.attrs.get('class', '')}".strip()
