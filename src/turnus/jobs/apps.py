"""Registers the package with Django, its jobs with the queue."""

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "turnus.jobs"
    label = "jobs"

    def ready(self) -> None:
        from turnus.jobs import tasks  # noqa: F401 (registers the jobs)
