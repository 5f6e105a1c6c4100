"""Applies custom fields with their options, and labels."""

from collections.abc import Sequence

from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.actions import (
    add_option,
    create_field,
    order_fields,
    order_options,
    save_label,
    update_field,
)
from turnus.fields.models import CustomField, Label
from turnus.kit.errors import UserError
from turnus.setup.application import (
    Application,
    by_name,
    in_order_of,
    tidied,
)
from turnus.setup.changes import Shown
from turnus.setup.map_reader import Written
from turnus.setup.records import FieldSetup, LabelSetup
from turnus.setup.words import LIST_WORDS


def apply_fields(work: Application, wanted: Sequence[FieldSetup]) -> None:
    """Add and change custom fields, and put those that are named in their order."""
    for record in RecordKind:
        of_record = [each for each in wanted if each.record is record]
        if of_record:
            _apply_fields_of(work, record, of_record)


def _apply_fields_of(
    work: Application, record: RecordKind, wanted: Sequence[FieldSetup]
) -> None:
    section = f"fields.{LIST_WORDS[record]}"
    stored = CustomField.objects.filter(record_kind=str(record))
    present = by_name(stored)
    ids = []
    for each in wanted:
        with work.entry(each.line, section):
            field = present.get(each.name)
            if field is None:
                field = _add(work, section, each)
            else:
                _refuse_other_kind(work, section, field, each)
                _apply_options(work, section, field, each.options or ())
            ids.append(field.pk)
            _change(work, section, field, each)
    order = in_order_of([each.pk for each in stored.all()], ids)
    if order is not None:
        order_fields(by=work.by, record=record, ids=order)
        work.changes.ordered(section, map(str, stored.all()))


def _add(work: Application, section: str, wanted: FieldSetup) -> CustomField:
    if wanted.kind is None:
        raise UserError("apply.missing", key="kind")
    options = [each.value for each in wanted.options or ()]
    field = create_field(
        by=work.by,
        at=work.at,
        record=wanted.record,
        kind=wanted.kind,
        name=wanted.name,
        options=options,
    )
    words = f"[{', '.join(options)}]" if options else None
    work.changes.added(
        section, field.name, {"kind": str(wanted.kind), "options": words}
    )
    return field


def _refuse_other_kind(
    work: Application, section: str, field: CustomField, wanted: FieldSetup
) -> None:
    if wanted.kind is None or wanted.kind is FieldKind(field.kind):
        return
    error = UserError("apply.field_kind", name=field.name, before=field.kind)
    work.problems.add(wanted.kind_line, f"{section}.kind", error)


def _apply_options(
    work: Application,
    section: str,
    field: CustomField,
    wanted: Sequence[Written[str]],
) -> None:
    present = by_name(field.options.all())
    ids = []
    for each in wanted:
        with work.entry(each.line, f"{section}.options"):
            option = present.get(tidied(each.value))
            if option is None:
                option = add_option(field=field, by=work.by, name=each.value)
                name = f"{field.name}: {option.name}"
                work.changes.added(f"{section}.options", name)
            ids.append(option.pk)
    order = in_order_of([each.pk for each in field.options.all()], ids)
    if order is not None:
        order_options(field=field, by=work.by, ids=order)
        names = map(str, field.options.all())
        work.changes.ordered(f"{section} “{field.name}”: options", names)


def _change(
    work: Application, section: str, field: CustomField, wanted: FieldSetup
) -> None:
    """Change what differs in description and whether the field is required."""
    description = wanted.description
    if description is None:
        description = field.description
    is_required = wanted.is_required
    if is_required is None:
        is_required = field.is_required
    after: dict[str, Shown] = {
        "description": tidied(description),
        "required": is_required,
    }
    before: dict[str, Shown] = {
        "description": field.description,
        "required": field.is_required,
    }
    if after == before:
        return
    update_field(
        field=field,
        by=work.by,
        name=field.name,
        description=description,
        is_required=is_required,
    )
    for key, value in after.items():
        if before[key] != value:
            work.changes.changed(section, field.name, key, before[key], value)


def apply_labels(work: Application, wanted: Sequence[LabelSetup]) -> None:
    """Add the labels that are not there, and give those that are their color."""
    if not wanted:
        return
    present = {
        (label.record_kind, label.name): label for label in Label.objects.all()
    }
    for each in wanted:
        section = f"labels.{LIST_WORDS[each.record]}"
        label = present.get((str(each.record), each.name))
        before = None if label is None else label.color
        color = each.color or before or str(Label.Color.GREY)
        if color == before:
            continue
        with work.entry(each.line, section):
            save_label(
                by=work.by,
                record=each.record,
                name=each.name,
                color=color,
                label=label,
            )
            if label is None:
                work.changes.added(section, each.name, {"color": color})
            else:
                work.changes.changed(
                    section, each.name, "color", before, color
                )
