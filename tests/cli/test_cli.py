"""The command line: a first run, import, export, undo, and what it says when something is wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

from tests.imports.test_imports import WON, changed, sheet
from tests.world import World
from turnus.accounts.models import Company
from turnus.cli.main import COMMANDS, build_parser, main
from turnus.sales.models import Deal


def test_an_instance_is_set_up_and_not_twice(
    db: None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "secret").write_text("wiederkehrend-2018\n")
    command = [
        "init",
        "--no-input",
        "--company",
        "Muster",
        "--language",
        "de",
        "--email",
        "a@example.org",
        "--password-file",
        str(tmp_path / "secret"),
    ]
    assert main(command) == 0
    assert Company.objects.get().name == "Muster"
    company = dict(Company.objects.values().get())
    assert main(command) == 0  # a script may run twice
    assert "already set up" in capsys.readouterr().out
    assert main([word for word in command if word != "--no-input"]) == 1
    assert "already set up" in capsys.readouterr().err
    assert Company.objects.values().get() == company


def test_the_demonstration_is_full_of_deals(
    db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["demo"]) == 0
    assert Deal.objects.count() > 3000
    assert set(Deal.objects.values_list("status", flat=True)) == {
        "open",
        "won",
        "lost",
    }
    assert main(["demo", "--if-empty"]) == 0
    assert main(["demo"]) == 1
    assert "admin@nordlicht.example" in capsys.readouterr().out


def test_a_file_is_checked_imported_and_taken_back(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    world.field()
    path = sheet(tmp_path / "deals.xlsx", [WON, changed(value=5)])
    report = tmp_path / "report.json"
    assert (
        main(["import", str(path), "--dry-run", "--report", str(report)]) == 0
    )
    assert (
        Deal.objects.count(),
        json.loads(report.read_text())["totals"]["new"],
    ) == (
        0,
        2,
    )
    assert (
        main(
            [
                "import",
                str(path),
                "--report",
                str(report),
                "--as",
                "ada@example.org",
            ]
        )
        == 0
    )
    written = json.loads(report.read_text())
    assert (
        Deal.objects.count(),
        written["state"],
        [row["verdict"] for row in written["rows"]],
    ) == (
        2,
        "done",
        ["new", "new"],
    )
    assert main(["import", str(path)]) == 1
    assert "existing" in capsys.readouterr().out
    assert main(["undo", str(written["run"])]) == 0
    assert Deal.objects.present().count() == 0
    assert main(["undo", "999"]) == 1


def test_columns_and_answers_come_from_files(
    world: World, tmp_path: Path
) -> None:
    path = sheet(
        tmp_path / "own.xlsx",
        [("Elbe AG", 5, "Wer", "x")],
        ("Kunde", "Summe", "Deal - Besitzer", "Notiz"),
    )
    (tmp_path / "columns.json").write_text(
        json.dumps({"Kunde": "Organisation", "Summe": "value", "Notiz": None})
    )
    (tmp_path / "answers.json").write_text(
        json.dumps({"owner:Wer": {"do": "map", "to": "Bob"}})
    )
    options = [
        "--mapping",
        str(tmp_path / "columns.json"),
        "--answers",
        str(tmp_path / "answers.json"),
        "--on",
        "2018-11-01",
    ]
    assert main(["import", str(path), *options]) == 0
    assert Deal.objects.get().owner == world.bob


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "missing.xlsx"], "missing.xlsx"),
        (["export", "-o", "x.pdf"], ".pdf"),
        (["export", "--filter", "Nope", "-o", "x.csv"], "Nope"),
        (["export", "--columns", "nope", "-o", "x.csv"], "nope"),
        (["export", "--as", "x@y.z", "-o", "x.csv"], "x@y.z"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_what_is_wrong_is_said_in_one_line(
    world: World,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(arguments) == 1
    assert words in capsys.readouterr().err


def test_problem_rows_are_listed(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = sheet(
        tmp_path / "bad.xlsx", [changed(status="Storniert", plan=None)]
    )
    assert main(["import", str(path)]) == 1
    assert "2: Deal - Status" in capsys.readouterr().out
    (tmp_path / "list.json").write_text("[]")
    assert (
        main(["import", str(path), "--mapping", str(tmp_path / "list.json")])
        == 1
    )
    (tmp_path / "other.json").write_text('{"Nope": null}')
    assert (
        main(["import", str(path), "--mapping", str(tmp_path / "other.json")])
        == 1
    )


@pytest.mark.parametrize("option", ["--mapping", "--answers"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"{", "does not contain a JSON object"),
        (b"\xff", "does not contain a JSON object"),
        (b"[]", "does not contain a JSON object"),
        (None, "given.json"),
    ],
)
def test_a_file_of_answers_that_cannot_be_read_is_named(
    world: World,
    tmp_path: Path,
    option: str,
    content: bytes | None,
    said: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    path = sheet(tmp_path / "deals.xlsx", [WON])
    if content is not None:
        (tmp_path / "given.json").write_bytes(content)
    assert (
        main(["import", str(path), option, str(tmp_path / "given.json")]) == 1
    )
    assert said in capsys.readouterr().err
    assert not Deal.objects.exists()


@pytest.mark.parametrize("ending", ["xlsx", "csv"])
def test_an_export_that_is_imported_by_id_changes_nothing(
    world: World,
    tmp_path: Path,
    ending: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    world.field()
    main(
        [
            "import",
            str(
                sheet(
                    tmp_path / "deals.xlsx",
                    [
                        WON,
                        changed(
                            status="Verloren", won=None, value="1.234,50 €"
                        ),
                    ],
                )
            ),
        ]
    )
    path = tmp_path / f"out.{ending}"
    columns = (
        "id,title,value,currency,status,organization,person,owner,stage,labels,visibility,"
        "expected_close_on,channel"
    )
    assert main(["export", "--columns", columns, "-o", str(path)]) == 0
    if ending == "xlsx":
        assert openpyxl.load_workbook(path).active["A1"].value == "Deal - ID"  # type: ignore[index]
    (tmp_path / "answers.json").write_text('{"existing": {"do": "update"}}')
    main(
        [
            "import",
            str(path),
            "--dry-run",
            "--answers",
            str(tmp_path / "answers.json"),
        ]
    )
    assert "Unchanged: 2" in capsys.readouterr().out


def test_help_has_examples_and_the_data_folder_can_stand_anywhere(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert "examples:" in build_parser().format_help()
    monkeypatch.setenv(
        "TURNUS_DATA", os.environ.get("TURNUS_DATA", "turnus-data")
    )
    assert main(["version"]) == 0
    assert build_parser().parse_args(["version", "--data", "x"]).data == "x"
    assert "turnus" in capsys.readouterr().out


def test_a_taken_port_is_said(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 1
    assert "--port" in capsys.readouterr().err


def test_a_lost_password_is_replaced_on_the_server(
    world: World,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (tmp_path / "secret").write_text("ganz-neu-2019-abo\n")
    assert (
        main(
            [
                "password",
                "ada@example.org",
                "--password-file",
                str(tmp_path / "secret"),
            ]
        )
        == 0
    )
    world.admin.refresh_from_db()
    assert world.admin.check_password("ganz-neu-2019-abo")
    answers = iter(["noch-ein-neues-1", "anders-getippt-1"])
    monkeypatch.setattr("getpass.getpass", lambda _question: next(answers))
    for command in (
        ["ada@example.org"],
        ["nobody@example.org"],
        ["ada@example.org", "--password-file", "gibtsnicht"],
    ):
        assert main(["password", *command]) == 1
    assert "do not match" in capsys.readouterr().err


def test_whoever_reads_only_the_first_lines_sees_no_error(
    tmp_path: Path,
) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    told = subprocess.run(
        [sys.executable, "-m", "turnus", "version"],
        stdout=writer,
        stderr=subprocess.PIPE,
        check=False,
        text=True,
        env={**os.environ, "TURNUS_DATA": str(tmp_path)},
    )
    os.close(writer)
    assert (told.returncode, told.stderr) == (141, "")


def completed(script: str, *words: str) -> list[str]:
    """What the shell offers for the last of the words."""
    ask = (
        'COMP_WORDS=("${@}"); COMP_CWORD=$(($# - 1)); _shtab_turnus; '
        'printf "%s\\n" "${COMPREPLY[@]}"'
    )
    told = subprocess.run(
        ["bash", "-c", f"{script}\n{ask}", "bash", *words],
        capture_output=True,
        check=True,
        text=True,
    )
    return told.stdout.split()


def test_bash_completes_commands_flags_choices_and_files(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    (tmp_path / "deals.xlsx").touch()
    monkeypatch.chdir(tmp_path)
    assert completed(script, "turnus", "det") == ["detect"]
    assert completed(script, "turnus", "renew", "--over") == ["--overdue"]
    assert completed(script, "turnus", "report", "mov") == ["movements"]
    assert completed(script, "turnus", "renew", "de") == ["deals.xlsx"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_know_every_command(
    shell: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["completion", shell]) == 0
    script = capsys.readouterr().out
    assert not [name for name in COMMANDS if name not in script]
