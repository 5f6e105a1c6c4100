"""Which fields a kind of record has, its own and through links, for lists, filters and files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from turnus.core.fields import KINDS, FieldKind
from turnus.core.folding import fold
from turnus.core.records import RecordKind
from turnus.fields.builtin import BUILTIN, OWNER_FIELDS, STAGE_FIELDS
from turnus.fields.field import Field
from turnus.fields.models import CustomField
from turnus.fields.words import Words, languages

#: Prefix of a field path -> the kind of record behind the link.
LINKS: Mapping[RecordKind, Mapping[str, RecordKind]] = {
    RecordKind.DEAL: {
        "person": RecordKind.PERSON,
        "organization": RecordKind.ORGANIZATION,
    },
    RecordKind.PERSON: {"organization": RecordKind.ORGANIZATION},
    RecordKind.ORGANIZATION: {},
    RecordKind.SUBSCRIPTION: {
        "person": RecordKind.PERSON,
        "organization": RecordKind.ORGANIZATION,
    },
}

#: How links are called on screen.
LINK_NAMES: Mapping[str, Mapping[str, str]] = {
    "person": Words(pgettext_lazy("field", "Contact person")),
    "organization": Words(pgettext_lazy("field", "Organization")),
    "owner": Words(pgettext_lazy("field", "Owner")),
    "stage": Words(pgettext_lazy("field", "Stage")),
}


@dataclass(frozen=True, slots=True)
class Catalog:
    """All fields of one kind of record by path, as defined when it was made (one query).

    A path is a field's key (`title`, `custom.<key>`), or a link and a key (`organization.name`).
    """

    record: RecordKind
    by_path: Mapping[str, Field]

    def __getitem__(self, path: str) -> Field:
        return self.by_path[path]

    def __contains__(self, path: object) -> bool:
        return path in self.by_path

    def get(self, path: str) -> Field | None:
        """Return the field at `path`, None if there is none (any more)."""
        return self.by_path.get(path)

    def find(self, word: str) -> str | None:
        """Return the path that a person means by a path or a name in any language, else None."""
        if word in self.by_path:
            return word
        key = fold(word)
        for path in self.by_path:
            for language in languages():
                if fold(self.name(path, language)) == key:
                    return path
        return None

    def heading(self, path: str, language: str) -> str:
        """Return the heading of the column at `path`: `Deal - Value`, `Organization - Address`."""
        return self.by_path[path].heading(language)

    def name(self, path: str, language: str) -> str:
        """Return the field's name, with its link if it has one: `Organization: Address`."""
        name = self.by_path[path].name(language)
        link, _dot, key = path.partition(".")
        if not key or link == "custom":
            return name
        link_name = LINK_NAMES[link][language]
        return f"{link_name}: {name}"

    @property
    def own(self) -> list[Field]:
        """The fields of the record itself, in display order."""
        return [
            field for path, field in self.by_path.items() if path == field.key
        ]


def catalog(record: RecordKind) -> Catalog:
    """Return all fields of `record` and of the records it links to; costs one query."""
    custom = [as_field(definition) for definition in CustomField.objects.all()]
    by_path = {field.key: field for field in _fields_of(record, custom)}
    linked_fields: dict[str, Sequence[Field]] = {}
    for link, kind in LINKS[record].items():
        linked_fields[link] = _fields_of(kind, custom)
    linked_fields["owner"] = OWNER_FIELDS
    if record is RecordKind.DEAL:
        linked_fields["stage"] = STAGE_FIELDS
    for link, fields in linked_fields.items():
        for field in fields:
            by_path[f"{link}.{field.key}"] = field
    return Catalog(record, by_path)


def as_field(definition: CustomField) -> Field:
    """Return the catalog's view of a custom field definition."""
    kind = FieldKind(definition.kind)
    return Field(
        RecordKind(definition.record_kind),
        f"custom.{definition.key}",
        kind,
        dict.fromkeys(languages(), definition.name),
        is_required=definition.is_required,
        is_sortable=not KINDS[kind].holds_several,
        custom_id=definition.pk,
    )


def _fields_of(record: RecordKind, custom: Sequence[Field]) -> list[Field]:
    own = [field for field in custom if field.record is record]
    return [*BUILTIN[record], *own]
