"""Kills workers at every write point of renewal runs and of the clock; counts what is there.

A program, not a test: `python -m tests.revenue.crashing --kills 1000` works on the instance that
TURNUS_DATA or DATABASE_URL names (throwaway!).

Each round lets a month pass. Workers are forked, so that each has its own connection and can be
killed for real. A worker kills itself at its n-th write or commit; n counts up until the work is
done before it, and begins again. One of two racing workers is killed at a random moment as well.
Time stands where a round puts it, so that the lease of a dead worker is over in the next one.
"""

import argparse
import os
import random
import signal
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turnus.config.settings")
django.setup()

from django.db import connection, connections  # noqa: E402
from django.db.models import F  # noqa: E402

from turnus.accounts.actions import NewCompany  # noqa: E402
from turnus.accounts.queries import first_admin  # noqa: E402
from turnus.cli.setup import make_instance  # noqa: E402
from turnus.contacts.actions import create_contact  # noqa: E402
from turnus.core.cadence import Cadence  # noqa: E402
from turnus.core.money import Money  # noqa: E402
from turnus.core.records import RecordKind  # noqa: E402
from turnus.history.models import Event, Run  # noqa: E402
from turnus.imports.actions import request_check, request_import, start_import  # noqa: E402
from turnus.imports.models import Import  # noqa: E402
from turnus.jobs.actions import Context, enqueue_scheduled  # noqa: E402
from turnus.jobs.lanes import JobLane  # noqa: E402
from turnus.jobs.models import Job  # noqa: E402
from turnus.jobs.registry import task  # noqa: E402
from turnus.jobs.ticks import Pulse  # noqa: E402
from turnus.jobs.worker import run_next  # noqa: E402
from turnus.kit import clock  # noqa: E402
from turnus.kit.sql import is_sqlite  # noqa: E402
from turnus.revenue.models import RenewalLine, Subscription, Term  # noqa: E402
from turnus.revenue.plans.actions import PlanValues, save_plan  # noqa: E402
from turnus.revenue.renewals.actions.plan import (  # noqa: E402
    plan_renewals,
    request_renewals,
)
from turnus.revenue.subscriptions.actions.start import (  # noqa: E402
    NewSubscription,
    start_subscription,
)
from turnus.revenue.tasks import book_run  # noqa: E402
from turnus.sales.models import Deal  # noqa: E402

START = date(2018, 1, 31)
CADENCES = ("1m", "2/m", "2w", "1m-last", "1m", "3m")
_WRITES = ("INSERT", "UPDATE", "DELETE", "COPY", "LOCK", "SELECT setval")


def book_in_small_blocks(
    context: Context, *, run_id: int, **_arguments: object
) -> None:
    """The job that books a run, three lines a block."""
    book_run(context, run_id=run_id, block_size=3)


def main() -> int:
    """Kill as often as asked; exit code 1 with the first thing that is not as it must be."""
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--kills", type=int, default=40)
    given.add_argument("--seed", type=int, default=2018)
    asked = given.parse_args()
    # Small, so that a run has several steps to die between.
    task("revenue.renew", lane=JobLane.LONG)(book_in_small_blocks)
    made(at=moment(START))
    chance, began = random.Random(asked.seed), time.monotonic()
    importing(Path(os.environ["TURNUS_DATA"]) / "deals.csv")
    Round.lay()
    killed, rounds = 0, 0
    while killed < asked.kills:
        killed += Round(rounds, chance).play()
        rounds += 1
        if rounds % 10 == 0 or killed >= asked.kills:
            inspect(upto=Round.day(rounds - 1))
    seconds = time.monotonic() - began
    sys.stdout.write(
        f"{connection.vendor}: {killed} kills, {rounds} rounds, {seconds:.0f} s:"
        " none missing, none twice\n"
    )
    return 0


