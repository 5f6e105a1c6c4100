"""Every report of the catalog shows the same figures on its page, by command and in files."""

import csv
import json
from io import StringIO
from urllib.parse import unquote_plus

import pytest
from django.utils.translation import override

from tests.revenue.worlds import booked
from tests.world import World
from turnus.cli.main import main
from turnus.core.records import RecordKind
from turnus.fields.catalog import catalog
from turnus.reports.catalog import REPORTS
from turnus.reports.definition import AnyDefinition, Parameter
from turnus.reports.names import report_names
from turnus.web.reports.table import ShownTable

MONTHS = {"from": "2018-10-01", "until": "2018-11-30"}
FLAGS = ["--from", "2018-10-01", "--to", "2018-11-30"]

every_report = pytest.mark.parametrize(
    "report", REPORTS.values(), ids=REPORTS.keys()
)


@pytest.fixture
def filled(world: World) -> World:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    world.deal(status="lost", amount=7)
    world.deal(amount=8, expected_close_on=world.at.date())
    return world


def test_each_module_of_the_catalog_is_the_report_that_it_is_called_after() -> (
    None
):
    assert sorted(REPORTS) == report_names()


def test_no_two_reports_have_the_same_place() -> None:
    places = [report.position for report in REPORTS.values()]
    assert places == sorted(set(places))


@every_report
def test_the_page_shows_the_report(
    filled: World, report: AnyDefinition
) -> None:
    page = filled.client(filled.admin).get(f"/reports/{report.name}/", MONTHS)
    text = page.content.decode()
    assert page.status_code == 200
    with override("de"):
        assert str(report.title) in text
        assert str(report.help) in text
    assert len(page.context["table"].lines) > 0


@every_report
def test_the_page_offers_what_the_report_listens_to(
    filled: World, report: AnyDefinition
) -> None:
    page = (
        filled.client(filled.admin)
        .get(f"/reports/{report.name}/")
        .content.decode()
    )
    names = {
        Parameter.DAYS: "from",
        Parameter.PERIOD: "by",
        Parameter.SPLIT: "split",
        Parameter.MEASURE: "measure",
        Parameter.KNOWN_ON: "known",
    }
    offered = {
        parameter
        for parameter, name in names.items()
        if f'name="{name}"' in page
    }
    assert offered == report.parameters - {Parameter.CURRENCY}


@every_report
def test_the_command_shows_the_figures_of_the_file(
    filled: World, report: AnyDefinition, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = {**MONTHS, "file": "csv"}
    answer = filled.client(filled.admin).get(f"/reports/{report.name}/", asked)
    _heading, *rows = csv.reader(
        StringIO(answer.content.decode("utf-8-sig")), delimiter=";"
    )
    assert main(["report", report.name, *FLAGS, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    lines = [list(line.values())[2:] for line in found["lines"]]
    written = [
        ["" if cell is None else str(cell) for cell in line] for line in lines
    ]
    shown = [[cell.replace(",", ".") for cell in row[1:]] for row in rows]
    assert [[_number(cell) for cell in row] for row in shown] == [
        [_number(cell) for cell in row] for row in written
    ]
    assert any(any(_number(cell) for cell in row) for row in shown)


def _number(cell: str) -> float:
    """A cell as a number; files round rates to what a person types."""
    return round(float(cell or 0), 4)


@every_report
def test_the_command_shows_a_table(
    filled: World, report: AnyDefinition, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", report.name, *FLAGS]) == 0
    headings, *lines = capsys.readouterr().out.splitlines()
    assert headings.strip()
    assert "2018" in lines[0]


@every_report
def test_every_figure_leads_to_what_it_is_made_of(
    filled: World, report: AnyDefinition
) -> None:
    client = filled.client(filled.admin)
    page = client.get(f"/reports/{report.name}/", MONTHS)
    addresses = [
        cell.address
        for line in page.context["table"].lines
        for cell in line.cells
    ]
    opened = [address for address in addresses if address]
    assert opened
    for address in opened:
        place = (
            address
            if address.startswith("/")
            else f"/reports/{report.name}/{address}"
        )
        assert client.get(place).status_code == 200, address


@every_report
def test_every_split_is_shown(filled: World, report: AnyDefinition) -> None:
    fields = catalog(report.record_kind)
    paths = report.splits(fields)
    assert bool(paths) == report.takes(Parameter.SPLIT)
    for path in paths:
        asked = {**MONTHS, "split": path}
        page = filled.client(filled.admin).get(
            f"/reports/{report.name}/", asked
        )
        table = page.context["table"]
        assert f'<option value="{path}" selected>' in page.content.decode()
        if table.split:
            assert table.split == fields.name(path, "de")
            assert any(line.is_part for line in table.lines)
            continue
        addresses = _addresses(table)
        is_filtered = f'"field":"{path}"' in addresses
        assert is_filtered or f"split={path}&figure=part:" in addresses


def _addresses(table: ShownTable) -> str:
    """Where the cells of a table lead, with the filters that stand there."""
    cells = [cell for line in table.lines for cell in line.cells]
    return unquote_plus(" ".join(cell.address for cell in cells))


def test_reports_are_about_deals_or_subscriptions() -> None:
    kinds = {report.record_kind for report in REPORTS.values()}
    assert kinds == {RecordKind.DEAL, RecordKind.SUBSCRIPTION}
