"""Registers the package with Django, and its tables with history."""

from django.apps import AppConfig


class ContactsConfig(AppConfig):
    name = "turnus.contacts"
    label = "contacts"

    def ready(self) -> None:
        from turnus.contacts.models import Organisation, Person
        from turnus.contacts.rules import derive_organisation, derive_person
        from turnus.core.records import RecordKind
        from turnus.history.tracked import link, register

        register(RecordKind.ORGANISATION, Organisation, derive_organisation)
        register(RecordKind.PERSON, Person, derive_person)
        link(RecordKind.ORGANISATION, Person, "organisation_id")
