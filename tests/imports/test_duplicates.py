"""Nothing goes in twice: plans that no longer fit, files sent again, interrupted imports."""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps

from tests.imports.test_imports import (
    checked,
    codes,
    imported,
    sheet,
    verdicts,
)
from tests.world import World
from turnus.cli.main import main
from turnus.contacts.actions import trash_contacts
from turnus.contacts.models import Organization, Person
from turnus.core.cadence import MONTHLY
from turnus.core.records import RecordKind
from turnus.history.models import Event, Run
from turnus.imports.actions import (
    continue_import,
    discard_import,
    expire_plans,
    request_check,
    request_import,
    request_undo,
)
from turnus.imports.models import Import
from turnus.jobs.actions import Context, LostError, claim
from turnus.jobs.models import Job
from turnus.jobs.registry import body_of
from turnus.jobs.worker import run_pending
from turnus.kit import clock
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription
from turnus.sales.actions import trash_deals
from turnus.sales.models import Deal

HEADINGS = (
    "Deal - Titel",
    "Deal - Organisation",
    "Deal - Kontakt",
    "Deal - Wert",
    "Deal - Status",
)
ROWS = [
    (
        f"Deal {number}",
        f"Firma {number % 4}",
        f"Frau {number % 4}",
        10,
        "Gewonnen",
    )
    for number in range(8)
]
PERSONS = (
    ("Person - Name", "Person - Organisation", "Person - E-Mail"),
    [(f"Frau {n}", f"Firma {n}", "") for n in range(4)],
)
ORGANIZATIONS = (
    ("Organisation - Name",),
    [(f"Firma {number}",) for number in range(4)],
)
SUBSCRIPTIONS = (
    ("Organisation", "Name", "Plan", "Preis", "Beginn"),
    [
        (
            f"Firma {number}",
            f"Wartung {number}",
            "Abo monatlich",
            10,
            date(2018, 9, 1),
        )
        for number in range(4)
    ],
)


class StoppedError(Exception):
    """The worker ends here."""


#: Rows of a block, so that an import stops in the middle of a small file.
BLOCK_ROWS = 3


def deals(tmp_path: Path, name: str = "deals.xlsx", rows: Any = ROWS) -> Path:
    return sheet(tmp_path / name, rows, HEADINGS)


def after_steps(count: int, then: Callable[[], None]) -> Callable[[], None]:
    """Return what a job's pauses call: the pause after step number `count` does `then`."""
    left = [count]

    def pause() -> None:
        left[0] -= 1
        if left[0] == 0:
            then()

    return pause


def stop() -> None:
    raise StoppedError


def carried_out(of: Import, *, step: int, then: Callable[[], None]) -> None:
    """Carry out a plan; after that step `then` happens."""
    request_import(of=of, by=of.run.by, at=clock.now())
    job = claim(at=clock.now())
    assert job is not None
    context = Context(job)
    context.pause = after_steps(step, then)
    with suppress(StoppedError, LostError):
        body_of(job.name)(context, **job.arguments)
    of.refresh_from_db()


def broken_off(world: World, path: Path) -> Import:
    """An import of which 6 rows are in: its worker was killed."""
    of = checked(world, path, block_rows=BLOCK_ROWS)
    carried_out(of, step=3, then=stop)
    assert (of.state, of.progress, Deal.objects.present().count()) == (
        "importing",
        6,
        6,
    )
    return of


def counts() -> tuple[int, int, int, int]:
    kinds: tuple[Any, ...] = (Deal, Organization, Person, Subscription)
    deal, organization, person, subscription = (
        kind.objects.present().count() for kind in kinds
    )
    return deal, organization, person, subscription


@pytest.mark.parametrize(
    ("kind", "headings", "rows", "again"),
    [
        (RecordKind.DEAL, HEADINGS, ROWS, "question"),
        (RecordKind.PERSON, *PERSONS, "same"),
        (RecordKind.ORGANIZATION, *ORGANIZATIONS, "same"),
        (RecordKind.SUBSCRIPTION, *SUBSCRIPTIONS, "same"),
    ],
    ids=["deals", "persons", "organizations", "subscriptions"],
)
def test_a_file_that_was_checked_twice_goes_in_once(
    world: World,
    tmp_path: Path,
    kind: RecordKind,
    headings: Any,
    rows: Any,
    again: str,
) -> None:
    world.plan(cadence=MONTHLY)
    path = sheet(tmp_path / "file.xlsx", rows, headings)
    first, second = (checked(world, path, kind=kind) for _ in range(2))
    found = []
    for of in (first, second):
        request_import(of=of, by=world.admin, at=world.at)
        run_pending()
        found.append(counts())
    second.refresh_from_db()
    assert (second.state, second.error["code"], found[0]) == (
        "checked",
        "import.moved",
        found[1],
    )
    assert not Event.objects.filter(run=second.run).exists()
    request_check(of=second, by=world.admin, at=world.at)
    run_pending()
    assert set(verdicts(second)) == {again}


