"""Kept figures learn of every commit, also of a transaction that began earlier and ends later."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from tests.world import World
from turnus.core.records import RecordKind
from turnus.history import actions
from turnus.history.actions import record_created
from turnus.history.models import Revision
from turnus.history.queries import revision

AT = datetime(2018, 11, 14, 10, tzinfo=UTC)


def test_a_change_makes_another_revision(world: World) -> None:
    before = revision()
    world.organization()
    assert revision() != before


def test_old_revisions_are_thrown_away(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(actions, "_REVISIONS_KEPT", 5)
    for number in range(12):
        record_created(RecordKind.DEAL, [number], by_id=world.admin.pk, at=AT)
    assert Revision.objects.count() < 11


@pytest.mark.django_db(transaction=True)
def test_a_slower_transaction_makes_another_revision_when_it_ends(
    world: World,
) -> None:
    if connection.vendor == "sqlite":
        pytest.skip(
            "SQLite has one writer at a time: no transaction overtakes another"
        )
    has_written, may_end = Signal(), Signal()

    def slow() -> None:
        try:
            with transaction.atomic():
                record_created(
                    RecordKind.DEAL, [1], by_id=world.admin.pk, at=AT
                )
                has_written.set()
                may_end.wait(10)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        slower = pool.submit(slow)
        assert has_written.wait(10)
        record_created(RecordKind.DEAL, [2], by_id=world.admin.pk, at=AT)
        between = revision()
        may_end.set()
        slower.result(10)
    assert revision() != between