def made(*, at: datetime) -> None:
    """Make a company with subscriptions of several cadences."""
    with clock.standing_at(at):
        admin = make_instance(
            NewCompany(
                name="Muster",
                language="de",
                currency="EUR",
                time_zone="Europe/Berlin",
                admin_name="Ada",
                admin_email="ada@example.org",
                admin_password="wiederkehrend-2018",
            )
        )
        for text in CADENCES:
            plan = save_plan(
                by=admin,
                values=PlanValues(
                    name=f"{text} {time.monotonic_ns()}",
                    cadence=Cadence.parse(text),
                ),
            )
            customer = create_contact(
                RecordKind.ORGANIZATION, by=admin, at=at, values={"name": text}
            )
            new = NewSubscription(
                plan=plan,
                price=Money.of(100, "EUR"),
                starts_on=START,
                organization=customer,
            )
            start_subscription(by=admin, at=at, new=new)


def moment(day: date, *, minutes: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, 10, tzinfo=UTC) + timedelta(
        minutes=minutes
    )


class Round:
    """A month passes, its renewals fall due, and workers die on the way until all is booked."""

    #: The next write at which a worker of a run, and one of the clock, kills itself.
    point: dict[bool, int] = {True: 1, False: 1}

    def __init__(self, number: int, chance: random.Random) -> None:
        self.number, self.chance = number, chance
        self.is_clock = number % 2 == 0
        self.minutes = 0

    @staticmethod
    def lay() -> None:
        Job.objects.all().delete()

    @staticmethod
    def day(number: int) -> date:
        return START + timedelta(days=16 * (number + 1))

    def play(self) -> int:
        """Return how many workers were killed."""
        self.ask()
        first = self.worker(kill_at=self.point[self.is_clock])
        second = (
            self.worker(after=self.chance.uniform(0, 0.05))
            if self.number % 3 == 0
            else None
        )
        died = self.ended(first)
        self.point[self.is_clock] = (
            self.point[self.is_clock] + 1 if died else 1
        )
        died += self.ended(second) if second else 0
        while self.is_unfinished():
            self.minutes += 2
            for one in [self.worker() for _ in range(1 + self.number % 2)]:
                self.ended(one)
            if self.minutes > 60:
                fail(
                    "a round does not end",
                    Job.objects.exclude(state="done").values(),
                )
        return died

    def ask(self) -> None:
        """Let the clock's jobs come, or a person send a run off."""
        at = moment(self.day(self.number))
        if self.is_clock:
            Job.objects.all().delete()
            return
        run = plan_renewals(
            by=first_admin(),
            at=at,
            subscriptions=Subscription.objects.all(),
            until=self.day(self.number),
            title="",
        )
        if run:
            request_renewals(run=run, by=first_admin(), at=at)

    def is_unfinished(self) -> bool:
        return Job.objects.exclude(state=Job.State.DONE).exists() or (
            self.is_clock
            and not Job.objects.filter(name="revenue.tick").exists()
        )

    def worker(
        self, *, kill_at: int = 0, after: float = 0
    ) -> tuple[int, float]:
        """Fork a worker, which kills itself at write `kill_at`, or is killed `after` seconds."""
        at = moment(self.day(self.number), minutes=self.minutes)
        return forked(lambda: self.work(at), kill_at=kill_at), after

    def work(self, at: datetime) -> None:
        with clock.standing_at(at):
            if self.is_clock:
                enqueue_scheduled(at=at)
            while run_next(Pulse()):
                pass

    def ended(self, worker: tuple[int, float]) -> int:
        """Wait for a worker; return 1 if it was killed."""
        process, after = worker
        if after:
            time.sleep(after)
            os.kill(process, signal.SIGKILL)
        status = os.waitpid(process, 0)[1]
        if os.WIFEXITED(status) and os.WEXITSTATUS(status):
            fail("a worker ended with an error", [status])
        return int(os.WIFSIGNALED(status))


