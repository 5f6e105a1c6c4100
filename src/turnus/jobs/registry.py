"""Which function does a job of a name, and which jobs come by themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from turnus.jobs.lanes import JobLane

Body = Callable[..., None]

_bodies: dict[str, Body] = {}
_lanes: dict[str, JobLane] = {}
_given_up: dict[str, Body] = {}


@dataclass(frozen=True, slots=True)
class JobSchedule:
    """A job that comes by itself, once in every slot of `every`."""

    name: str
    every: timedelta


schedules: list[JobSchedule] = []


def task(name: str, *, lane: JobLane) -> Callable[[Body], Body]:
    """Register the decorated function as the body of a job; it gets a `Context` and arguments.

    `lane`: where its jobs go, unless whoever queues one knows its size.
    """

    def register(body: Body) -> Body:
        _bodies[name] = body
        _lanes[name] = lane
        return body

    return register


def given_up(name: str) -> Callable[[Body], Body]:
    """Register what cleans up when a job is given up for good; it gets the job's arguments."""

    def register(body: Body) -> Body:
        _given_up[name] = body
        return body

    return register


def every(name: str, period: timedelta) -> None:
    """Let a job of `name` come once in every `period`."""
    if name not in {schedule.name for schedule in schedules}:
        schedules.append(JobSchedule(name, period))


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
