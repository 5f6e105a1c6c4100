"""The state of a list, and the selection in it, as a form posts them: for areas that live beside the lists."""

import json
from typing import Any

from django.db.models import QuerySet

from turnus.core.filters import All, from_json
from turnus.core.filters.tree import FilterError
from turnus.core.records import RecordKind
from turnus.fields.catalogue import catalogue
from turnus.history.tracked import tracked
from turnus.kit.errors import UserError
from turnus.listing.lists import DEFAULT_COLUMNS, ListState, RecordList, Viewer
from turnus.listing.models import SavedFilter
from turnus.listing.queries import columns_chosen, filter_chosen, filters_for
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of
from turnus.web.posted import ids_in

#: What of a list's address says which rows are in it.
LIST_PARTS = ("filter", "where", "q", "sort")


def listed(request: SignedInRequest, kind: RecordKind, given: Any) -> tuple[ListState, SavedFilter | None]:
    """Return the list that `filter`, `where`, `q`, `sort` name, with the columns the person sees, and its saved filter."""
    saved = filter_chosen(filters_for(request.user, kind), given.get("filter", ""))
    where = given.get("where", "")
    try:
        tree = from_json(json.loads(where)) if where else from_json(saved.tree) if saved else All(())
    except (FilterError, ValueError) as error:
        raise UserError("filter.broken", place=getattr(error, "path", "where")) from None
    columns = tuple(saved.columns if saved else ()) or columns_chosen(request.user, kind) or DEFAULT_COLUMNS[kind]
    sort = given.get("sort", "") or (saved.sort if saved else "")
    return ListState(tree, given.get("q", "").strip(), sort, columns), saved


def records_in(request: SignedInRequest, kind: RecordKind, given: Any) -> QuerySet[Any]:
    """Return the records in the list that `given` names, that the person may see."""
    state, _saved = listed(request, kind, given)
    viewer = Viewer(request.user, request.on, request.company.zone, language_of(request))
    return RecordList(kind, catalogue(kind), state, viewer).records


def selected(request: SignedInRequest, kind: RecordKind) -> QuerySet[Any]:
    """Return the posted selection (`id`, or `everything` in the list); what one may not change is left out of it."""
    model: Any = tracked(kind).model
    mine: QuerySet[Any] = model.objects.present().editable_by(request.user)
    if request.POST.get("everything"):
        return mine.filter(pk__in=records_in(request, kind, request.POST).values("pk"))
    return mine.filter(pk__in=ids_in(request.POST.getlist("id")))
