"""Two imports at once: they do not wait for each other, and nothing goes in twice."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, transaction

from tests.at_once import at_once
from tests.conftest import AT
from tests.imports.test_imports import GERMAN, changed, checked, sheet
from tests.serving import wait_until
from tests.world import World
from turnus.contacts.models import Organization, Person
from turnus.history.actions import lock_records
from turnus.imports.actions import request_import
from turnus.imports.models import Import
from turnus.jobs.worker import run_next
from turnus.sales.models import Deal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("on_disk"),
]
ROWS = 60


def planned(
    world: World, path: Path, rows: list[tuple[object, ...]]
) -> Import:
    """Return an import of the rows, in blocks of ten, that is checked."""
    of = checked(world, sheet(path, rows, GERMAN), block_rows=10)
    assert of.state == Import.State.CHECKED, of.error
    return of


def request(world: World, *plans: Import) -> None:
    """Queue imports as a command does it: nobody has looked at their plans."""
    for of in plans:
        request_import(of=of, by=world.admin, at=AT, was_shown=False)


def rows_of(values: range) -> list[tuple[object, ...]]:
    """Return a won deal of this value for each customer; the customers are always the same."""
    return [
        changed(
            value=value,
            organization=f"Kunde {number}",
            person=f"Eva Kunde{number}",
            plan=None,
        )
        for number, value in enumerate(values)
    ]


def test_two_imports_with_the_same_customers_bring_each_of_them_once(
    world: World, tmp_path: Path
) -> None:
    first = planned(
        world, tmp_path / "a.xlsx", rows_of(range(1000, 1000 + ROWS))
    )
    second = planned(
        world, tmp_path / "b.xlsx", rows_of(range(5000, 5000 + ROWS))[::-1]
    )
    request(world, first, second)
    assert at_once(run_next, run_next) == [True, True]
    for of in (first, second):
        of.refresh_from_db()
        assert (of.state, of.progress) == ("done", ROWS)
    names = sorted(f"Kunde {number}" for number in range(ROWS))
    stored = Organization.objects.order_by("name")
    assert sorted(stored.values_list("name", flat=True)) == names
    assert Person.objects.count() == ROWS
    # Each customer has one deal of each file.
    deals = Counter(Deal.objects.values_list("organization__name", flat=True))
    assert deals == dict.fromkeys(names, 2)
    assert Deal.objects.filter(person=None).count() == 0


def test_a_deal_that_is_in_both_files_goes_in_once(
    world: World, tmp_path: Path
) -> None:
    rows = rows_of(range(1000, 1000 + ROWS))
    more = changed(value=7, organization="Nur hier", plan=None)
    first = planned(world, tmp_path / "a.xlsx", rows)
    second = planned(world, tmp_path / "b.xlsx", [*rows[::-1], more])
    request(world, first, second)
    assert at_once(run_next, run_next) == [True, True]
    assert list(Import.objects.values_list("state", flat=True)) == [
        "done",
        "done",
    ]
    amounts = Counter(Deal.objects.values_list("value_e4", flat=True))
    assert len(amounts) == ROWS + 1
    assert set(amounts.values()) == {1}


@contextmanager
def holding(pk: int) -> Iterator[None]:
    """Let somebody hold an organization's row, as if about to save it."""
    has_locked, may_end = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            lock_records(Organization.objects.filter(pk=pk))
            has_locked.set()
            may_end.wait(60)
        connection.close()

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        has_locked.wait(10)
        yield
    finally:
        may_end.set()
        thread.join(30)


def is_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


@pytest.mark.skipif(
    connection.vendor != "postgresql",
    reason="on SQLite there is one writer at a time",
)
def test_an_import_goes_on_while_another_is_inside_a_block(
    world: World, tmp_path: Path
) -> None:
    held = world.organization("Gehalten")
    waiting = planned(
        world,
        tmp_path / "a.xlsx",
        [changed(organization="Gehalten", plan=None)],
    )
    other = planned(
        world, tmp_path / "b.xlsx", rows_of(range(1000, 1000 + ROWS))
    )

    request(world, waiting, other)

    def work() -> None:
        run_next()
        connection.close()

    thread = threading.Thread(target=work)
    with holding(held.pk):
        thread.start()
        wait_until(is_waiting, 20)
        # Its block is half written and waits for a row; nobody waits for it.
        assert run_next()
        other.refresh_from_db()
        assert other.state == "done"
        world.organization("Von Hand")
        waiting.refresh_from_db()
        assert waiting.state == "importing"
    thread.join(30)
    waiting.refresh_from_db()
    assert waiting.state == "done"
    assert Deal.objects.filter(organization=held.pk).count() == 1


def test_a_step_that_collides_is_begun_anew_and_costs_no_attempt(
    world: World, tmp_path: Path
) -> None:
    """Two imports of the same new customers, in one block each: one of them has to look again."""
    rows = rows_of(range(1000, 1010))
    first = planned(world, tmp_path / "a.xlsx", rows)
    rows = rows_of(range(5000, 5010))
    second = planned(world, tmp_path / "b.xlsx", rows)
    request(world, first, second)
    at_once(run_next, run_next)
    assert list(Import.objects.values_list("state", flat=True)) == [
        "done",
        "done",
    ]
    assert Organization.objects.count() == 10
    assert Deal.objects.count() == 20
