"""How `turnus detect` and `turnus renew` read a file: every row is accounted for."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.detection.files.test_command import ENGLISH, GERMAN, sheet
from turnus.cli.main import main

MONTHS = range(1, 12)


def written(folder: Path, text: str) -> Path:
    path = folder / "deals.csv"
    path.write_text(text, encoding="utf-8")
    return path


def slashed(
    *, plan: str = "monthly", first: str = "{month:02}/05/2026"
) -> str:
    """Copies whose won times have two readings."""
    lines = [
        f"Hosting,Slash GmbH,100,won,{first.format(month=month)},{plan}"
        for month in MONTHS
    ]
    return (
        "\n".join(["Title,Organization,Value,Status,Won time,Plan", *lines])
        + "\n"
    )


def in_thousands(
    value: str,
    *,
    delimiter: str = ";",
    headings: str = "Titel;Organisation;Wert;Status;Gewonnen am",
) -> str:
    lines = [
        f"Hosting;Punkt GmbH;{value};gewonnen;15.{month:02}.2026"
        for month in MONTHS
    ]
    return "\n".join([headings, *lines]).replace(";", delimiter) + "\n"


def detected(path: Path, *flags: str) -> tuple[int, Any]:
    """The exit code, and the answer if there is one."""
    out = path.with_suffix(".json")
    code = main(
        [
            "detect",
            str(path),
            "--as-of",
            "2026-11-30",
            "--json",
            str(out),
            *flags,
        ]
    )
    return code, json.loads(
        out.read_text(encoding="utf-8")
    ) if code == 0 else None


def starts(found: Any) -> list[str]:
    return [day for chain in found["chains"] for day in chain["starts"]]


def test_won_times_with_two_readings_are_read_in_the_one_that_fits_the_plan(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found = detected(written(tmp_path, slashed()))
    assert (code, found["mrr"], found["left_out"]) == (0, "100", {})
    assert starts(found) == [f"2026-{month:02}-05" for month in MONTHS]
    assert (
        "are read with the month first, because then 10 of 10 gaps"
        in capsys.readouterr().out
    )


def test_won_times_with_the_day_first_are_read_so_if_that_fits_the_plan(
    tmp_path: Path,
) -> None:
    code, found = detected(
        written(tmp_path, slashed(first="05/{month:02}/2026"))
    )
    assert (code, found["mrr"]) == (0, "100")
    assert starts(found) == [f"2026-{month:02}-05" for month in MONTHS]


def yearly() -> str:
    lines = [
        f"Hosting,Slash GmbH,100,won,03/04/{year},yearly"
        for year in range(2020, 2027)
    ]
    return (
        "\n".join(["Title,Organization,Value,Status,Won time,Plan", *lines])
        + "\n"
    )


@pytest.mark.parametrize("command", ["detect", "renew"])
def test_won_times_that_fit_the_plan_both_ways_are_refused_with_both_readings(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dry = ["--dry-run"] if command == "renew" else []
    assert main([command, str(written(tmp_path, yearly())), *dry]) == 1
    told = capsys.readouterr()
    assert (
        "Won time: “03/04/2020” could be two different days. (rows 2, 3, 4, 5, 6, 7, 8)"
        in told.err
    )
    assert "It could be 3 Apr 2020 or 4 Mar 2020." in told.err
    assert "--day-first / --month-first" in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("flag", "first"),
    [("--day-first", "2020-04-03"), ("--month-first", "2020-03-04")],
)
def test_a_flag_answers_which_way_round_days_are(
    flag: str, first: str, tmp_path: Path
) -> None:
    code, found = detected(written(tmp_path, yearly()), flag)
    assert (code, starts(found)[0]) == (0, first)


def test_answers_of_an_import_answer_here_as_well(tmp_path: Path) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text(
        json.dumps({"dates:Won time": {"do": "month_first"}}), encoding="utf-8"
    )
    code, found = detected(
        written(tmp_path, yearly()), "--answers", str(answers)
    )
    assert (code, starts(found)[0]) == (0, "2020-03-04")


def test_answers_have_to_be_an_object(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answers = tmp_path / "answers.json"
    answers.write_text("[]", encoding="utf-8")
    assert (
        detected(written(tmp_path, yearly()), "--answers", str(answers))[0]
        == 1
    )
    assert "does not contain a JSON object" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "mrr"),
    [
        (in_thousands("1.200"), "1200"),
        (
            in_thousands(
                '"1,200"',
                delimiter=",",
                headings="Title;Organization;Value;Status;Won time",
            ),
            None,
        ),
        (
            "\n".join(
                [
                    "Title,Organization,Value,Status,Won time",
                    *(
                        f'Hosting,Point Ltd,"1,200",won,2026-{m:02}-15'
                        for m in MONTHS
                    ),
                ]
            ),
            "1200",
        ),
    ],
    ids=["german", "english-headings-german-words", "english"],
)
def test_thousands_are_read_by_what_the_rest_of_the_file_proves(
    text: str, mrr: str | None, tmp_path: Path
) -> None:
    _code, found = detected(written(tmp_path, text))
    assert (found and found["mrr"]) == mrr


@pytest.mark.parametrize("value", ["1.200", "1,200"])
def test_thousands_that_nothing_proves_are_refused_with_both_readings(
    value: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    headings = "Titel|Organisation|Wert|Status|Won time"
    text = in_thousands(value, delimiter="|", headings=headings)
    if value == "1.200":
        text = (
            text.replace("Titel", "Title")
            .replace("gewonnen", "won")
            .replace("15.", "2026-")
            .replace(".2026", "-15")
        )
    assert detected(written(tmp_path, text))[0] == 1
    told = capsys.readouterr().err
    assert f"Wert: “{value}” could be two different numbers." in told
    assert "--decimal comma / --decimal point" in told


@pytest.mark.parametrize(
    ("flag", "mrr"), [("comma", "1.2"), ("point", "1200")]
)
def test_a_flag_answers_what_the_decimal_mark_is(
    flag: str, mrr: str, tmp_path: Path
) -> None:
    text = in_thousands(
        "1,200", headings="Titel;Organisation;Wert;Status;Gewonnen am"
    )
    code, found = detected(written(tmp_path, text), "--decimal", flag)
    assert (code, found["mrr"]) == (0, mrr)


ODD = [
    (
        ["x", "Gewonnen", "1", "EUR", "", "2018-01-01"],
        "no_customer",
        "Both the organization and the contact person are missing. (row 14)",
    ),
    (
        ["x", "Gewonnen", "1", "EUR", "Elbe GmbH", ""],
        "no_date",
        "The won time is missing. (row 14)",
    ),
    (
        ["x", "Gewonnen", "viel", "EUR", "Elbe GmbH", "2018-01-01"],
        "unreadable_value",
        "Deal - Wert: “viel” is not a number. (row 14)",
    ),
    (
        ["x", "Gewonnen", "1", "EUR", "Elbe GmbH", "gestern"],
        "unreadable_won_at",
        "“gestern” is not a date.",
    ),
    (
        ["x", "Erledigt", "1", "EUR", "Elbe GmbH", "2018-01-01"],
        "unreadable_status",
        "“Erledigt” is not a status.",
    ),
    (
        ["x", "Gewonnen", "1", "XYZ", "Elbe GmbH", "2018-01-01"],
        "unreadable_currency",
        '--answers FILE with {"currency:XYZ"',
    ),
    (
        ["x", "Gewonnen", "1 USD", "EUR", "Elbe GmbH", "2018-01-01"],
        "unreadable_currency",
        "The row names two different currencies.",
    ),
    (
        ["x", "Gewonnen", "1", "EUR", "#NV", "2018-01-01"],
        "unreadable_text",
        "The cell contains a spreadsheet error (#NV).",
    ),
]


def twelve() -> list[list[str]]:
    return [
        [
            "Wartung",
            "Gewonnen",
            "100",
            "EUR",
            "Elbe GmbH",
            f"2018-{month:02}-10 09:00",
        ]
        for month in range(1, 13)
    ]


@pytest.mark.parametrize(
    ("line", "reason", "words"), ODD, ids=[reason for _, reason, _ in ODD]
)
def test_an_unreadable_row_refuses_the_file_until_a_flag_skips_it(
    line: list[str],
    reason: str,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = sheet(tmp_path, [*twelve(), line])
    assert main(["renew", str(path), "--dry-run"]) == 1
    assert detected(path)[0] == 1
    refused = capsys.readouterr()
    assert words in refused.err
    assert "--leave-out-unreadable" in refused.err
    code, found = detected(path, "--leave-out-unreadable")
    assert (
        code,
        found["left_out_rows"],
        len(found["chains"][0]["deals"]),
    ) == (
        0,
        {reason: [14]},
        12,
    )
    assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    "line",
    [
        ["x", "Offen", "viel", "EUR", "", "gestern"],
        ["x", "Verloren", "1", "Taler", "", ""],
    ],
)
def test_what_is_not_won_may_be_as_it_is(
    line: list[str], tmp_path: Path
) -> None:
    code, found = detected(sheet(tmp_path, [*twelve(), line]))
    assert (code, found["left_out_rows"]) == (0, {"not_won": [14]})


def test_blanks_that_count_as_something_are_listed_with_their_rows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [
        *twelve(),
        ["Schulung", "Gewonnen", "", "EUR", "Isar AG", "2018-01-01"],
    ]
    lines[3] = [
        "Wartung",
        "Gewonnen",
        "100",
        "",
        "Elbe GmbH",
        "2018-04-10 09:00",
    ]
    code, found = detected(sheet(tmp_path, lines))
    told = capsys.readouterr().out
    assert (code, [one["rows"] for one in found["notes"]]) == (0, [[14], [5]])
    assert (
        "Deal - Wert: The value is missing; it counts as 0. (row 14)" in told
    )
    assert (
        "The currency is missing here but not in other rows; EUR is assumed. (row 5)"
        in told
    )


def test_rows_that_are_equal_in_all_cells_are_listed(tmp_path: Path) -> None:
    lines = twelve()
    code, found = detected(
        sheet(
            tmp_path, [*lines, lines[0], [*lines[1][:-1], "2018-02-11 09:00"]]
        )
    )
    assert (
        code,
        [(one["rows"], one["message"]) for one in found["notes"]],
    ) == (
        0,
        [([14], "This row is identical to one above it; both are counted.")],
    )


def test_amounts_without_a_currency_beside_the_usual_one_need_no_note(
    tmp_path: Path,
) -> None:
    lines = [line[:3] + line[4:] for line in twelve()]
    lines[3][2] = "100 €"
    code, found = detected(sheet(tmp_path, lines, GERMAN[:3] + GERMAN[4:]))
    assert (code, found["notes"]) == (0, [])


def test_a_file_without_currencies_needs_no_note(tmp_path: Path) -> None:
    lines = [line[:3] + line[4:] for line in twelve()]
    _code, found = detected(sheet(tmp_path, lines, GERMAN[:3] + GERMAN[4:]))
    assert (found["notes"], found["left_out"], found["unreadable"]) == (
        [],
        {},
        [],
    )


def test_a_row_that_fills_none_of_the_columns_that_are_read_is_named(
    tmp_path: Path,
) -> None:
    lines = [[*line, ""] for line in twelve()]
    code, found = detected(
        sheet(
            tmp_path,
            [*lines, ["", "", "", "", "", "", "Stand 2018"]],
            (*GERMAN, "Notiz"),
        )
    )
    assert (code, found["left_out_rows"]) == (0, {"empty": [14]})


def test_many_rows_are_named_by_the_first_ten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_ones = [["x", "Offen", "1", "EUR", "Elbe GmbH", "2018-01-01"]] * 12
    detected(sheet(tmp_path, twelve() + open_ones))
    assert (
        "12  not won (rows 14, 15, 16, 17, 18, 19, 20, 21, 22, 23 and 2 more)"
        in capsys.readouterr().out
    )


def test_the_columns_that_make_the_figures_are_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _code, found = detected(sheet(tmp_path, twelve(), ENGLISH))
    told = capsys.readouterr().out.splitlines()[0]
    columns = "Won time: Won time, Value: Value, Organization: Organization"
    assert told == f"Read: 12 won deals in 12 rows ({columns})"
    assert found["columns"]["Won time"] == "won_at"


def test_a_currency_may_be_any_of_the_world_and_its_word_be_answered(
    tmp_path: Path,
) -> None:
    lines = [[*line[:3], "Taler", *line[4:]] for line in twelve()]
    answers = tmp_path / "answers.json"
    answers.write_text(
        json.dumps({"currency:Taler": {"do": "map", "to": "KZT"}}),
        encoding="utf-8",
    )
    code, found = detected(sheet(tmp_path, lines), "--answers", str(answers))
    assert (code, {chain["currency"] for chain in found["chains"]}) == (
        0,
        {"KZT"},
    )