def test_another_file_with_the_same_rows_is_given_back_too(
    world: World, tmp_path: Path
) -> None:
    plans = [
        checked(world, deals(tmp_path, name, rows))
        for name, rows in (("a.xlsx", ROWS), ("b.xlsx", ROWS[::-1]))
    ]
    for of in plans:
        request_import(of=of, by=world.admin, at=world.at)
        run_pending()
    assert counts() == (8, 4, 4, 0)
    assert Import.objects.get(pk=plans[1].pk).error["params"] == {
        "rows": 8,
        "contacts": 8,
    }


def test_what_was_here_at_the_check_and_is_wanted_again_goes_in(
    world: World, tmp_path: Path
) -> None:
    imported(world, deals(tmp_path))
    of = checked(
        world,
        deals(tmp_path, "again.xlsx"),
        answers={"existing": {"do": "add"}},
    )
    world.organization("Ganz anders")  # something else changed since
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    assert counts() == (16, 5, 4, 0)


def test_a_contact_that_was_typed_in_since_the_check_is_not_created_again(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, deals(tmp_path))
    world.organization("firma 1")
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    assert Import.objects.get(pk=of.pk).error["params"] == {
        "rows": 0,
        "contacts": 1,
    }
    request_check(of=of, by=world.admin, at=world.at)
    run_pending()
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    assert counts() == (8, 4, 4, 0)


def test_a_contact_that_comes_in_meanwhile_is_linked_and_its_e_mail_kept(
    world: World, tmp_path: Path
) -> None:
    rows = [(*row, f"{number}@example.org") for number, row in enumerate(ROWS)]
    path = sheet(tmp_path / "deals.xlsx", rows, (*HEADINGS, "Person - E-Mail"))
    of = checked(world, path, block_rows=BLOCK_ROWS)

    def typed_in() -> None:
        firm = world.organization("Firma 3")
        world.person("Frau 3", organization=firm.pk)

    carried_out(of, step=2, then=typed_in)
    assert (of.state, counts()) == ("done", (8, 4, 4, 0))
    new = (of.totals["new_organization"], of.totals["new_person"])
    assert new == (3, 3), "what was found is not new"
    assert set(
        Deal.objects.filter(organization__name="Firma 3").values_list(
            "person__name", flat=True
        )
    ) == {"Frau 3"}
    assert {
        one["value"] for one in Person.objects.get(name="Frau 3").emails
    } == {
        "3@example.org",
        "7@example.org",
    }


def test_a_row_about_a_contact_that_went_to_the_trash_meanwhile_is_a_problem(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, deals(tmp_path), block_rows=BLOCK_ROWS)

    def put_into_the_trash() -> None:
        own_deals = Deal.objects.filter(organization__name="Firma 0")
        trash_deals(deals=own_deals, by=world.admin, at=world.at)
        firm = Organization.objects.filter(name="Firma 0")
        trash_contacts(
            RecordKind.ORGANIZATION, records=firm, by=world.admin, at=world.at
        )

    carried_out(of, step=2, then=put_into_the_trash)
    assert verdicts(of) == ["new"] * 4 + ["problem"] + ["new"] * 3
    assert "row.record_changed" in codes(of)
    in_trash = Deal.objects.present().filter(
        organization__trashed_at__isnull=False
    )
    assert not in_trash.exists()


def test_a_row_that_comes_in_meanwhile_is_a_problem(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, deals(tmp_path), block_rows=BLOCK_ROWS)

    def typed_in() -> None:
        firm = Organization.objects.get(name="Firma 0")
        world.deal(
            organization=firm.pk,
            title="Deal 4",
            amount=10,
            status="won",
            won_at=date(2018, 11, 14),
        )

    carried_out(of, step=2, then=typed_in)
    assert verdicts(of) == ["new"] * 4 + ["problem"] + ["new"] * 3
    assert "row.arrived" in codes(of)
    assert counts() == (8, 4, 4, 0)


@pytest.mark.parametrize("kind", [RecordKind.PERSON, RecordKind.ORGANIZATION])
def test_a_person_or_organization_that_comes_in_meanwhile_is_left_alone(
    world: World, tmp_path: Path, kind: RecordKind
) -> None:
    headings, rows = PERSONS if kind is RecordKind.PERSON else ORGANIZATIONS
    path = sheet(tmp_path / "file.xlsx", rows, headings)
    of = checked(world, path, kind=kind, block_rows=BLOCK_ROWS)
    carried_out(
        of,
        step=2,
        then=lambda: (
            world.organization("Firma 3"),
            world.person("Frau 3"),
            None,
        )[-1],
    )
    assert verdicts(of) == ["new", "new", "new", "problem"]
    assert counts()[1:3] == (4, 4 if kind is RecordKind.PERSON else 1)


def test_a_file_does_not_go_in_beside_its_unfinished_import(
    world: World, tmp_path: Path
) -> None:
    path = deals(tmp_path)
    broken_off(world, path)
    second = checked(world, path, answers={"existing": {"do": "skip"}})
    assert (second.totals["skip"], second.totals["new"]) == (6, 2)
    with pytest.raises(UserError, match=r"import\.same_file"):
        request_import(of=second, by=world.admin, at=world.at)
    with clock.standing_at(world.at + timedelta(minutes=1)):
        run_pending()
    assert counts() == (8, 4, 4, 0)


