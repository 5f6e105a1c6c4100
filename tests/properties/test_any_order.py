"""Law: whatever is changed, trashed and undone in whatever order, no record ends up impossible.

No live deal hangs on a contact in the trash, nobody is billed with one there or in a circle, and a
deal's stage belongs to its pipeline. What the tables themselves forbid fails by itself.
"""

import random
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

from django.db.models import F, Q
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.properties.files import few, taken_back
from tests.properties.test_undoing import Changes, undo
from tests.world import World
from turnus.contacts.actions import restore_contacts, trash_contacts
from turnus.contacts.billing import Billing
from turnus.contacts.models import Organization, Person
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions import delete_label, save_label
from turnus.fields.models import Label
from turnus.history.models import Run
from turnus.kit.errors import UserError
from turnus.sales.actions import restore_deals, update_deals
from turnus.sales.actions_bulk import change_many, trash_many
from turnus.sales.actions_pipelines import (
    delete_stage,
    save_pipeline,
    save_stage,
)
from turnus.sales.models import Deal, Pipeline, Stage

_CONTACTS: dict[RecordKind, Any] = {
    RecordKind.PERSON: Person,
    RecordKind.ORGANIZATION: Organization,
}
_MODELS = {RecordKind.DEAL: Deal, **_CONTACTS}
#: Enough steps for three changes of one thing and their undoing in the wrong order.
_STEPS = st.integers(0, 2**32 - 1)


class Life:
    """Steps by chance: runs, work by hand, and undoing any run."""

    def __init__(
        self, world: World, folder: Path, chance: random.Random
    ) -> None:
        self.world = world
        self.chance = chance
        self.changes = Changes(world, folder, chance)
        self.who = {"by": world.admin, "at": world.at}
        self.runs: list[Run] = []

    def step(self) -> str:
        """Take one step; return what it was. A refusal is a step as well."""
        steps: dict[Callable[[], Run | None], int] = {
            self.edit_deals: 6,
            self.edit_contacts: 3,
            self.import_file: 1,
            self.trash_many: 3,
            self.edit_by_hand: 2,
            self.trash_contact: 3,
            self.restore_anything: 2,
            self.add_stage: 1,
            self.drop_stage: 1,
            self.drop_label: 1,
            self.undo_any: 7,
        }
        chosen = self.chance.choices(list(steps), list(steps.values()))[0]
        try:
            run = chosen()
        except UserError as refused:
            return f"{chosen.__name__}: {refused.code}"
        if run is not None:
            self.runs.append(run)
        return chosen.__name__

    def deal_values(self) -> dict[str, Any]:
        number = self.chance.randint(1, 99)
        stages = [stage.pk for stage in Stage.objects.all()]
        values: list[dict[str, Any]] = [
            {"title": f"T {number}"},
            {"organization": self.any_of(Organization)},
            {"person": self.any_of(Person)},
            {"person": None},
            {"organization": None},
            {"stage": self.chance.choice(stages)},
            {"status": self.chance.choice(["open", "won"])},
            {"status": "won", "won_at": date(2018, 10, 1)},
            {"status": "lost", "lost_reason": "Preis"},
            {"value": Money.of(number, self.chance.choice(["EUR", "USD"]))},
            {"labels": self.some_labels()},
        ]
        return self.chance.choice(values)

    def edit_deals(self) -> Run:
        return change_many(
            RecordKind.DEAL,
            records=self.some(Deal),
            values=self.deal_values(),
            title="",
            **self.who,
        )

    def edit_contacts(self) -> Run:
        payer = self.any_of(Organization)
        person = {"organization": self.any_of(Organization)}
        kind, values = self.chance.choice(
            [
                (RecordKind.PERSON, person),
                (RecordKind.ORGANIZATION, {"bills_with": payer}),
                (RecordKind.ORGANIZATION, {"bills_with": None}),
            ]
        )
        return change_many(
            kind,
            records=self.some(_CONTACTS[kind]),
            values=values,
            title="",
            **self.who,
        )

    def import_file(self) -> Run:
        return self.changes.import_file()

    def trash_many(self) -> Run:
        kind = self.chance.choice(list(_MODELS))
        return trash_many(kind, records=self.some(_MODELS[kind]), **self.who)

    def edit_by_hand(self) -> None:
        update_deals(
            deals=self.some(Deal), values=self.deal_values(), **self.who
        )

    def trash_contact(self) -> None:
        kind = self.chance.choice(list(_CONTACTS))
        records = _CONTACTS[kind].objects.filter(
            pk=self.any_of(_CONTACTS[kind])
        )
        trash_contacts(kind, records=records, **self.who)

    def restore_anything(self) -> None:
        kind = self.chance.choice(list(_MODELS))
        records = _MODELS[kind].objects.trashed()
        if kind is RecordKind.DEAL:
            restore_deals(deals=records, **self.who)
        else:
            restore_contacts(kind, records=records, **self.who)

    def add_stage(self) -> None:
        pipeline = Pipeline.objects.last()
        assert pipeline is not None
        save_stage(
            by=self.world.admin, pipeline=pipeline, name="X", probability=5
        )

    def drop_stage(self) -> None:
        stage = self.chance.choice(list(Stage.objects.all()))
        others = stage.pipeline.stages.exclude(pk=stage.pk)
        delete_stage(stage=stage, move_to=others.first(), **self.who)

    def drop_label(self) -> None:
        label = Label.objects.first()
        if label is not None:
            delete_label(label=label, **self.who)

    def undo_any(self) -> None:
        if self.runs:
            place = self.chance.randrange(len(self.runs))
            undo(self.world, self.runs[place])
            del self.runs[place]

    def some(self, model: Any) -> Any:
        return self.changes.some(model.objects.present())

    def any_of(self, model: Any) -> int | None:
        ids = list(model.objects.present().values_list("pk", flat=True))
        return self.chance.choice(ids) if ids else None

    def some_labels(self) -> tuple[int, ...]:
        labels = Label.objects.values_list("pk", flat=True)
        return tuple(pk for pk in labels if self.chance.random() < 0.5)


