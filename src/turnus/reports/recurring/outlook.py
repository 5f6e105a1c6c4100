"""What is to come of the subscriptions that the filter leaves, for forecast and committed MRR."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from turnus.core.revenue.conversion import Scale
from turnus.core.revenue.facts import Segment
from turnus.core.revenue.forecast import (
    Course,
    Outlook,
    courses_of,
    outlook,
    outlook_of,
)
from turnus.kit.memory import many_objects
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Part
from turnus.revenue.scope import visible_subscriptions


@dataclass(frozen=True, slots=True)
class ScaledCourses:
    """The courses of subscriptions, and the scale that their amounts are in."""

    courses: Sequence[Course]
    scale: Scale


def courses(source: Source, days: Sequence[date]) -> ScaledCourses:
    """Return the course of each subscription over today and `days`; one query."""
    today = source.as_of
    coming = [each for each in source.segments if _is_coming(each, today)]
    matching = source.matching()
    if matching is not None:
        coming = [segment for segment in coming if matching(segment)]
    scale = Scale.of_segments(coming, source.conversion)
    ends = _known_ends(source)
    with many_objects():
        found = courses_of(
            coming, as_of=today, days=days, scale=scale, ends=ends
        )
        return ScaledCourses(list(found), scale)


def outlook_of_whole(source: Source, days: Sequence[date]) -> list[Outlook]:
    """Return the outlook for each of `days` of all that the filter leaves."""
    if source.stored is None:
        found = courses(source, days)
        return outlook_of(found.courses, found.scale, days=days)
    stored = source.stored.coming()
    computed = source.computed.segments
    coming = [each for each in computed if _is_coming(each, source.as_of)]
    coming += stored.segments
    ends = {**stored.ends}
    if computed:
        ends.update(_known_ends(source))
    with many_objects():
        return outlook(
            coming,
            as_of=source.as_of,
            days=days,
            conversion=source.conversion,
            ends=ends,
        )


def _is_coming(segment: Segment, today: date) -> bool:
    return segment.end is None or segment.end > today


def _known_ends(source: Source) -> dict[int, date]:
    """Return subscription -> the day from which it does not renew, of those that still run."""
    subscriptions = visible_subscriptions(source.viewer)
    ending = subscriptions.filter(end_on__gt=source.as_of)
    rows = ending.values_list("pk", "end_on")
    return {pk: end_on for pk, end_on in rows if end_on is not None}


def contribution(
    course: Course, code: str, point: int, scale: Scale, on: date
) -> Part | None:
    """Return what a subscription adds to a figure at a point of its course; None for nothing."""
    arr = course.figure(code, point)
    if not arr:
        return None
    latest = course.latest
    amount = scale.mrr_e4(arr)
    return Part(
        latest.customer,
        amount,
        code,
        on,
        latest.subscription,
        latest.cause.deal,
    )
