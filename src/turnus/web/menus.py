"""Choices of fields for menus, grouped by their record, such as deal and owner."""

from collections.abc import Callable, Iterable

from turnus.fields.catalog import LINK_NAMES, Catalog
from turnus.fields.field import RECORD_NAMES

#: Says the field at a path: (path, fields, language) -> words.
Namer = Callable[[str, Catalog, str], str]
#: A group's name and its fields: (path, name).
FieldGroup = tuple[str, list[tuple[str, str]]]


def grouped_fields(
    fields: Catalog,
    language: str,
    paths: Iterable[str],
    *,
    name: Namer | None = None,
) -> list[FieldGroup]:
    """Return the fields at `paths` by record, in the order in which the records come up.

    `name` gives their names in place of the catalog.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        link, _, key = path.partition(".")
        is_own = not key or link == "custom"
        group = (
            RECORD_NAMES[fields.record][language]
            if is_own
            else LINK_NAMES[link][language]
        )
        said = (
            name(path, fields, language)
            if name
            else fields.name(path, language)
        )
        groups.setdefault(group, []).append((path, said))
    return list(groups.items())


def filterable_fields(fields: Catalog, language: str) -> list[FieldGroup]:
    """Return every field that a filter may ask for."""
    return grouped_fields(
        fields,
        language,
        (path for path, one in fields.by_path.items() if one.is_filterable),
    )


def sortable_fields(fields: Catalog, language: str) -> list[FieldGroup]:
    """Return every field that a list may be sorted by."""
    shown = (
        path
        for path, one in fields.by_path.items()
        if one.is_sortable and one.is_listed
    )
    return grouped_fields(fields, language, shown)
