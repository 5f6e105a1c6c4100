"""The built-in fields of each kind of record, with the words of files in both languages."""

from typing import Any

from turnus.core.fields import FieldKind as Kind
from turnus.core.records import RecordKind
from turnus.fields.builtin_subscriptions import SUBSCRIPTION_FIELDS
from turnus.fields.field import FILE_ONLY, SYSTEM, Field


def _deal(
    key: str,
    kind: Kind,
    en: str,
    de: str,
    /,
    *aliases: str,
    column: str = "",
    has_column: bool = True,
    **flags: Any,
) -> Field:
    stored = (column or key) if has_column else ""
    return Field(
        RecordKind.DEAL,
        key,
        kind,
        {"en": en, "de": de},
        column=stored,
        aliases=aliases,
        **flags,
    )


def _person(
    key: str,
    kind: Kind,
    en: str,
    de: str,
    /,
    *aliases: str,
    column: str = "",
    **flags: Any,
) -> Field:
    return Field(
        RecordKind.PERSON,
        key,
        kind,
        {"en": en, "de": de},
        column=column or key,
        aliases=aliases,
        **flags,
    )


def _organization(
    key: str,
    kind: Kind,
    en: str,
    de: str,
    /,
    *aliases: str,
    column: str = "",
    **flags: Any,
) -> Field:
    return Field(
        RecordKind.ORGANIZATION,
        key,
        kind,
        {"en": en, "de": de},
        column=column or key,
        aliases=aliases,
        **flags,
    )


