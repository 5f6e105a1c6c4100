"""Kills `turnus import` at every write point, reruns it in every way, and counts what is there.

A program, not a test: `python -m tests.imports.crashing_commands --kills 300` works on the
instance that TURNUS_DATA or DATABASE_URL names (throwaway!).

Each round imports a file of its own. The command kills itself at its n-th write or commit; n
counts up until the command ends before it. Every third round it is sent SIGINT or SIGTERM there
instead. Then the file is given again, which is refused while rows of it are in; and the import is
continued by the command, by a worker, or by both at once, or is undone.

Between the rounds commands race: the same file twice at once goes in once; two files of the same
customers bring each customer once.
"""

import argparse
import io
import os
import random
import signal
import sys
import time
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from pathlib import Path

from tests.revenue.crashing import (
    START,
    count_writes,
    fail,
    forked,
    made,
    moment,
)
from turnus.cli.main import main as turnus
from turnus.contacts.models import Organization
from turnus.imports.checking import check
from turnus.imports.models import Import
from turnus.jobs.actions import Context
from turnus.jobs.lanes import JobLane
from turnus.jobs.models import Job
from turnus.jobs.registry import task
from turnus.jobs.worker import run_next
from turnus.kit import clock
from turnus.kit.sql import is_sqlite
from turnus.sales.models import Deal

ROWS, CUSTOMERS = 60, 40
#: How a round goes on after its kill.
WAYS = ("continue", "worker", "both", "twice", "undo")
States = Import.State


