"""The fields of one record as rows of its page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from turnus.core.fields import ContactPoint, FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.choices import choices_of
from turnus.fields.part_words import label_name
from turnus.history.tracked import tracked
from turnus.kit import formats
from turnus.listing.columns import columns_for, rows_read, values_in
from turnus.listing.links import ContactNames, Unseen
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import editable_fields
from turnus.web.kinds import FACES, Screen
from turnus.web.language import language_of

#: Shown in the page's head, or only to machines.
_HIDDEN = frozenset(
    {"title", "weighted_value", "origin_id", "currency", "closed_at", "pipeline", "mrr"}
)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its name, its value, the value shown, whether it can be changed."""

    path: str
    name: str
    value: Any
    text: str
    link: str
    is_editable: bool


def field_rows(
    request: SignedInRequest,
    kind: RecordKind,
    fields: Catalog,
    record: Any,
    *,
    is_editable: bool,
    paths: Sequence[str] | None = None,
) -> list[FieldRow]:
    """Return the record's own fields, or those at `paths`; empty system fields are left out."""
    language = language_of(request)
    changeable = (
        {one.key for one in editable_fields(fields, is_admin=request.user.is_admin)}
        if is_editable
        else set()
    )
    if paths is None:
        paths = [one.key for one in fields.own if one.key not in _HIDDEN]
    columns = columns_for(paths, fields, language, viewer=request.user)
    model: Any = tracked(kind).model
    row = rows_read(model.objects.filter(pk=record.pk), columns).get()
    rows = []
    for column, value in zip(
        columns, values_in([row], columns, ContactNames(request.user))[0], strict=True
    ):
        kind_of_field = column.place.field.kind
        text = shown(
            kind_of_field, value, column.choices, request.company.zone, language
        )
        linked = None if isinstance(value, Unseen) else column.contact_id(row)
        is_own = column.path in changeable
        if text or is_own:
            link = _link(kind_of_field, linked)
            rows.append(
                FieldRow(
                    column.path,
                    fields.name(column.path, language),
                    value,
                    text,
                    link,
                    is_own,
                )
            )
    return rows


@dataclass(frozen=True, slots=True)
class FieldSheet:
    """A record's fields by use: with a value, still empty, and what only the system changes."""

    filled: list[FieldRow]
    empty: list[FieldRow]
    system: list[FieldRow]


def sheet_of(rows: list[FieldRow], system: frozenset[str]) -> FieldSheet:
    """Return the rows by use; `system` holds the keys of fields that people never change."""
    own = [row for row in rows if row.path not in system]
    return FieldSheet(
        [row for row in own if row.text],
        [row for row in own if not row.text],
        [row for row in rows if row.path in system],
    )


def field_text(
    request: SignedInRequest, kind: RecordKind, record: Any, path: str
) -> str:
    """Return one field of one record as text, as the record's page shows it."""
    fields = catalog(kind)
    rows = field_rows(request, kind, fields, record, is_editable=False, paths=[path])
    return rows[0].text if rows else ""


def value_at(request: SignedInRequest, fields: Catalog, pk: int, path: str) -> Any:
    """Return the value of one field of one record."""
    column = columns_for([path], fields, language_of(request), viewer=request.user)[0]
    model: Any = tracked(fields.record).model
    row = rows_read(model.objects.filter(pk=pk), [column]).get()
    return values_in([row], [column], ContactNames(request.user))[0][0]


def _link(kind: FieldKind, pk: int | None) -> str:
    words = {FieldKind.PERSON: "persons", FieldKind.ORGANIZATION: "organizations"}
    return f"/{words[kind]}/{pk}/" if pk and kind in words else ""


def shown(kind: FieldKind, value: Any, choices: Any, zone: Any, language: str) -> str:
    """Return a value in the reader's language."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return formats.money(value.amount_e4, value.currency, language)
    if choices is not None:
        return ", ".join(
            choices.name(one)
            for one in (value if isinstance(value, tuple) else (value,))
        )
    if isinstance(value, tuple) and value and isinstance(value[0], ContactPoint):
        return "\n".join(
            f"{point.value} ({label_name(point.label, language)})" for point in value
        )
    return FACES[kind].text(value, Screen(zone, language))


def field_choices(fields: Catalog, path: str, language: str) -> Any:
    """Return the choices of a field, None if it has none or is gone."""
    field = fields.get(path)
    return choices_of(field, language) if field else None
