"""Which function does a job of a name, and which jobs come by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from turnus.jobs.lanes import JobLane

Body = Callable[..., None]

_bodies: dict[str, Body] = {}
_lanes: dict[str, JobLane] = {}
#: Jobs that may end between two steps, and what they did so far is in order.
_stoppable: set[str] = set()
_given_up: dict[str, Body] = {}
_reopening: dict[str, Body] = {}


@dataclass(frozen=True, slots=True)
class JobSchedule:
    """A job that comes by itself, once in every slot of `every`, if there is something to do."""

    name: str
    every: timedelta
    is_needed: Callable[[], bool]


schedules: list[JobSchedule] = []


def task(
    name: str, *, lane: JobLane, stops: bool = False
) -> Callable[[Body], Body]:
    """Register the decorated function as the body of a job; it gets a `Context` and arguments.

    `lane`: where its jobs go, unless whoever queues one knows its size.
    `stops`: whether it may be canceled between its steps.
    """

    def register(body: Body) -> Body:
        _bodies[name] = body
        _lanes[name] = lane
        if stops:
            _stoppable.add(name)
        return body

    return register


def given_up(name: str) -> Callable[[Body], Body]:
    """Register what cleans up when a job is given up for good; it gets the job's arguments."""

    def register(body: Body) -> Body:
        _given_up[name] = body
        return body

    return register


def reopened(name: str) -> Callable[[Body], Body]:
    """Register what prepares a new try of a job that was given up; it gets the job's arguments."""

    def register(body: Body) -> Body:
        _reopening[name] = body
        return body

    return register


def _always() -> bool:
    return True


def every(
    name: str, period: timedelta, *, is_needed: Callable[[], bool] = _always
) -> None:
    """Let a job of `name` come once in every `period`.

    `is_needed` is asked before, so that an idle worker writes no jobs; one small query at most.
    """
    if name not in {schedule.name for schedule in schedules}:
        schedules.append(JobSchedule(name, period, is_needed))


def slots(at: datetime) -> dict[str, int]:
    """Return the number of each schedule's present slot, by the name of its job."""
    seconds = at.timestamp()
    return {
        each.name: int(seconds // each.every.total_seconds())
        for each in schedules
    }


def body_of(name: str) -> Body:
    """Return the function for `name`; raises KeyError for a name of an older or newer version."""
    return _bodies[name]


def lane_of(name: str) -> JobLane:
    """Return the usual lane of jobs called `name`; the long one for a name of another version."""
    return _lanes.get(name, JobLane.LONG)


def after_giving_up(name: str) -> Body | None:
    """Return what is to be done when a job of that name is given up; None for nothing."""
    return _given_up.get(name)


def is_stoppable(name: str) -> bool:
    """Return whether a job of that name can be canceled while it runs."""
    return name in _stoppable


def may_try_again(name: str) -> bool:
    """Return whether a job of that name can be tried again after it was given up.

    What was cleaned up then has to be prepared anew, or is begun again from its own page.
    """
    return name in _bodies and (name not in _given_up or name in _reopening)


def before_trying_again(name: str) -> Body | None:
    """Return what prepares a new try of a job of that name; None for nothing."""
    return _reopening.get(name)


def job_names() -> list[str]:
    """Return the names of all jobs that this version knows."""
    return sorted(_bodies)
