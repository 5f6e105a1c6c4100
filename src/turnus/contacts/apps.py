"""Registers the package with Django, and its tables with history."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.apps import AppConfig
from django.db.models import QuerySet

from turnus.core.records import RecordKind


class ContactsConfig(AppConfig):
    name = "turnus.contacts"
    label = "contacts"

    def ready(self) -> None:
        from turnus.contacts.actions import (
            restore_contacts,
            trash_contacts,
            update_contacts,
            write_contacts,
        )
        from turnus.contacts.models import Organization, Person
        from turnus.contacts.rules import derive_organization, derive_person
        from turnus.fields.record_actions import RecordActions, register_actions
        from turnus.history.tracked import link, register

        register(
            RecordKind.ORGANIZATION,
            Organization,
            derive_organization,
            partial(write_contacts, RecordKind.ORGANIZATION),
        )
        register(
            RecordKind.PERSON,
            Person,
            derive_person,
            partial(write_contacts, RecordKind.PERSON),
        )
        link(RecordKind.ORGANIZATION, Person, "organization_id")
        link(RecordKind.ORGANIZATION, Organization, "bills_with_id")
        for kind in (RecordKind.ORGANIZATION, RecordKind.PERSON):
            register_actions(
                kind,
                RecordActions(
                    partial(_of_kind, kind, update_contacts),
                    partial(_of_kind, kind, trash_contacts),
                    partial(_of_kind, kind, restore_contacts),
                ),
            )


def _of_kind(
    kind: RecordKind,
    action: Callable[..., int],
    records: QuerySet[Any],
    /,
    **given: Any,
) -> int:
    return action(kind, records=records, **given)
