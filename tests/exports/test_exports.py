"""Exports: what leaves comes back; what a file cannot hold is said."""

import csv
from datetime import date, datetime
from pathlib import Path

import openpyxl
import pytest

from tests.imports.test_imports import checked, codes, imported, verdicts
from tests.properties.files import export
from tests.world import World
from turnus.accounts.queries import company
from turnus.cli.main import main
from turnus.contacts.models import Person
from turnus.core.cadence import YEARLY
from turnus.core.calendar import moment_at
from turnus.core.fields import FieldKind
from turnus.core.filters import All
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.exports.actions import request_export
from turnus.exports.models import Export
from turnus.jobs.worker import run_pending
from turnus.listing.lists import ListState
from turnus.sales.models import Deal

PERSONS = """Name;Organization;Phone;Email
Anna Plus;Apo Org;+49 170 1234567;anna@apo.example
-Minus Max;Apo Org;(030) 123;max@apo.example
'Quote Q;Apo Org;0170 1;q@apo.example
@Home Ltd;Apo Org;;h@apo.example
"""


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=";"))[1:]


def test_persons_leave_as_they_came(world: World, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text(PERSONS)
    imported(world, tmp_path / "in.csv", kind=RecordKind.PERSON)
    names = ["Anna Plus", "-Minus Max", "'Quote Q", "@Home Ltd"]
    assert (
        list(Person.objects.order_by("pk").values_list("name", flat=True))
        == names
    )
    path = export(
        world,
        RecordKind.PERSON,
        ("name", "phones", "emails"),
        tmp_path / "out.csv",
        "de",
    )
    assert sorted(row[:2] for row in rows_of(path)) == sorted(
        [
            ["Anna Plus", "+49 170 1234567"],
            ["'-Minus Max", "(030) 123"],
            ["'Quote Q", "0170 1"],
            ["'@Home Ltd", ""],
        ]
    )
    of = checked(world, path, kind=RecordKind.PERSON)
    assert (set(verdicts(of)), codes(of)) == ({"same"}, [])


@pytest.mark.parametrize(
    ("price", "shown"),
    [("5200", "433,33"), ("5200.12", "433,34"), ("6000", "500")],
)
def test_mrr_is_written_as_lists_show_it(
    world: World, tmp_path: Path, price: str, shown: str
) -> None:
    world.subscription(
        world.plan("Abo jährlich", YEARLY),
        start=date(2018, 6, 1),
        amount=price,
    )
    path = export(
        world,
        RecordKind.SUBSCRIPTION,
        ("name", "mrr"),
        tmp_path / "out.csv",
        "de",
    )
    assert shown in rows_of(path)[0]


def test_amounts_that_were_typed_keep_their_decimals(
    world: World, tmp_path: Path
) -> None:
    world.deal(title="A", value=Money.of("99.9999", "EUR"))
    path = export(
        world, RecordKind.DEAL, ("title", "value"), tmp_path / "out.csv", "de"
    )
    assert rows_of(path) == [["A", "99,9999"]]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize(
    "won", [datetime(2018, 10, 1), datetime(2018, 10, 1, 9, 30, 15, 999_999)]
)
def test_a_won_time_comes_back_to_the_second(
    world: World, tmp_path: Path, ending: str, won: datetime
) -> None:
    deal = world.deal(title="A", status="won", won_at=won)
    stamped = moment_at(won, company().zone)
    Deal.objects.filter(pk=deal.pk).update(
        won_at=stamped, first_won_at=stamped
    )
    columns = ("id", "title", "organization", "status", "won_at")
    path = export(
        world, RecordKind.DEAL, columns, tmp_path / f"out.{ending}", "de"
    )
    assert verdicts(
        checked(world, path, answers={"existing": {"do": "update"}})
    ) == ["same"]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_midnight_restores_as_midnight(
    world: World, tmp_path: Path, ending: str
) -> None:
    world.deal(title="A", status="won", won_at=datetime(2018, 10, 1), amount=5)
    columns = ("title", "organization", "status", "won_at")
    path = export(
        world, RecordKind.DEAL, columns, tmp_path / f"out.{ending}", "de"
    )
    before = Deal.objects.get().won_at
    Deal.objects.all().delete()
    imported(world, path)
    assert (
        Deal.objects.get().won_at
        == before
        == moment_at(datetime(2018, 10, 1), company().zone)
    )


@pytest.fixture
def long_text(world: World) -> str:
    """The path of a field with a text longer than a cell of XLSX, in the second of three deals."""
    path = f"custom.{world.field(FieldKind.LARGE_TEXT, 'Notiz').key}"
    organization = world.organization().pk
    for title, text in (("A", "short"), ("B", "x" * 40_000), ("C", "y")):
        world.deal(
            **{"title": title, "organization": organization, path: text}
        )
    return path


def test_one_long_text_stops_no_export(world: World, long_text: str) -> None:
    state = ListState(All(()), sort="title", columns=("title", long_text))
    request_export(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        state=state,
        file_format="xlsx",
        language="de",
        title="Alle",
    )
    run_pending()
    done = Export.objects.get()
    assert (done.state, done.row_count) == ("done", 3)
    assert done.error == {
        "code": "export.texts_cut",
        "params": {"count": "1", "rows": "3"},
    }


def test_the_command_says_which_rows_are_cut(
    world: World,
    long_text: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (
        main(
            [
                "export",
                "--columns",
                f"title,{long_text}",
                "-o",
                str(tmp_path / "a.xlsx"),
                "--lang",
                "en",
            ]
        )
        == 0
    )
    assert "CSV" in capsys.readouterr().out


def test_a_cut_text_never_replaces_the_whole_one(
    world: World, long_text: str, tmp_path: Path
) -> None:
    columns = ("id", "title", "organization", long_text)
    path = export(world, RecordKind.DEAL, columns, tmp_path / "out.xlsx", "de")
    book = openpyxl.load_workbook(path)
    assert book.active is not None
    for row in book.active.iter_rows(min_row=2):
        row[1].value = f"{row[1].value}2"
    book.save(path)
    of = imported(world, path, answers={"existing": {"do": "update"}})
    assert (codes(of), set(verdicts(of))) == (["row.text_cut"], {"update"})
    held = Deal.objects.get(title="B2").custom
    assert [len(text) for text in held.values()] == [40_000]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_how_lines_of_a_text_end_is_no_change(
    world: World, tmp_path: Path, ending: str
) -> None:
    path = f"custom.{world.field(FieldKind.LARGE_TEXT, 'Notiz').key}"
    deal = world.deal(**{"title": "A", path: "a\nb"})
    Deal.objects.filter(pk=deal.pk).update(
        custom={path.removeprefix("custom."): "a\r\nb"}
    )
    file = export(
        world,
        RecordKind.DEAL,
        ("id", "title", "organization", path),
        tmp_path / f"out.{ending}",
        "de",
    )
    assert verdicts(
        checked(world, file, answers={"existing": {"do": "update"}})
    ) == ["same"]
