"""Parts of fields that columns of their own may fill.

Emails and phones by label, lines of an address, a currency. Such a column is matched to
`<field path>#<part>`: `emails#home`, `person.phones#mobile`, `custom.<key>#city`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from turnus.core.fields import ADDRESS_PARTS, LABEL_WORDS, FieldKind
from turnus.fields.builtin import CURRENCY
from turnus.fields.catalog import Catalog
from turnus.fields.field import CURRENCY_WORD, Field, currency_names
from turnus.fields.part_words import ADDRESS_PART_NAMES, LABEL_NAMES
from turnus.fields.words import Words

MARK = "#"
CURRENCY_PART = "currency"
POINT_KINDS = frozenset({FieldKind.EMAILS, FieldKind.PHONES})
#: Words that name a phone and its label at once.
_PHONE_WORDS: Mapping[str, tuple[str, ...]] = {
    "mobile": (
        "Mobile",
        "Mobil",
        "Handy",
        "Mobiltelefon",
        "Handynummer",
        "Mobilnummer",
        "Mobile phone",
        "Cell phone",
    ),
    "work": ("Work phone", "Office phone", "Business phone"),
    "home": ("Home phone", "Private phone"),
    "other": ("Other phone",),
}
_MAIL_WORDS: Mapping[str, tuple[str, ...]] = {
    "work": ("Work email", "Business email"),
    "home": ("Home email", "Private email", "Personal email"),
    "other": ("Other email",),
}


def split_target(path: str) -> tuple[str, str]:
    """Return the field path and the part of a target; the part of a whole field is empty."""
    field_path, _, part = path.partition(MARK)
    return field_path, part


def parts_of(field: Field) -> Mapping[str, Words]:
    """Return the parts of `field` with their names; empty for one without parts."""
    if field.kind in POINT_KINDS:
        return LABEL_NAMES
    if field.kind is FieldKind.ADDRESS:
        return ADDRESS_PART_NAMES
    if field.kind is FieldKind.MONEY and field.is_custom:
        return {CURRENCY_PART: CURRENCY_WORD}
    return {}


def part_paths(path: str, field: Field) -> Iterator[str]:
    """Yield the targets of the parts of the field at `path`."""
    return (f"{path}{MARK}{part}" for part in parts_of(field))


def is_repeatable(path: str, catalog: Catalog) -> bool:
    """Return whether several columns may fill the target: their e-mails or phones are joined."""
    field = catalog.get(split_target(path)[0])
    return field is not None and field.kind in POINT_KINDS


def target_field(path: str, catalog: Catalog) -> Field | None:
    """Return what the column of a target holds; None if its field, or the part, is gone."""
    if path == CURRENCY.key:
        return CURRENCY  # asked about wherever there are amounts, even without a column
    field_path, part = split_target(path)
    field = catalog.get(field_path)
    if field is None or not part:
        return field
    if part not in parts_of(field):
        return None
    if part == CURRENCY_PART:
        return replace(field, kind=FieldKind.CURRENCY)
    if field.kind is FieldKind.ADDRESS:
        return replace(field, kind=FieldKind.TEXT)
    return field


def named_target(word: str, catalog: Catalog) -> str | None:
    """Return the target that a person means: `emails#home`, or a name: `Lieferadresse#city`."""
    name, part = split_target(word)
    path = catalog.find(name)
    if path is None or not part:
        return path
    if part not in parts_of(catalog[path]):
        return None
    return f"{path}{MARK}{part}"


def target_name(path: str, catalog: Catalog, language: str) -> str:
    """Return the name of a target: `E-Mail`, `E-Mail (Privat)`, `Lieferadresse (PLZ)`."""
    field_path, part = split_target(path)
    if field_path == CURRENCY.key:
        return CURRENCY.name(language)
    name = catalog.name(field_path, language)
    words = parts_of(catalog[field_path]).get(part)
    if words is None:
        return name
    word = words.get(language) or words["en"]
    return f"{name} ({word})"


def part_names(
    path: str, field: Field, part: str, prefixes: list[str]
) -> list[str]:
    """Return the headings that mean a part of a field: with `prefixes` and, if it is near, bare."""
    names = list(dict.fromkeys([*field.names.values(), *field.aliases]))
    bare: list[str] = []
    if part == CURRENCY_PART:
        for name in names:
            bare += currency_names(name)
    elif field.kind is FieldKind.ADDRESS:
        for name in names:
            bare += _address_names(name, part)
    else:
        bare = _point_names(field, names, part)
    headings: list[str] = []
    for prefix in prefixes:
        headings += [f"{prefix} - {name}" for name in bare]
    is_near = path == field.key or field.kind in POINT_KINDS
    return headings + bare if is_near else headings


def _address_names(name: str, part: str) -> Iterator[str]:
    for word in ADDRESS_PART_NAMES[part].values():
        yield f"{name} ({word})"
    for language, words in ADDRESS_PARTS[part].items():
        joint = "von" if language == "de" else "of"
        for word in words:
            yield f"{word} {joint} {name}"
            yield f"{name} - {word}"
            yield f"{name} ({word})"


def _point_names(field: Field, names: list[str], part: str) -> list[str]:
    words = dict.fromkeys([*LABEL_NAMES[part].values(), *LABEL_WORDS[part]])
    headings: list[str] = []
    for name in names:
        for word in words:
            headings.append(f"{name} - {word}")
            headings.append(f"{name} ({word})")
            headings.append(f"{name} {word}")
    own_words = _PHONE_WORDS
    if field.kind is FieldKind.EMAILS:
        own_words = _MAIL_WORDS
    return [*headings, *own_words.get(part, ())]
