"""A file on its way through the browser, from the upload to what came in."""

from io import BytesIO
from pathlib import Path

import openpyxl
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.web.test_pages import filled
from tests.world import World
from turnus.exports.models import Export
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.sales.models import Deal


def test_the_trick_of_the_help_page_in_the_browser(world: World) -> None:
    filled(world)
    client = world.client(world.admin)
    assert (
        client.post("/exports/new/deals/", {"format": "xlsx"}).status_code
        == 302
    )
    run_pending()
    export = Export.objects.get()
    content = b"".join(client.get(f"/exports/{export.pk}/"))  # type: ignore[arg-type]
    rows = list(openpyxl.load_workbook(BytesIO(content)).active.values)  # type: ignore[union-attr]
    assert (export.row_count, rows[0][0]) == (1, "Deal - Titel")
    assert (
        world.client(world.alice).get(f"/exports/{export.pk}/").status_code
        == 403
    )
    answer = client.post(
        "/imports/new/deals/",
        {"file": SimpleUploadedFile("deals.xlsx", content)},
    )
    of = Import.objects.get()
    assert answer.headers["Location"] == f"/imports/{of.pk}/"
    assert client.get(f"/imports/{of.pk}/").status_code == 200
    client.post(
        f"/imports/{of.pk}/columns/",
        {
            f"column-{number}": path or ""
            for number, path in enumerate(of.columns)
        },
    )
    run_pending()
    page = client.get(f"/imports/{of.pk}/").content.decode()
    assert "answer-0" in page
    client.post(
        f"/imports/{of.pk}/answers/",
        {"answer-0": "copy", "answer-0-on": "2018-11-14"},
    )
    assert client.get(f"/imports/{of.pk}/").status_code == 200
    run_pending()
    assert (
        client.get(f"/imports/{of.pk}/?verdict=new").status_code
        == client.get(f"/imports/{of.pk}/?verdict=problem").status_code
        == 200
    )
    client.post(f"/imports/{of.pk}/start/")
    assert client.get(f"/imports/{of.pk}/").status_code == 200
    run_pending()
    assert Deal.objects.count() == 2
    client.post(f"/imports/{of.pk}/undo/")
    run_pending()
    assert (
        client.get(f"/imports/{of.pk}/").status_code
        == client.get("/imports/").status_code
        == 200
    )
    assert Deal.objects.present().count() == 1


def test_bad_files_and_problem_rows_are_shown(
    world: World, tmp_path: Path
) -> None:
    client = world.client(world.admin)
    assert client.post("/imports/new/deals/").status_code == 422
    assert (
        client.post(
            "/imports/new/deals/",
            {"file": SimpleUploadedFile("x.xlsx", b"%PDF-1.4")},
        ).status_code
        == 422
    )
    text = (
        "Status;Organisation;Wert;Phase\n"
        "Gewonnen;Elbe AG;abc;Qualifiziert\n"
        "Storniert;Elbe AG;5;Unbekannt\n"
        "Gewonnen;Elbe AG;5;Neu\n"
    )
    client.post(
        "/imports/new/deals/",
        {"file": SimpleUploadedFile("x.csv", text.encode("cp1252"))},
    )
    of = Import.objects.get()
    client.post(
        f"/imports/{of.pk}/columns/",
        {
            f"column-{number}": path or ""
            for number, path in enumerate(of.columns)
        },
    )
    run_pending()
    assert client.get(f"/imports/{of.pk}/").status_code == 200
    assert client.get(f"/imports/{of.pk}/?columns=1").status_code == 200
    problems = (
        client.get(f"/imports/{of.pk}/problems/")
        .content.decode("utf-8-sig")
        .splitlines()
    )
    assert (problems[0].count(";"), len(problems)) == (4, 4)
    assert client.post(f"/imports/{of.pk}/start/").status_code == 422