def forked(work: Callable[[], None], *, kill_at: int = 0) -> int:
    """Run `work` in a process that kills itself at write `kill_at` (0: never); return its id."""
    connections.close_all()
    process = os.fork()
    if process:
        return process
    try:
        if kill_at:
            count_writes(kill_at)
        work()
    except BaseException:  # noqa: BLE001 (a forked process must not go on as if it were its parent)
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def count_writes(kill_at: int, ending: int = signal.SIGKILL) -> None:
    """Die by the signal `ending` before write or commit number `kill_at`.

    A commit counts twice: before it and after it.
    """
    left = [kill_at]

    def point() -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), ending)

    def noticed(execute: Any, sql: str, *rest: Any) -> Any:
        if sql.lstrip().startswith(_WRITES):
            point()
        return execute(sql, *rest)

    whole = connection._commit  # type: ignore[attr-defined]

    def commit() -> None:
        point()
        whole()
        point()

    connection._commit = commit  # type: ignore[attr-defined, method-assign]
    connection.execute_wrappers.append(noticed)


def inspect(*, upto: date) -> None:
    """Hold what is booked against the calendar.

    No term is missing, none there twice; deals = terms = lines = history.
    """
    for one in Subscription.objects.all():
        wanted = [
            term.days.start
            for term in one.how.terms(
                one.anchor_on, until=upto + timedelta(days=1)
            )
        ]
        booked = list(
            one.terms.order_by("number").values_list(
                "number", "starts_on", "deal__won_on"
            )
        )
        if booked != [(number, day, day) for number, day in enumerate(wanted)]:
            fail(f"{one.cadence} until {upto}", [wanted, booked])
        if (one.next_number, one.next_due_on) != (
            len(wanted),
            one.how.due(one.anchor_on, len(wanted)),
        ):
            fail(
                f"{one.cadence}: next",
                [one.next_number, one.next_due_on, len(wanted)],
            )
    counts = {
        "terms": Term.objects.count(),
        "deals": Deal.objects.filter(origin="renewal").count(),
        "lines": RenewalLine.objects.filter(state="booked").count(),
        "deals of lines": RenewalLine.objects.filter(
            state="booked", deal__term__number=F("number")
        ).count(),
        "events": Event.objects.filter(
            record_kind="deal", action="created", run__kind="renewal"
        ).count(),
    }
    if len(set(counts.values())) != 1:
        fail("counts differ", [counts])
    if Run.objects.filter(kind="renewal").exclude(state="done").exists():
        fail(
            "runs are left over",
            Run.objects.filter(kind="renewal").exclude(state="done").values(),
        )


def importing(file: Path) -> None:
    """Kill the worker of an import in the middle: it goes on, and every row is there once."""
    rows = "\n".join(
        f"Deal {number};Kundin {number % 50};10;Gewonnen"
        for number in range(3_000)
    )
    file.write_text(
        f"Deal - Titel;Deal - Organisation;Deal - Wert;Deal - Status\n{rows}\n",
        encoding="utf-8",
    )
    admin, at = first_admin(), moment(START)
    before = Deal.objects.count()
    with clock.standing_at(at):
        of = start_import(
            by=admin, at=at, kind=RecordKind.DEAL, path=file, name=file.name
        )
        request_check(of=of, by=admin, at=at)
    for number, kill_at in enumerate((0, 10, 5, 0)):
        with clock.standing_at(at + timedelta(minutes=number)):
            if number == 1:
                of.refresh_from_db()
                request_import(of=of, by=admin, at=at)
            os.waitpid(forked(_drain, kill_at=kill_at), 0)
        if number in {1, 2}:
            done = Deal.objects.count() - before
            if not done < 3_000:
                fail("the import was not killed in the middle", [done])
    of.refresh_from_db()
    if (of.state, Deal.objects.count() - before) != (Import.State.DONE, 3_000):
        fail(
            "the import did not go on",
            [of.state, Deal.objects.count() - before],
        )
    Deal.objects.all().delete()


def _drain() -> None:
    while run_next(Pulse()):
        pass


def fail(what: str, shown: Any) -> None:
    """Say what is wrong, and end."""
    sys.exit(f"{connection.vendor}: {what}\n" + "\n".join(map(str, shown)))


if __name__ == "__main__":
    assert is_sqlite() or "crash" in str(connection.settings_dict["NAME"])
    sys.exit(main())
