"""Generated exports."""

from django.conf import settings
from django.db import models

from turnus.fields.models import RECORD_KINDS


class Export(models.Model):
    """One file made from a list; kept for four weeks under *generated exports*."""

    class State(models.TextChoices):
        WAITING = "waiting"
        WRITING = "writing"
        DONE = "done"
        FAILED = "failed"

    class Format(models.TextChoices):
        XLSX = "xlsx", "Excel (XLSX)"
        CSV = "csv", "CSV"

    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="exports"
    )
    record_kind = models.CharField(max_length=20, choices=RECORD_KINDS)
    title = models.CharField(max_length=255)
    #: The list's state: filter tree, search text, sort order, columns.
    tree = models.JSONField(default=dict)
    search = models.CharField(max_length=255, blank=True)
    sort = models.CharField(max_length=100, blank=True)
    columns = models.JSONField(default=list)
    language = models.CharField(max_length=2)
    format = models.CharField(max_length=4, choices=Format.choices)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.WAITING
    )
    #: Code and values of why there is no file, or of what it does not hold.
    error = models.JSONField(default=dict, blank=True)
    row_count = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    #: Name inside the data folder's `exports`.
    file_name = models.CharField(max_length=255, blank=True)
    sha256 = models.CharField(max_length=64, blank=True, db_index=True)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("-id",)

    def __str__(self) -> str:
        return self.title
