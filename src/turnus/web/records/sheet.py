"""The fields of one record as rows of its page."""

from collections.abc import Sequence
from dataclasses import dataclass

from turnus.core.fields import LINK_KINDS, FieldKind
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.catalog import Catalog, catalog
from turnus.fields.choices import KnownChoices, choices_of
from turnus.fields.models import Record
from turnus.fields.queries import records_of
from turnus.kit import formats
from turnus.listing.columns import ListValue, columns_for, rows_read, values_in
from turnus.listing.links import ContactNames, Unseen
from turnus.web.gate import SignedInRequest
from turnus.web.inputs import editable_fields
from turnus.web.kinds import FACES, Screen, choice_words, point_text, points_in
from turnus.web.language import language_of

#: Shown in the page's head, or only to machines.
_HIDDEN = frozenset(
    {
        "title",
        "weighted_value",
        "origin_id",
        "currency",
        "closed_at",
        "pipeline",
        "mrr",
    }
)


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One field: its name, its value, the value shown, whether it can be changed."""

    path: str
    name: str
    value: ListValue
    text: str
    link: str
    is_editable: bool


def field_rows(
    request: SignedInRequest,
    kind: RecordKind,
    fields: Catalog,
    record: Record,
    *,
    is_editable: bool,
    paths: Sequence[str] | None = None,
) -> list[FieldRow]:
    """Return the record's own fields, or those at `paths`; empty system fields are left out."""
    language = language_of(request)
    screen = Screen(request.company.zone, language)
    changeable: set[str] = set()
    if is_editable:
        own = editable_fields(fields, is_admin=request.user.is_admin)
        changeable = {field.key for field in own}
    if paths is None:
        paths = [field.key for field in fields.own if field.key not in _HIDDEN]
    columns = columns_for(paths, fields, language, viewer=request.user)
    row = rows_read(records_of(kind).filter(pk=record.pk), columns).get()
    (values,) = values_in([row], columns, ContactNames(request.user))
    rows = []
    for column, value in zip(columns, values, strict=True):
        kind_of_field = column.place.field.kind
        text = value_text(kind_of_field, value, column.choices, screen)
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
    request: SignedInRequest, kind: RecordKind, record: Record, path: str
) -> str:
    """Return one field of one record as text, as the record's page shows it."""
    fields = catalog(kind)
    rows = field_rows(
        request, kind, fields, record, is_editable=False, paths=[path]
    )
    return rows[0].text if rows else ""


def value_at(
    request: SignedInRequest, fields: Catalog, pk: int, path: str
) -> ListValue:
    """Return the value of one field of one record."""
    column = columns_for(
        [path], fields, language_of(request), viewer=request.user
    )[0]
    row = rows_read(records_of(fields.record).filter(pk=pk), [column]).get()
    ((value,),) = values_in([row], [column], ContactNames(request.user))
    return value


def _link(kind: FieldKind, pk: int | None) -> str:
    return f"/{kind}s/{pk}/" if pk and kind in LINK_KINDS else ""


def value_text(
    kind: FieldKind,
    value: ListValue,
    choices: KnownChoices | None,
    screen: Screen,
) -> str:
    """Return a value in the reader's language."""
    if value is None:
        return ""
    if isinstance(value, Money):
        return formats.money(value.amount_e4, value.currency, screen.language)
    if choices is not None:
        return choice_words(choices, value)
    points = points_in(value)
    if points:
        return "\n".join(
            point_text(point, screen.language) for point in points
        )
    return FACES[kind].text(value, screen)


def field_choices(
    fields: Catalog, path: str, language: str
) -> KnownChoices | None:
    """Return the choices of a field, None if it has none or is gone."""
    field = fields.get(path)
    return choices_of(field, language) if field else None
