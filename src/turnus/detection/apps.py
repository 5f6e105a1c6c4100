"""Registers the package with Django and its jobs with the queue."""

from django.apps import AppConfig


class DetectionConfig(AppConfig):
    name = "turnus.detection"
    label = "detection"

    def ready(self) -> None:
        from turnus.detection import tasks  # noqa: F401 (registers the jobs)
