"""An instance in which Alice owns one of everything, and a person of every role to look at it."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.test import Client

from tests.access.roles import ALICE_HOLDS, HOLDERS, ROLES
from tests.imports.test_imports import changed, checked, sheet
from tests.world import PASSWORD, World, make_world
from turnus.accounts.actions import create_user, save_rate, save_team
from turnus.accounts.models import ExchangeRate
from turnus.contacts.models import Organization
from turnus.core.records import RecordKind
from turnus.detection.actions import request_proposal
from turnus.detection.actions_approval import to_write
from turnus.detection.queries import mrr_today
from turnus.exports.actions import request_export
from turnus.fields.actions import save_label
from turnus.imports.actions import request_import
from turnus.imports.models import Import
from turnus.jobs.actions import enqueue
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.listing.actions import save_filter
from turnus.listing.lists import ListState
from turnus.radar.actions import dismiss
from turnus.radar.queries import findings
from turnus.revenue.models import Subscription
from turnus.revenue.renewals.actions.plan import (
    plan_renewals,
    request_renewals,
)
from turnus.revenue.subscriptions.actions.pause import pause_subscriptions
from turnus.sales.actions import reopen_deals, trash_deals
from turnus.sales.actions_bulk import change_many
from turnus.sales.actions_pipelines import (
    save_lost_reason,
    save_pipeline,
    save_stage,
)
from turnus.sales.models import Deal

#: Stands in the names of records that only Alice's team sees.
OF_TEAM = "Teamgeheimnis"
#: Stands in the names of what is Alice's alone: her files, filters, exports, runs, proposals.
OF_ALICE = "Privatsache"
#: Tables that say who is signed in, and those of the framework: none of them is what the product is
#: about.
_LEFT = {
    "session",
    "contenttype",
    "permission",
    "group",
    "emailaddress",
    "emailconfirmation",
}


@dataclass
class Things:
    """The instance: who looks, and what there is, by the name that the lines of the matrix use."""

    world: World
    clients: Mapping[str, Client]
    #: Where its files are.
    folder: Path
    ids: dict[str, Any] = field(default_factory=dict)
    digest: str = ""

    def filled(self, value: Any) -> Any:
        """Return a value of a line with the ids in place of their names."""
        if isinstance(value, str):
            return value.format(**self.ids)
        return (
            [self.filled(one) for one in value]
            if isinstance(value, list)
            else value
        )


def things(at: datetime, folder: Path) -> Things:
    """Build the instance."""
    world = make_world(at)
    clients = _people(world)
    ids: dict[str, Any] = {
        "charlies_team": world.charlie.team_id,
        "bob": world.bob.pk,
        "bobs_team": world.bob.team_id,
        "charlie": world.charlie.pk,
        "admin": world.admin.pk,
    }
    _settings(world, ids)
    _records(world, ids)
    _made_by_alice(world, ids, folder)
    _jobs(world, ids)
    # What the jobs have read meanwhile is read before the first look, not by it.
    found = Things(world, clients, folder, ids)
    found.digest = digest()
    return found


def _jobs(world: World, ids: dict[str, Any]) -> None:
    waiting, failed = (
        enqueue("jobs.prune", at=world.at, by_id=world.alice.pk)
        for _ in range(2)
    )
    Job.objects.filter(pk=failed.pk).update(state=Job.State.FAILED)
    ids |= {"job": waiting.pk, "failed_job": failed.pk}


def _people(world: World) -> dict[str, Client]:
    world.alice.permissions = list(ALICE_HOLDS)
    world.alice.save()
    people = {
        "charlie": world.charlie,
        "bob": world.bob,
        "alice": world.alice,
        "admin": world.admin,
    }
    for permission, role in HOLDERS.items():
        people[role] = create_user(
            by=world.admin,
            name=role,
            email=f"{permission}@example.org",
            password=PASSWORD,
            at=world.at,
            team=world.charlie.team,
            permissions=[permission],
        )
    return {
        role: world.client(people[role]) if role in people else Client()
        for role in ROLES
    }


def _settings(world: World, ids: dict[str, Any]) -> None:
    by = world.admin
    option_field = world.field()
    pipeline = save_pipeline(by=by, name="Zweite", has_deal_probability=False)
    save_rate(by=by, code="USD", on=date(2018, 1, 1), rate=Decimal(1))
    first = world.pipeline.stages.all()
    ids |= {
        "field": option_field.pk,
        "option_1": world.option(option_field, "jährlich"),
        "option_2": world.option(option_field, "zweimal monatlich"),
        "option": world.option(option_field, "monatlich"),
        "key": f"custom.{option_field.key}",
        "label": save_label(
            by=by, record=RecordKind.DEAL, name="Heiß", color="red"
        ).pk,
        "pipeline": pipeline.pk,
        "stage": save_stage(
            by=by, pipeline=pipeline, name="Eins", probability=10
        ).pk,
        "other_stage": save_stage(
            by=by, pipeline=pipeline, name="Zwei", probability=20
        ).pk,
        "last_stage": first[len(first) - 1].pk,
        "reason": save_lost_reason(by=by, name="Preis").pk,
        "rate": ExchangeRate.objects.get().pk,
        "team": save_team(by=by, name="Nord").pk,
        "plan": world.plan().pk,
        "spare_plan": world.plan("Ungenutzt").pk,
    }


def _records(world: World, ids: dict[str, Any]) -> None:
    firm = world.organization(f"Elbe {OF_TEAM} AG", visibility="team")
    open_firm = world.organization("Alster AG")
    person = world.person(
        f"Zoë {OF_TEAM}", visibility="team", organization=firm.pk
    )
    of_team = {
        "visibility": "team",
        "organization": firm.pk,
        "person": person.pk,
    }
    deal = world.deal(title=f"Abo {OF_TEAM}", amount=99, **of_team)
    trashed = world.deal(title=f"Papierkorb {OF_TEAM}", **of_team)
    trash_deals(
        deals=Deal.objects.filter(pk=trashed.pk), by=world.alice, at=world.at
    )
    custom = {ids["key"]: ids["option"]}
    won = world.deal(
        title=f"Gewonnen {OF_TEAM}",
        amount=100,
        status="won",
        won_at=date(2018, 9, 10),
        **custom,
        **of_team,
    )
    twice = world.deal(
        title=f"Gewonnen {OF_TEAM}",
        amount=100,
        status="won",
        won_at=date(2018, 10, 10),
        **of_team,
    )
    subscription = world.subscription(title=f"Wartung {OF_TEAM}", **of_team)
    other = {"visibility": "team", "organization": open_firm.pk, "amount": 70}
    right, booked, paused, waiting = (
        world.subscription(title=f"{word} {OF_TEAM}", **other)
        for word in ("Stimmt", "Gebucht", "Pause", "Wartet")
    )
    pause_subscriptions(
        subscriptions=Subscription.objects.filter(pk=paused.pk),
        by=world.alice,
        at=world.at,
        pauses_on=world.at.date(),
    )
    term = waiting.terms.get()
    reopen_deals(
        deals=Deal.objects.filter(pk=term.deal_id), by=world.alice, at=world.at
    )
    ids |= {
        "firm": firm.pk,
        "person": person.pk,
        "deal": deal.pk,
        "trashed": trashed.pk,
        "won": won.pk,
        "won_again": twice.pk,
        "subscription": subscription.pk,
        "number": subscription.next_number,
        "right": right.pk,
        "right_number": right.next_number,
        "booked": booked.pk,
        "paused": paused.pk,
        "waiting_term": term.pk,
        "seen_deal": world.deal(
            title="Für alle", organization=open_firm.pk, amount=5
        ).pk,
        "own_deal": world.deal(
            title=f"Nur meins {OF_ALICE}",
            organization=open_firm.pk,
            visibility="owner",
        ).pk,
    }


def _made_by_alice(world: World, ids: dict[str, Any], folder: Path) -> None:
    by, at, kind = world.alice, world.at, RecordKind.DEAL
    title = f"Abo {OF_TEAM}"
    one = Deal.objects.filter(pk=ids["deal"])
    bulk = change_many(
        kind,
        records=one,
        by=by,
        at=at,
        values={"title": f"{title} 2"},
        title="Titel",
    )
    export = request_export(
        by=by,
        at=at,
        kind=kind,
        state=ListState(),
        file_format="csv",
        language="de",
        title=f"Liste {OF_ALICE}",
    )
    dismiss(
        found=[
            one
            for one in findings(by, on=at.date())
            if one.subscription_id == ids["right"]
        ],
        by=by,
        at=at,
    )
    run, booked_run = (
        plan_renewals(
            by=by,
            at=at,
            subscriptions=chosen,
            until=at.date(),
            title=f"Lauf {OF_ALICE}",
        )
        for chosen in (
            Subscription.objects.exclude(pk=ids["booked"]),
            Subscription.objects.filter(pk=ids["booked"]),
        )
    )
    assert run is not None
    assert booked_run is not None
    request_renewals(run=booked_run, by=by, at=at)
    proposal = request_proposal(
        deals=Deal.objects.all(),
        by=by,
        at=at,
        on=at.date(),
        title=f"Vorschlag {OF_ALICE}",
        plan_field=None,
    )
    run_pending()
    history = proposal.histories.first()
    assert history is not None
    proposal.refresh_from_db()
    written = to_write(proposal, only_sure=False)
    change = mrr_today(proposal, by).change(written)
    own, shared = (
        save_filter(
            by=by,
            kind=kind,
            name=name,
            tree={"all": []},
            is_shared=is_shared,
            at=at,
        )
        for name, is_shared in (
            (f"Meins {OF_ALICE}", False),
            ("Unseres", True),
        )
    )
    ids |= {
        "bulk": bulk.pk,
        "export": export.pk,
        "run": run.pk,
        "booked_run": booked_run.pk,
        "line": run.renewal_lines.first().pk,
        "proposal": proposal.pk,
        "expected": written.count(),
        "adds": round(change.adds_e4),
        "history": history.pk,
        "proposed": history.deals[0],
        "filter": own.pk,
        "shared_filter": shared.pk,
    } | _imports(world, folder)


def _imports(world: World, folder: Path) -> dict[str, Any]:
    def of(name: str, **row: Any) -> Import:
        path = sheet(
            folder / f"{OF_ALICE} {name}.xlsx",
            [changed(organization=f"{name} {OF_TEAM}", person=None, **row)],
        )
        return checked(world, path, by=world.alice)

    asking, ready, done, unfinished = (
        of("fragt", owner="Wer"),
        of("bereit"),
        of("fertig"),
        of("halb"),
    )
    request_import(of=done, by=world.alice, at=world.at)
    run_pending()
    request_import(of=unfinished, by=world.alice, at=world.at)
    Deal.objects.filter(origin_id=str(done.run_id)).update(visibility="team")
    Organization.objects.filter(name__contains=OF_TEAM).update(
        visibility="team"
    )
    return {
        "asking": asking.pk,
        "ready": ready.pk,
        "unfinished": unfinished.pk,
        "done": done.pk,
        "done_run": done.run_id,
    }


def digest() -> str:
    """Return a mark of every row of every table that the product keeps."""
    found = hashlib.sha256()
    with connection.cursor() as cursor:
        for model in apps.get_models():
            meta = model._meta
            if meta.model_name in _LEFT:
                continue
            table, order = meta.db_table, meta.pk.column
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY "{order}"')  # noqa: S608 (names of ours)
            found.update(meta.db_table.encode())
            found.update(repr(cursor.fetchall()).encode())
    return found.hexdigest()


@contextmanager
def taken_back() -> Iterator[None]:
    """Take back what happens within."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
