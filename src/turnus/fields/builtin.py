"""The built-in fields of each kind of record, with the words of files in both languages."""

from functools import partial

from django.utils.translation import pgettext_lazy

from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.builtin_subscriptions import SUBSCRIPTION_FIELDS
from turnus.fields.field import FILE_ONLY, SYSTEM, Field, Flags, built_in
from turnus.fields.words import Words

_deal = partial(built_in, RecordKind.DEAL)
_person = partial(built_in, RecordKind.PERSON)
_organization = partial(built_in, RecordKind.ORGANIZATION)

#: Names and aliases are those of files, in 2018 and later (pipedrive.md: Labels of fields).
DEAL_FIELDS: tuple[Field, ...] = (
    _deal(
        "title",
        FieldKind.TEXT,
        pgettext_lazy("field", "Title"),
        "Deal",
        "Deal title",
        "Deal-Titel",
    ),
    _deal(
        "value",
        FieldKind.MONEY,
        pgettext_lazy("field", "Value"),
        "Amount",
        "Betrag",
        "Deal value",
        column="value_e4",
    ),
    _deal(
        "currency",
        FieldKind.CURRENCY,
        pgettext_lazy("field", "Currency"),
        "Currency of Value",
        "Währung von Wert",
        "Währung des Werts",
        is_sortable=False,
    ),
    _deal("status", FieldKind.STATUS, pgettext_lazy("field", "Status")),
    _deal(
        "organization",
        FieldKind.ORGANIZATION,
        pgettext_lazy("field", "Organization"),
        "Firma",
        "Company",
        "Org",
    ),
    _deal(
        "person",
        FieldKind.PERSON,
        pgettext_lazy("field", "Contact person"),
        "Kontakt",
        "Contact",
        "Person",
        "Ansprechpartner",
    ),
    _deal(
        "stage",
        FieldKind.STAGE,
        pgettext_lazy("field", "Stage"),
        "Stage (pipeline)",
        "Phase (Pipeline)",
    ),
    _deal(
        "pipeline",
        FieldKind.PIPELINE,
        pgettext_lazy("field", "Pipeline"),
        is_editable=False,
    ),
    _deal(
        "owner",
        FieldKind.USER,
        pgettext_lazy("field", "Owner"),
        "Deal owner",
        "Verantwortlich",
        "Inhaber",
    ),
    _deal(
        "won_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Won time"),
        "Datum des gewonnenen Deals",
        "Gewonnen",
        "Won on",
        "Won date",
        "Gewinnzeitpunkt",
    ),
    _deal(
        "lost_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Lost time"),
        "Datum des verlorenen Deals",
        "Lost on",
        "Lost date",
    ),
    _deal(
        "closed_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Deal closed on"),
        "Closed on",
        "Close time",
        "Abgeschlossen am",
        is_editable=False,
    ),
    _deal(
        "lost_reason",
        FieldKind.TEXT,
        pgettext_lazy("field", "Lost reason"),
        "Grund für Verlust",
    ),
    _deal(
        "expected_close_on",
        FieldKind.DATE,
        pgettext_lazy("field", "Expected close date"),
        "Erwartetes Abschlussdatum",
        "Expected close",
        "Abschluss erwartet",
    ),
    _deal(
        "labels",
        FieldKind.LABELS,
        pgettext_lazy("field", "Label"),
        "Labels",
        "Etikett",
        is_sortable=False,
    ),
    _deal(
        "probability", FieldKind.PERCENT, pgettext_lazy("field", "Probability")
    ),
    _deal(
        "weighted_value",
        FieldKind.MONEY,
        pgettext_lazy("field", "Weighted value"),
        is_filterable=False,
        **SYSTEM,
    ),
    _deal(
        "sequence",
        FieldKind.SEQUENCE,
        pgettext_lazy("field", "First or repeat deal"),
        is_sortable=False,
        is_listed=False,
        **SYSTEM,
    ),
    _deal(
        "visibility",
        FieldKind.VISIBILITY,
        pgettext_lazy("field", "Visible to"),
    ),
    _deal(
        "created_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Deal created"),
        "Creation date",
        "Add time",
        "Hinzugefügt am",
        "Erstellt am",
        is_editable=False,
    ),
    _deal(
        "updated_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Update time"),
        **SYSTEM,
    ),
    _deal(
        "stage_changed_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Last stage change"),
        **SYSTEM,
    ),
    _deal(
        "first_won_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "First won time"),
        **SYSTEM,
    ),
    _deal(
        "creator", FieldKind.USER, pgettext_lazy("field", "Creator"), **SYSTEM
    ),
    _deal(
        "origin",
        FieldKind.TEXT,
        pgettext_lazy("field", "Source origin"),
        **SYSTEM,
    ),
    _deal(
        "origin_id",
        FieldKind.TEXT,
        pgettext_lazy("field", "Source origin ID"),
        **SYSTEM,
    ),
    _deal(
        "channel",
        FieldKind.TEXT,
        pgettext_lazy("field", "Source channel"),
        "Channel",
        "Kanal",
    ),
    _deal(
        "channel_id",
        FieldKind.TEXT,
        pgettext_lazy("field", "Source channel ID"),
    ),
    _deal(
        "begins_plan",
        FieldKind.PLAN,
        pgettext_lazy("field", "Start a subscription: plan"),
        "Begin a subscription: plan",
        "Abonnement beginnen: Plan",
        has_column=False,
        **FILE_ONLY,
    ),
    _deal(
        "archived_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Archive time"),
        **SYSTEM,
    ),
    _deal(
        "lost_comment",
        FieldKind.LARGE_TEXT,
        pgettext_lazy("field", "Lost comment"),
        is_sortable=False,
    ),
    _deal(
        "id",
        FieldKind.ID,
        pgettext_lazy("field", "ID"),
        "Pipedrive System ID",
        "Deal ID",
        "Deal-ID",
        is_editable=False,
    ),
)

