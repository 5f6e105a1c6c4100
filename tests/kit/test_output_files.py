"""Files that a command writes: complete or not at all, never more open than before; pipes too."""

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tests.world import World
from turnus.cli.main import main
from turnus.imports.models import Import
from turnus.kit.errors import UserError
from turnus.kit.output_files import replacing
from turnus.sales.models import Deal
from turnus.sheets.writing import CsvWriter, writer


def written(path: Path, text: str = "new") -> None:
    with replacing(path) as draft:
        draft.write_text(text)


def files(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir() if path.is_file()]


def test_a_file_is_replaced_only_by_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("good")
    for reason in (
        KeyboardInterrupt(),
        UserError("export.incomplete"),
        ValueError(),
    ):
        with (
            pytest.raises(type(reason)),
            replacing(path) as draft,
            writer(draft, ["Title"]) as file,
        ):
            file.write_row(["half"])
            raise reason
        assert (path.read_text(), files(tmp_path)) == ("good", [path.name])
    written(path)
    assert (path.read_text(), files(tmp_path)) == ("new", [path.name])


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "deals.xlsx"
    path.write_text("good")
    with pytest.raises(UserError, match="No space"), replacing(path):
        raise OSError(28, "No space left on device")
    assert (path.read_text(), files(tmp_path)) == ("good", [path.name])


@pytest.mark.parametrize("mode", [0o600, 0o640, 0o664])
def test_the_new_file_has_the_rights_of_the_old_one(
    tmp_path: Path, mode: int
) -> None:
    path = tmp_path / "deals.csv"
    path.touch()
    path.chmod(mode)
    with replacing(path) as draft:
        assert draft.stat().st_mode & 0o777 == mode
    assert path.stat().st_mode & 0o777 == mode


def test_a_new_file_has_the_rights_that_the_person_gives(
    tmp_path: Path,
) -> None:
    before = os.umask(0o027)
    written(tmp_path / "deals.csv")
    os.umask(before)
    assert (tmp_path / "deals.csv").stat().st_mode & 0o777 == 0o640


def test_a_link_stays_one_and_a_pipe_is_written_through(
    tmp_path: Path,
) -> None:
    target, link, pipe = (
        tmp_path / "target.csv",
        tmp_path / "link.csv",
        tmp_path / "pipe.csv",
    )
    link.symlink_to(target)
    written(link)
    assert (link.is_symlink(), target.read_text()) == (True, "new")
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(
        target=lambda: read.append(pipe.read_text(encoding="utf-8-sig"))
    )
    reader.start()
    with (
        pytest.raises(ValueError, match="half"),
        replacing(pipe) as path,
        CsvWriter(path, ["a"], delimiter=",") as file,
    ):
        file.write_row(["b"])
        raise ValueError("half")
    reader.join()
    assert (read, pipe.is_fifo()) == (["a\nb\n"], True)


def test_the_command_writes_whole_files_and_to_the_terminal(
    world: World, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    world.deal(title="Abo", amount=5)
    path = tmp_path / "deals.csv"
    path.write_text("good")
    assert main(["export", "-o", str(path), "--filter", "gibt es nicht"]) == 1
    assert path.read_text() == "good"
    assert main(["export", "-o", str(path)]) == 0
    assert main(["export", "-o", "-"]) == 0
    told = capfdbinary.readouterr()
    assert path.read_bytes() in told.out
    assert told.err.endswith(b": -\n")
    assert main(["export", "-o", str(tmp_path / "nowhere" / "deals.csv")]) == 1
    assert main(["export", "-o", str(tmp_path / "deals.ods")]) == 1


def test_a_report_that_cannot_be_written_is_refused_before_anything_is_imported(
    world: World, tmp_path: Path
) -> None:
    deals = tmp_path / "deals.csv"
    deals.write_text(
        "Title;Organization;Status;Value\nAbo;Elbe AG;won;5\n",
        encoding="utf-8",
    )
    for report in (tmp_path / "nowhere" / "report.json", tmp_path, deals):
        assert main(["import", str(deals), "--report", str(report)]) == 1
    assert (Import.objects.count(), Deal.objects.count()) == (0, 0)


def test_a_text_for_the_terminal_is_no_file(
    world: World,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    person = world.person("Eva Böhm")
    assert main(["person", "export", str(person.pk), "-o", "-"]) == 0
    assert json.loads(capfd.readouterr().out)["person"]["name"] == "Eva Böhm"
    assert files(tmp_path) == []


def test_a_killed_command_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "deals.csv"
    path.write_text("good")
    program = (
        "import os, pathlib; from turnus.kit.output_files import replacing\n"
        f"with replacing(pathlib.Path({str(path)!r})) as draft:\n"
        "    draft.write_text('half'); os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program], check=False)
    assert path.read_text() == "good"
    written(path)
    assert (path.read_text(), files(tmp_path)) == ("new", [path.name])
