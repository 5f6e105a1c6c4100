"""What a person may know of a linked contact: one rule for columns, filters, sorts, files.

A contact that the person may not see has no name and no value there, and matches nothing: it is
like a link that is empty. Only that something is linked is shown, by one word, the same for all
such contacts.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import Enum

from django.db.models import BigIntegerField, Case, Exists, OuterRef, Q, When
from django.db.models.expressions import Combinable
from django.utils.translation import gettext as _

from turnus.accounts.access import visible
from turnus.accounts.models import User
from turnus.core.fields import LINK_KINDS, FieldKind
from turnus.fields.field import Field
from turnus.fields.queries import records_of
from turnus.kit.json_columns import JsonValue

#: Links of records that lead to contacts, which not everybody may see.
_TO_CONTACTS = frozenset({"person", "organization"})


class Unseen(Enum):
    """The value of a link that leads to something the person may not see."""

    CONTACT = "contact"

    def __str__(self) -> str:
        return _("Hidden contact")


def is_to_contact(prefix: str) -> bool:
    """Return whether a prefix such as `organization__` leads over a link to a contact."""
    return prefix.removesuffix("__") in _TO_CONTACTS


def link_seen(prefix: str, viewer: User) -> Q:
    """Return the condition that `viewer` may see the record behind `prefix`; empty if all may."""
    return visible(viewer, through=prefix) if is_to_contact(prefix) else Q()


def value_seen(field: Field, prefix: str, viewer: User) -> Q:
    """Return the condition that `viewer` may see the contact in a field, and the way to it.

    Empty where nothing has to be asked: the field is no link, and its record is seen anyway.
    """
    seen = link_seen(prefix, viewer)
    if field.kind not in LINK_KINDS or viewer.is_admin:
        return seen
    if not field.is_custom:
        return seen & visible(viewer, through=f"{prefix}{field.column}__")
    contact_id = JsonValue(
        OuterRef(f"{prefix}custom"),
        field.storage_key,
        output_field=BigIntegerField(),
    )
    contact = records_of(field.kind).visible_to(viewer).filter(pk=contact_id)
    return seen & Q(Exists(contact))


def where_seen(seen: Q, expression: Combinable) -> Combinable:
    """Return `expression` where `seen` holds, else no value; as it is without a condition."""
    return Case(When(seen, then=expression)) if seen else expression


class ContactNames:
    """Names of contacts in custom fields, as one person may know them; a query a kind and page."""

    def __init__(self, viewer: User) -> None:
        self.viewer = viewer
        self._names: dict[tuple[FieldKind, int], str | Unseen] = {}

    def read(self, links: Iterable[tuple[FieldKind, int]]) -> None:
        """Read the names of contacts (kind, id) that are not known yet."""
        ids_of_kind: dict[FieldKind, list[int]] = defaultdict(list)
        for kind, pk in set(links) - self._names.keys():
            ids_of_kind[kind].append(pk)
        for kind, ids in ids_of_kind.items():
            contacts = (
                records_of(kind).visible_to(self.viewer).filter(pk__in=ids)
            )
            names: Mapping[int, str] = dict(contacts.values_list("pk", "name"))
            for pk in ids:
                self._names[kind, pk] = names.get(pk, self._nameless(pk))

    def name(self, kind: FieldKind, pk: int) -> str | Unseen:
        """Return the name of a contact that was read."""
        return self._names[kind, pk]

    def _nameless(self, pk: int) -> str | Unseen:
        """Return what stands for a contact without a name: only admins learn that it is deleted."""
        return f"#{pk}" if self.viewer.is_admin else Unseen.CONTACT


def contact_name(kind: FieldKind, pk: int, viewer: User) -> str | Unseen:
    """Return the name of one contact as `viewer` may know it; one query."""
    names = ContactNames(viewer)
    names.read([(kind, pk)])
    return names.name(kind, pk)