#: What amounts of every kind of record may be in.
CURRENCY: Field = next(
    field for field in DEAL_FIELDS if field.key == "currency"
)

#: The plan with which an import lets won deals begin subscriptions.
DEAL_PLAN: Field = next(
    field for field in DEAL_FIELDS if field.key == "begins_plan"
)

PERSON_FIELDS: tuple[Field, ...] = (
    _person(
        "name",
        FieldKind.TEXT,
        pgettext_lazy("field", "Name"),
        "Full name",
        "Vollständiger Name",
        is_required=True,
    ),
    _person(
        "first_name", FieldKind.TEXT, pgettext_lazy("field", "First name")
    ),
    _person(
        "last_name",
        FieldKind.TEXT,
        pgettext_lazy("field", "Last name"),
        "Surname",
    ),
    _person(
        "organization",
        FieldKind.ORGANIZATION,
        pgettext_lazy("field", "Organization"),
        "Firma",
        "Company",
    ),
    _person(
        "emails",
        FieldKind.EMAILS,
        pgettext_lazy("field", "Email"),
        "E-Mail-Adresse",
        "Mail",
        is_sortable=False,
    ),
    _person(
        "phones",
        FieldKind.PHONES,
        pgettext_lazy("field", "Phone"),
        "Telefonnummer",
        "Phone number",
        is_sortable=False,
    ),
    _person("owner", FieldKind.USER, pgettext_lazy("field", "Owner")),
    _person(
        "labels",
        FieldKind.LABELS,
        pgettext_lazy("field", "Label"),
        "Labels",
        is_sortable=False,
    ),
    _person(
        "visibility",
        FieldKind.VISIBILITY,
        pgettext_lazy("field", "Visible to"),
    ),
    _person(
        "created_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Person created"),
        "Creation date",
        is_editable=False,
    ),
    _person(
        "updated_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Update time"),
        **SYSTEM,
    ),
    _person(
        "creator", FieldKind.USER, pgettext_lazy("field", "Creator"), **SYSTEM
    ),
    _person(
        "id",
        FieldKind.ID,
        pgettext_lazy("field", "ID"),
        "Pipedrive System ID",
        "Contact person ID",
        "Person ID",
        is_editable=False,
    ),
)

ORGANIZATION_FIELDS: tuple[Field, ...] = (
    _organization(
        "name",
        FieldKind.TEXT,
        pgettext_lazy("field", "Name"),
        "Organization name",
        "Firmenname",
        is_required=True,
    ),
    _organization(
        "address",
        FieldKind.TEXT,
        pgettext_lazy("field", "Address"),
        "Anschrift",
    ),
    _organization(
        "country",
        FieldKind.TEXT,
        pgettext_lazy("field", "Country"),
        "Country of Address",
        "Land von Adresse",
        "Staat",
    ),
    _organization(
        "bills_with",
        FieldKind.ORGANIZATION,
        pgettext_lazy("field", "Bills with"),
        "Billed with",
        "Parent customer",
        "Hauptkunde",
    ),
    _organization("owner", FieldKind.USER, pgettext_lazy("field", "Owner")),
    _organization(
        "labels",
        FieldKind.LABELS,
        pgettext_lazy("field", "Label"),
        "Labels",
        is_sortable=False,
    ),
    _organization(
        "visibility",
        FieldKind.VISIBILITY,
        pgettext_lazy("field", "Visible to"),
    ),
    _organization(
        "created_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Organization created"),
        is_editable=False,
    ),
    _organization(
        "updated_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Update time"),
        **SYSTEM,
    ),
    _organization(
        "creator", FieldKind.USER, pgettext_lazy("field", "Creator"), **SYSTEM
    ),
    _organization(
        "id",
        FieldKind.ID,
        pgettext_lazy("field", "ID"),
        "Pipedrive System ID",
        "Organization ID",
        is_editable=False,
    ),
)

_LINKED: Flags = {
    "is_editable": False,
    "is_importable": False,
    "is_sortable": False,
}
#: Fields of a record's owner and of a deal's stage, for filters and columns.
OWNER_FIELDS: tuple[Field, ...] = (
    Field(
        RecordKind.DEAL,
        "name",
        FieldKind.TEXT,
        Words(pgettext_lazy("field", "Name")),
        column="name",
        headings=Words(pgettext_lazy("field", "Owner - Name")),
        **_LINKED,
    ),
    Field(
        RecordKind.DEAL,
        "email",
        FieldKind.TEXT,
        Words(pgettext_lazy("field", "Email")),
        column="email",
        headings=Words(pgettext_lazy("field", "Owner - Email")),
        **_LINKED,
    ),
    Field(
        RecordKind.DEAL,
        "team",
        FieldKind.TEAM,
        Words(pgettext_lazy("field", "Team")),
        column="team",
        headings=Words(pgettext_lazy("field", "Owner - Team")),
        **_LINKED,
    ),
)
STAGE_FIELDS: tuple[Field, ...] = (
    Field(
        RecordKind.DEAL,
        "probability",
        FieldKind.PERCENT,
        Words(pgettext_lazy("field", "Probability")),
        column="probability",
        headings=Words(pgettext_lazy("field", "Stage - Probability")),
        **_LINKED,
    ),
)

BUILTIN: dict[RecordKind, tuple[Field, ...]] = {
    RecordKind.DEAL: DEAL_FIELDS,
    RecordKind.PERSON: PERSON_FIELDS,
    RecordKind.ORGANIZATION: ORGANIZATION_FIELDS,
    RecordKind.SUBSCRIPTION: SUBSCRIPTION_FIELDS,
}
