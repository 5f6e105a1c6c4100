"""Registers the package with Django, its jobs with the queue."""

from datetime import timedelta

from django.apps import AppConfig


class ImportsConfig(AppConfig):
    name = "turnus.imports"
    label = "imports"

    def ready(self) -> None:
        from turnus.imports import tasks  # noqa: F401 (registers the jobs)
        from turnus.jobs.registry import every

        every("imports.expire", timedelta(hours=24))
