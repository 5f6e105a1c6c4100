"""Registers the package with Django, its jobs with the queue."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "turnus.accounts"
    label = "accounts"

    def ready(self) -> None:
        from turnus.accounts import tasks  # noqa: F401 (registers the jobs)
