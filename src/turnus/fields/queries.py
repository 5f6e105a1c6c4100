"""Which records hold a value, an option, a label: for warnings before something is deleted."""

from turnus.core.records import RecordKind
from turnus.fields.models import CustomField, FieldOption, Label
from turnus.history.tracked import tracked
from turnus.kit.sql import json_list_has, json_text


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