#: Names and aliases are those of files, in 2018 and later (pipedrive.md: Labels of fields).
DEAL_FIELDS: tuple[Field, ...] = (
    _deal("title", Kind.TEXT, "Title", "Titel", "Deal", "Deal title", "Deal-Titel"),
    _deal(
        "value",
        Kind.MONEY,
        "Value",
        "Wert",
        "Amount",
        "Betrag",
        "Deal value",
        column="value_e4",
    ),
    _deal(
        "currency",
        Kind.CURRENCY,
        "Currency",
        "Währung",
        "Currency of Value",
        "Währung von Wert",
        "Währung des Werts",
        is_sortable=False,
    ),
    _deal("status", Kind.STATUS, "Status", "Status"),
    _deal(
        "organization",
        Kind.ORGANIZATION,
        "Organization",
        "Organisation",
        "Firma",
        "Company",
        "Org",
    ),
    _deal(
        "person",
        Kind.PERSON,
        "Contact person",
        "Kontaktperson",
        "Kontakt",
        "Contact",
        "Person",
        "Ansprechpartner",
    ),
    _deal(
        "stage", Kind.STAGE, "Stage", "Phase", "Stage (pipeline)", "Phase (Pipeline)"
    ),
    _deal("pipeline", Kind.PIPELINE, "Pipeline", "Pipeline", is_editable=False),
    _deal(
        "owner",
        Kind.USER,
        "Owner",
        "Besitzer",
        "Deal owner",
        "Verantwortlich",
        "Inhaber",
    ),
    _deal(
        "won_at",
        Kind.MOMENT,
        "Won time",
        "Gewonnen am",
        "Datum des gewonnenen Deals",
        "Gewonnen",
        "Won on",
        "Won date",
        "Gewinnzeitpunkt",
    ),
    _deal(
        "lost_at",
        Kind.MOMENT,
        "Lost time",
        "Verloren am",
        "Datum des verlorenen Deals",
        "Lost on",
        "Lost date",
    ),
    _deal(
        "closed_at",
        Kind.MOMENT,
        "Deal closed on",
        "Deal abgeschlossen am",
        "Closed on",
        "Close time",
        "Abgeschlossen am",
        is_editable=False,
    ),
    _deal("lost_reason", Kind.TEXT, "Lost reason", "Verlustgrund", "Grund für Verlust"),
    _deal(
        "expected_close_on",
        Kind.DATE,
        "Expected close date",
        "Voraussichtliches Abschlussdatum",
        "Erwartetes Abschlussdatum",
        "Expected close",
        "Abschluss erwartet",
    ),
    _deal(
        "labels", Kind.LABELS, "Label", "Label", "Labels", "Etikett", is_sortable=False
    ),
    _deal("probability", Kind.PERCENT, "Probability", "Wahrscheinlichkeit"),
    _deal(
        "weighted_value",
        Kind.MONEY,
        "Weighted value",
        "Gewichteter Wert",
        is_filterable=False,
        **SYSTEM,
    ),
    _deal(
        "sequence",
        Kind.SEQUENCE,
        "First or repeat deal",
        "Erster oder wiederholter Deal",
        is_sortable=False,
        is_listed=False,
        **SYSTEM,
    ),
    _deal("visibility", Kind.VISIBILITY, "Visible to", "Sichtbar für"),
    _deal(
        "created_at",
        Kind.MOMENT,
        "Deal created",
        "Deal erstellt",
        "Creation date",
        "Add time",
        "Hinzugefügt am",
        "Erstellt am",
        is_editable=False,
    ),
    _deal(
        "updated_at", Kind.MOMENT, "Update time", "Zeit der Aktualisierung", **SYSTEM
    ),
    _deal(
        "stage_changed_at",
        Kind.MOMENT,
        "Last stage change",
        "Letzte Phasenänderung",
        **SYSTEM,
    ),
    _deal(
        "first_won_at", Kind.MOMENT, "First won time", "Zuerst gewonnen am", **SYSTEM
    ),
    _deal("creator", Kind.USER, "Creator", "Ersteller", **SYSTEM),
    _deal("origin", Kind.TEXT, "Source origin", "Ursprung der Quelle", **SYSTEM),
    _deal(
        "origin_id",
        Kind.TEXT,
        "Source origin ID",
        "ID des Ursprungs der Quelle",
        **SYSTEM,
    ),
    _deal("channel", Kind.TEXT, "Source channel", "Quellkanal", "Channel", "Kanal"),
    _deal("channel_id", Kind.TEXT, "Source channel ID", "ID des Quellkanals"),
    _deal(
        "begins_plan",
        Kind.PLAN,
        "Start a subscription: plan",
        "Abonnement starten: Plan",
        "Begin a subscription: plan",
        "Abonnement beginnen: Plan",
        **FILE_ONLY,
    ),
    _deal("archived_at", Kind.MOMENT, "Archive time", "Archiviert am", **SYSTEM),
    _deal(
        "lost_comment",
        Kind.LARGE_TEXT,
        "Lost comment",
        "Kommentar zum Verlust",
        is_sortable=False,
    ),
    _deal(
        "id",
        Kind.ID,
        "ID",
        "ID",
        "Pipedrive System ID",
        "Deal ID",
        "Deal-ID",
        is_editable=False,
    ),
)

#: What amounts of every kind of record may be in.
CURRENCY: Field = next(one for one in DEAL_FIELDS if one.kind is Kind.CURRENCY)

#: The plan with which an import lets won deals begin subscriptions.
DEAL_PLAN: Field = next(one for one in DEAL_FIELDS if one.key == "begins_plan")

PERSON_FIELDS: tuple[Field, ...] = (
    _person(
        "name",
        Kind.TEXT,
        "Name",
        "Name",
        "Full name",
        "Vollständiger Name",
        is_required=True,
    ),
    _person("first_name", Kind.TEXT, "First name", "Vorname"),
    _person("last_name", Kind.TEXT, "Last name", "Nachname", "Surname"),
    _person(
        "organization",
        Kind.ORGANIZATION,
        "Organization",
        "Organisation",
        "Firma",
        "Company",
    ),
    _person(
        "emails",
        Kind.EMAILS,
        "Email",
        "E-Mail",
        "E-Mail-Adresse",
        "Mail",
        is_sortable=False,
    ),
    _person(
        "phones",
        Kind.PHONES,
        "Phone",
        "Telefon",
        "Telefonnummer",
        "Phone number",
        is_sortable=False,
    ),
    _person("owner", Kind.USER, "Owner", "Besitzer"),
    _person("labels", Kind.LABELS, "Label", "Label", "Labels", is_sortable=False),
    _person("visibility", Kind.VISIBILITY, "Visible to", "Sichtbar für"),
    _person(
        "created_at",
        Kind.MOMENT,
        "Person created",
        "Person erstellt",
        "Creation date",
        is_editable=False,
    ),
    _person(
        "updated_at", Kind.MOMENT, "Update time", "Zeit der Aktualisierung", **SYSTEM
    ),
    _person("creator", Kind.USER, "Creator", "Ersteller", **SYSTEM),
    _person(
        "id",
        Kind.ID,
        "ID",
        "ID",
        "Pipedrive System ID",
        "Contact person ID",
        "Person ID",
        is_editable=False,
    ),
)

