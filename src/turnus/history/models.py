"""Runs (previewed, undoable sets of changes), events (one a changed record) and revisions."""

from django.conf import settings
from django.db import models

from turnus.history.cells import CellChange, cell_changes


class Run(models.Model):
    """One deliberate set of changes: an import, a bulk edit, an undo. Its changes name it."""

    class Kind(models.TextChoices):
        IMPORT = "import"
        BULK_EDIT = "bulk_edit"
        BULK_TRASH = "bulk_trash"
        FIELD_CHANGE = "field_change"
        RENEWAL = "renewal"
        #: Subscriptions begun, imported or skipped together.
        SUBSCRIPTIONS = "subscriptions"
        #: Subscriptions that were detected in won deals.
        DETECTION = "detection"
        UNDO = "undo"

    class State(models.TextChoices):
        PLANNED = "planned"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        UNDOING = "undoing"
        UNDONE = "undone"

    kind = models.CharField(max_length=20, choices=Kind.choices)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.PLANNED
    )
    title = models.CharField(max_length=255, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    #: For kind `undo`: the run that this one undoes.
    undoes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="undone_by"
    )
    #: Counts by outcome, e.g. {"created": 400, "updated": 0, "conflicts": 2}.
    totals = models.JSONField(default=dict, blank=True)

    class Meta:
        indexes = (models.Index(fields=["kind", "-id"], name="run_kind"),)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Event(models.Model):
    """One record changed: written in the transaction of the change itself, never edited."""

    class Action(models.TextChoices):
        CREATED = "created"
        UPDATED = "updated"
        TRASHED = "trashed"
        RESTORED = "restored"
        PURGED = "purged"
        #: A person's data was taken out of it for good.
        ERASED = "erased"

    #: When Turnus learned it (recorded time), UTC.
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    run = models.ForeignKey(
        Run, models.PROTECT, null=True, related_name="events", db_index=False
    )
    record_kind = models.CharField(max_length=20)
    record_id = models.BigIntegerField()
    action = models.CharField(max_length=10, choices=Action.choices)
    #: Cell name (a column, or `custom.<key>`) -> [before, after], both JSON; None for a plain
    #: creation, whose first values follow from the record and its later events.
    changes = models.JSONField(null=True)

    class Meta:
        indexes = (
            models.Index(
                fields=["record_kind", "record_id", "id"], name="event_record"
            ),
            models.Index(
                fields=["run", "id"],
                name="event_run",
                condition=models.Q(run__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.record_kind} {self.record_id} {self.action}"

    @property
    def cell_changes(self) -> dict[str, CellChange]:
        """The changes by cell; empty for a plain creation."""
        return cell_changes(self.changes)


class Revision(models.Model):
    """A batch of changes was written: a row in the same transaction as the changes.

    Code that keeps figures compares the number of revisions and the latest one
    (`history.queries.revision`). The latest event alone would not do: on PostgreSQL a slower
    transaction commits events with smaller ids later.
    """

    at = models.DateTimeField()
    #: The id of the run that wrote it; null for none. No foreign key: it outlives the run.
    by_run = models.BigIntegerField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.pk}"
