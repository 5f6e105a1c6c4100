"""How a filter is saved: its name, its sort order, and who may use it."""

from typing import cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from turnus.listing.models import SavedFilter
from turnus.web.forms import NameField, ScreenForm
from turnus.web.menus import FieldGroup


class FilterForm(ScreenForm):
    #: Needed to save the filter only: it can be applied without a name.
    name = NameField(label=_("Name of the filter"), required=False)
    sort = forms.ChoiceField(label=_("Sorted by"), required=False)
    is_shared = forms.BooleanField(
        label=_("Shared with everyone"), required=False
    )
    descending = forms.BooleanField(
        label=_("Largest and latest first"), required=False
    )

    refused_fields = {"name.taken": "name"}

    def __init__(
        self,
        data: QueryDict | None,
        *,
        sortable: list[FieldGroup],
        saved: SavedFilter | None,
        sort: str = "",
    ) -> None:
        initial: dict[str, object] = {
            "sort": sort.removeprefix("-"),
            "descending": sort.startswith("-"),
        }
        if saved is not None:
            initial |= {"name": saved.name, "is_shared": saved.is_shared}
        super().__init__(data, auto_id="filter-%s", initial=initial)
        choices = [("", _("the usual order")), *sortable]
        cast("forms.ChoiceField", self.fields["sort"]).choices = choices

    @property
    def sort_order(self) -> str:
        """The sort order that was chosen, as an address names it; empty for the usual one."""
        path: str = self.cleaned_data.get("sort", "")
        return f"-{path}" if path and self.cleaned_data["descending"] else path
