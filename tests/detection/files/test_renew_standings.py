"""What `turnus renew` writes and what it skips: due, overdue, in question, lapsed, ended."""

from pathlib import Path

import pytest

from tests.detection.files.test_command import GERMAN, rows, sheet
from tests.detection.files.test_renew_command import eleven, lines, renew


def test_overdue_terms_are_renewed_only_when_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(tmp_path, rows(months=10))
    assert [
        line[5] for line in lines(renew(path, as_of="2018-11-15"))[1:]
    ] == ["2018-12-10"]
    assert (
        "1  due before the period and not booked; --overdue renews it too (€100.00)"
        in capsys.readouterr().out
    )
    both = lines(renew(path, "--overdue", as_of="2018-11-15"))[1:]
    assert [line[5] for line in both] == ["2018-11-10", "2018-12-10"]


def test_a_doubtful_subscription_waits_for_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    odd = [
        ["Wartung", "Gewonnen", "100", "EUR", "Isar AG", "2018-10-12"],
        ["Hosting", "Gewonnen", "100", "EUR", "Isar AG", "2018-11-12"],
    ]
    given = [[*line, "monatlich"] for line in odd]
    path = sheet(tmp_path, given, (*GERMAN, "Plan"))
    assert not renew(path).exists()
    assert "its last deal is in question" in capsys.readouterr().out
    assert lines(renew(path, "--doubtful"))[1:]


def test_lapsed_and_single_are_named_with_their_money(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    single = [
        "Schulung Anwender",
        "Gewonnen",
        "640",
        "EUR",
        "Isar AG",
        "2018-05-05",
    ]
    renew(
        sheet(
            tmp_path, [*rows(months=6), single, *rows(won="Offen", months=2)]
        )
    )
    told = capsys.readouterr().out
    assert told.startswith("Read: 7 won deals in 9 rows (")
    assert "       2  not won (rows 9, 10)\n" in told
    assert "1  lapsed: not renewed within its grace (€100.00)" in told
    assert "1  single purchases that do not recur (€640.00)" in told
    assert "Elbe GmbH" in told


def test_a_missed_term_of_a_doubtful_subscription_waits_for_a_word(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    named = [
        [*line, "monatlich"] for line in eleven() if "2018-06" not in line[5]
    ]
    jump = [
        "Wartung",
        "Gewonnen",
        "990",
        "EUR",
        "Elbe GmbH",
        "2018-12-10",
        "monatlich",
    ]
    path = sheet(tmp_path, [*named, jump], (*GERMAN, "Plan"))
    assert not renew(path, period="2018-06", as_of="2018-12-12").exists()
    assert "10 Jun 2018" in capsys.readouterr().out
    out = renew(path, "--doubtful", period="2018-06", as_of="2018-12-12")
    assert [line[5] for line in lines(out)[1:]] == ["2018-06-10"]


@pytest.mark.parametrize(
    ("as_of", "period", "outcome"),
    [
        ("2026-06-01", "2026-06", "due"),
        ("2026-07-20", "2026-07", "overdue"),
        ("2026-08-05", "2026-08", "lapsed"),
        # Of a month that is over, what was missed within three months is still found.
        ("2026-10-20", "2026-06", "due"),
        ("2026-11-28", "2026-06", "lapsed"),
        ("2028-11-28", "2028-11", "gone"),
    ],
)
def test_a_yearly_subscription_lapses_after_its_grace_and_is_no_news_after_a_year(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    as_of: str,
    period: str,
    outcome: str,
) -> None:
    """The fair of three days, once for much more money, is never renewed."""
    fair = [
        "Messe 3 Tage Hannover",
        "Gewonnen",
        "5000",
        "EUR",
        "Isar AG",
        "2025-06-28",
    ]
    hosting = [
        ["Hosting", "Gewonnen", "120", "EUR", "Elbe GmbH", f"{year}-06-24"]
        for year in (2024, 2025)
    ]
    path = sheet(tmp_path, [*hosting, fair])
    out = renew(path, "--overdue", period=period, as_of=as_of)
    written = [line[5] for line in lines(out)[1:]] if out.exists() else []
    told = capsys.readouterr().out
    is_renewed = outcome in {"due", "overdue"}
    assert written == (["2026-06-24"] if is_renewed else [])
    assert ("lapsed: not renewed within its grace" in told) == (
        outcome == "lapsed"
    )
    assert "1  single purchases that do not recur (€5,000.00)" in told


def test_what_stopped_long_ago_is_neither_overdue_nor_due(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = [
        ["Wartung", "Gewonnen", "49", "EUR", "Alt GmbH", f"2022-{month:02}-28"]
        for month in (8, 9, 10)
    ]
    running = [
        ["Wartung", "Gewonnen", "49", "EUR", "Neu GmbH", f"2024-{month:02}-28"]
        for month in (2, 3)
    ]
    headings = (*GERMAN, "Plan")
    path = sheet(
        tmp_path, [[*line, "monatlich"] for line in gone + running], headings
    )
    out = renew(path, "--overdue", period="2024-04", as_of="2024-03-28")
    assert [line[4:6] for line in lines(out)[1:]] == [
        ["Neu GmbH", "2024-04-28"]
    ]
    assert "Alt GmbH" not in capsys.readouterr().out
