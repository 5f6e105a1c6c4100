"""The worker: carries out jobs from the queue, with a heartbeat, retries and a brake."""

import gc
import logging
import random
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import connection
from django.db.utils import OperationalError

from turnus.jobs.actions import (
    LEASE,
    MAX_ATTEMPTS,
    WAKE_CHANNEL,
    CollisionError,
    Context,
    LostError,
    claim,
    end_canceled,
    enqueue_scheduled,
    fail,
    finish,
    postpone,
    renew,
)
from turnus.jobs.actions_admin import clean_up_after
from turnus.jobs.actions_clock import bring_back_jobs
from turnus.jobs.lanes import JobLane, JobLanes
from turnus.jobs.models import Job
from turnus.jobs.queries import is_anything_due, newest
from turnus.jobs.registry import body_of, slots
from turnus.jobs.ticks import Pulse
from turnus.jobs.watching import ClockWatch, LeaseWatch
from turnus.kit import clock
from turnus.kit.errors import StoredRefusal, UserError, ending_behind
from turnus.kit.listening import Waiter, waiter
from turnus.kit.sql import is_collision, is_sqlite

log = logging.getLogger(__name__)

#: SQLite's write lock is not fair: without a pause, small writes starve beside a long job.
PAUSE_SECONDS = 0.01
#: How long a worker without work waits before it looks again, with one small read.
IDLE_SECONDS = 1.0
#: So many times as long if PostgreSQL says when there is work; then only delayed jobs wait for it.
_LISTENING_ROUNDS = 5
#: Looking whether the database still answers is a read of its own.
_IDLE_ROUNDS_A_CHECK = 12
_BACK_OFF = timedelta(seconds=10)
#: So often a step is begun anew that collided with somebody else.
_COLLISIONS = 20
_COLLISION_PAUSE_SECONDS = 0.2


def work(*, until: Callable[[], bool], lanes: JobLanes = ()) -> None:
    """Carry out jobs until `until()` is true; only those of `lanes`, if any is named."""
    rounds = Rounds(lanes)
    alarm = waiter(WAKE_CHANNEL, lanes or JobLane.values)
    idle_count = 0
    while not until():
        if rounds.go():
            continue
        idle_count += 1
        # SQLite has no server that might stop answering, and closing its file would write the log
        # back each time.
        if not is_sqlite() and idle_count % _IDLE_ROUNDS_A_CHECK == 0:
            connection.close_if_unusable_or_obsolete()
        _wait(alarm, until)
    alarm.close()


def _wait(alarm: Waiter, until: Callable[[], bool]) -> None:
    """Wait for a new job, for a second or, where its arrival is told, for five."""
    rounds = _LISTENING_ROUNDS if alarm.is_listening else 1
    for _ in range(rounds):
        if alarm.wait(IDLE_SECONDS) or until():
            return


class Rounds:
    """The rounds of a worker process; without work, a round is a small read and writes nothing."""

    def __init__(self, lanes: JobLanes = ()) -> None:
        self.lanes = lanes
        self.pulse = Pulse()
        self.clock_watch = ClockWatch()
        self.lease_watch = LeaseWatch()
        #: The slots whose jobs were queued, by schedule: once, not in every round.
        self.seen_slots: dict[str, int] = {}

    def go(self) -> bool:
        """See to the schedules and carry out one job; False when none is due."""
        at = clock.now()
        # Before this process gives its first sign of life: the clock is compared with the last one.
        self.clock_watch.look(at)
        if slots(at) != self.seen_slots:
            bring_back_jobs(at=at)
            enqueue_scheduled(at=at)
            self.seen_slots = slots(at)
        is_due = is_anything_due(at, self.lanes)
        if self.pulse.beat(at):
            self.lease_watch.look(at)
        return is_due and run_next(self.pulse, lanes=self.lanes)


def run_pending() -> int:
    """Carry out all due jobs here and now, and return how many; for commands and tests."""
    count = 0
    while run_next():
        count += 1
    return count


