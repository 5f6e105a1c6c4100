"""Custom fields with their options, labels, and the columns that all records share."""

from typing import Any, Self, TypeAlias, TypeVar

from django.conf import settings
from django.db import models

from turnus.accounts.access import Visibility, editable, visible
from turnus.accounts.models import User
from turnus.core.fields import CUSTOM_KINDS
from turnus.core.records import RecordKind

RECORD_KINDS = [(kind.value, kind.value) for kind in RecordKind]


class CustomField(models.Model):
    """A field that the company added; its values live in the records' `custom` column."""

    record_kind = models.CharField(max_length=20, choices=RECORD_KINDS)
    #: 40 hexadecimal digits, never changed and never used again.
    key = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=255)
    #: A word of `core.fields.FieldKind`; never changed after creation.
    kind = models.CharField(
        max_length=20,
        choices=[(kind.value, kind.value) for kind in CUSTOM_KINDS],
    )
    description = models.CharField(max_length=1000, blank=True)
    is_required = models.BooleanField(default=False)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("record_kind", "position", "pk")

    def __str__(self) -> str:
        return self.name


class FieldOption(models.Model):
    """One choice of a single- or multiple-option field; its id is what records store."""

    field = models.ForeignKey(
        CustomField, models.CASCADE, related_name="options"
    )
    name = models.CharField(max_length=255)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("field", "position", "pk")

    def __str__(self) -> str:
        return self.name


class Label(models.Model):
    """A colored word that records of one kind may carry."""

    class Color(models.TextChoices):
        GREY = "gray"
        BLUE = "blue"
        GREEN = "green"
        YELLOW = "yellow"
        ORANGE = "orange"
        RED = "red"
        PINK = "pink"
        PURPLE = "purple"

    record_kind = models.CharField(max_length=20, choices=RECORD_KINDS)
    name = models.CharField(max_length=255)
    color = models.CharField(
        max_length=10, choices=Color.choices, default=Color.GREY
    )
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ("record_kind", "position", "pk")

    def __str__(self) -> str:
        return self.name


R = TypeVar("R", bound="Record")


class RecordQuerySet(models.QuerySet[R]):
    """Conditions that every kind of record understands."""

    def present(self) -> Self:
        """Leave out what lies in the trash."""
        return self.filter(trashed_at__isnull=True)

    def trashed(self) -> Self:
        """Keep only what lies in the trash."""
        return self.filter(trashed_at__isnull=False)

    def visible_to(self, user: User) -> Self:
        """Keep what `user` may see."""
        return self.filter(visible(user))

    def editable_by(self, user: User) -> Self:
        """Keep what `user` may see and change."""
        return self.filter(visible(user), editable(user))


#: Records of a kind that only the caller knows, and with it their columns.
AnyRecords: TypeAlias = "RecordQuerySet[Any]"


class Record(models.Model):
    """What organizations, persons and deals have in common."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    creator = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        related_name="+",
        db_index=False,
    )
    visibility = models.CharField(
        max_length=10,
        choices=[(level.value, level.value) for level in Visibility],
        default=Visibility.EVERYONE,
    )
    #: Sorted ids of `Label`.
    labels = models.JSONField(default=list, blank=True)
    #: Values of custom fields by key, in the stored form of `core.fields`.
    custom = models.JSONField(default=dict, blank=True)
    #: Folded copies (`core.folding`) of text values that have no folded column of their own, by the
    #: same keys: what text search compares, on both databases alike.
    folded = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    trashed_at = models.DateTimeField(null=True, blank=True)
    trashed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )

    class Meta:
        abstract = True
