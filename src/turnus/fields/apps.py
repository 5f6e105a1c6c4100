"""Registers the package with Django, its jobs with the queue."""

from django.apps import AppConfig


class FieldsConfig(AppConfig):
    name = "turnus.fields"
    label = "fields"

    def ready(self) -> None:
        from turnus.fields import tasks  # noqa: F401 (registers the jobs)