def main() -> int:
    """Kill as often as asked; exit code 1 with the first thing that is not as it must be."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--kills", type=int, default=12)
    given.add_argument("--seed", type=int, default=2018)
    asked = given.parse_args()
    task("imports.check", lane=JobLane.LONG)(check_in_small_blocks)
    made(at=moment(START))
    chance, began = random.Random(asked.seed), time.monotonic()
    killed, rounds = 0, 0
    while killed < asked.kills:
        killed += Round(rounds, chance).play()
        if rounds % 4 == 0:
            Race(rounds, chance).run()
        rounds += 1
    sys.stdout.write(
        f"{'sqlite' if is_sqlite() else 'postgresql'}: {killed} kills, {rounds} rounds, "
        f"{time.monotonic() - began:.0f} s: no row missing, none twice\n"
    )
    return 0


def check_in_small_blocks(_context: Context, *, import_id: int) -> None:
    """The job that checks a file, in blocks of seven rows."""
    of = Import.objects.select_related("run__by").get(pk=import_id)
    if of.state == States.CHECKING:
        check(of, at=clock.now(), block_rows=7)


class Round:
    """A file is imported by a command that is killed on the way, and then by others."""

    def __init__(self, number: int, chance: random.Random) -> None:
        self.number = number
        self.at = moment(START) + timedelta(hours=number)
        self.way = WAYS[number % len(WAYS)]
        # Most writes of a command lie between the beginning of its check and its end.
        self.kill_at = chance.randint(1, 170)
        self.ending = (signal.SIGKILL, signal.SIGINT, signal.SIGTERM)[
            chance.randrange(3)
        ]
        self.file = Path(os.environ["TURNUS_DATA"]) / f"round-{number}.csv"
        #: What the command that was ended said last.
        self.said = self.file.with_suffix(".said")

    def write(self, file: Path, value: int) -> None:
        rows = "\n".join(
            f"Deal {self.number}-{value}-{row};{self.customer(row)};{value};Won"
            for row in range(ROWS)
        )
        file.write_text(
            f"Deal - Title;Deal - Organization;Deal - Value;Deal - Status\n{rows}\n"
        )

    def play(self) -> int:
        """Return whether the command was ended on the way."""
        self.write(self.file, 10)
        code = self.wait(
            self.command(
                "import",
                str(self.file),
                kill_at=self.kill_at,
                ending=self.ending,
            )
        )
        of = self.newest()
        if code:
            self.listen(code, of)
        if of is None or of.state not in {States.IMPORTING, States.DONE}:
            self.expect(0)
            self.at += timedelta(minutes=2)
            self.wait(
                self.worker()
            )  # a check that was killed ends; it brings nothing
            self.expect(0)
            self.wait(self.command("import", str(self.file)))
            self.expect(ROWS)
        elif of.state == States.IMPORTING:
            self.go_on(of)
        self.expect(
            ROWS
            if self.way != "undo" or of is None or of.state != States.IMPORTING
            else 0
        )
        self.leave()
        return int(code != 0)

    def listen(self, code: int, of: Import | None) -> None:
        """Hold what the command said when it was told to end against what stands."""
        if self.ending == signal.SIGKILL:
            return
        said = self.said.read_text() if self.said.exists() else ""
        words = "Nothing was written" if not self.count() else "Run"
        if of is not None and of.state == States.IMPORTING:
            words = f"{of.progress} of {ROWS} rows are in, as run {of.run_id}"
        elif (
            of is None or of.state == States.COLUMNS
        ):  # it was told to end before the import began
            words = ""
        if code != 128 + self.ending or words not in said:
            fail(
                f"round {self.number}: {self.ending} at write {self.kill_at} said otherwise",
                [code, words, said],
            )

    def customer(self, row: int) -> str:
        return f"Customer {self.number}-{row % CUSTOMERS}"

    def go_on(self, of: Import) -> None:
        """Give the file again, which is refused; then go on."""
        before = self.count()
        if (
            self.wait(self.command("import", str(self.file))) != 1
            or self.count() != before
        ):
            fail(
                "the file went in beside its unfinished import",
                [before, self.count()],
            )
        self.at += timedelta(minutes=2)
        run = str(of.run_id)
        going_on = {
            "continue": [lambda: self.command("import", "--continue", run)],
            "worker": [self.worker],
            "both": [
                self.worker,
                lambda: self.command("import", "--continue", run),
            ],
            "twice": [lambda: self.command("import", "--continue", run)] * 2,
            "undo": [lambda: self.command("undo", run)],
        }
        for process in [begin() for begin in going_on[self.way]]:
            self.wait(process)

    def command(
        self, *arguments: str, kill_at: int = 0, ending: int = 0
    ) -> int:
        """Fork a command; it gets the signal `ending` at write number `kill_at`."""

        def work() -> None:
            if kill_at:
                count_writes(kill_at, ending)
            os.environ["LC_ALL"] = "C"
            said = io.StringIO()
            with (
                clock.standing_at(self.at),
                redirect_stdout(io.StringIO()),
                redirect_stderr(said),
            ):
                code = turnus(arguments)
            if kill_at:
                self.said.write_text(said.getvalue())
            os._exit(code)

        return forked(work)

    def worker(self) -> int:
        return forked(self.drain)

    def drain(self) -> None:
        with clock.standing_at(self.at):
            while run_next():
                pass

    def wait(self, process: int) -> int:
        """Return the exit code of a process, 128 and more if it was ended."""
        return os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])

    def newest(self) -> Import | None:
        return (
            Import.objects.filter(file_name=self.file.name)
            .order_by("-pk")
            .first()
        )

    def count(self) -> int:
        return (
            Deal.objects.present()
            .filter(title__startswith=f"Deal {self.number}-")
            .count()
        )

    def expect(self, wanted: int) -> None:
        """Hold what is there against what must be: every row once, every customer once."""
        titles = list(
            Deal.objects.present()
            .filter(title__startswith=f"Deal {self.number}-")
            .values_list("title", flat=True)
        )
        names = list(
            Organization.objects.present()
            .filter(name__startswith=f"Customer {self.number}-")
            .values_list("name", flat=True)
        )
        customers = min(wanted, CUSTOMERS)
        found = (len(titles), len(set(titles)), len(names), len(set(names)))
        if found != (wanted, wanted, customers, customers):
            states = list(
                Import.objects.filter(file_name=self.file.name).values_list(
                    "run", "state", "progress"
                )
            )
            jobs = list(Job.objects.order_by("-pk").values()[:3])
            fail(
                f"round {self.number}, {self.way}, {self.ending} at write {self.kill_at}",
                [found, states, *jobs],
            )

    def leave(self) -> None:
        """Leave no import behind that is unfinished."""
        left = Import.objects.filter(
            file_name=self.file.name,
            state__in=(States.IMPORTING, States.UNDOING),
        )
        if left.exists():
            fail(
                f"round {self.number}: unfinished",
                left.values_list("run", "state", "progress"),
            )
        Job.objects.all().delete()


class Race(Round):
    """Two commands import at the same moment."""

    def __init__(self, number: int, chance: random.Random) -> None:
        super().__init__(10_000 + number, chance)
        self.other = self.file.with_name(f"{self.file.stem}-other.csv")
        self.way = "race"

    def run(self) -> None:
        self.write(self.file, 10)
        for process in [
            self.command("import", str(self.file)) for _ in range(2)
        ]:
            self.wait(process)
        self.expect(ROWS)
        Deal.objects.all().update(trashed_at=self.at)
        Organization.objects.all().update(trashed_at=self.at)
        self.write(self.file, 20)
        self.write(self.other, 30)
        for process in [
            self.command("import", str(one)) for one in (self.file, self.other)
        ]:
            self.wait(process)
        self.expect(2 * ROWS)
        self.leave()


if __name__ == "__main__":
    sys.exit(main())
