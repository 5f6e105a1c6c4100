"""`turnus report`: tables for people, JSON for programs, the figures of the screen; files."""

import json
from io import BytesIO

import openpyxl
import pytest

from tests.revenue.worlds import booked
from tests.world import World
from turnus.cli.main import main

DAYS = ["--from", "2018-10-01", "--to", "2018-11-30"]


def test_a_table_in_the_terminal(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    assert main(["report", "mrr", *DAYS]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[:3] == ["MRR", "ARR", "Customers"]
    assert lines[1].split()[:4] == ["Oct", "2018", "€1,000.00", "€12,000.00"]


@pytest.mark.parametrize(
    "name",
    [
        "mrr",
        "movements",
        "rates",
        "cohorts",
        "bookings",
        "forecast",
        "won",
        "lost",
        "open",
    ],
)
def test_every_report_as_json(
    world: World, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    known = (
        []
        if name in {"won", "lost", "open"}
        else ["--as-known-on", "2018-11-01"]
    )
    assert main(["report", name, *DAYS, "--json", *known]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["report"], found["currency"]) == (name, "EUR")
    assert found["lines"]


def test_a_split_by_the_name_of_a_field(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    assert main(["report", "mrr", *DAYS, "--split", "Besitzer"]) == 0
    assert "Alice" in capsys.readouterr().out
    assert main(["report", "mrr", "--split", "Name"]) == 1


def test_a_split_report_has_lines_of_parts(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    booked(
        world,
        world.organization("Alpha", country="Schweiz"),
        "2018-10-20",
        [1000],
    )
    booked(world, world.organization("Beta"), "2018-10-20", [10])
    assert (
        main(["report", "movements", *DAYS, "--split", "organization.country"])
        == 0
    )
    out = [line.split()[:3] for line in capsys.readouterr().out.splitlines()]
    assert [one[2] for one in out[1:4]] == ["Schweiz", "not", "All"]
    main(
        [
            "report",
            "movements",
            *DAYS,
            "--split",
            "organization.country",
            "--json",
        ]
    )
    lines = json.loads(capsys.readouterr().out)["lines"]
    assert [(one["part"], one["new"]) for one in lines[:3]] == [
        ("Schweiz", "1000"),
        ("", "10"),
        (None, "1010"),
    ]


def test_a_figure_is_opened(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    booked(world, world.organization("Beta"), "2018-10-20", [500])
    assert (
        main(
            [
                "report",
                "rates",
                *DAYS,
                "--figure",
                "arpa",
                "--at",
                "2018-10-05",
                "--json",
            ]
        )
        == 0
    )
    found = json.loads(capsys.readouterr().out)
    groups = [
        (one["name"], one["total"], [each["amount"] for each in one["parts"]])
        for one in found["groups"]
    ]
    assert found["value"] == "750"
    assert groups == [
        ("mrr", "1500", ["1000", "500"]),
        ("customers", 2, [1, 1]),
    ]


def test_a_part_of_a_figure_is_opened_by_its_name(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    asked = [
        "report",
        "movements",
        *DAYS,
        "--split",
        "plan",
        "--at",
        "2018-10-05",
    ]
    assert main([*asked, "--figure", "new", "--part", "1m"]) == 0
    assert "Alpha" in capsys.readouterr().out
    assert main([*asked, "--figure", "nothing"]) == 1


def test_a_figure_of_a_day_without_a_line_names_the_day(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["report", "rates", *DAYS, "--figure", "nrr", "--at", "2017-01-31"]
    assert main(asked) == 1
    assert "2017-01-31" in capsys.readouterr().err


def test_the_screen_gives_the_table_and_the_parts_as_files(
    world: World,
) -> None:
    booked(world, world.organization("Alpha"), "2018-10-20", [1000])
    client = world.client(world.admin)
    table = client.get(
        "/reports/mrr/",
        {"from": "2018-10-01", "until": "2018-11-30", "file": "xlsx"},
    )
    rows = list(
        openpyxl.load_workbook(BytesIO(table.content)).worksheets[0].values
    )
    assert rows[1][:4] == ("Okt. 2018", 1000, 12000, 1)
    parts = client.get(
        "/reports/mrr/parts/",
        {"figure": "mrr", "at": "2018-11-01", "file": "csv"},
    ).content.decode("utf-8-sig")
    assert parts.splitlines()[1].split(";")[1:4] == [
        "Alpha",
        "Abo Alpha",
        "Abo 0",
    ]
    assert (
        world.client(world.bob)
        .get("/reports/mrr/parts/", {"file": "csv"})
        .status_code
        == 403
    )


@pytest.mark.parametrize(
    "query",
    [
        "figure=nothing",
        "at=1999-01-01",
        "at=2000-01-01&figure=mrr",
        "split=zzz&rates=zzz",
    ],
)
def test_a_figure_that_is_not_there(world: World, query: str) -> None:
    assert (
        world.client(world.admin)
        .get(f"/reports/mrr/parts/?{query}")
        .status_code
        == 200
    )
