"""Registers the package with Django and its jobs with the queue."""

from django.apps import AppConfig


class RecognitionConfig(AppConfig):
    name = "turnus.recognition"
    label = "recognition"

    def ready(self) -> None:
        from turnus.recognition import tasks  # noqa: F401 (registers the jobs)
