"""`turnus detect`: a spreadsheet of copied deals, read with nothing set up."""

import csv
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bench.histories import META, World
from turnus.cli.main import main

GERMAN = (
    "Deal - Titel",
    "Deal - Status",
    "Deal - Wert",
    "Deal - Währung",
    "Deal - Organisation",
    "Deal - Gewonnen am",
)
ENGLISH = ("Title", "Status", "Value", "Currency", "Organization", "Won time")


def rows(
    *, won: str = "Gewonnen", currency: str = "EUR", months: int = 12
) -> list[list[str]]:
    return [
        [
            "Wartung",
            won,
            "100",
            currency,
            "Elbe GmbH",
            f"2018-{month:02}-10 09:00",
        ]
        for month in range(1, months + 1)
    ]


def sheet(
    folder: Path,
    lines: list[list[str]],
    headings: Any = GERMAN,
    name: str = "deals.csv",
) -> Path:
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([list(headings), *lines])
    return path


def answer(path: Path, folder: Path, *flags: str) -> Any:
    out = folder / "out.json"
    assert (
        main(
            [
                "detect",
                str(path),
                "--as-of",
                "2018-12-31",
                "--json",
                str(out),
                *flags,
            ]
        )
        == 0
    )
    return json.loads(out.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("world")
    World(level=2, seed=7, customers=12).write(folder)
    (folder / "meta.json").write_text(json.dumps(META), encoding="utf-8")
    return folder


def test_copies_are_one_subscription(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(sheet(tmp_path, rows()), tmp_path)
    (chain,) = found["chains"]
    assert (chain["customer"], chain["interval"], len(chain["deals"])) == (
        "Elbe GmbH",
        {"unit": "month", "count": 1},
        12,
    )
    assert (found["mrr"], found["arr"], found["months"][-1]["mrr"]) == (
        "100",
        "1200",
        "100",
    )
    assert "MRR" in capsys.readouterr().out


def test_headings_and_words_may_be_english(tmp_path: Path) -> None:
    found = answer(sheet(tmp_path, rows(won="Won"), ENGLISH), tmp_path)
    assert [len(chain["deals"]) for chain in found["chains"]] == [12]


def test_settings_name_day_zone_currency_and_rates(
    world: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.json"
    given = [
        str(world / "export.csv"),
        "--settings",
        str(world / "meta.json"),
        "--json",
        str(out),
    ]
    assert main(["detect", *given]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert (found["as_of"], found["currency"], bool(found["chains"])) == (
        META["as_of"],
        "EUR",
        True,
    )
    assert {"chains", "months", "review"} <= found.keys()


def test_a_workbook_says_the_same_as_a_csv_file(
    world: Path, tmp_path: Path
) -> None:
    with (world / "export.csv").open(encoding="utf-8-sig", newline="") as file:
        lines = list(csv.reader(file, delimiter=";"))
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    book.save(tmp_path / "export.xlsx")
    flags = [
        "--settings",
        str(world / "meta.json"),
        "--as-of",
        str(META["as_of"]),
    ]
    of_csv, of_workbook = (
        answer(path, tmp_path, *flags)
        for path in (world / "export.csv", tmp_path / "export.xlsx")
    )
    assert of_csv.pop("reading")["encoding"] == "utf-8"
    assert of_workbook.pop("reading")["encoding"] == ""
    assert of_csv == of_workbook


def test_the_order_of_the_rows_does_not_matter(tmp_path: Path) -> None:
    headings = ("Deal - ID", *GERMAN)
    lines = [[str(number), *line] for number, line in enumerate(rows(), 1)]
    forward, backward = (
        answer(sheet(tmp_path, order, headings), tmp_path)
        for order in (lines, list(reversed(lines)))
    )
    assert forward == backward


def test_skipped_rows_are_listed_with_their_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = [
        ["x", "Offen", "1", "EUR", "Elbe GmbH", "2018-01-01"],
        ["x", "Gewonnen", "1", "EUR", "Elbe GmbH", "2031-01-01"],
    ]
    found = answer(sheet(tmp_path, rows() + odd), tmp_path)
    assert (found["left_out"], found["left_out_rows"]) == (
        {"not_won": 1, "later": 1},
        {"not_won": [14], "later": [15]},
    )
    told = capsys.readouterr().out
    assert "1  not won (row 14)" in told
    assert "1  won after the day that counts as today (row 15)" in told


def test_a_deal_that_stands_there_twice_counts_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [[str(number), *line] for number, line in enumerate(rows(), 1)]
    found = answer(
        sheet(tmp_path, [*lines, lines[4]], ("Deal - ID", *GERMAN)), tmp_path
    )
    assert (
        found["left_out"],
        found["mrr"],
        len(found["chains"][0]["deals"]),
    ) == (
        {"twice": 1},
        "100",
        12,
    )
    assert "duplicate deal: counted once" in capsys.readouterr().out


def test_a_deal_that_was_imported_twice_counts_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    again = [*rows()[4][:5], "2018-05-10 09:04"]
    found = answer(sheet(tmp_path, [*rows(), again]), tmp_path)
    assert (
        len(found["doubles"]),
        found["mrr"],
        len(found["chains"][0]["deals"]),
    ) == (
        1,
        "100",
        12,
    )
    told = capsys.readouterr().out
    assert "1  suspected duplicates: each counted once" in told
    (pair,) = found["double_pairs"]
    assert pair["deal"] == found["doubles"][0]
    assert f"{pair['deal']} repeats {pair['of']}  10 May 2018  €100.00" in told


def test_overdue_missed_and_doubtful_deals_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        line for number, line in enumerate(rows(months=11)) if number != 5
    ]
    lines += [
        ["Gutschrift", "Gewonnen", "-33", "EUR", "Elbe GmbH", "2018-05-05"]
    ]
    answer(sheet(tmp_path, lines), tmp_path, "--as-of", "2018-12-15")
    told = capsys.readouterr().out
    assert "Overdue, not renewed yet: 1, worth €100.00" in told
    assert "Missed renewals: 1" in told
    assert "Does the negative deal end a subscription?" in told


@pytest.mark.parametrize(
    ("lines", "headings", "words"),
    [
        (
            rows(won="Offen"),
            GERMAN,
            "None of the 12 rows is a readable won deal: 12 not won.",
        ),
        ([], GERMAN, "The file has headings, but no rows."),
        (
            [line[:5] for line in rows()],
            GERMAN[:5],
            "No column holds the days on which deals were won",
        ),
        (
            [line[:2] + line[4:] for line in rows()],
            GERMAN[:2] + GERMAN[4:],
            "No column holds the values of the deals",
        ),
        (
            [line[:4] + line[5:] for line in rows()],
            GERMAN[:4] + GERMAN[5:],
            "No column names the customer",
        ),
        (rows() + rows(currency="CHF"), GERMAN, "There are also deals in CHF"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(
    lines: list[list[str]],
    headings: Any,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["detect", str(sheet(tmp_path, lines, headings))]) == 1
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--as-of", "gestern"], "is not a day"),
        (["--zone", "Mond"], "Mond"),
        (["--currency", "Taler"], "Taler"),
        (["--rate", "CHF"], "CHF"),
        (["--rate", "CHF=viel"], "viel"),
        (["--rate", "CHF=-1"], "-1"),
        (["--plan-column", "Turnus"], "Turnus"),
        (["--settings", "missing.json"], "missing.json"),
    ],
)
def test_a_flag_that_is_not_right_says_so(
    flags: list[str],
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["detect", str(sheet(tmp_path, rows())), *flags]) == 1
    assert words in capsys.readouterr().err


def test_no_file_two_files_and_no_spreadsheet_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, text = sheet(tmp_path, rows()), tmp_path / "deals.xlsx"
    text.write_bytes(b"PK nothing")
    for given in (
        [str(path), str(path)],
        [str(tmp_path / "none.csv")],
        [str(text)],
    ):
        assert main(["detect", *given]) == 1
        assert capsys.readouterr().err.startswith("turnus: ")
    (tmp_path / "list.json").write_text("[]", encoding="utf-8")
    (tmp_path / "no.json").write_text("{as_of", encoding="utf-8")
    for settings in ("list.json", "no.json"):
        assert (
            main(["detect", str(path), "--settings", str(tmp_path / settings)])
            == 1
        )


def test_a_folder_is_told_apart_from_a_missing_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["detect", str(tmp_path)]) == 1
    assert "is a folder" in capsys.readouterr().err


def test_a_misspelt_flag_names_the_one_that_was_meant(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["detect", str(sheet(tmp_path, rows())), "--reprot", "x.html"])
    assert refused.value.code == 2
    assert "did you mean --report?" in capsys.readouterr().err


def test_an_old_list_is_told_with_the_day_that_it_is_of(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer(sheet(tmp_path, rows()), tmp_path, "--as-of", "2020-12-31")
    assert "--as-of 2018-12-" in capsys.readouterr().out


def test_decisions_are_listed_by_their_money_and_counted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = [
        [
            "Wartung",
            "Gewonnen",
            str(10 * number),
            "EUR",
            f"{name} GmbH",
            "2018-11-20",
        ]
        for number, name in enumerate("ABCDEFGHIJKL", 3)
    ]
    found = answer(
        sheet(tmp_path, rows() + single), tmp_path, "--as-of", "2018-12-15"
    )
    told = capsys.readouterr().out
    stakes = [decision["stake"] for decision in found["decisions"]]
    assert stakes == [str(10 * number) for number in range(14, 2, -1)]
    assert told.index(
        "1. L GmbH: One-time or recurring? €140.00 a month"
    ) < told.index("10. C GmbH: One-time or recurring? €50.00 a month")
    assert "and 2 more, €70.00 a month: --report lists all" in told
    assert "“Wartung” of 20 Nov 2018 does not recur" in told
    assert (
        "MRR €140.00: “Wartung” monthly, €140.00: 1 deal from 20 Nov 2018 on"
        in told
    )


def test_the_mrr_has_a_range_from_the_least_to_the_most(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = [["Wartung", "Gewonnen", "100", "EUR", "Isar AG", "2018-11-20"]]
    found = answer(
        sheet(tmp_path, rows() + single), tmp_path, "--as-of", "2018-12-15"
    )
    assert (found["mrr_low"], found["mrr_high"]) == ("100", "200")
    assert found["mrr"] in {"100", "200"}
    told = capsys.readouterr().out
    assert (
        "MRR between €100.00 and €200.00, depending on your decisions" in told
    )
    (decision,) = found["decisions"]
    assert (decision["customer"], decision["asked"]) == (
        "Isar AG",
        found["review"],
    )


def test_without_a_decision_the_mrr_has_no_range(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = answer(sheet(tmp_path, rows()), tmp_path)
    assert (found["mrr_low"], found["mrr"], found["mrr_high"]) == (
        "100",
        "100",
        "100",
    )
    assert (found["decisions"], found["double_pairs"]) == ([], [])
    told = capsys.readouterr().out
    assert "MRR between" not in told
    assert "Clear: 100% of the deals; decisions to make: 0" in told


def test_rates_make_several_currencies_one_figure(tmp_path: Path) -> None:
    lines = rows() + [
        [*line[:4], "Isar AG", line[5]] for line in rows(currency="CHF")
    ]
    found = answer(
        sheet(tmp_path, lines),
        tmp_path,
        "--rate",
        "CHF=0.5",
        "--currency",
        "EUR",
    )
    assert found["mrr"] == "150"


def test_a_column_of_plans_may_be_named(tmp_path: Path) -> None:
    lines = [[*rows(months=1)[0], "jährlich"]]
    found = answer(
        sheet(tmp_path, lines, (*GERMAN, "Vertragsart")),
        tmp_path,
        "--plan-column",
        "Vertragsart",
    )
    assert [chain["interval"] for chain in found["chains"]] == [
        {"unit": "month", "count": 12}
    ]


def test_json_goes_to_the_terminal_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(
            [
                "detect",
                str(sheet(tmp_path, rows())),
                "--as-of",
                "2018-12-31",
                "--json",
                "-",
            ]
        )
        == 0
    )
    assert json.loads(capsys.readouterr().out)["mrr"] == "100"


def test_nothing_has_to_be_set_up(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "TURNUS_DATA": str(tmp_path / "nowhere"),
        "LANG": "de_DE.UTF-8",
        "PYTHONIOENCODING": "ascii",
    }
    told = subprocess.run(
        [
            sys.executable,
            "-m",
            "turnus",
            "detect",
            str(sheet(tmp_path, rows())),
            "--as-of",
            "2018-12-31",
        ],
        capture_output=True,
        check=False,
        text=True,
        env=environment,
    )
    assert (told.returncode, told.stderr, (tmp_path / "nowhere").exists()) == (
        0,
        "",
        False,
    )
    assert "####" in told.stdout
