"""By which fields reports of recurring revenue can be split."""

from turnus.core.fields import KINDS
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog

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
