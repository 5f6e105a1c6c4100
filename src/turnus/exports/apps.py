"""Registers the package with Django, its jobs with the queue."""

from django.apps import AppConfig


class ExportsConfig(AppConfig):
    name = "turnus.exports"
    label = "exports"

    def ready(self) -> None:
        from turnus.exports import tasks  # noqa: F401 (registers the jobs)
