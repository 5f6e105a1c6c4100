"""Lanes: jobs that people wait for never stand behind those that take minutes."""

from collections.abc import Collection

from django.db import models


class JobLane(models.TextChoices):
    """What kind of worker does a job; each worker process serves some lanes."""

    #: Seconds: people wait for it.
    SHORT = "short"
    #: Minutes, or as many as the rows take.
    LONG = "long"


JobLanes = Collection[JobLane]
#: An import of so many rows takes about two seconds.
SHORT_ROWS = 5_000
#: A spreadsheet of about so many rows.
_SHORT_BYTES = 500_000


def lane_of_rows(row_count: int) -> JobLane:
    """Return the lane of a job that goes through so many rows."""
    return JobLane.SHORT if row_count <= SHORT_ROWS else JobLane.LONG


def lane_of_file(size_bytes: int) -> JobLane:
    """Return the lane of a job that reads a file of this size."""
    return JobLane.SHORT if size_bytes <= _SHORT_BYTES else JobLane.LONG


def lanes_named(text: str) -> list[JobLane]:
    """Return the lanes in `short,long`, one for each worker; ValueError for another word."""
    return [JobLane(name.strip()) for name in text.split(",")]