ORGANIZATION_FIELDS: tuple[Field, ...] = (
    _organization(
        "name",
        Kind.TEXT,
        "Name",
        "Name",
        "Organization name",
        "Firmenname",
        is_required=True,
    ),
    _organization("address", Kind.TEXT, "Address", "Adresse", "Anschrift"),
    _organization(
        "country",
        Kind.TEXT,
        "Country",
        "Land",
        "Country of Address",
        "Land von Adresse",
        "Staat",
    ),
    _organization(
        "bills_with",
        Kind.ORGANIZATION,
        "Bills with",
        "Wird abgerechnet mit",
        "Billed with",
        "Parent customer",
        "Hauptkunde",
    ),
    _organization("owner", Kind.USER, "Owner", "Besitzer"),
    _organization("labels", Kind.LABELS, "Label", "Label", "Labels", is_sortable=False),
    _organization("visibility", Kind.VISIBILITY, "Visible to", "Sichtbar für"),
    _organization(
        "created_at",
        Kind.MOMENT,
        "Organization created",
        "Organisation erstellt",
        is_editable=False,
    ),
    _organization(
        "updated_at", Kind.MOMENT, "Update time", "Zeit der Aktualisierung", **SYSTEM
    ),
    _organization("creator", Kind.USER, "Creator", "Ersteller", **SYSTEM),
    _organization(
        "id",
        Kind.ID,
        "ID",
        "ID",
        "Pipedrive System ID",
        "Organization ID",
        is_editable=False,
    ),
)

_LINKED: dict[str, Any] = {
    "is_editable": False,
    "is_importable": False,
    "is_sortable": False,
}
#: Fields of a record's owner and of a deal's stage, for filters and columns.
OWNER_FIELDS: tuple[Field, ...] = (
    Field(
        RecordKind.DEAL,
        "name",
        Kind.TEXT,
        {"en": "Name", "de": "Name"},
        column="name",
        headings={"en": "Owner - Name", "de": "Besitzer - Name"},
        **_LINKED,
    ),
    Field(
        RecordKind.DEAL,
        "email",
        Kind.TEXT,
        {"en": "Email", "de": "E-Mail"},
        column="email",
        headings={"en": "Owner - Email", "de": "Besitzer - E-Mail"},
        **_LINKED,
    ),
    Field(
        RecordKind.DEAL,
        "team",
        Kind.TEAM,
        {"en": "Team", "de": "Team"},
        column="team",
        headings={"en": "Owner - Team", "de": "Besitzer - Team"},
        **_LINKED,
    ),
)
STAGE_FIELDS: tuple[Field, ...] = (
    Field(
        RecordKind.DEAL,
        "probability",
        Kind.PERCENT,
        {"en": "Probability", "de": "Wahrscheinlichkeit"},
        column="probability",
        headings={"en": "Stage - Probability", "de": "Phase - Wahrscheinlichkeit"},
        **_LINKED,
    ),
)

BUILTIN: dict[RecordKind, tuple[Field, ...]] = {
    RecordKind.DEAL: DEAL_FIELDS,
    RecordKind.PERSON: PERSON_FIELDS,
    RecordKind.ORGANIZATION: ORGANIZATION_FIELDS,
    RecordKind.SUBSCRIPTION: SUBSCRIPTION_FIELDS,
}
