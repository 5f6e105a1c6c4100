"""What is to come of the subscriptions that the filter leaves, for forecast and committed MRR."""

from collections.abc import Sequence
from datetime import date

from turnus.core.revenue.conversion import Scale
from turnus.core.revenue.forecast import Course, courses_of
from turnus.kit.memory import many_objects
from turnus.reports.recurring.source import Source
from turnus.reports.shape import Part
from turnus.revenue.loading import visible_subscriptions


def courses(source: Source, days: Sequence[date]) -> tuple[list[Course], Scale]:
    """Return the course of each subscription over today and `days`, and their scale; one query."""
    matching, today = source.matching(), source.as_of
    coming = [one for one in source.segments if one.end is None or one.end > today]
    if matching is not None:
        coming = [one for one in coming if matching(one)]
    scale = Scale.of_segments(coming, source.conversion)
    ending = visible_subscriptions(source.viewer).filter(end_on__gt=today)
    rows = ending.values_list("pk", "end_on")
    ends = {pk: end_on for pk, end_on in rows if end_on is not None}
    with many_objects():
        return list(
            courses_of(coming, as_of=today, days=days, scale=scale, ends=ends)
        ), scale


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
        latest.customer, amount, code, on, latest.subscription, latest.cause.deal
    )
