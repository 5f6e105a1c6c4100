"""Registers the package with Django, its table with history, its jobs with the queue."""

from functools import partial

from django.apps import AppConfig


class SalesConfig(AppConfig):
    name = "turnus.sales"
    label = "sales"

    def ready(self) -> None:
        from turnus.core.records import RecordKind
        from turnus.fields.offered import Offered
        from turnus.fields.record_actions import (
            RecordActions,
            register_actions,
        )
        from turnus.history.tracked import Tracked, link, register
        from turnus.sales import tasks  # noqa: F401 (registers the jobs)
        from turnus.sales.actions import (
            restore_deals,
            trash_deals,
            update_deals,
            write_deals,
        )
        from turnus.sales.models import Deal
        from turnus.sales.rules import DEAL_GROUPS, derive_deal

        register(
            Tracked(
                RecordKind.DEAL,
                Deal,
                derive_deal,
                write_deals,
                groups=DEAL_GROUPS,
                one_of=("person_id", "organization_id"),
                load_offered=partial(Offered.load, RecordKind.DEAL),
            )
        )
        register_actions(
            RecordKind.DEAL,
            RecordActions.by_keyword(
                "deals", update_deals, trash_deals, restore_deals
            ),
        )
        link(RecordKind.PERSON, Deal, "person_id")
        link(RecordKind.ORGANIZATION, Deal, "organization_id")
