"""The state of a list as a form posts it: for exports, which live beside the lists."""

import json
from typing import Any

from turnus.core.filters import All, from_json
from turnus.core.filters.tree import FilterError
from turnus.core.records import RecordKind
from turnus.kit.errors import UserError
from turnus.listing.lists import DEFAULT_COLUMNS, ListState
from turnus.listing.models import SavedFilter
from turnus.listing.queries import columns_chosen, filters_for
from turnus.web.gate import SignedInRequest


def listed(request: SignedInRequest, kind: RecordKind, given: Any) -> tuple[ListState, SavedFilter | None]:
    """Return the list that `filter`, `where`, `q`, `sort` name, with the columns the person sees, and its saved filter."""
    saved = next((one for one in filters_for(request.user, kind) if str(one.pk) == given.get("filter", "")), None)
    where = given.get("where", "")
    try:
        tree = from_json(json.loads(where)) if where else from_json(saved.tree) if saved else All(())
    except (FilterError, ValueError) as error:
        raise UserError("filter.broken", place=getattr(error, "path", "where")) from None
    columns = tuple(saved.columns if saved else ()) or columns_chosen(request.user, kind) or DEFAULT_COLUMNS[kind]
    sort = given.get("sort", "") or (saved.sort if saved else "")
    return ListState(tree, given.get("q", "").strip(), sort, columns), saved
