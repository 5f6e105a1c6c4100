"""Headings of other programs and of people's own lists, where they are none of our fields' names.

Sources: the exports of Google Contacts (old and new), Outlook (English, German), HubSpot, Salesforce, Zoho, Close; what German and English
sales lists say. A field that is called so itself comes first (`core.mapping.guess`).
"""

from collections.abc import Mapping

from turnus.core.records import RecordKind

_OWNERS = (
    "Verkäufer", "Verkäuferin", "Vertriebsmitarbeiter", "Vertriebsmitarbeiterin", "Vertriebler", "Vertrieb", "Zuständig",
    "Betreuer", "Betreuerin", "Eigentümer", "Kundenbetreuer", "Verantwortlicher", "Verantwortliche", "Bearbeiter",
    "Sales rep", "Sales representative", "Salesperson", "Seller", "Account manager", "Assigned to", "Responsible",
    "Opportunity owner", "Account owner", "Contact owner", "Company owner", "Deal-Inhaber", "Deal-Eigentümer",
    "Deal-Besitzer", "User name", "Record owner",
)  # fmt: skip
_ORGANISATIONS = (
    "Kunde", "Kundin", "Kundenname", "Name des Kunden", "Kundenfirma", "Unternehmen", "Unternehmensname", "Firmenname",
    "Name der Firma", "Organisationsname", "Auftraggeber", "Mandant", "Customer", "Customer name", "Client", "Client name",
    "Account", "Account name", "Company name", "Organization name", "Organisation name", "Associated company",
    "Associated companies", "Primary company", "Primary associated company", "Zugeordnetes Unternehmen",
    "Lead name", "Lead", "Organization 1 - Name",
)  # fmt: skip
_PERSONS = (
    "Ansprechpartner", "Ansprechpartnerin", "Ansprechperson", "Kontaktname", "Name des Kontakts", "Kontaktpartner",
    "Contact name", "Associated contact", "Associated contacts", "Primary contact", "Primary contact name",
    "Zugeordneter Kontakt", "Person name",
)  # fmt: skip
_FIRST_NAMES = ("Vorname", "First name", "Given name", "Forename", "Contact first name", "Rufname")
_LAST_NAMES = ("Nachname", "Familienname", "Zuname", "Last name", "Family name", "Surname", "Contact last name")
#: Google and Outlook number what a contact has several of.
_NUMBERS = range(1, 6)
_EMAILS = (
    "E-Mail", "Email", "Mail", "E-Mail-Adresse", "Email address", "Mailadresse", "Emailadresse", "E-mail addresses",
    "Contact email", "Primary email", "Work email address",
    *(f"E-mail {number} - Value" for number in _NUMBERS),
    *(f"E-mail {number} Address" for number in _NUMBERS),
    *(f"E-Mail {number}: Adresse" for number in _NUMBERS),
    *(f"E-Mail-Adresse {number}" for number in _NUMBERS),
    *(f"E-mail {number}" for number in _NUMBERS),
)  # fmt: skip
_PHONES = (
    "Telefon", "Telefonnummer", "Tel", "Tel.", "Tel.-Nr.", "Rufnummer", "Phone", "Phone number", "Telephone", "Primary phone",
    "Contact phone", "Hauptrufnummer", "Telefon Firma", "Company main phone",
    *(f"Phone {number} - Value" for number in _NUMBERS),
    *(f"Telefon {number}" for number in _NUMBERS),
    *(f"Phone {number}" for number in _NUMBERS),
)  # fmt: skip
_PHONES_BY_LABEL = {
    "work": (
        "Telefon geschäftlich", "Telefon (geschäftlich)", "Telefon geschäftlich 2", "Business phone", "Business phone 2",
        "Festnetz", "Durchwahl", "Telefon dienstlich",
    ),
    "mobile": (
        "Mobiltelefon", "Mobiltelefon 2", "Mobile phone", "Mobile phone number", "Mobile", "Handy", "Mobil", "Handynummer",
        "Telefon mobil", "Mobile number",
    ),
    "home": ("Telefon privat", "Telefon (privat)", "Telefon privat 2", "Home phone", "Home phone 2"),
    "other": ("Weiteres Telefon", "Other phone"),
}  # fmt: skip
_ADDRESSES = ("Adresse", "Anschrift", "Address", "Firmenadresse", "Company address", "Rechnungsadresse")
_COUNTRIES = ("Land", "Country", "Country/Region", "Land/Region", "Company country", "Billing country")
_CREATED = (
    "Create date", "Created date", "Created time", "Created at", "Created on", "Date created", "Created", "Creation time",
    "Erstelldatum", "Erstellungsdatum", "Angelegt am", "Erstellt", "Anlagedatum",
)  # fmt: skip
#: What tells the contact of a deal or a subscription.
_CONTACT: Mapping[str, tuple[str, ...]] = {
    "organisation": _ORGANISATIONS,
    "person": _PERSONS,
    "person.first_name": _FIRST_NAMES,
    "person.last_name": _LAST_NAMES,
    "person.emails": _EMAILS,
    "person.phones": _PHONES,
    **{f"person.phones#{label}": words for label, words in _PHONES_BY_LABEL.items()},
    "organisation.address": _ADDRESSES,
    "organisation.country": _COUNTRIES,
}

