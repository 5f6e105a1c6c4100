"""What is handed to those who run it: units, a container's start, a page of `man`, constraints."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from scripts.constraints import TARGET as CONSTRAINTS
from scripts.constraints import constraints
from scripts.manpage import TARGET as MAN_PAGE
from scripts.manpage import page
from tests.revenue.test_crashes import own_database
from tests.serving import Server, free_port, wait_until
from tests.world import PASSWORD
from turnus.config.environment import KNOWN

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
START = DEPLOY / "start.sh"
PROGRAMS = Path(sys.executable).parent


def test_the_page_of_man_is_that_of_these_commands() -> None:
    assert MAN_PAGE.read_text(encoding="utf-8") == page(), "run `make man`"


def test_the_constraints_are_the_versions_that_are_tried() -> None:
    assert CONSTRAINTS.read_text(encoding="utf-8") == constraints(), (
        "run `make man`"
    )


@pytest.mark.parametrize(
    "path",
    [path for path in sorted(DEPLOY.rglob("*")) if path.is_file()],
    ids=lambda path: path.name,
)
def test_files_for_running_it_name_settings_that_exist(path: Path) -> None:
    named = set(
        re.findall(r"\bTURNUS_[A-Z_]+", path.read_text(encoding="utf-8"))
    )
    assert named <= KNOWN


def test_every_setting_is_explained() -> None:
    explained = (ROOT / "docs" / "admin" / "README.md").read_text(
        encoding="utf-8"
    )
    inner = {"TURNUS_SUPERVISOR"}
    assert {
        name for name in KNOWN - inner if f"`{name}`" not in explained
    } == set()


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not here"
)
@pytest.mark.parametrize("unit", ["turnus.service", "turnus-backup.service"])
def test_a_unit_leaves_the_rest_of_the_machine_alone(unit: str) -> None:
    rated = subprocess.run(
        [
            "systemd-analyze",
            "security",
            "--offline=true",
            "--threshold=20",
            "--no-pager",
            str(DEPLOY / "systemd" / unit),
        ],
        check=False,
        capture_output=True,
        text=True,
    )
    assert rated.returncode == 0, rated.stdout + rated.stderr


@contextmanager
def started(
    role: str, environment: dict[str, str], log: Path
) -> Iterator[Server]:
    """Run what a container runs, and end it as one is ended."""
    port = free_port()
    with log.open("w", encoding="utf-8") as output:
        process = subprocess.Popen(
            [str(START), role],
            env={**environment, "TURNUS_PORT": str(port)},
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=log.parent,
        )
        try:
            yield Server(Path(environment["TURNUS_DATA"]), port, process, log)
        finally:
            process.terminate()
            assert process.wait(timeout=60) in {0, -15}


def test_containers_set_themselves_up_and_share_the_work(
    tmp_path: Path,
) -> None:
    """The web server without a worker, and a worker, as `compose.yaml` starts them."""
    address = os.environ.get("DATABASE_URL")
    if address is None:
        run_containers(tmp_path, {})
        return
    with own_database(address) as own:
        run_containers(tmp_path, {"DATABASE_URL": own})


def run_containers(folder: Path, database: dict[str, str]) -> None:
    environment = {
        "PATH": f"{PROGRAMS}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT / "src"),
        "TURNUS_DATA": str(folder / "data"),
        "TURNUS_WORKERS": "1",
        "TURNUS_WORKER": "0",
        "TURNUS_COMPANY": "Muster GmbH",
        "TURNUS_ADMIN_EMAIL": "ada@example.org",
        "TURNUS_ADMIN_PASSWORD": PASSWORD,
        **database,
    }
    with started("web", environment, folder / "web.log") as web:
        wait_until(lambda: web.is_up() and web.answers("/health/ready"))
        assert not (folder / "data" / "last-tick").exists()
        assert web.get("/sign-in/").status == 200
        signed_in = web.post(
            "/sign-in/", {"login": "ada@example.org", "password": PASSWORD}
        )
        assert (signed_in.status, signed_in.headers["location"]) == (302, "/")
        with started("worker", environment, folder / "worker.log"):
            wait_until((folder / "data" / "last-tick").exists)
            assert web.get("/health/").text == "ok\n"
        backup = subprocess.run(
            [str(START), "backup", str(folder / "backup.zip")],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    assert "backup.zip" in backup.stdout
