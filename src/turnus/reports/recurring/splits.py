"""By which fields reports of recurring revenue can be split, and what the parts are called."""

from collections.abc import Collection, Mapping

from django.db.models.expressions import Combinable

from turnus.accounts.viewer import Viewer
from turnus.core.fields import KINDS
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog
from turnus.fields.choices import choices_of
from turnus.kit.sql import stream_rows
from turnus.revenue.ledger.queries import SlicesOf
from turnus.revenue.loading import slices_of_part
from turnus.revenue.scope import visible_subscriptions

#: Texts whose values are few.
_SPLIT_TEXTS = frozenset({"organization.country"})
#: Fields of these kinds that would split, but say nothing about revenue.
_NO_SPLITS = frozenset(
    {
        "creator",
        "person.owner",
        "person.creator",
        "organization.creator",
        "person.organization",
    }
)


def split_paths(fields: Catalog) -> list[str]:
    """Return the field paths that recurring revenue can be split by.

    Plan, owner, team, country, currency, and option fields.
    """
    return [path for path in fields.by_path if _can_split(path, fields)]


def _can_split(path: str, fields: Catalog) -> bool:
    if path in _SPLIT_TEXTS:
        return True
    kind = KINDS[fields[path].kind]
    return RecordKind.SUBSCRIPTION in kind.splits and path not in _NO_SPLITS


def slices_of_stored(
    viewer: Viewer, path: str, part: Combinable | None
) -> SlicesOf:
    """Return what tells the part of the split that a stored segment belongs to; one query.

    `part` is the expression of the split's value for a subscription. A plan is the one that held
    then, which is stored.
    """
    if part is None:
        return lambda _subscription, _plan: {}
    if path == "plan":
        return lambda _subscription, plan: slices_of_part(plan)
    seen = visible_subscriptions(viewer).order_by()
    rows = stream_rows(seen.annotate(part=part).values_list("pk", "part"))
    slices = {pk: slices_of_part(value) for pk, value in rows}
    # Of a subscription that was put in the trash a moment ago, none.
    without = slices_of_part(None)
    return lambda subscription, _plan: slices.get(subscription, without)


def split_names(
    path: str, parts: Collection[str], fields: Catalog, language: str
) -> Mapping[str, str]:
    """Return the names of the parts of a split, in the order of its choices; one query.

    Those without a value come last.
    """
    choices = choices_of(fields[path], language)
    if choices:
        named = {str(part): name for part, name in choices.items()}
    else:
        named = {part: part for part in parts}
    found = {part: name for part, name in named.items() if part in parts}
    for part in sorted(parts):
        if part and part not in named:
            found[part] = f"#{part}"
    # Without a value: whatever choices there are, it stands last.
    if "" in parts:
        found.pop("", None)
        found[""] = ""
    return found
