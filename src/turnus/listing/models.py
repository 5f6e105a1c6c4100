"""Saved filters and the columns a person chose."""

from django.conf import settings
from django.db import models

from turnus.fields.models import RECORD_KINDS


class SavedFilter(models.Model):
    """A filter with a name: a tab above its list; private to its owner, or shared with everyone."""

    record_kind = models.CharField(max_length=20, choices=RECORD_KINDS)
    name = models.CharField(max_length=255)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="filters"
    )
    is_shared = models.BooleanField(default=False)
    #: `core.filters` tree as JSON.
    tree = models.JSONField()
    #: Field paths in order; empty: the person's own columns of this list.
    columns = models.JSONField(default=list, blank=True)
    #: Field path, with a leading `-` for descending; empty: the list's usual order.
    sort = models.CharField(max_length=100, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ("position", "name", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=["record_kind", "owner", "name"],
                name="filter_name_once_per_owner",
            ),
        )

    def __str__(self) -> str:
        return self.name


class ColumnSet(models.Model):
    """The columns that one person sees in a list, or there under a filter of somebody else."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="column_sets"
    )
    record_kind = models.CharField(max_length=20, choices=RECORD_KINDS)
    #: The shared filter that the choice is for; None: the list without one.
    filter = models.ForeignKey(
        SavedFilter,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="column_sets",
    )
    columns = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["user", "record_kind"],
                condition=models.Q(filter=None),
                name="one_column_set_per_list",
            ),
            models.UniqueConstraint(
                fields=["user", "filter"], name="one_column_set_per_filter"
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_kind} {self.user_id}"
