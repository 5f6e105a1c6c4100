"""Which records have a value, an option, a label; what was typed in a field before."""

from collections import Counter
from typing import cast

from django.db.models import Q

from turnus.accounts.models import User
from turnus.core.fields import KINDS, FieldKind
from turnus.fields.field import Field
from turnus.fields.models import (
    AnyRecords,
    CustomField,
    FieldOption,
    Label,
)
from turnus.history.models import Run
from turnus.history.tracked import tracked
from turnus.kit.json_columns import json_list_has, json_text

#: Records looked at for earlier inputs: the latest ones.
_RECORDS_SEARCHED = 5_000
_MOST_OFFERED = 200


def records_of(kind: str) -> AnyRecords:
    """Return all records of a kind, whoever may see them."""
    manager = tracked(kind).model._default_manager  # noqa: SLF001 (Django documents it)
    return cast("AnyRecords", manager.all())


def earlier_inputs(field: Field, user: User) -> list[str]:
    """Return what recent records that `user` may see have in a text field, most frequent first."""
    records = records_of(field.record)
    latest = records.present().visible_to(user).order_by("-pk")
    latest_ids = latest.values("pk")[:_RECORDS_SEARCHED]
    cell = json_text("custom", field.storage_key)
    texts = records.filter(pk__in=latest_ids).values_list(cell, flat=True)
    counts = Counter(text for text in texts if text)
    return [text for text, _count in counts.most_common(_MOST_OFFERED)]


def former_name(path: str) -> str:
    """Return what the deleted field at `path` was called; its key where nobody knows. One query."""
    key = path.rpartition(".")[2]
    deletions = Run.objects.filter(
        kind=Run.Kind.FIELD_CHANGE, totals__deleted_field=key
    )
    return deletions.values_list("title", flat=True).first() or key


def ids_with_value(field: CustomField) -> list[int]:
    """Return the ids of the records that have a value in a custom field."""
    records = records_of(field.record_kind).alias(
        cell=json_text("custom", field.key)
    )
    return _ids(records.filter(cell__isnull=False))


def ids_with_option(option: FieldOption) -> list[int]:
    """Return the ids of the records that hold a choice, alone or among others."""
    field = option.field
    records = records_of(field.record_kind)
    if KINDS[FieldKind(field.kind)].holds_several:
        has_option = Q(json_list_has("custom", field.key, [option.pk]))
    else:
        has_option = Q(**{f"custom__{field.key}": option.pk})
    return _ids(records.filter(has_option))


def ids_with_label(label: Label) -> list[int]:
    """Return the ids of the records that carry a label."""
    has_label = json_list_has("labels", None, [label.pk])
    return _ids(records_of(label.record_kind).filter(has_label))


def _ids(records: AnyRecords) -> list[int]:
    return list(records.order_by("pk").values_list("pk", flat=True))
