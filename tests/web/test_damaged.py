"""What is stored but cannot be read, and what the database refuses, is answered in words."""

import json
import zlib
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DataError, IntegrityError, OperationalError
from django.http import HttpResponse
from django.test import RequestFactory

from tests.imports.test_imports import changed, checked, sheet
from tests.world import World
from turnus.core.records import RecordKind
from turnus.exports.actions import request_export
from turnus.exports.models import Export
from turnus.imports.actions import request_import
from turnus.imports.plan_storage import unpack
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.kit.input_files import json_object
from turnus.listing.lists import ListState
from turnus.privacy.actions import erase_person
from turnus.sales.models import Deal
from turnus.web.errors import UserErrors


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (IntegrityError("x"), 409),
        (DataError("x"), 422),
        (OperationalError("disk full"), None),
        (ValueError("x"), None),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_the_database_refuses_becomes_words(
    rf: RequestFactory, db: None, error: Exception, status: Any
) -> None:
    request = rf.get("/", headers={"HX-Request": "true"})
    request.user = AnonymousUser()
    answer = UserErrors(lambda _request: HttpResponse()).process_exception(
        request, error
    )
    assert (answer and answer.status_code) == status


@pytest.mark.parametrize(
    "rows",
    [
        b"",
        b"x",
        zlib.compress(b"5"),
        zlib.compress(b"[[1]]"),
        zlib.compress(b'[["\\ud800"'),
    ],
)
def test_a_stored_plan_that_cannot_be_read_is_refused_in_words(
    world: World, tmp_path: Path, rows: bytes
) -> None:
    of = checked(world, sheet(tmp_path / "deals.xlsx", [changed()]))
    of.blocks.update(rows=rows)
    shown = world.client(world.admin).get(f"/imports/{of.pk}/?verdict=new")
    assert (shown.status_code, "noch einmal" in shown.content.decode()) == (
        422,
        True,
    )
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    assert not Deal.objects.exists()


@pytest.mark.parametrize("columns", [5, None, {}, [5, "title", []]], ids=str)
def test_an_export_of_stored_columns_that_are_none_writes_the_others(
    world: World, columns: Any
) -> None:
    export = request_export(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        state=ListState(),
        file_format="csv",
        language="de",
        title="x",
    )
    Export.objects.update(
        columns=columns if columns is not None else json.loads("0")
    )
    run_pending()
    export.refresh_from_db()
    assert export.state == Export.State.DONE


@pytest.mark.parametrize("arguments", [5, [], {"nobody": "asked"}], ids=str)
def test_a_job_with_arguments_that_are_none_does_not_stop_the_next(
    world: World, arguments: Any
) -> None:
    for _ in range(2):
        request_export(
            by=world.admin,
            at=world.at,
            kind=RecordKind.DEAL,
            state=ListState(),
            file_format="csv",
            language="de",
            title="x",
        )
    first = Job.objects.earliest("pk")
    Job.objects.filter(pk=first.pk).update(arguments=arguments)
    run_pending()
    first.refresh_from_db()
    assert (
        first.state,
        Export.objects.filter(state=Export.State.DONE).count(),
    ) == (
        Job.State.QUEUED,
        1,
    )


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, '{"a":' * 100_000, "", "[]", "\x00"],
    ids=lambda text: text[:5] or "empty",
)
def test_settings_that_are_no_object_are_refused_however_deep(
    tmp_path: Path, text: str
) -> None:
    (tmp_path / "given.json").write_text(text)
    with pytest.raises(UserError) as refused:
        json_object(tmp_path / "given.json")
    assert refused.value.code == "json.not_object"


@pytest.mark.parametrize(
    "rows",
    [b"Eva B\xc3\xb6hm", zlib.compress(b'[["Eva B\xc3\xb6hm"')],
    ids=["no zlib", "no JSON"],
)
def test_a_person_is_erased_from_a_damaged_plan_as_well(
    world: World, tmp_path: Path, rows: bytes
) -> None:
    of = checked(world, sheet(tmp_path / "deals.xlsx", [changed()]))
    of.blocks.update(rows=rows)
    erase_person(person=world.person(), by=world.admin, at=world.at)
    assert [unpack(block.rows) for block in of.blocks.all()] == [[]]
