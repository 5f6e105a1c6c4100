"""Registers the package with Django, its table with history, its jobs with the queue."""

from datetime import timedelta
from functools import partial

from django.apps import AppConfig


class RevenueConfig(AppConfig):
    name = "turnus.revenue"
    label = "revenue"

    def ready(self) -> None:
        from turnus.core.records import RecordKind
        from turnus.fields.record_actions import (
            RecordActions,
            register_actions,
        )
        from turnus.history.tracked import link
        from turnus.jobs.registry import every
        from turnus.listing.figures import register_figure
        from turnus.revenue import tasks  # noqa: F401 (registers the jobs)
        from turnus.revenue.models import Subscription
        from turnus.revenue.monthly import MONTHLY
        from turnus.revenue.subscriptions.actions.change import (
            restore_subscriptions,
            trash_subscriptions,
            update_subscriptions,
        )

        _track_subscriptions()
        register_actions(
            RecordKind.SUBSCRIPTION,
            RecordActions.by_keyword(
                "subscriptions",
                update_subscriptions,
                trash_subscriptions,
                restore_subscriptions,
            ),
        )
        register_figure(RecordKind.SUBSCRIPTION, "mrr", MONTHLY)
        link(RecordKind.PERSON, Subscription, "person_id")
        link(RecordKind.ORGANIZATION, Subscription, "organization_id")
        every("revenue.tick", timedelta(hours=1))
        self._keep_ledger()

    def _keep_ledger(self) -> None:
        from django.db.models.signals import post_migrate, pre_migrate

        from turnus.jobs.registry import every
        from turnus.revenue.ledger.actions_marks import (
            create_marks,
            drop_marks,
        )
        from turnus.revenue.ledger.stale import needs_folding

        pre_migrate.connect(drop_marks, sender=self)
        post_migrate.connect(create_marks, sender=self)
        minute = timedelta(minutes=1)
        every("revenue.fold", minute, is_needed=needs_folding)


def _track_subscriptions() -> None:
    from turnus.core.records import RecordKind
    from turnus.fields.offered import Offered
    from turnus.history.tracked import Tracked, register
    from turnus.revenue.models import Subscription
    from turnus.revenue.rules import SUBSCRIPTION_GROUPS, derive_subscription
    from turnus.revenue.subscriptions.actions.write import write_subscriptions

    register(
        Tracked(
            RecordKind.SUBSCRIPTION,
            Subscription,
            derive_subscription,
            write_subscriptions,
            groups=SUBSCRIPTION_GROUPS,
            one_of=("person_id", "organization_id"),
            load_offered=partial(Offered.load, RecordKind.SUBSCRIPTION),
        )
    )
