"""Registers the package with Django, and its tables with history."""

from functools import partial
from typing import TYPE_CHECKING

from django.apps import AppConfig

from turnus.core.records import RecordKind

if TYPE_CHECKING:
    from turnus.fields.record_actions import RecordActions


class ContactsConfig(AppConfig):
    name = "turnus.contacts"
    label = "contacts"

    def ready(self) -> None:
        from turnus.contacts.actions import write_contacts
        from turnus.contacts.models import Organization, Person
        from turnus.contacts.rules import (
            PERSON_GROUPS,
            derive_organization,
            derive_person,
        )
        from turnus.fields.offered import Offered
        from turnus.fields.record_actions import register_actions
        from turnus.history.tracked import Tracked, link, register

        register(
            Tracked(
                RecordKind.ORGANIZATION,
                Organization,
                derive_organization,
                partial(write_contacts, RecordKind.ORGANIZATION),
                load_offered=partial(Offered.load, RecordKind.ORGANIZATION),
            )
        )
        register(
            Tracked(
                RecordKind.PERSON,
                Person,
                derive_person,
                partial(write_contacts, RecordKind.PERSON),
                groups=PERSON_GROUPS,
                load_offered=partial(Offered.load, RecordKind.PERSON),
            )
        )
        link(RecordKind.ORGANIZATION, Person, "organization_id")
        link(RecordKind.ORGANIZATION, Organization, "bills_with_id")
        for kind in (RecordKind.ORGANIZATION, RecordKind.PERSON):
            register_actions(kind, _actions_of(kind))


def _actions_of(kind: RecordKind) -> "RecordActions":
    from turnus.contacts.actions import (
        restore_contacts,
        trash_contacts,
        update_contacts,
    )
    from turnus.fields.record_actions import RecordActions

    return RecordActions(
        lambda records, **terms: update_contacts(
            kind, records=records, **terms
        ),
        lambda records, **terms: trash_contacts(
            kind, records=records, **terms
        ),
        lambda records, **terms: restore_contacts(
            kind, records=records, **terms
        ),
    )