def begin(world: World) -> None:
    """Three organizations with a person each, deals of both, two pipelines, labels."""
    second = save_pipeline(
        by=world.admin, name="Zweite", has_deal_probability=True
    )
    for name in ("A", "B"):
        save_stage(by=world.admin, pipeline=second, name=name, probability=10)
        save_label(
            by=world.admin, record=RecordKind.DEAL, name=name, color="red"
        )
    for name in ("Elbe AG", "Spree GmbH", "Oder KG"):
        organization = world.organization(name).pk
        person = world.person(f"Eva {name}", organization=organization).pk
        world.deal(organization=organization, amount=100)
        world.deal(person=person, amount=200)


def impossible() -> list[str]:
    """Return what no way of working may lead to."""
    live_deals = Deal.objects.present()
    in_trash = Q(person__trashed_at__isnull=False) | Q(
        organization__trashed_at__isnull=False
    )
    payer_in_trash = Organization.objects.present().filter(
        bills_with__trashed_at__isnull=False
    )
    billing = Billing.load()
    circles = [
        pk
        for pk, parent in billing.parents.items()
        if billing.closes(pk, parent)
    ]
    misplaced = Deal.objects.exclude(pipeline=F("stage__pipeline"))
    labels = set(Label.objects.values_list("pk", flat=True))
    unknown_labels = [
        deal.pk for deal in live_deals if not labels.issuperset(deal.labels)
    ]
    found = {
        "deals of contacts in the trash": live_deals.filter(in_trash).exists(),
        "payers in the trash": payer_in_trash.exists(),
        "circles of payers": bool(circles),
        "stages of other pipelines": misplaced.exists(),
        "labels that are gone": bool(unknown_labels),
    }
    return [words for words, is_there in found.items() if is_there]


def test_no_order_of_changing_trashing_and_undoing_leads_to_the_impossible(
    world: World, tmp_path: Path
) -> None:
    begin(world)

    @settings(few, max_examples=12)
    @given(_STEPS)
    def law(seed: int) -> None:
        def body() -> None:
            life = Life(world, tmp_path, random.Random(seed))
            steps: list[str] = []
            for _ in range(25):
                steps.append(life.step())
                assert not impossible(), steps

        taken_back(body)

    law()
