"""The list that a form or an address names, and the rows selected in it.

For areas that live beside the lists.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from turnus.core.filters import All, Node
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.fields.models import AnyRecords
from turnus.fields.queries import records_of
from turnus.listing.lists import (
    DEFAULT_COLUMNS,
    ListState,
    RecordList,
    usable_sort,
)
from turnus.listing.models import SavedFilter
from turnus.listing.queries import (
    columns_chosen,
    filter_chosen,
    filters_for,
    paths_in,
)
from turnus.listing.trees import tree_in, tree_in_text
from turnus.web.buttons import sent_text, sent_texts
from turnus.web.gate import SignedInRequest
from turnus.web.parameters import ids_in, search_in
from turnus.web.viewer import viewer_of

#: What of a list's address says which rows are in it.
LIST_PARTS = ("filter", "where", "q", "sort")


@dataclass(frozen=True, slots=True)
class RequestedList:
    """A list as it was asked for; `saved` is None where no saved filter was named."""

    state: ListState
    saved: SavedFilter | None


def requested_list(
    request: SignedInRequest, kind: RecordKind, parts: Mapping[str, str]
) -> RequestedList:
    """Return the list that `filter`, `where`, `q` and `sort` name, with its columns."""
    saved = filter_chosen(
        filters_for(request.user, kind), parts.get("filter", "")
    )
    where = parts.get("where", "")
    tree: Node = All(())
    if where:
        tree = tree_in_text(where)
    elif saved:
        tree = tree_in(saved.tree)
    saved_columns = paths_in(saved.columns if saved else None)
    columns = (
        saved_columns
        or columns_chosen(request.user, kind)
        or DEFAULT_COLUMNS[kind]
    )
    sort = usable_sort(parts.get("sort", ""), catalog(kind))
    if not sort and saved:
        sort = saved.sort
    return RequestedList(
        ListState(tree, search_in(parts.get("q")), sort, columns), saved
    )


def records_in(
    request: SignedInRequest, kind: RecordKind, parts: Mapping[str, str]
) -> AnyRecords:
    """Return the records in the list that `parts` name, that the person may see."""
    state = requested_list(request, kind, parts).state
    return RecordList(kind, catalog(kind), state, viewer_of(request)).records


@dataclass(frozen=True, slots=True)
class Selection:
    """The rows that were selected in a list, as a form sends them on."""

    ids: Sequence[str]
    #: Not empty where everything in the list is meant.
    everything: str
    #: What of the list's address was sent.
    parts: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        """Whether nothing was selected."""
        return not (self.everything or self.ids)


def selection_of(request: SignedInRequest) -> Selection:
    """Return the selection that was posted: `id`, or `everything` in the list."""
    parts = {part: sent_text(request, part) for part in LIST_PARTS}
    return Selection(
        sent_texts(request, "id"),
        sent_text(request, "everything"),
        {part: text for part, text in parts.items() if text},
    )


def selected(request: SignedInRequest, kind: RecordKind) -> AnyRecords:
    """Return the records of the posted selection, but for what one may not change."""
    selection = selection_of(request)
    editable = records_of(kind).present().editable_by(request.user)
    if selection.everything:
        return editable.filter(
            pk__in=records_in(request, kind, selection.parts).values("pk")
        )
    return editable.filter(pk__in=ids_in(selection.ids))
