"""Indexes of custom fields: on PostgreSQL a job makes them, and nobody waits for it."""

import threading

import pytest
from django.db import connection, transaction
from django.db.utils import OperationalError

from tests.conftest import AT
from tests.serving import wait_until
from tests.world import World
from turnus.contacts.models import Organization
from turnus.core.fields import FieldKind
from turnus.core.records import RecordKind
from turnus.fields.actions import create_field, delete_field
from turnus.fields.models import CustomField
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.kit.json_columns import index_name

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "postgresql",
        reason="on SQLite the index is made with the field",
    ),
]


def number_field(world: World) -> CustomField:
    return create_field(
        by=world.admin,
        at=AT,
        record=RecordKind.ORGANIZATION,
        kind=FieldKind.NUMBER,
        name="Mitarbeiter",
    )


def is_valid(field: CustomField) -> bool | None:
    """Return whether the index of the field is complete; None if there is none."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass(%s)",
            [index_name(Organization, field.key)],
        )
        row = cursor.fetchone()
    return row and row[0]


def test_a_field_gets_its_index_by_a_job_and_loses_it_by_another(
    world: World,
) -> None:
    field = number_field(world)
    assert is_valid(field) is None
    run_pending()
    assert is_valid(field) is True
    key = index_name(Organization, field.key)
    delete_field(field=field, by=world.admin, at=AT)
    run_pending()
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s)", [key])
        assert cursor.fetchone() == (None,)
    assert set(Job.objects.values_list("state", flat=True)) == {"done"}


def test_an_index_that_broke_off_half_way_is_made_anew(world: World) -> None:
    field = number_field(world)
    has_written, may_end = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            world.organization("Langsam")
            has_written.set()
            may_end.wait(60)
        connection.close()

    writer = threading.Thread(target=write_slowly)
    writer.start()
    has_written.wait(10)
    name = index_name(Organization, field.key)
    # It waits for whoever writes at the moment; its time is up before that.
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '500ms'")
        with pytest.raises(OperationalError):
            cursor.execute(
                f'CREATE INDEX CONCURRENTLY "{name}" ON contacts_organization (id)'
            )
        cursor.execute("RESET statement_timeout")
    assert is_valid(field) is False
    may_end.set()
    writer.join(30)
    run_pending()
    assert is_valid(field) is True


def test_people_write_while_an_index_is_made(world: World) -> None:
    number_field(world)
    has_written, may_end = threading.Event(), threading.Event()

    def write_slowly() -> None:
        with transaction.atomic():
            world.organization("Langsam")
            has_written.set()
            may_end.wait(60)
        connection.close()

    def work() -> None:
        run_pending()
        connection.close()

    writer = threading.Thread(target=write_slowly)
    worker = threading.Thread(target=work)
    writer.start()
    has_written.wait(10)
    worker.start()
    wait_until(is_index_waiting, 20)
    # The index waits for the slow one; a person who comes later does not wait for the index.
    world.organization("Schnell")
    assert is_index_waiting()
    may_end.set()
    writer.join(30)
    worker.join(30)
    assert Job.objects.get(name="fields.index").state == "done"


def is_index_waiting() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            " AND datname = current_database()"
            " AND query LIKE 'CREATE INDEX CONCURRENTLY%'"
        )
        return bool(cursor.fetchone()[0])
