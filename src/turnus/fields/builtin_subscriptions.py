"""The built-in fields of subscriptions, with the words of files in both languages."""

from functools import partial

from django.utils.translation import pgettext_lazy

from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.field import FILE_ONLY, SYSTEM, Field, Flags, built_in

_subscription = partial(built_in, RecordKind.SUBSCRIPTION)

#: Given by files, changed by actions of their own, for each has an effective day.
_RULED: Flags = {"is_editable": False}
SUBSCRIPTION_FIELDS: tuple[Field, ...] = (
    _subscription(
        "name",
        FieldKind.TEXT,
        pgettext_lazy("field", "Name"),
        "Title",
        "Titel",
        "Subscription",
        "Abonnement",
        is_required=True,
    ),
    _subscription(
        "state", FieldKind.SUBSCRIPTION_STATE, pgettext_lazy("field", "State"), **SYSTEM
    ),
    _subscription(
        "plan",
        FieldKind.PLAN,
        pgettext_lazy("field", "Plan"),
        "Subscription plan",
        "Abo-Plan",
        "Abo",
        "Cadence",
        "Rhythmus",
        "Turnus",
        "Interval",
        "Intervall",
        "Billing period",
        "Abrechnungszeitraum",
        **_RULED,
    ),
    _subscription(
        "price",
        FieldKind.MONEY,
        pgettext_lazy("field", "Price per period"),
        "Price",
        "Preis",
        "Value",
        "Wert",
        "Amount",
        "Betrag",
        column="price_e4",
        **_RULED,
    ),
    # Worked out for the day on which somebody looks: see `revenue.monthly`.
    _subscription(
        "mrr",
        FieldKind.MONEY,
        pgettext_lazy("field", "MRR"),
        has_column=False,
        **SYSTEM,
    ),
    _subscription(
        "organization",
        FieldKind.ORGANIZATION,
        pgettext_lazy("field", "Organization"),
        "Customer",
        "Kunde",
        "Company",
        "Firma",
        **_RULED,
    ),
    _subscription(
        "person",
        FieldKind.PERSON,
        pgettext_lazy("field", "Contact person"),
        "Contact",
        "Kontakt",
        "Person",
        "Ansprechpartner",
        **_RULED,
    ),
    _subscription(
        "next_due_on", FieldKind.DATE, pgettext_lazy("field", "Next renewal"), **SYSTEM
    ),
    _subscription(
        "started_on",
        FieldKind.DATE,
        pgettext_lazy("field", "Start"),
        "Start date",
        "Startdatum",
        "First day",
        "Erster Tag",
        "Vertragsbeginn",
        **_RULED,
    ),
    _subscription(
        "end_on", FieldKind.DATE, pgettext_lazy("field", "Ended as of"), **SYSTEM
    ),
    _subscription(
        "end_reason",
        FieldKind.TEXT,
        pgettext_lazy("field", "Reason for the end"),
        "End reason",
        "Reason",
        "Kündigungsgrund",
        "Grund",
        **_RULED,
    ),
    _subscription(
        "renewal_way",
        FieldKind.RENEWAL_WAY,
        pgettext_lazy("field", "When a term is due"),
        "Wenn ein Abschnitt fällig ist",
    ),
    _subscription(
        "owner",
        FieldKind.USER,
        pgettext_lazy("field", "Owner"),
        "Verantwortlich",
        "Inhaber",
    ),
    _subscription(
        "labels", FieldKind.LABELS, pgettext_lazy("field", "Label"), is_sortable=False
    ),
    _subscription(
        "visibility", FieldKind.VISIBILITY, pgettext_lazy("field", "Visible to")
    ),
    _subscription(
        "currency", FieldKind.CURRENCY, pgettext_lazy("field", "Currency"), **_RULED
    ),
    _subscription(
        "created_at",
        FieldKind.MOMENT,
        pgettext_lazy("field", "Subscription created"),
        **SYSTEM,
    ),
    _subscription(
        "updated_at", FieldKind.MOMENT, pgettext_lazy("field", "Update time"), **SYSTEM
    ),
    _subscription(
        "creator", FieldKind.USER, pgettext_lazy("field", "Creator"), **SYSTEM
    ),
    _subscription(
        "id",
        FieldKind.ID,
        pgettext_lazy("field", "ID"),
        "Subscription ID",
        "Abonnement-ID",
        **_RULED,
    ),
    _subscription(
        "entry",
        FieldKind.SUBSCRIPTION_ENTRY,
        pgettext_lazy("field", "Row"),
        "Kind of row",
        "Art der Zeile",
        "Event",
        "Ereignis",
        has_column=False,
        **FILE_ONLY,
    ),
    _subscription(
        "effective_on",
        FieldKind.DATE,
        pgettext_lazy("field", "Effective from"),
        "From",
        "Ab",
        "Effective date",
        "Wirksam ab",
        "Date",
        "Datum",
        has_column=False,
        **FILE_ONLY,
    ),
    _subscription(
        "last_on",
        FieldKind.DATE,
        pgettext_lazy("field", "Last day"),
        "End",
        "Ende",
        "End date",
        "Enddatum",
        "Vertragsende",
        has_column=False,
        **FILE_ONLY,
    ),
    _subscription(
        "half_month_days",
        FieldKind.TEXT,
        pgettext_lazy("field", "Days of the month"),
        "Days",
        "Tage",
        "Due days",
        "Fälligkeitstage",
        has_column=False,
        **FILE_ONLY,
    ),
    _subscription(
        "booked_to",
        FieldKind.DATE,
        pgettext_lazy("field", "Paid until"),
        "Booked until",
        "Verbucht bis",
        has_column=False,
        **FILE_ONLY,
    ),
)
