"""The form that matches the columns of a file with fields, and says how the file is read."""

from django import forms
from django.utils.translation import gettext_lazy as _

from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.imports.field_parts import target_name
from turnus.imports.models import Import
from turnus.kit.errors import UserError
from turnus.kit.messages import say
from turnus.web.forms import DayField, ScreenForm, posted
from turnus.web.gate import SignedInRequest

#: What can be chosen about reading the file.
WAYS = ("sheet", "encoding", "delimiter", "heading_row")


class MatchForm(ScreenForm):
    sheet = forms.CharField(required=False)
    encoding = forms.CharField(required=False)
    delimiter = forms.CharField(required=False, strip=False)
    heading_row = forms.IntegerField(
        label=_("Headings in row"),
        required=False,
        min_value=1,
        widget=forms.NumberInput(attrs={"class": "t-narrow"}),
    )
    on = DayField(
        label=_("Won deals without a won time count on"), required=False
    )

    refused_fields = {
        "import.heading_row_invalid": "heading_row",
        "sheet.delimiter_unknown": "delimiter",
        "sheet.encoding_unknown": "encoding",
    }

    def __init__(self, request: SignedInRequest, of: Import) -> None:
        self._today = request.on
        initial = {
            "on": of.on or request.on,
            "heading_row": of.reading.get("heading_row", 1),
        }
        initial |= {
            _column(number): path or ""
            for number, path in enumerate(of.columns)
        }
        super().__init__(posted(request), initial=initial)
        self._fields = catalog(RecordKind(of.record_kind))
        self._headings = of.headings
        for number in range(len(of.headings)):
            self.fields[_column(number)] = forms.CharField(required=False)

    @property
    def sent_ways(self) -> dict[str, str]:
        """How the file is to be read, as it was sent; empty for a page that is only opened."""
        return {name: str(self.data.get(name) or "") for name in WAYS}

    @property
    def columns(self) -> list[str | None]:
        """The field of each column, None for a column that is not imported."""
        numbers = range(len(self._headings))
        return [
            self.cleaned_data[_column(number)] or None for number in numbers
        ]

    @property
    def ignored(self) -> list[str]:
        """The headings that no field takes: who sees them and goes on leaves them out."""
        matched = zip(self._headings, self.columns, strict=True)
        return [heading for heading, path in matched if path is None]

    def path(self, number: int) -> str:
        """Return the field that the column shows, empty for none."""
        return str(self[_column(number)].value() or "")

    def errors_of(self, number: int) -> list[str]:
        """Return what is wrong with the field of a column."""
        return [str(error) for error in self[_column(number)].errors]

    def refuse(self, error: UserError) -> None:
        """Show a field that is chosen twice beside the last column that has it."""
        if error.code == "import.column_twice":
            called = error.params["field"]
            for number in reversed(range(len(self._headings))):
                path = self.path(number)
                if path and target_name(path, self._fields, "en") == called:
                    self.add_error(_column(number), say(error))
                    return
        super().refuse(error)


def _column(number: int) -> str:
    return f"column-{number}"
