"""Every address of the application, and an instance in which each of them finds something."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.urls import URLPattern, URLResolver, get_resolver

from tests.imports.test_imports import changed, checked, sheet
from tests.web.test_pages import filled
from tests.world import World
from turnus.core.records import RecordKind
from turnus.detection.actions import request_proposal
from turnus.exports.actions import request_export
from turnus.fields.models import CustomField
from turnus.jobs.worker import run_pending
from turnus.listing.actions import save_filter
from turnus.listing.lists import ListState
from turnus.revenue.models import Subscription
from turnus.revenue.renewals.actions.plan import plan_renewals
from turnus.sales.actions_bulk import change_many
from turnus.sales.models import Deal

#: `<int:pk>`, `<pk>`
_PART = re.compile(r"<(?:(\w+):)?(\w+)>")


@dataclass(frozen=True)
class Address:
    """One address: the name of its pattern, and the pattern."""

    name: str
    pattern: str

    def path(self, ids: Mapping[str, int] | None = None) -> str:
        """Return a path that matches; `ids` has the numbers in it by the address's name."""
        number = str((ids or {}).get(self.name, (ids or {}).get("", 1)))
        values = {
            "int": number,
            "slug": {"report": "won", "report-parts": "mrr"}.get(
                self.name, "deals"
            ),
        }
        return _PART.sub(lambda part: values.get(part[1], "x"), self.pattern)


def addresses() -> list[Address]:
    """Return every address."""
    return list(_walk(get_resolver().url_patterns, "/"))


def _walk(
    patterns: list[URLPattern | URLResolver], prefix: str
) -> Iterator[Address]:
    for one in patterns:
        if isinstance(one, URLResolver):
            yield from _walk(one.url_patterns, prefix + str(one.pattern))
        else:
            yield Address(
                one.name or str(one.pattern), prefix + str(one.pattern)
            )


def populated(world: World, folder: Path) -> dict[str, int]:
    """Fill the instance with one of everything; return the numbers for `Address.path`."""
    deal, by, at = filled(world), world.admin, world.at
    one = Deal.objects.filter(pk=deal.pk)
    bulk = change_many(
        RecordKind.DEAL,
        records=one,
        by=by,
        at=at,
        values={"title": "Abo"},
        title="x",
    )
    export = request_export(
        by=by,
        at=at,
        kind=RecordKind.DEAL,
        state=ListState(),
        file_format="csv",
        language="de",
        title="x",
    )
    of = checked(
        world, sheet(folder / "deals.xlsx", [changed(owner="Wer")])
    )  # the job of the export runs as well
    saved = save_filter(
        by=by,
        kind=RecordKind.DEAL,
        name="x",
        tree={"all": []},
        is_shared=True,
        at=at,
    )
    subscription = world.subscription()
    run = plan_renewals(
        by=by,
        at=at,
        subscriptions=Subscription.objects.all(),
        until=at.date(),
        title="x",
    )
    world.deal(status="won", amount=5)
    proposal = request_proposal(
        deals=Deal.objects.all(),
        by=by,
        at=at,
        on=at.date(),
        title="x",
        plan_field=None,
    )
    run_pending()
    history = proposal.histories.first()
    assert history is not None
    subscriptions = ("subscription", "change-subscription")
    imports = (
        "import",
        "match-columns",
        "answer",
        "change-answer",
        "start-import",
        "undo-import",
        "problems",
    )
    return {
        "": deal.pk,
        "undo-bulk": bulk.pk,
        **dict.fromkeys(imports, of.pk),
        "download": export.pk,
        "edit-filter": saved.pk,
        "delete-filter": saved.pk,
        "plan": subscription.plan_id,
        "renewal-run": run.pk,
        **dict.fromkeys(subscriptions, subscription.pk),
        "proposal": proposal.pk,
        "approval": proposal.pk,
        "history": history.pk,
        "user": world.bob.pk,
        "pipeline": world.pipeline.pk,
        "field": CustomField.objects.get().pk,
        "map-plans": CustomField.objects.get().pk,
    }
