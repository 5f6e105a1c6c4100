"""Which fields an import of a kind of record can fill, and the headings that mean them."""

from collections.abc import Iterator, Mapping

from turnus.core.records import RecordKind
from turnus.fields.catalog import LINKS, Catalog
from turnus.fields.field import RECORD_NAMES, Field
from turnus.imports.field_parts import part_names, part_paths, parts_of

#: Further names of records in headings: both spellings of English, and what people say.
_PREFIXES: Mapping[RecordKind, tuple[str, ...]] = {
    RecordKind.DEAL: ("Deal", "Geschäft"),
    RecordKind.PERSON: (
        "Person",
        "Contact person",
        "Kontaktperson",
        "Kontakt",
        "People",
        "Contact",
    ),
    RecordKind.ORGANIZATION: ("Organization", "Organisation", "Firma"),
    RecordKind.SUBSCRIPTION: ("Subscription", "Abonnement", "Abo"),
}
_LINK_PREFIX = {
    "person": RecordKind.PERSON,
    "organization": RecordKind.ORGANIZATION,
}

#: Fields of a contact that a row of another record does not fill.
_NOT_OF_CONTACTS = frozenset(
    {"id", "organization", "created_at", "bills_with"}
)


def target_paths(catalog: Catalog) -> Iterator[str]:
    """Yield what a column may fill: own fields, then those of contacts, each with its parts."""
    for path in _field_paths(catalog):
        yield path
        yield from part_paths(path, catalog[path])


def _field_paths(catalog: Catalog) -> Iterator[str]:
    links = {"custom", *LINKS[catalog.record]}
    for path, field in catalog.by_path.items():
        link, is_linked, _key = path.partition(".")
        if not field.is_importable or (is_linked and link not in links):
            continue
        is_of_contact = is_linked and link in _LINK_PREFIX
        if not (is_of_contact and field.key in _NOT_OF_CONTACTS):
            yield path


def heading_names(catalog: Catalog) -> dict[str, list[str]]:
    """Return for each path its headings: `Deal - Wert`, bare `Wert`, in both languages."""
    names: dict[str, list[str]] = {}
    for path in _field_paths(catalog):
        field = catalog[path]
        words = list(dict.fromkeys([*field.names.values(), *field.aliases]))
        names[path] = _prefixed(field, words)
        if path == field.key:
            names[path] += words
    # `Person - Name` and `Organization - Name` beside a deal name its contacts.
    for link, kind in LINKS[catalog.record].items():
        names[link] += [f"{prefix} - Name" for prefix in _PREFIXES[kind]]
        names.pop(f"{link}.name", None)
    return names | _names_of_parts(catalog)


def _names_of_parts(catalog: Catalog) -> dict[str, list[str]]:
    """Return the headings of parts; they come after those of fields, which win."""
    names: dict[str, list[str]] = {}
    for path in _field_paths(catalog):
        field = catalog[path]
        prefixes = _prefixes(field)
        for target, part in zip(
            part_paths(path, field), parts_of(field), strict=True
        ):
            names[target] = part_names(path, field, part, prefixes)
    return names


def _prefixed(field: Field, words: list[str]) -> list[str]:
    headings = list(field.headings.values())
    for prefix in _prefixes(field):
        headings += [f"{prefix} - {word}" for word in words]
    return headings


def _prefixes(field: Field) -> list[str]:
    return prefixes_of(field.record)


def prefixes_of(kind: RecordKind) -> list[str]:
    """Return what stands before the dash in headings of this kind of record, in both languages."""
    return [*dict.fromkeys([*RECORD_NAMES[kind].values(), *_PREFIXES[kind]])]
