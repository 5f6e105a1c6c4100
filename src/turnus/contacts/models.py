"""Organizations and the persons who work there."""

from django.db import models

from turnus.core.naming import KEY_LENGTH
from turnus.fields.models import Record, RecordQuerySet


class Organization(Record):
    """A company or institution that deals are made with."""

    name = models.CharField(max_length=255)
    #: `core.folding.fold(name)`: what search compares.
    name_folded = models.CharField(max_length=510)
    #: `core.naming.name_key(name)`: what names mean the same contact.
    name_key = models.CharField(max_length=KEY_LENGTH)
    address = models.CharField(max_length=500, blank=True)
    country = models.CharField(max_length=255, blank=True)
    #: The organization billed for this one; `contacts.billing` follows the chain to its end.
    bills_with = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="billed_here",
    )

    objects = RecordQuerySet["Organization"].as_manager()

    class Meta:
        indexes = (
            models.Index(
                fields=["name_folded", "id"], name="organization_name"
            ),
            models.Index(
                fields=["name_key", "id"], name="organization_name_key"
            ),
            models.Index(
                fields=["trashed_at"],
                name="organization_trash",
                condition=models.Q(trashed_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name


class Person(Record):
    """A human being who is, or may become, the contact person of deals."""

    name = models.CharField(max_length=255)
    first_name = models.CharField(max_length=255, blank=True)
    last_name = models.CharField(max_length=255, blank=True)
    name_folded = models.CharField(max_length=510)
    name_key = models.CharField(max_length=KEY_LENGTH)
    organization = models.ForeignKey(
        Organization,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="persons",
    )
    #: [{"value": "a@example.org", "label": "work"}, ...]; the first is the primary one.
    emails = models.JSONField(default=list, blank=True)
    phones = models.JSONField(default=list, blank=True)

    objects = RecordQuerySet["Person"].as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["name_folded", "id"], name="person_name"),
            models.Index(fields=["name_key", "id"], name="person_name_key"),
            models.Index(
                fields=["trashed_at"],
                name="person_trash",
                condition=models.Q(trashed_at__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.name
