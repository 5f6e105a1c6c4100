"""A list as its address says it: saved filter, free filter, search, order, columns, page."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from turnus.core.filters import All, Node, gone_fields, to_json
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.queries import former_name
from turnus.listing.lists import ListState, RecordList, usable_sort
from turnus.listing.models import SavedFilter
from turnus.listing.queries import columns_chosen, filter_chosen, filters_for
from turnus.listing.trees import is_readable, tree_in, tree_in_text
from turnus.web.gate import SignedInRequest
from turnus.web.parameters import page_in, search_in
from turnus.web.record_lookup import word_of
from turnus.web.viewer import viewer_of


@dataclass(slots=True)
class ListAddress:
    """A list as its address names it, for one person."""

    request: SignedInRequest
    kind: RecordKind
    catalog: Catalog
    filters: list[SavedFilter]
    saved: SavedFilter | None
    #: A filter that is in the address only; None where the saved one (or none) holds.
    free: Node | None
    search: str
    sort: str
    page: int

    @classmethod
    def of(
        cls,
        request: SignedInRequest,
        kind: RecordKind,
        posted: Mapping[str, str] | None = None,
    ) -> "ListAddress":
        """Read the address (or a posted form with the same names); a broken filter is refused."""
        names = request.GET if posted is None else posted
        filters = list(filters_for(request.user, kind))
        saved = filter_chosen(filters, names.get("filter", ""))
        fields = catalog(kind)
        return cls(
            request,
            kind,
            fields,
            filters,
            saved,
            _free(names.get("where", "")),
            search_in(names.get("q")),
            usable_sort(names.get("sort", ""), fields),
            page_in(names.get("page")),
        )

    @property
    def tree(self) -> Node:
        """The filter that holds."""
        if self.free is not None:
            return self.free
        return tree_in(self.saved.tree) if self.saved else All(())

    @property
    def gone_fields(self) -> list[str]:
        """The names of fields in the filter that no longer exist: such a filter lists nothing."""
        return [
            former_name(path)
            for path in gone_fields(self.tree, self.catalog.by_path)
        ]

    @property
    def broken_filters(self) -> set[int]:
        """The saved filters that cannot be read, or use a field which no longer exists."""
        return {saved.pk for saved in self.filters if self._is_broken(saved)}

    def _is_broken(self, saved: SavedFilter) -> bool:
        if not is_readable(saved.tree):
            return True
        return bool(gone_fields(tree_in(saved.tree), self.catalog.by_path))

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that the person chose here, else the saved filter's, else empty."""
        return columns_chosen(self.request.user, self.kind, self.saved)

    @property
    def order(self) -> str:
        """The order in the address, else the saved filter's, else empty: the usual one."""
        return self.sort or (self.saved.sort if self.saved else "")

    def records(self) -> RecordList:
        """Return the list."""
        request = self.request
        state = ListState(self.tree, self.search, self.order, self.columns)
        viewer = viewer_of(request)
        return RecordList(self.kind, self.catalog, state, viewer)

    def parts(self, **changes: str | int | None) -> dict[str, str]:
        """Return the parts of the address, with changes; None or empty takes one out."""
        parts = {
            "filter": str(self.saved.pk) if self.saved else "",
            "where": where_text(self.free) if self.free is not None else "",
            "q": self.search,
            "sort": self.sort,
        }
        return {
            name: str(value)
            for name, value in {**parts, **changes}.items()
            if value
        }

    def address(self, **changes: str | int | None) -> str:
        """Return the list's address with changes."""
        query = urlencode(self.parts(**changes))
        return f"/{word_of(self.kind)}/" + (f"?{query}" if query else "")


def where_text(tree: Node) -> str:
    """Return a filter as it stands in an address."""
    return json.dumps(to_json(tree), separators=(",", ":"))


def _free(text: str) -> Node | None:
    return tree_in_text(text) if text else None
