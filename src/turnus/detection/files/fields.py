"""Which columns of a file of won deals are read, by which headings; no database is asked."""

from collections.abc import Iterable, Mapping, Sequence

from turnus.core.currencies import CODES
from turnus.core.fields import FieldKind
from turnus.core.mapping import guess, heading_key
from turnus.core.records import RecordKind
from turnus.fields.builtin import BUILTIN
from turnus.fields.catalog import LINKS, Catalog
from turnus.fields.choices import KnownChoices, choices_of, known
from turnus.fields.field import Field
from turnus.imports.targets import heading_names
from turnus.kit.errors import UserError

#: Names of the field that the help page tells people to add, and others that people use.
#: (pipedrive.md: Labels of fields)
_PLAN_WORDS = (
    "Plan",
    "Abo-Plan",
    "Abo",
    "Abonnement",
    "Abomodell",
    "Subscription plan",
    "Subscription",
    "Turnus",
    "Intervall",
    "Interval",
    "Zahlungsweise",
    "Abonnement starten: Plan",
    "Start a subscription: plan",
    "Abonnement beginnen: Plan",
    "Begin a subscription: plan",
    "Abrechnung",
    "Abrechnungsintervall",
    "Billing",
    "Billing period",
    "Billing interval",
    "Frequency",
    "Recurrence",
)
_IDS = {
    "organization.id": (
        "Organization - ID",
        "Organisation - ID",
        "Deal - Organization ID",
        "Deal - Organisation ID",
    ),
    "person.id": (
        "Person - ID",
        "Deal - Person ID",
        "Deal - Contact person ID",
        "Kontaktperson - ID",
    ),
    "deal.id": ("Deal - ID", "ID", "Deal ID", "Deal-ID"),
}
#: Columns that say who the customer is.
CUSTOMER = ("organization", "person", "organization.id", "person.id")
#: Fields of a deal that are read as an import reads them; all others are texts.
_READ_AS_IMPORTED = (
    "title",
    "status",
    "value",
    "currency",
    "won_at",
    "organization",
    "person",
)


def columns_of(headings: Sequence[str], plan_heading: str) -> dict[str, int]:
    """Return the column of each field that is read; raises UserError if a required one is missing.

    `plan_heading` names the column of plans; empty: it is detected.
    """
    listed = ", ".join(headings)
    plan_words = _prefixed(_PLAN_WORDS)
    if plan_heading:
        plan_words = [plan_heading]
        if heading_key(plan_heading) not in map(heading_key, headings):
            raise UserError(
                "history.no_column", heading=plan_heading, headings=listed
            )
    names = {"plan": plan_words, **_IDS, **_imported_names()}
    paths = guess(headings, names)
    columns = {path: index for index, path in enumerate(paths) if path}
    if "won_at" not in columns:
        raise UserError("history.no_dates", headings=listed)
    if "value" not in columns:
        raise UserError("history.no_values", headings=listed)
    if columns.keys().isdisjoint(CUSTOMER):
        raise UserError("history.no_customers", headings=listed)
    return {path: index for path, index in columns.items() if path in FIELDS}


def choices_without_database(
    field: Field, language: str
) -> KnownChoices | None:
    """Return the words of statuses and currencies, in both languages; None for all other fields."""
    if field.kind is FieldKind.CURRENCY:
        return known((code, code) for code in sorted(CODES))
    if field.kind is FieldKind.STATUS:
        return choices_of(field, language)
    return None


def _fields() -> Catalog:
    fields: dict[str, Field] = {}
    for field in BUILTIN[RecordKind.DEAL]:
        if field.key in _READ_AS_IMPORTED:
            fields[field.key] = field
    for path in ("plan", *_IDS):
        fields[path] = _text(path)
    return Catalog(RecordKind.DEAL, fields)


def _text(path: str) -> Field:
    return Field(RecordKind.DEAL, path, FieldKind.TEXT, {"en": path})


def _imported_names() -> Mapping[str, Iterable[str]]:
    """Return the headings that an import detects, so that no field takes another's column."""
    by_path = {field.key: field for field in BUILTIN[RecordKind.DEAL]}
    for link, kind in LINKS[RecordKind.DEAL].items():
        for field in BUILTIN[kind]:
            by_path[f"{link}.{field.key}"] = field
    catalog = Catalog(RecordKind.DEAL, by_path)
    return heading_names(catalog)


def _prefixed(words: Sequence[str]) -> list[str]:
    return [*(f"Deal - {word}" for word in words), *words]


#: The fields by path, as the reader of rows wants them.
FIELDS = _fields()
