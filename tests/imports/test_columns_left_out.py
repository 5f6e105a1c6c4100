"""Every column with values fills a field, is computed, or is left out by a person's own word."""

import json
from pathlib import Path

import pytest

from tests.imports.test_imports import checked
from tests.world import World
from turnus.cli.main import main
from turnus.core.records import RecordKind
from turnus.core.tables import Row
from turnus.fields.catalog import catalog
from turnus.imports.actions import choose_import_columns
from turnus.imports.models import Import
from turnus.imports.unused_columns import Because, ColumnWatch
from turnus.sales.models import Deal

FILE = "Organisation;Wert;Status;Notiz\nElbe AG;5;Offen;anrufen\nOder AG;6;Offen;\n"


def csv(folder: Path, text: str = FILE) -> Path:
    path = folder / "deals.csv"
    path.write_text(text, encoding="utf-8")
    return path


def why_left_out(heading: str, kind: RecordKind = RecordKind.DEAL) -> str:
    watch = ColumnWatch([heading], [None], read_beside=())
    watch.see([Row(2, ("anrufen",))])
    because: str = watch.found(catalog(kind), ignored=())[0]["because"]
    return because


def test_a_column_that_no_field_takes_is_named_and_the_rows_go_in(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", str(csv(tmp_path))]) == 1
    said = capsys.readouterr().out
    assert "“Notiz”" in said
    assert "“anrufen”" in said
    assert "--ignore" in said
    assert Deal.objects.count() == 2


@pytest.mark.parametrize(
    "options",
    [["--ignore", "Notiz"], ["--ignore-others"]],
    ids=["named", "others"],
)
def test_it_is_left_out_by_the_persons_word(
    world: World,
    tmp_path: Path,
    options: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["import", str(csv(tmp_path)), *options]) == 0
    assert "Skipped, as you chose: “Notiz”." in capsys.readouterr().out
    assert Deal.objects.count() == 2


def test_null_in_the_mapping_is_that_word_too(
    world: World, tmp_path: Path
) -> None:
    (tmp_path / "columns.json").write_text('{"Notiz": null}')
    assert (
        main(
            [
                "import",
                str(csv(tmp_path)),
                "--mapping",
                str(tmp_path / "columns.json"),
            ]
        )
        == 0
    )


def test_a_detected_column_can_be_left_out(
    world: World, tmp_path: Path
) -> None:
    assert (
        main(
            [
                "import",
                str(csv(tmp_path)),
                "--ignore",
                "Wert",
                "--ignore",
                "Notiz",
            ]
        )
        == 0
    )
    assert set(Deal.objects.values_list("value_e4", flat=True)) == {0}


def test_a_dry_run_says_it_with_its_exit_code(
    world: World, tmp_path: Path
) -> None:
    assert main(["import", str(csv(tmp_path)), "--dry-run"]) == 1
    assert (
        main(["import", str(csv(tmp_path)), "--dry-run", "--ignore-others"])
        == 0
    )


def test_a_column_without_values_needs_no_word(
    world: World, tmp_path: Path
) -> None:
    assert (
        main(
            [
                "import",
                str(
                    csv(
                        tmp_path,
                        "Organisation;Wert;Status;Notiz\nElbe AG;5;Offen; \n",
                    )
                ),
            ]
        )
        == 0
    )


def test_the_report_lists_columns_with_a_sample_and_why(
    world: World, tmp_path: Path
) -> None:
    text = "Organisation,Wert,Status,Notiz,Deal - Weighted value\nElbe AG,5,Offen,anrufen,3\n"
    report = tmp_path / "report.json"
    assert (
        main(
            [
                "import",
                str(csv(tmp_path, text)),
                "--dry-run",
                "--report",
                str(report),
            ]
        )
        == 1
    )
    assert json.loads(report.read_text())["left_out"] == [
        {"heading": "Notiz", "sample": "anrufen", "because": "unsaid"},
        {"heading": "Deal - Weighted value", "sample": "3", "because": "rule"},
    ]


@pytest.mark.parametrize(
    "heading",
    [
        "Deal - Weighted value",
        "Deal - Gewichteter Wert",
        "Deal - Activities to do",
        "Deal - Zu erledigende Aktivitäten",
        "Deal - Next activity date",
        "Deal - Datum nächste Aktivität",
        "Deal - Update time",
        "Deal - Zeit der Aktualisierung",
        "Deal - Email messages count",
        "Deal - Organization ID",
        "Person - ID",
        "Organization - People count",
        "Deal - Creator",
        "Deal - Archive status",
        "Deal - Source origin ID",
        "Problem",
        "Deal - MRR",
        "Deal - ARR",
    ],
)
def test_what_other_programs_compute_needs_no_word(
    world: World, heading: str
) -> None:
    assert why_left_out(heading) == Because.RULE


@pytest.mark.parametrize(
    "heading",
    ["Subscription - MRR", "Abonnement - MRR", "MRR", "Abonnement - Zustand"],
)
def test_what_an_exported_subscription_computes_needs_no_word(
    world: World, heading: str
) -> None:
    assert why_left_out(heading, RecordKind.SUBSCRIPTION) == Because.RULE


@pytest.mark.parametrize(
    "heading",
    ["Deal - Product name", "Notiz", "Deal - Abo", "Person - Birthday"],
)
def test_what_people_typed_does(world: World, heading: str) -> None:
    assert why_left_out(heading) == Because.UNSAID


def test_who_goes_on_from_the_page_of_columns_leaves_out_what_it_shows(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, csv(tmp_path))
    posted = {
        f"column-{number}": path or ""
        for number, path in enumerate(of.columns)
    }
    world.client(world.admin).post(f"/imports/{of.pk}/columns/", posted)
    of.refresh_from_db()
    assert of.ignored == ["Notiz"]


def test_headings_that_are_left_out_are_those_of_the_file(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, csv(tmp_path))
    choose_import_columns(
        of=of, by=world.admin, columns=of.columns, ignored={"Notiz", "Sonst"}
    )
    assert Import.objects.get(pk=of.pk).ignored == ["Notiz"]
    assert main(["import", str(csv(tmp_path)), "--ignore", "Sonst"]) == 1


def test_what_no_column_says_is_said_first(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(
        ["import", str(csv(tmp_path, "Organisation\nElbe AG\n")), "--dry-run"]
    )
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == [
        "No column holds the status: all deals will be open.",
        "No column holds a value: all deals will count as 0.",
    ]


def test_a_file_without_rows_does_not_pass_in_silence(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        main(["import", str(csv(tmp_path, "Organisation;Wert;Status\n"))]) == 0
    )
    assert "The file has headings, but no rows." in capsys.readouterr().out
