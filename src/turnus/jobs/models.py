"""The queue's one table: a job, its lease and its place."""

from django.conf import settings
from django.db import models


class Job(models.Model):
    """A piece of work for later; carried out in steps whose effects and place (`cursor`) are committed together."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"

    #: The registered name of the task, `<package>.<verb>`.
    name = models.CharField(max_length=100)
    arguments = models.JSONField(default=dict, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    #: At most one job ever exists per key: schedules use `<name>:<slot>`.
    unique_key = models.CharField(max_length=200, null=True, blank=True, unique=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    lease_until = models.DateTimeField(null=True, blank=True)
    #: Who holds the lease; a worker whose token is gone has lost the job and its step rolls back.
    token = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    #: Number of steps done; the job goes on here after a crash.
    cursor = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (models.Index(fields=["state", "due_at"], name="job_state_due"),)

    def __str__(self) -> str:
        return f"{self.name} {self.pk} {self.state}"