def test_both_are_kept_if_somebody_wants_it(
    world: World, tmp_path: Path
) -> None:
    path = deals(tmp_path)
    broken_off(world, path)
    second = checked(world, path, answers={"existing": {"do": "add"}})
    request_import(of=second, by=world.admin, at=world.at, is_again=True)
    with clock.standing_at(world.at + timedelta(minutes=1)):
        run_pending()
    assert counts() == (16, 4, 4, 0)


def test_what_came_in_of_a_file_that_was_saved_anew_does_not_come_twice(
    world: World, tmp_path: Path
) -> None:
    broken_off(world, deals(tmp_path))
    imported(
        world,
        deals(tmp_path, "anew.xlsx", ROWS[::-1]),
        answers={"existing": {"do": "skip"}},
    )
    with clock.standing_at(world.at + timedelta(minutes=1)):
        run_pending()
    assert counts() == (8, 4, 4, 0)


def test_an_undo_stops_an_import_and_takes_back_what_is_in(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, deals(tmp_path), block_rows=BLOCK_ROWS)
    carried_out(
        of,
        step=3,
        then=lambda: request_undo(of=of, by=world.admin, at=world.at),
    )
    run_pending()
    of.refresh_from_db()
    assert (of.state, counts()) == ("undone", (0, 0, 0, 0))
    undo = Run.objects.get(undoes=of.run)
    assert undo.totals["trashed"] == 6 + 4 + 4
    assert (
        not Job.objects.exclude(state="done")
        .exclude(name="imports.commit")
        .exists()
    )
    with clock.standing_at(world.at + timedelta(minutes=1)):
        assert not run_pending()  # nobody goes on with it
    assert counts() == (0, 0, 0, 0)


@pytest.mark.parametrize("way", ["continue", "undo"])
def test_an_import_whose_workers_clock_was_ahead_goes_on_or_back(
    world: World, tmp_path: Path, way: str
) -> None:
    of = broken_off(world, deals(tmp_path))
    Job.objects.filter(name="imports.commit").update(
        lease_until=world.at + timedelta(days=400)
    )
    assert not run_pending()
    if way == "continue":
        continue_import(of=of, by=world.admin, at=world.at)
    else:
        request_undo(of=of, by=world.admin, at=world.at)
    run_pending()
    assert counts() == ((8, 4, 4, 0) if way == "continue" else (0, 0, 0, 0))


def test_only_admins_and_whoever_began_it_go_on_with_an_import(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, deals(tmp_path))
    world.alice.permissions = ["import"]
    for action in (continue_import, discard_import, request_undo):
        with pytest.raises(UserError, match=r"access\.denied"):
            action(of=of, by=world.alice, at=world.at)


def test_a_plan_expires_after_a_week_and_can_be_made_anew(
    world: World, tmp_path: Path
) -> None:
    of, done = (
        checked(world, deals(tmp_path)),
        imported(
            world,
            sheet(tmp_path / "o.xlsx", [("X AG",)], ("Organisation",)),
            kind=RecordKind.ORGANIZATION,
        ),
    )
    assert expire_plans(at=world.at + timedelta(days=7)) == 0
    assert expire_plans(at=world.at + timedelta(days=7, seconds=1)) == 1
    of.refresh_from_db()
    assert (
        of.state,
        of.blocks.count(),
        Import.objects.get(pk=done.pk).state,
    ) == (
        "expired",
        0,
        "done",
    )
    request_check(of=of, by=world.admin, at=world.at)
    run_pending()
    assert set(verdicts(of)) == {"new"}


def test_a_check_that_is_discarded_leaves_nothing(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, deals(tmp_path))
    request_check(of=of, by=world.admin, at=world.at)
    discard_import(of=of, by=world.admin, at=world.at)
    assert not run_pending()
    of.refresh_from_db()
    assert (of.state, of.blocks.count()) == ("discarded", 0)


def rows_of_all_tables() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
    }


@pytest.mark.parametrize(
    "command", [["import"], ["subscriptions", "import"]], ids=" ".join
)
def test_a_dry_run_writes_nothing_at_all(
    world: World,
    tmp_path: Path,
    command: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    world.plan(cadence=MONTHLY)
    path = (
        sheet(tmp_path / "file.xlsx", SUBSCRIPTIONS[1], SUBSCRIPTIONS[0])
        if command[1:]
        else deals(tmp_path)
    )
    (tmp_path / "answers.json").write_text('{"existing": {"do": "skip"}}')
    before, files = rows_of_all_tables(), sorted(tmp_path.rglob("*"))
    main(
        [
            *command,
            str(path),
            "--dry-run",
            "--json",
            "--answers",
            str(tmp_path / "answers.json"),
        ]
    )
    assert '"new"' in capsys.readouterr().out
    assert (rows_of_all_tables(), sorted(tmp_path.rglob("*"))) == (
        before,
        files,
    )
