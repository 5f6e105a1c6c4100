"""Which terms of detected chains fall due in a period, and what stands against renewing them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from turnus.core.calendar import DateRange, add_months
from turnus.core.detection.facts import Chain, Detection, Sold
from turnus.core.detection.money import fact_of
from turnus.core.revenue.timeline import Timeline, timeline_of

#: Whoever looks back asks for what was forgotten lately; what stopped longer ago has ended.
_LOOK_BACK_MONTHS = 3


class RenewalStanding(StrEnum):
    """Whether a term is to be renewed, or why not."""

    #: It is due in the period, and no deal pays for it.
    DUE = "due"
    #: A deal pays for it.
    BOOKED = "booked"
    #: It was due before the period, and no deal pays for it.
    EARLIER = "earlier"
    #: The last deal of its chain is in question.
    DOUBTFUL = "doubtful"
    #: A negative deal ended its subscription.
    ENDED = "ended"
    #: Its subscription was not renewed within its grace.
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class TermDue:
    """A term by its first day; `deal` is the one that pays for it, else the one before it, whose copy would."""

    chain: int
    starts_on: date
    deal: int
    standing: RenewalStanding


def terms_due(
    detection: Detection,
    sold: Iterable[Sold],
    *,
    days: DateRange,
    as_of: date,
    asked: Collection[int],
) -> list[TermDue]:
    """Return the terms that are due on `days`, and those of running chains that were due before; by chain, then day.

    A chain runs if its renewal was not missing for longer than its grace on the first of `days`, or on `as_of` if that is earlier; at most
    three months before `as_of`. Deals won later than that are known all the same: what they pay for is booked. `asked` are the deals
    in question: a chain is doubtful by its last deal, and by the last one up to `as_of`.
    """
    by_deal = {deal.deal: deal for deal in sold}
    judged_on = min(as_of, max(days.start, add_months(as_of, -_LOOK_BACK_MONTHS)))
    found: list[TermDue] = []
    for number, chain in enumerate(detection.chains):
        timeline = _timeline(number, chain, by_deal, judged_on=judged_on)
        found += _in_the_past(number, timeline, days)
        last = [deal for deal in chain.deals if by_deal[deal].won_on <= as_of][-1:]
        found += _next(
            number,
            timeline,
            days,
            is_asked=not {*last, chain.deals[-1]}.isdisjoint(asked),
        )
    return _without_twins(found, detection, by_deal)


def _timeline(
    number: int, chain: Chain, by_deal: Mapping[int, Sold], *, judged_on: date
) -> Timeline:
    last_won_on = max(by_deal[deal].won_on for deal in (*chain.deals, *chain.credits))
    return timeline_of(
        fact_of(number, chain, by_deal), as_of=max(judged_on, last_won_on)
    )


def _in_the_past(number: int, timeline: Timeline, days: DateRange) -> Iterator[TermDue]:
    """Yield the terms of `days` that are booked, and those between booked ones that were forgotten."""
    before: int | None = None
    for term in timeline.terms:
        before = before if term.deal is None else term.deal
        if term.days.start in days and before is not None and not term.is_overdue:
            yield TermDue(
                number,
                term.days.start,
                before,
                RenewalStanding.DUE if term.deal is None else RenewalStanding.BOOKED,
            )


def _next(
    number: int, timeline: Timeline, days: DateRange, *, is_asked: bool
) -> Iterator[TermDue]:
    """Yield the terms that follow the last booked one, up to the end of `days`."""
    last, deal = next(
        (term, term.deal) for term in reversed(timeline.terms) if term.deal is not None
    )
    against = _against(timeline, is_asked=is_asked)
    for term in last.cadence.terms_due(
        last.anchor, after=last.days.start, until=days.last_day
    ):
        if term.days.start in days:
            yield TermDue(number, term.days.start, deal, against or RenewalStanding.DUE)
        elif against is None:
            yield TermDue(number, term.days.start, deal, RenewalStanding.EARLIER)


def _against(timeline: Timeline, *, is_asked: bool) -> RenewalStanding | None:
    if timeline.next_due is None:
        return (
            RenewalStanding.ENDED
            if timeline.terms[-1].ended_by
            else RenewalStanding.LAPSED
        )
    return RenewalStanding.DOUBTFUL if is_asked else None


def _without_twins(
    found: Sequence[TermDue], detection: Detection, by_deal: Mapping[int, Sold]
) -> list[TermDue]:
    """Return the terms; as booked also those whose very copy is there and pays for something else: nothing is renewed twice."""
    on_time = {
        term.deal
        for term in found
        if term.standing is RenewalStanding.BOOKED
        and by_deal[term.deal].won_on == term.starts_on
    }
    there: dict[Sold, list[int]] = {}
    for deal in by_deal.values():
        if deal.deal not in on_time:
            there.setdefault(_content(deal, deal.won_on), []).append(deal.deal)
    result = []
    for term in found:
        twins = there.get(_content(by_deal[term.deal], term.starts_on), ())
        is_there = any(deal not in detection.chains[term.chain].deals for deal in twins)
        result.append(
            replace(term, standing=RenewalStanding.BOOKED) if is_there else term
        )
    return result


def _content(deal: Sold, won_on: date) -> Sold:
    """Return what a copy of the deal, won on that day, has in common with it."""
    return replace(deal, deal=0, minute=None, won_on=won_on)
