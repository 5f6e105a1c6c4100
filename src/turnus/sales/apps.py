"""Registers the package with Django, its table with history, its jobs with the queue."""

from datetime import timedelta

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "turnus.sales"
    label = "sales"

    def ready(self) -> None:
        from turnus.core.records import RecordKind
        from turnus.history.tracked import link, register
        from turnus.jobs.registry import every
        from turnus.sales import tasks  # noqa: F401 (registers the jobs)
        from turnus.sales.models import Deal
        from turnus.sales.rules import derive_deal

        register(RecordKind.DEAL, Deal, derive_deal)
        link(RecordKind.PERSON, Deal, "person_id")
        link(RecordKind.ORGANISATION, Deal, "organisation_id")
        every("sales.purge_trash", timedelta(hours=24))
