"""Choices of fields for menus, grouped by the record they belong to: Deal, Contact person, Organisation, Owner, Stage."""

from collections.abc import Callable

from turnus.fields.catalogue import LINK_NAMES, Catalogue
from turnus.fields.field import RECORD_NAMES, Field

#: A group's name and its fields: (path, name).
FieldGroup = tuple[str, list[tuple[str, str]]]


def grouped_fields(fields: Catalogue, language: str, wanted: Callable[[Field], bool]) -> list[FieldGroup]:
    """Return the wanted fields by record, the list's own record first."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for path, field in fields.by_path.items():
        if wanted(field):
            link, _, key = path.partition(".")
            is_own = not key or link == "custom"
            name = RECORD_NAMES[fields.record][language] if is_own else LINK_NAMES[link][language]
            groups.setdefault(name, []).append((path, fields.name(path, language)))
    return list(groups.items())
