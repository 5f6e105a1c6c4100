"""Law: undoing runs, the last one first, restores each earlier state without a conflict."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import imported, sheet
from tests.properties.files import state, without_time
from tests.world import World
from turnus.contacts.models import Organization, Person
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.history.models import Event, Run
from turnus.imports.actions import request_undo
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.revenue.models import Plan, Subscription, Term
from turnus.revenue.renewals.actions.plan import (
    plan_renewals,
    request_renewals,
)
from turnus.revenue.renewals.actions.undo import undo_renewals
from turnus.revenue.subscriptions.actions.cancel import cancel_as_run
from turnus.revenue.subscriptions.actions.from_deals import (
    preview_chosen,
    start_chosen,
)
from turnus.revenue.subscriptions.actions.prices import (
    PriceRise,
    carry_out_prices,
    preview_prices,
)
from turnus.sales.actions import update_deals
from turnus.sales.actions_bulk import change_many, trash_many, undo_many
from turnus.sales.models import Deal

_FIELDS = (
    "ID",
    "Titel",
    "Wert",
    "Status",
    "Organisation",
    "Kontakt",
    "Gewonnen am",
)
HEADINGS = [f"Deal - {name}" for name in _FIELDS]
MODELS: dict[RecordKind, Any] = {
    RecordKind.DEAL: Deal,
    RecordKind.PERSON: Person,
    RecordKind.ORGANIZATION: Organization,
}
#: What a step by chance may meet: nothing to change, a contact that is needed, a circle of payers.
REFUSALS = {
    "bulk.nothing",
    "contact.has_deals",
    "contact.bills_others",
    "contact.bills_with_itself",
}
ANSWERS = {"existing": {"do": "add"}, "unknown_ids": {"do": "update"}}


def everything() -> dict[str, Any]:
    """Return what stands outside of the trash, with subscriptions and their terms."""
    subscriptions = Subscription.objects.present().order_by("pk")
    terms = Term.objects.filter(subscription__in=subscriptions).order_by(
        "subscription", "number"
    )
    return {
        **state(),
        "subscriptions": [without_time(row) for row in subscriptions.values()],
        "terms": list(terms.values()),
    }


class Changes:
    """Runs of every kind, made by chance; `None` where one finds nothing to do."""

    def __init__(
        self, world: World, folder: Path, chance: random.Random
    ) -> None:
        self.world, self.folder, self.chance = world, folder, chance
        self.numbers = count(1)
        self.moments = count(1)

    @property
    def who(self) -> dict[str, Any]:
        """Who changes something, and when: a second after the change before."""
        seconds = timedelta(seconds=next(self.moments))
        return {"by": self.world.admin, "at": self.world.at + seconds}

    def any(self) -> Run | None:
        makers: tuple[Callable[[], Run | None], ...] = (
            self.import_file,
            self.import_file,
            self.edit,
            self.edit,
            self.trash,
            self.trash_contacts,
            self.begin,
            self.renew,
            self.price,
            self.end,
        )
        try:
            return self.chance.choice(makers)()
        except UserError as error:
            if error.code not in REFUSALS:
                raise
            return None

    def some(self, records: Any) -> Any:
        ids = list(records.values_list("pk", flat=True))
        return records.model.objects.filter(
            pk__in=[pk for pk in ids if self.chance.random() < 0.7]
        )

    def import_file(self) -> Run:
        held = list(
            self.some(
                Deal.objects.present().filter(status="open")
            ).values_list("pk", flat=True)
        )
        lines = [self.line(pk) for pk in (*held[:2], None, None)]
        path = sheet(
            self.folder / f"{next(self.numbers)}.xlsx", lines, HEADINGS
        )
        return imported(self.world, path, answers=ANSWERS).run

    def line(self, pk: int | None) -> tuple[Any, ...]:
        number = next(self.numbers)
        customer = self.chance.choice(
            ["Elbe AG", "Spree GmbH", f"Neu {number} GmbH"]
        )
        is_won = self.chance.random() < 0.6
        return (
            pk,
            f"Deal {number}",
            self.chance.randint(1, 900),
            "Gewonnen" if is_won else "Offen",
            customer,
            f"Eva {number}",
            date(2018, self.chance.randint(8, 11), 3) if is_won else None,
        )

    def edit(self) -> Run:
        kind = self.chance.choice(tuple(MODELS))
        number = next(self.numbers)
        values: dict[str, Any] = (
            {"visibility": "team"}
            if number % 2
            else {"owner": self.world.bob.pk}
        )
        if self.chance.random() < 0.4:
            values = self.link(kind)
        elif kind is RecordKind.DEAL:
            status: dict[str, Any] = {"status": "lost", "lost_reason": "Preis"}
            values = self.chance.choice(
                [
                    values,
                    {"title": f"T {number}"},
                    {"value": Money.of(number, "EUR")},
                    status,
                ]
            )
        return change_many(
            kind,
            records=self.some(MODELS[kind].objects.present()),
            values=values,
            title="",
            **self.who,
        )

    def link(self, kind: RecordKind) -> dict[str, Any]:
        """Return the change of what records of this kind hang on."""
        ids = list(Organization.objects.present().values_list("pk", flat=True))
        chosen = self.chance.choice([*ids, None]) if ids else None
        if kind is RecordKind.ORGANIZATION:
            return {"bills_with": chosen}
        if kind is RecordKind.DEAL and chosen is None:
            return {"title": "Ohne"}
        return {"organization": chosen}

    def trash_contacts(self) -> Run:
        kind = self.chance.choice([RecordKind.PERSON, RecordKind.ORGANIZATION])
        deals = Deal.objects.present().filter(**{f"{kind}__isnull": False})
        needed = deals.values(str(kind))
        free = MODELS[kind].objects.present().exclude(pk__in=needed)
        return trash_many(kind, records=self.some(free), **self.who)

    def trash(self) -> Run:
        free = Deal.objects.present().filter(term__isnull=True)
        return trash_many(RecordKind.DEAL, records=self.some(free), **self.who)

    def begin(self) -> Run:
        deals = self.some(
            Deal.objects.present().filter(status="won", term__isnull=True)
        )
        plan, on = Plan.objects.get(), self.world.at.date()
        shown = preview_chosen(
            deals=deals, by=self.world.admin, on=on, plan=plan
        )
        return start_chosen(
            deals=deals, on=on, plan=plan, expected=shown, title="", **self.who
        )

    def renew(self) -> Run | None:
        subscriptions = self.some(Subscription.objects.present())
        until = self.world.at.date() + timedelta(
            days=self.chance.randint(0, 60)
        )
        run = plan_renewals(
            subscriptions=subscriptions, until=until, title="", **self.who
        )
        if run is not None:
            request_renewals(run=run, **self.who)
            run_pending()
        return run

    def price(self) -> Run:
        lines = preview_prices(
            subscriptions=Subscription.objects.present(),
            by=self.world.admin,
            rise=PriceRise(amount_e4=50_000),
        )
        return carry_out_prices(lines=lines, title="", **self.who)

    def end(self) -> Run | None:
        running = (
            Subscription.objects.present()
            .filter(state="active")
            .order_by("pk")
            .last()
        )
        if running is None:
            return None
        return cancel_as_run(
            subscription=running,
            on=self.world.at.date(),
            reason="",
            **self.who,
        )


def undo(world: World, run: Run) -> list[Any]:
    """Take a run back as a person would; return the conflicts."""
    run.refresh_from_db()
    if run.kind == Run.Kind.IMPORT:
        request_undo(
            of=Import.objects.get(run=run), by=world.admin, at=world.at
        )
        run_pending()
        return list(Run.objects.get(undoes=run).totals["conflicts"])
    if run.kind in {Run.Kind.BULK_EDIT, Run.Kind.BULK_TRASH}:
        return undo_many(run_id=run.pk, by=world.admin, at=world.at).conflicts
    return undo_renewals(run=run, by=world.admin, at=world.at).conflicts


@pytest.mark.parametrize("seed", [3, 6, 7, 40, 41])
def test_runs_taken_back_the_last_one_first_restore_every_state(
    world: World, tmp_path: Path, seed: int
) -> None:
    chance = random.Random(seed)
    changes = Changes(world, tmp_path, chance)
    world.plan()
    stack: list[tuple[Run, dict[str, Any]]] = []
    for _ in range(14):
        is_undo = stack and chance.random() < 0.35
        if is_undo:
            take_back_last(world, stack)
            continue
        before = everything()
        run = changes.any()
        if run is not None:
            stack.append((run, before))
    while stack:
        take_back_last(world, stack)


def take_back_last(
    world: World, stack: list[tuple[Run, dict[str, Any]]]
) -> None:
    run, before = stack.pop()
    assert (run.kind, undo(world, run)) == (run.kind, [])
    assert everything() == before


@pytest.mark.parametrize(
    ("title", "is_kept"),
    [("Von Hand", True), ("Deal 1", False)],
    ids=["changed", "set back"],
)
def test_only_work_that_is_still_there_keeps_a_record_from_being_taken_back(
    world: World, tmp_path: Path, title: str, is_kept: bool
) -> None:
    line = (None, "Deal 1", 5, "Offen", "Elbe AG", "Eva Neu", None)
    run = imported(world, sheet(tmp_path / "deals.xlsx", [line], HEADINGS)).run
    deals = Deal.objects.all()
    for each in ("Von Hand", title):
        update_deals(
            deals=deals, by=world.admin, at=world.at, values={"title": each}
        )
    conflicts = undo(world, run)
    assert (
        Deal.objects.present().exists(),
        ["deal", deals.get().pk, ""] in conflicts,
    ) == (
        is_kept,
        is_kept,
    )


def test_what_is_taken_out_of_the_trash_again_is_called_so(
    world: World,
) -> None:
    world.deal()
    run = trash_many(
        RecordKind.DEAL,
        records=Deal.objects.all(),
        by=world.admin,
        at=world.at,
    )
    undo(world, run)
    assert list(Event.objects.order_by("id").values_list("action", flat=True))[
        -2:
    ] == [
        "trashed",
        "restored",
    ]
