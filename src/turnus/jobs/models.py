"""The queue's one table: a job, its lease and its place."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import models

from turnus.jobs.lanes import JobLane

#: How long nothing is destroyed after the clock jumped.
HOLD = timedelta(days=3)


class Job(models.Model):
    """A piece of work for later, in steps whose effects and place (`cursor`) commit together."""

    class State(models.TextChoices):
        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELED = "canceled"

    #: The registered name of the task, `<package>.<verb>`.
    name = models.CharField(max_length=100)
    arguments = models.JSONField(default=dict, blank=True)
    state = models.CharField(
        max_length=10, choices=State.choices, default=State.QUEUED
    )
    lane = models.CharField(
        max_length=10, choices=JobLane.choices, default=JobLane.LONG
    )
    #: At most one job ever exists per key: schedules use `<name>:<slot>`.
    unique_key = models.CharField(
        max_length=200, null=True, blank=True, unique=True
    )
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField()
    due_at = models.DateTimeField()
    #: When a worker first took it.
    started_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    #: Who holds the lease; a worker whose token is gone has lost the job and its step rolls back.
    token = models.CharField(max_length=32, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    #: Number of steps done; the job goes on here after a crash.
    cursor = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    #: The traceback of a bug, for the log and admins.
    error = models.TextField(blank=True)
    #: Code and values of why it was refused; empty for a bug.
    refusal = models.JSONField(default=dict, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    #: An admin canceled it while it ran: it ends before its next step.
    cancel_asked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = (
            models.Index(fields=["state", "due_at"], name="job_state_due"),
        )

    def __str__(self) -> str:
        return f"{self.name} {self.pk} {self.state}"


class Sighting(models.Model):
    """When a destructive chore last came: what it may destroy is judged by this moment."""

    #: The registered name of the chore.
    name = models.CharField(max_length=100, unique=True)
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} {self.seen_at}"


class ClockJump(models.Model):
    """The clock went from one moment to another, but not so much time had really passed."""

    before = models.DateTimeField()
    after = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"

    @property
    def held_until(self) -> datetime:
        """Until when nothing is destroyed: long enough to be noticed after a weekend."""
        return self.after + HOLD
