"""Which records have a value, an option, a label; what was typed in a field before."""

from collections import Counter
from typing import Any

from turnus.accounts.models import User
from turnus.core.records import RecordKind
from turnus.fields.field import Field
from turnus.fields.models import CustomField, FieldOption, Label
from turnus.history.models import Run
from turnus.history.tracked import tracked
from turnus.kit.sql import json_list_has, json_text

#: Records looked at for earlier inputs, the latest ones, and inputs offered at the most.
_LOOKED_AT, _OFFERED = 5_000, 200


def earlier_inputs(field: Field, user: User) -> list[str]:
    """Return what recent records that `user` may see have in a text field, most frequent first."""
    model: Any = tracked(field.record).model
    latest = (
        model.objects.present()
        .visible_to(user)
        .order_by("-pk")
        .values("pk")[:_LOOKED_AT]
    )
    held = model.objects.filter(pk__in=latest).values_list(
        json_text("custom", field.storage_key), flat=True
    )
    return [text for text, _count in Counter(filter(None, held)).most_common(_OFFERED)]


def former_name(path: str) -> str:
    """Return what the deleted field at `path` was called; its key where nobody knows. One query."""
    key = path.rpartition(".")[2]
    deletions = Run.objects.filter(
        kind=Run.Kind.FIELD_CHANGE, totals__deleted_field=key
    )
    return deletions.values_list("title", flat=True).first() or key


def ids_with_value(field: CustomField) -> list[int]:
    """Return the ids of the records that have a value in a custom field."""
    records = tracked(field.record_kind).model._default_manager.all()  # noqa: SLF001 (Django documents it)
    held = records.alias(held=json_text("custom", field.key)).filter(held__isnull=False)
    return list(held.order_by("pk").values_list("pk", flat=True))


def ids_with_option(option: FieldOption) -> list[int]:
    """Return the ids of the records that hold a choice, alone or among others."""
    field = option.field
    records = tracked(field.record_kind).model._default_manager.all()  # noqa: SLF001
    if field.kind == "options":
        held = records.filter(json_list_has("custom", field.key, [option.pk]))
    else:
        held = records.filter(**{f"custom__{field.key}": option.pk})
    return list(held.order_by("pk").values_list("pk", flat=True))


def ids_with_label(label: Label) -> list[int]:
    """Return the ids of the records that carry a label."""
    records = tracked(RecordKind(label.record_kind)).model._default_manager.all()  # noqa: SLF001
    held = records.filter(json_list_has("labels", None, [label.pk]))
    return list(held.order_by("pk").values_list("pk", flat=True))