def run_next(pulse: Pulse | None = None, *, lanes: JobLanes = ()) -> bool:
    """Claim and carry out one job; False when none is due. Only a worker has a `pulse`."""
    job = claim(at=clock.now(), lanes=lanes)
    if job is None:
        return False
    if job.attempts > MAX_ATTEMPTS:
        died = UserError("job.worker_died")
        _give_up(job, job.error or str(died), died.stored())
        return True
    context = Context(job)
    if pulse and is_sqlite():
        context.pause = lambda: time.sleep(PAUSE_SECONDS)
    with _heartbeat(job, pulse) if pulse else _nothing():
        _carry_out(job, context)
    return True


def _carry_out(job: Job, context: Context) -> None:
    try:
        with _rare_collection():
            _run_body(job, context)
    except LostError:
        if end_canceled(job, at=clock.now()):
            log.warning("job %s (%s) was canceled", job.pk, job.name)
            clean_up_after(job)
            return
        log.warning("job %s was taken over by another worker", job.pk)
        # If it is ours after all, its work was settled in another way.
        finish(job, at=clock.now())
    except UserError as error:
        log.warning("job %s (%s) was refused: %s", job.pk, job.name, error)
        _give_up(job, str(error), error.stored())
    except Exception as error:
        ending = ending_behind(error)
        if ending is not None:
            raise ending from error  # the job did not fail: it goes on elsewhere
        log.exception("job %s (%s) failed", job.pk, job.name)
        _try_again(job, traceback.format_exc(limit=-5))
    else:
        finish(job, at=clock.now())


def _run_body(job: Job, context: Context) -> None:
    """Run the job's body; anew after its last step whenever it collided with somebody else."""
    body = body_of(job.name)
    for _ in range(_COLLISIONS):
        try:
            body(context, **job.arguments)
        except (CollisionError, OperationalError) as error:
            if isinstance(error, OperationalError) and not is_collision(error):
                raise
            log.info("job %s collided and goes on: %s", job.pk, error)
            time.sleep(random.uniform(0, _COLLISION_PAUSE_SECONDS))  # noqa: S311 (no secret)
        else:
            return
    body(context, **job.arguments)


def _try_again(job: Job, error: str) -> None:
    if job.attempts >= MAX_ATTEMPTS:
        _give_up(job, error)
    else:
        postpone(
            job, until=clock.now() + _BACK_OFF * 2**job.attempts, error=error
        )


def _give_up(
    job: Job, error: str, refusal: StoredRefusal | None = None
) -> None:
    if fail(job, at=clock.now(), error=error, refusal=refusal):
        clean_up_after(job)


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Collect garbage less often: searching millions of live cells costs a fifth of the time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _heartbeat(job: Job, pulse: Pulse | None = None) -> Iterator[None]:
    """Renew the lease and give the worker's sign of life from a thread while the block runs."""
    stopped = threading.Event()

    def beat() -> None:
        while not stopped.wait(LEASE.total_seconds() / 3):
            at = clock.now()
            renew(job, at=at)
            if pulse:
                pulse.beat(at)
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join(timeout=5)


def run_until_done(
    name: str, draw: Callable[[], None], **arguments: int
) -> None:
    """Carry out the newest job called `name` with these arguments, for a command that waits.

    If a worker has it, wait for the worker. `draw` is called meanwhile. Raises RuntimeError if the
    job failed.
    """
    job = newest(name, **arguments)
    assert job is not None  # noqa: S101 (whoever waits has put it into the queue)
    leases = LeaseWatch()
    while job.state in {Job.State.QUEUED, Job.State.RUNNING}:
        leases.look(clock.now())
        own = claim(at=clock.now(), only=job.pk)
        if own is not None:
            context = Context(own)
            context.pause = draw
            with _heartbeat(own):
                _carry_out(own, context)
            token = own.token
            own.refresh_from_db()
            # A person waits: the job fails at once instead of trying again later. With another
            # token, somebody else has taken it over.
            if own.state == Job.State.QUEUED and own.token == token:
                _give_up(own, own.error)
        else:
            time.sleep(0.2)
        draw()
        job.refresh_from_db()
    if job.state == Job.State.FAILED:
        raise RuntimeError(job.error)
