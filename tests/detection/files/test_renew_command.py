"""`turnus renew`: the renewals of a period from copied deals, ready for an import."""

import csv
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bench.histories import META
from bench.histories import World as Histories
from tests.detection.files.test_command import ENGLISH, GERMAN, rows, sheet
from tests.imports.test_imports import sheet as workbook
from tests.revenue.test_copies_in_files import HEADINGS as WITH_PLAN
from tests.revenue.test_copies_in_files import copy, terms
from tests.revenue.worlds import plan
from tests.world import World
from turnus.cli.main import main
from turnus.kit import formats
from turnus.sales.models import Deal


def renew(
    path: Path, *flags: str, period: str = "2018-12", as_of: str = "2018-11-30"
) -> Path:
    """Renew the deals of November, for December by default; return the output file."""
    out = path.with_name("renewals" + path.suffix)
    assert (
        main(
            [
                "renew",
                str(path),
                "--as-of",
                as_of,
                "--for",
                period,
                "-o",
                str(out),
                *flags,
            ]
        )
        == 0
    )
    return out


def lines(path: Path, delimiter: str = ",") -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file, delimiter=delimiter))


def eleven(**more: Any) -> list[list[str]]:
    return rows(months=11, **more)


def test_the_next_term_is_a_copy_won_on_its_due_day(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = renew(sheet(tmp_path, eleven()))
    assert lines(out) == [
        list(GERMAN),
        ["Wartung", "Gewonnen", "100", "EUR", "Elbe GmbH", "2018-12-10"],
    ]
    assert (
        "Renewals from 1 Dec 2018 to 31 Dec 2018: 1, worth €100.00"
        in capsys.readouterr().out
    )


def test_a_file_that_holds_the_renewals_is_renewed_no_second_time(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = renew(
        sheet(tmp_path, eleven()), period="2019-Q1", as_of="2018-12-05"
    )
    both = sheet(tmp_path, eleven() + lines(out)[1:], name="both.csv")
    out.unlink()
    renew(both, period="2019-Q1", as_of="2018-12-05")
    told = capsys.readouterr().out
    assert "Nothing to renew" in told
    assert "3  already paid for by a deal (€300.00)" in told
    assert not out.exists()


def test_years_of_careless_copies_are_renewed_once(tmp_path: Path) -> None:
    Histories(level=3, seed=11, customers=25).write(tmp_path)
    given, when = (
        tmp_path / "export.csv",
        {"period": "2025-07", "as_of": str(META["as_of"])},
    )
    out = renew(given, **when)
    renewed = [["", *line] for line in lines(out, ";")[1:]]
    out.unlink()
    assert len(renewed) > 10
    headings, *before = lines(given, ";")
    assert not renew(
        sheet(tmp_path, before + renewed, headings, "both.csv"), **when
    ).exists()


@pytest.mark.parametrize(
    ("written", "due"),
    [
        ("2018-{:02}-10 09:00:00", "2018-12-10"),
        ("10.{:02}.2018 09:00", "10.12.2018"),
        ("10.{}.18", "10.12.18"),
        ("{:02}/25/2018 01:00 PM", "12/25/2018"),
        ("25/{:02}/2018", "25/12/2018"),
        ("2018/{:02}/10", "2018/12/10"),
        (
            "10/{:02}/2018",
            "2018-12-10",
        ),  # on its own, 10/12/2018 would be two days
        ("10 {:%B} 2018", "2018-12-10"),
    ],
)
def test_days_are_written_as_the_file_writes_them(
    written: str, due: str, tmp_path: Path
) -> None:
    given = [
        [
            *line[:5],
            written.format(date(2018, month, 1) if "%B" in written else month),
        ]
        for month, line in enumerate(eleven(), 1)
    ]
    if written.startswith("10/"):
        given.append(
            ["Beratung", "Gewonnen", "640", "EUR", "Isar AG", "25/06/2018"]
        )
    assert lines(renew(sheet(tmp_path, given)))[1][5] == due


@pytest.mark.parametrize(
    ("amounts", "written"),
    [
        (["1.200,00"] * 11, "1.200,00"),
        (["99,50"] * 5 + ["1.200"] * 6, "1200"),
        (["1200.00"] * 11, "1200.00"),
    ],
)
def test_amounts_stand_as_in_the_file_and_can_be_read_on_their_own(
    amounts: list[str], written: str, tmp_path: Path
) -> None:
    given = [
        [*line[:2], amount, *line[3:]]
        for line, amount in zip(eleven(), amounts, strict=True)
    ]
    assert {line[2] for line in lines(renew(sheet(tmp_path, given)))[1:]} == {
        written
    }


def test_what_belongs_to_one_deal_only_is_not_copied_and_all_else_is(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    headings = [
        "Deal - ID",
        *GERMAN,
        "Deal - Deal erstellt",
        "Deal - Gesamtzahl der Aktivitäten",
        "Deal - Zähler",
        "Organisation - ID",
    ]
    given = [
        [str(number), *line, "2018-01-01", "7", "Z-9", "44"]
        for number, line in enumerate(eleven(), 1)
    ]
    head, row = lines(renew(sheet(tmp_path, given, headings)))
    assert head == [*GERMAN, "Deal - Zähler", "Organisation - ID"]
    assert row[-3:] == ["2018-12-10", "Z-9", "44"]
    assert (
        "own: Deal - ID, Deal - Deal erstellt, Deal - Gesamtzahl der Aktivitäten\n"
        in capsys.readouterr().out
    )


def test_an_organization_that_the_last_deal_lacks_is_filled_in(
    tmp_path: Path,
) -> None:
    headings = (*GERMAN, "Deal - Kontaktperson")
    given = [[*line, "Eva Böhm"] for line in eleven()]
    given[-1][4] = ""
    (_, row) = lines(renew(sheet(tmp_path, given, headings)))
    assert row[4:] == ["Elbe GmbH", "2018-12-10", "Eva Böhm"]


@pytest.mark.parametrize(
    ("headings", "word"), [(GERMAN, "Gewonnen"), (ENGLISH, "Won")]
)
def test_a_file_without_a_status_gets_one(
    headings: Any, word: str, tmp_path: Path
) -> None:
    given = [[line[0], *line[2:]] for line in eleven()]
    head, row = lines(
        renew(sheet(tmp_path, given, (headings[0], *headings[2:])))
    )
    assert (head[-1], row[-1]) == ("Deal - Status", word)


def test_titles_go_forward_and_the_output_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dated = [
        [f"Wartung {month:02}/2018", *line[1:]]
        for month, line in enumerate(eleven(), 1)
    ]
    path = sheet(tmp_path, dated)
    out = renew(path)
    assert [line[0] for line in lines(out)[1:]] == ["Wartung 12/2018"]
    told = capsys.readouterr().out
    assert "1 title was brought forward:" in told
    assert "“Wartung 11/2018” → “Wartung 12/2018”" in told
    both = sheet(tmp_path, dated + lines(out)[1:], name="both.csv")
    out.unlink()
    assert not renew(both).exists()


def test_currencies_need_no_rate_and_are_never_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    swiss = [
        [*line[:4], "Isar AG", line[5]] for line in eleven(currency="CHF")
    ]
    assert len(lines(renew(sheet(tmp_path, eleven() + swiss)))) == 3
    assert "2, worth €100.00 + CHF\xa0100.00" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("period", "days"),
    [
        ("", ["2018-12-10"]),
        ("2019", [f"2019-{month:02}-10" for month in range(1, 13)]),
        ("2018-q4", ["2018-12-10"]),
        ("2018-12-11..2019-01-10", ["2019-01-10"]),
    ],
)
def test_a_period_is_a_month_a_quarter_a_year_or_days(
    period: str,
    days: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = sheet(tmp_path, eleven())
    assert (
        main(
            [
                "renew",
                str(path),
                "--as-of",
                "2018-12-01",
                "--for",
                period,
                "--dry-run",
            ]
        )
        == 0
    )
    told = capsys.readouterr().out.partition("Skipped")[0].splitlines()[2:]
    assert [line.split("  ")[1] for line in told] == [
        formats.day(date.fromisoformat(day), "en") for day in days
    ]


@pytest.mark.parametrize(
    "period",
    [
        "2018-13",
        "18-12",
        "Dezember",
        "2018-12-02..2018-12-01",
        "2018-12-01..",
        "2018-W3",
    ],
)
def test_no_period_is_refused(
    period: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "renew",
                str(sheet(tmp_path, eleven())),
                "--for",
                period,
                "--dry-run",
            ]
        )
        == 1
    )
    assert f"“{period}” is not a period" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("out", "words"),
    [
        ("deals.csv", "is the file being read"),
        ("none/renewals.csv", "none does not exist"),
        ("renewals.pdf", "must end in .xlsx, .csv"),
        ("folder.csv", "is a folder"),
        ("renewals", "must end in"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_the_work(
    out: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, before = sheet(tmp_path, eleven()), lines(sheet(tmp_path, eleven()))
    (tmp_path / "folder.csv").mkdir()
    assert (
        main(
            ["renew", str(path), "--for", "2018-12", "-o", str(tmp_path / out)]
        )
        == 1
    )
    assert words in capsys.readouterr().err
    assert lines(path) == before


def test_a_file_that_is_there_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "renewals.csv").write_text("old\n" * 1000, encoding="utf-8")
    assert len(lines(renew(sheet(tmp_path, eleven())))) == 2
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_file()) == [
        "deals.csv",
        "renewals.csv",
    ]


def test_a_file_and_a_dry_run_exclude_each_other(tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as refused:
        main(
            [
                "renew",
                str(sheet(tmp_path, eleven())),
                "-o",
                "a.csv",
                "--dry-run",
            ]
        )
    assert refused.value.code == 2


def test_without_a_file_to_write_it_only_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = [
        "renew",
        str(sheet(tmp_path, eleven())),
        "--as-of",
        "2018-11-30",
        "--for",
        "2018-12",
    ]
    shown = []
    for flags in ([], ["--dry-run"]):
        assert main([*command, *flags]) == 0
        shown.append(capsys.readouterr().out)
    assert shown[0] == shown[1]
    assert [one.name for one in tmp_path.iterdir()] == ["deals.csv"]


def test_a_plain_terminal_of_a_german_is_told_in_german(
    tmp_path: Path,
) -> None:
    environment = {
        **os.environ,
        "LANG": "de_DE.UTF-8",
        "PYTHONIOENCODING": "ascii",
    }
    command = [
        "renew",
        str(sheet(tmp_path, eleven())),
        "--as-of",
        "2018-11-30",
        "--for",
        "2018-12",
        "--dry-run",
    ]
    told = subprocess.run(
        [sys.executable, "-m", "turnus", *command],
        capture_output=True,
        check=False,
        text=True,
        env=environment,
    )
    assert (told.returncode, told.stderr) == (0, "")
    assert (
        "Verl?ngerungen vom 01.12.2018 bis 31.12.2018: 1, zusammen 100,00??"
        in told.stdout
    )


def test_what_detect_refuses_is_refused_here_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = str(sheet(tmp_path, rows(won="Offen")))
    for given, words in (
        ([path], "is a readable won deal"),
        ([path, path], "Name a single file"),
        ([path[:-4]], "There is no file"),
    ):
        assert main(["renew", *given, "--dry-run"]) == 1
        assert words in capsys.readouterr().err


def test_the_renewals_come_back_in_and_book_the_next_term_once(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(world)
    deals = workbook(
        tmp_path / "deals.xlsx", [copy(8), copy(9), copy(10)], WITH_PLAN
    )
    assert main(["import", str(deals)]) == 0
    out = renew(deals, period="2018-11", as_of="2018-11-14")
    assert main(["import", str(out)]) == 0
    assert terms() == [
        f"Wartung {number} {month:02}-01 100"
        for number, month in enumerate((8, 9, 10, 11))
    ]
    assert main(["import", str(out)]) == 1
    assert (Deal.objects.count(), len(terms())) == (4, 4)
