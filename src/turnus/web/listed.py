"""The state of a list, and the selection in it, as a form posts them: for areas that live beside the lists."""

from typing import Any

from django.db.models import QuerySet

from turnus.core.filters import All
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.history.tracked import tracked
from turnus.listing.lists import DEFAULT_COLUMNS, ListState, RecordList, usable_sort
from turnus.listing.models import SavedFilter
from turnus.listing.queries import columns_chosen, filter_chosen, filters_for, paths_in
from turnus.listing.trees import tree_in, tree_in_text
from turnus.web.gate import SignedInRequest
from turnus.web.posted import ids_in, search_in
from turnus.web.viewer import viewer_of

#: What of a list's address says which rows are in it.
LIST_PARTS = ("filter", "where", "q", "sort")


def listed(
    request: SignedInRequest, kind: RecordKind, given: Any
) -> tuple[ListState, SavedFilter | None]:
    """Return the list that `filter`, `where`, `q`, `sort` name, with the columns the person sees, and its saved filter."""
    saved = filter_chosen(filters_for(request.user, kind), given.get("filter", ""))
    where = given.get("where", "")
    kept = tree_in(saved.tree) if saved and not where else All(())
    tree = tree_in_text(where) if where else kept
    columns = (
        paths_in(saved.columns if saved else None)
        or columns_chosen(request.user, kind)
        or DEFAULT_COLUMNS[kind]
    )
    sort = usable_sort(given.get("sort", ""), catalog(kind)) or (saved.sort if saved else "")
    return ListState(tree, search_in(given.get("q")), sort, columns), saved


def records_in(request: SignedInRequest, kind: RecordKind, given: Any) -> QuerySet[Any]:
    """Return the records in the list that `given` names, that the person may see."""
    state, _saved = listed(request, kind, given)
    return RecordList(kind, catalog(kind), state, viewer_of(request)).records


def selected(request: SignedInRequest, kind: RecordKind) -> QuerySet[Any]:
    """Return the posted selection (`id`, or `everything` in the list); what one may not change is left out of it."""
    model: Any = tracked(kind).model
    mine: QuerySet[Any] = model.objects.present().editable_by(request.user)
    if request.POST.get("everything"):
        return mine.filter(pk__in=records_in(request, kind, request.POST).values("pk"))
    return mine.filter(pk__in=ids_in(request.POST.getlist("id")))
