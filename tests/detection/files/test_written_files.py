"""What `turnus detect` writes for people: one page with charts, a workbook."""

import json
from collections import defaultdict
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from bench.histories import META
from bench.histories import World as Histories
from tests.detection.files.test_command import rows, sheet
from turnus.cli.main import main

#: Attributes by which a page fetches something.
FETCHING = {"src", "href", "srcset", "poster", "action", "xlink:href", "data"}
KINDS = ("new", "reactivation", "expansion", "contraction", "churn")


class Page(HTMLParser):
    """The tags of a page, and its text without styles."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text, self.is_style = "", False
        self.feed(text)

    def handle_starttag(
        self, tag: str, attrs: list[tuple[str, str | None]]
    ) -> None:
        self.tags.append((tag, dict(attrs)))
        self.is_style = tag == "style"

    def handle_endtag(self, tag: str) -> None:
        self.is_style = self.is_style and tag != "style"

    def handle_data(self, data: str) -> None:
        self.text += "" if self.is_style else data

    def having(self, tag: str, name: str = "") -> list[dict[str, str | None]]:
        return [
            one
            for found, one in self.tags
            if found == tag and name in (one.get("class") or "")
        ]


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("history")
    Histories(level=2, seed=5, customers=20).write(folder)
    (folder / "meta.json").write_text(json.dumps(META), encoding="utf-8")
    return folder


def written(
    history: Path, folder: Path, flag: str, name: str
) -> tuple[Path, Any]:
    """The file that a flag writes, and the same answer as JSON."""
    out, answer = folder / name, folder / "answer.json"
    given = [
        str(history / "export.csv"),
        "--settings",
        str(history / "meta.json"),
    ]
    assert main(["detect", *given, flag, str(out), "--json", str(answer)]) == 0
    return out, json.loads(answer.read_text(encoding="utf-8"))


def page_of(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


@pytest.fixture
def german(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    monkeypatch.delenv("LC_ALL", raising=False)


def test_the_page_fetches_nothing(history: Path, tmp_path: Path) -> None:
    out, _ = written(history, tmp_path, "--report", "report.html")
    text, page = out.read_text(encoding="utf-8"), page_of(out)
    fetched = {
        value
        for _, given in page.tags
        for name, value in given.items()
        if name in FETCHING
    }
    assert fetched <= {"#questions", "#duplicates"}
    assert not {"script", "link", "img", "iframe", "object"} & {
        tag for tag, _ in page.tags
    }
    assert not [
        word for word in ("http", "url(", "@import", "//") if word in text
    ]


def test_the_page_shows_the_figures_of_the_answer(
    history: Path, tmp_path: Path
) -> None:
    out, answer = written(history, tmp_path, "--report", "report.html")
    page = page_of(out)
    assert f"€{Decimal(answer['mrr']):,.2f}" in page.text
    assert len(page.having("rect", "mrr")) == min(len(answer["months"]), 60)
    assert len(page.having("li")) >= len(answer["chains"])
    assert len(page.having("th")) > len(answer["months"])
    assert all(
        str(question["deal"]) in page.text for question in answer["questions"]
    )


@pytest.mark.usefixtures("german")
def test_the_page_is_german_where_the_terminal_is(
    history: Path, tmp_path: Path
) -> None:
    out, answer = written(history, tmp_path, "--report", "bericht.html")
    page = page_of(out)
    assert page.having("html") == [{"lang": "de"}]
    assert "Was in export.csv wiederkehrt" in page.text
    assert (
        f"{Decimal(answer['mrr']):,.2f}".translate(str.maketrans(",.", ".,"))
        in page.text
    )
    # Numbers of drawings are no numbers of a language.
    assert not [
        one
        for one in page.having("rect")
        if "," in f"{one['x']}{one['width']}"
    ]


def test_nothing_of_the_file_is_taken_for_markup(tmp_path: Path) -> None:
    odd = "<script>alert(1)</script>&quot;'\"><b>"
    given = [[odd, *line[1:4], odd + "GmbH", line[5]] for line in rows()]
    given.append([odd, "Gewonnen", "-33", "EUR", odd, "2018-05-05"])
    out = tmp_path / "report.html"
    path = sheet(tmp_path, given, name="<i>deals.csv")
    assert (
        main(
            [
                "detect",
                str(path),
                "--as-of",
                "2018-12-31",
                "--report",
                str(out),
            ]
        )
        == 0
    )
    page = page_of(out)
    assert "script" not in {tag for tag, _ in page.tags}
    assert "<script>alert(1)</script>&quot;" in page.text
    assert "<i>deals.csv" in page.text


def test_overdue_and_forgotten_stand_on_the_page_with_their_money(
    tmp_path: Path,
) -> None:
    given = [
        line for number, line in enumerate(rows(months=11)) if number != 5
    ]
    out = tmp_path / "report.htm"
    assert (
        main(
            [
                "detect",
                str(sheet(tmp_path, given)),
                "--as-of",
                "2018-12-15",
                "--report",
                str(out),
            ]
        )
        == 0
    )
    page = page_of(out)
    assert "Overdue, not renewed yet: 1, worth €100.00" in page.text
    assert "Missed renewals: 1, worth €100.00" in page.text
    assert [
        len(page.having("rect", kind))
        for kind in ("paid", "missing", "overdue")
    ] == [2, 1, 1]


def test_a_history_without_revenue_has_a_page_too(tmp_path: Path) -> None:
    given = [
        [
            "Schulung Anwender",
            "Gewonnen",
            "0",
            "EUR",
            "Elbe GmbH",
            "2018-05-05",
        ]
    ]
    out, book = tmp_path / "report.html", tmp_path / "book.xlsx"
    path = str(sheet(tmp_path, given))
    assert (
        main(["detect", path, "--report", str(out), "--xlsx", str(book)]) == 0
    )
    assert "Nothing is overdue" in page_of(out).text
    assert openpyxl.load_workbook(book)["Subscriptions"].max_row == 1


def test_the_workbook_has_a_sheet_of_each_kind(
    history: Path, tmp_path: Path
) -> None:
    out, answer = written(history, tmp_path, "--xlsx", "book.xlsx")
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [
        "Subscriptions",
        "Months",
        "Movements",
        "Decisions",
        "Duplicates",
        "Range of the MRR",
    ]
    assert [one.freeze_panes for one in book] == ["A2"] * 6
    sizes = {one.title: one.max_row - 1 for one in book}
    assert [sizes["Subscriptions"], sizes["Months"], sizes["Decisions"]] == [
        len(answer[key]) for key in ("chains", "months", "decisions")
    ]
    assert sizes["Duplicates"] == len(answer["doubles"])
    bounds = list(
        book["Range of the MRR"].iter_rows(min_row=2, values_only=True)
    )
    assert [name for name, _mrr in bounds] == [
        "as it was read",
        "at least",
        "at most",
    ]
    assert [mrr for _name, mrr in bounds] == pytest.approx(
        [float(answer[key]) for key in ("mrr", "mrr_low", "mrr_high")],
        abs=0.005,
    )
    first = next(book["Subscriptions"].iter_rows(min_row=2))
    assert book["Subscriptions"].column_dimensions["C"].width == 40
    assert (first[5].number_format, first[8].is_date, first[9].is_date) == (
        "#,##0.00",
        True,
        True,
    )


def test_the_movements_of_the_workbook_add_up_to_its_months_and_to_the_answer(
    history: Path, tmp_path: Path
) -> None:
    out, answer = written(history, tmp_path, "--xlsx", "book.xlsx")
    book = openpyxl.load_workbook(out)
    moved: dict[tuple[str, str], float] = defaultdict(float)
    for day, _customer, _number, kind, _what, mrr, _deal in book[
        "Movements"
    ].iter_rows(min_row=2, values_only=True):
        moved[f"{day:%Y-%m}", kind] += mrr
    head, *months = book["Months"].iter_rows(values_only=True)
    for line, known in zip(months, answer["months"], strict=True):
        name = f"{line[0]:%Y-%m}"
        assert line[1:8] == pytest.approx(
            [line[1], *(moved[name, kind] for kind in head[2:8])]
        )
        assert list(line[2:7]) == pytest.approx(
            [float(known[kind]) for kind in KINDS], abs=0.006
        )
        assert sum(line[1:8]) == pytest.approx(line[8])
    assert months[-1][8] == pytest.approx(float(answer["mrr"]), abs=0.005)


def test_the_subscriptions_of_the_workbook_add_up_to_the_mrr(
    history: Path, tmp_path: Path
) -> None:
    out, answer = written(history, tmp_path, "--xlsx", "book.xlsx")
    lines = list(
        openpyxl.load_workbook(out)["Subscriptions"].iter_rows(
            min_row=2, values_only=True
        )
    )
    assert sum(line[7] for line in lines) == pytest.approx(
        float(answer["mrr"]), abs=0.005
    )
    due = [line[10] and f"{line[10]:%Y-%m-%d}" for line in lines]
    assert due == [chain["next_due"] for chain in answer["chains"]]
    assert {
        bool(line[10]) for line in lines if line[4] in {"active", "overdue"}
    } == {True}


@pytest.mark.usefixtures("german")
def test_the_workbook_is_german_where_the_terminal_is(
    history: Path, tmp_path: Path
) -> None:
    out, _ = written(history, tmp_path, "--xlsx", "buch.xlsx")
    book = openpyxl.load_workbook(out)
    assert book.sheetnames == [
        "Abonnements",
        "Monate",
        "Bewegungen",
        "Entscheidungen",
        "Duplikate",
        "Spanne des MRR",
    ]
    assert [cell.value for cell in book["Abonnements"][1]][:5] == [
        "Abonnement",
        "Kunde",
        "Name",
        "Plan",
        "Zustand heute",
    ]
    assert isinstance(book["Monate"]["A2"].value, datetime)


@pytest.mark.parametrize(
    ("flag", "name", "words"),
    [
        ("--report", "report.pdf", "must end in .html, .htm"),
        ("--xlsx", "book.csv", "must end in .xlsx"),
        ("--json", "none/a.json", "none does not exist"),
        ("--json", "deals.csv", "is the file being read"),
        ("--report", "folder.html", "is a folder"),
    ],
)
def test_an_output_that_cannot_be_is_refused_before_the_work(
    flag: str,
    name: str,
    words: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = sheet(tmp_path, rows())
    (tmp_path / "folder.html").mkdir()
    assert main(["detect", str(path), flag, str(tmp_path / name)]) == 1
    told = capsys.readouterr()
    assert words in told.err
    assert not told.out


def test_a_folder_that_takes_no_file_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(tmp_path, rows())
    assert (
        main(
            [
                "detect",
                str(path),
                "--as-of",
                "2018-12-31",
                "--json",
                "/proc/out.json",
            ]
        )
        == 1
    )
    assert "/proc/out.json cannot be written" in capsys.readouterr().err


def test_what_is_no_file_is_written_to_and_stays(tmp_path: Path) -> None:
    path = sheet(tmp_path, rows())
    assert (
        main(
            [
                "detect",
                str(path),
                "--as-of",
                "2018-12-31",
                "--json",
                "/dev/null",
            ]
        )
        == 0
    )
    assert not Path("/dev/null").is_file()


def test_a_link_to_a_file_goes_on_being_one(tmp_path: Path) -> None:
    path, real, link = (
        sheet(tmp_path, rows()),
        tmp_path / "real.json",
        tmp_path / "link.json",
    )
    real.write_text("old", encoding="utf-8")
    link.symlink_to(real)
    assert (
        main(
            ["detect", str(path), "--as-of", "2018-12-31", "--json", str(link)]
        )
        == 0
    )
    assert (
        link.is_symlink(),
        json.loads(real.read_text(encoding="utf-8"))["mrr"],
    ) == (
        True,
        "100",
    )
