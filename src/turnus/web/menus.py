"""Choices of fields for menus, grouped by their record, such as deal and owner."""

from collections.abc import Callable, Iterable

from turnus.fields.catalog import LINK_NAMES, Catalog
from turnus.fields.field import RECORD_NAMES

#: Says the field at a path: (path, fields, language) -> words.
Namer = Callable[[str, Catalog, str], str]
#: A group's name and its fields: (path, name).
FieldGroup = tuple[str, list[tuple[str, str]]]


def _catalog_name(path: str, fields: Catalog, language: str) -> str:
    return fields.name(path, language)


def grouped_fields(
    fields: Catalog,
    language: str,
    paths: Iterable[str],
    *,
    name: Namer = _catalog_name,
) -> list[FieldGroup]:
    """Return the fields at `paths` by record, in the order in which the records come up.

    `name` gives their names in place of the catalog.
    """
    groups: dict[str, list[tuple[str, str]]] = {}
    for path in paths:
        link, _, key = path.partition(".")
        is_own = not key or link == "custom"
        names = RECORD_NAMES[fields.record] if is_own else LINK_NAMES[link]
        group = names[language]
        field_name = name(path, fields, language)
        groups.setdefault(group, []).append((path, field_name))
    return list(groups.items())


def filterable_fields(fields: Catalog, language: str) -> list[FieldGroup]:
    """Return every field that a filter may ask for."""
    return grouped_fields(
        fields,
        language,
        (
            path
            for path, field in fields.by_path.items()
            if field.is_filterable
        ),
    )


def sortable_fields(fields: Catalog, language: str) -> list[FieldGroup]:
    """Return every field that a list may be sorted by."""
    shown = (
        path
        for path, field in fields.by_path.items()
        if field.is_sortable and field.is_listed
    )
    return grouped_fields(fields, language, shown)
