"""Registers the package with Django, its jobs with the queue."""

from datetime import timedelta

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "turnus.accounts"
    label = "accounts"

    def ready(self) -> None:
        from turnus.accounts import tasks  # noqa: F401 (registers the jobs)
        from turnus.jobs.registry import every

        every("accounts.prune_sent_forms", timedelta(hours=24))