#: Kind of record -> target -> further headings that mean it.
OTHER_HEADINGS: Mapping[RecordKind, Mapping[str, tuple[str, ...]]] = {
    RecordKind.DEAL: {
        "title": (
            "Deal name", "Dealname", "Name des Deals", "Opportunity name", "Opportunity", "Potential name", "Verkaufschance",
            "Name der Verkaufschance", "Opportunity-Name", "Betreff", "Subject", "Bezeichnung", "Geschäft", "Auftrag",
            "Projekt", "Projektname",
        ),
        "value": (
            "Umsatz", "Summe", "Auftragswert", "Dealwert", "Deal-Betrag", "Deal amount", "Volumen", "Auftragsvolumen",
            "Preis", "Price", "Revenue", "Opportunity amount", "Opportunity value", "Wert des Deals", "Nettobetrag",
        ),
        "currency": (
            "Währungscode", "Deal currency", "Currency code", "Currency ISO code", "Opportunity currency", "Deal-Währung",
            "Amount currency", "Value currency", "Währung (Betrag)", "Betrag (Währung)", "Betrag Währung", "Wert Währung",
        ),
        "status": ("Zustand", "Deal status", "Deal-Status", "Status type", "State", "Ergebnis"),
        "stage": (
            "Deal stage", "Deal-Phase", "Dealphase", "Sales stage", "Verkaufsphase", "Vertriebsphase", "Stufe", "Status label",
            "Opportunity stage",
        ),
        "pipeline": ("Deal pipeline", "Sales pipeline", "Pipeline name", "Deal-Pipeline"),
        "owner": _OWNERS,
        "won_at": (
            "Gewonnen-Datum", "Gewonnen Zeit", "Gewonnen Zeitpunkt", "Gewinndatum", "Datum gewonnen", "Datum des Gewinns",
            "Won at", "Date won", "Win date", "Datum Gewonnen am",
        ),
        "lost_at": (
            "Verloren-Datum", "Verloren Zeit", "Verlustdatum", "Datum verloren", "Lost at", "Date lost", "Loss date",
            "Verlustzeitpunkt",
        ),
        "closed_at": (
            "Close date", "Closing date", "Closed date", "Closed at", "Abschlussdatum", "Abschluss", "Schlusstermin",
            "Schließdatum", "Datum des Abschlusses", "Abschluss am",
        ),
        "expected_close_on": ("Estimated close date", "Erwarteter Abschluss", "Geplanter Abschluss", "Expected closing date"),
        "lost_reason": (
            "Closed lost reason", "Loss reason", "Reason for loss", "Lost reasons", "Verlustursache", "Grund des Verlusts",
            "Reason lost",
        ),
        "probability": ("Deal probability", "Abschlusswahrscheinlichkeit", "Win probability", "Confidence"),
        "created_at": _CREATED,
        **_CONTACT,
    },
    RecordKind.PERSON: {
        "name": ("Anzeigename", "Display name", "Contact name", "Kontaktname", "Kontakt", "Name des Kontakts", "Person"),
        "first_name": _FIRST_NAMES,
        "last_name": _LAST_NAMES,
        "organisation": _ORGANISATIONS,
        "owner": _OWNERS,
        "emails": _EMAILS,
        "phones": _PHONES,
        **{f"phones#{label}": words for label, words in _PHONES_BY_LABEL.items()},
        "created_at": _CREATED,
    },
    RecordKind.ORGANISATION: {
        "name": (*_ORGANISATIONS, "Firma", "Company", "Organization", "Organisation"),
        "owner": _OWNERS,
        "address": _ADDRESSES,
        "country": _COUNTRIES,
        "created_at": _CREATED,
    },
    RecordKind.SUBSCRIPTION: {
        "owner": _OWNERS,
        "price": ("Umsatz", "Summe", "Periodenpreis", "Preis pro Zeitraum", "Recurring amount"),
        "currency": (
            "Währungscode", "Currency code", "Currency ISO code", "Price currency", "Amount currency", "Preis Währung",
        ),
        **_CONTACT,
    },
}  # fmt: skip
