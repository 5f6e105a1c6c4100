"""Readings that a person has to confirm or can change: totals, encodings, headings."""

from pathlib import Path

import pytest

from tests.imports.test_columns_left_out import csv
from tests.imports.test_imports import checked, verdicts
from tests.world import World
from turnus.cli.main import main
from turnus.core.tables import ReadingChoices
from turnus.imports.actions import (
    choose_reading,
    request_import,
)
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.sales.models import Deal

TOTALS = "Organisation;Wert;Status\nElbe AG;100;Offen\nOder AG;200;Offen\nSumme;300;\n"


@pytest.mark.parametrize(
    ("options", "code", "count"),
    [
        ([], 1, 2),
        (["--totals", "leave-out"], 0, 2),
        (["--totals", "read", "--dry-run"], 0, 0),
    ],
    ids=["unsaid", "left-out", "read"],
)
def test_totals_are_left_out_and_named_until_somebody_confirms_it(
    world: World,
    tmp_path: Path,
    options: list[str],
    code: int,
    count: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["import", str(csv(tmp_path, TOTALS)), *options]) == code
    assert "(rows 4)" in capsys.readouterr().out
    assert Deal.objects.count() == count


def test_the_browser_names_the_line_of_totals(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, csv(tmp_path, TOTALS))
    client = world.client(world.admin)
    assert (
        "Summenzeile 4 übersprungen"
        in client.get(f"/imports/{of.pk}/").content.decode()
    )
    client.post(f"/imports/{of.pk}/answers/change/", {"totals": "read"})
    run_pending()
    of.refresh_from_db()
    assert len(verdicts(of)) == 3


DOUBTFUL = "Organisation;Wert;Status\nMÃ¼ller GmbH;5;Offen\n"


def test_an_encoding_with_evidence_against_it_has_to_be_confirmed(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = csv(tmp_path, DOUBTFUL)
    assert main(["import", str(path)]) == 1
    assert "“MÃ¼ller”" in capsys.readouterr().out
    assert Deal.objects.count() == 0
    answers = tmp_path / "answers.json"
    answers.write_text('{"encoding": {"do": "keep"}}')
    assert main(["import", str(path), "--answers", str(answers)]) == 0


def test_no_way_in_carries_it_out_before(world: World, tmp_path: Path) -> None:
    of = checked(world, csv(tmp_path, DOUBTFUL))
    assert (of.totals["asked"], [one["kind"] for one in of.questions]) == (
        1,
        ["encoding"],
    )
    with pytest.raises(UserError, match="questions_open"):
        request_import(of=of, by=world.admin, at=world.at)


def test_another_encoding_reads_the_file_anew(
    world: World, tmp_path: Path
) -> None:
    path = tmp_path / "deals.csv"
    path.write_bytes(
        "Organisation;Wert;Status\nBäckerei;5;Offen\n".encode("cp850")
    )
    of = checked(
        world, path, answers={"encoding": {"do": "other", "to": "cp850"}}
    )
    assert of.samples[0] == ["Bäckerei"]
    choose_reading(
        of=of, by=world.admin, choices=ReadingChoices(encoding="mac-roman")
    )
    assert of.samples[0] == [
        "BÑckerei".replace("Ñ", b"\x84".decode("mac-roman"))
    ]


def test_headings_below_a_title_are_found_and_can_be_chosen(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "Bericht 2018\n\nOrganisation;Wert;Status\nElbe AG;5;Offen\nOder AG;6;Offen\n"
    assert main(["import", str(csv(tmp_path, text)), "--dry-run"]) == 0
    assert "The headings are in row 3" in capsys.readouterr().out
    assert (
        main(
            [
                "import",
                str(csv(tmp_path, text)),
                "--dry-run",
                "--heading-row",
                "4",
            ]
        )
        == 1
    )


def test_other_headings_have_to_be_matched_before_the_next_check(
    world: World, tmp_path: Path
) -> None:
    of = checked(world, csv(tmp_path))
    posted = {
        "heading_row": "2",
        **{
            f"column-{number}": path or ""
            for number, path in enumerate(of.columns)
        },
    }
    world.client(world.admin).post(f"/imports/{of.pk}/columns/", posted)
    of.refresh_from_db()
    assert (of.state, of.headings) == (
        "columns",
        ["Elbe AG", "5", "Offen", "anrufen"],
    )
    page = world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()
    assert 'name="heading_row" value="2"' in page
