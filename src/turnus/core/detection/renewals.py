"""Which terms of detected chains fall due in a period, and what stands against renewing them."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from turnus.core.cadence import CadenceTerm
from turnus.core.calendar import DateRange, add_months
from turnus.core.detection.facts import Chain, Detection, Paid, Sold
from turnus.core.detection.money import fact_of
from turnus.core.detection.seasons import next_season
from turnus.core.renewed_titles import TitledTerm, renewed_title
from turnus.core.revenue.timeline import Timeline, timeline_of

#: Whoever looks back asks for what was missed lately; what stopped longer ago has ended.
_LOOK_BACK_MONTHS = 3
#: What stopped longer before the period is no news.
_MENTIONED_MONTHS = 12


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
    """A term by its first day; `deal` is the one that pays for it, else the one to copy for it."""

    chain: int
    starts_on: date
    deal: int
    standing: RenewalStanding
    #: What the copy is called; that of `deal` where nothing in the titles moves.
    title: str = ""


def terms_due(
    detection: Detection,
    sold: Iterable[Sold],
    *,
    days: DateRange,
    as_of: date,
    asked: Collection[int],
    language: str = "en",
) -> list[TermDue]:
    """Return the terms due on `days`, and those of running chains due before; by chain, then day.

    A chain runs if its renewal was not missing for longer than its grace on the first of `days`,
    or on `as_of` if that is earlier; at most three months before `as_of`. Deals won later than
    that are known all the same: what they pay for is booked. Of a chain that stopped there is the
    one term that nobody paid for first, if that was at most a year before `days`. `asked` are the
    deals in question: a chain is doubtful by its last deal, and by the last one up to `as_of`.
    `language` is that of months in titles, where the titles leave it open.
    """
    by_deal = {deal.deal: deal for deal in sold}
    judged_on = min(
        as_of, max(days.start, add_months(as_of, -_LOOK_BACK_MONTHS))
    )
    found: list[TermDue] = []
    for number, chain in enumerate(detection.chains):
        timeline = _timeline(number, chain, by_deal, judged_on=judged_on)
        last = [deal for deal in chain.deals if by_deal[deal].won_on <= as_of][
            -1:
        ]
        is_asked = not {*last, chain.deals[-1]}.isdisjoint(asked)
        found += _in_the_past(number, timeline, days, is_asked=is_asked)
        season = next_season(chain)
        if (
            season is not None
            and season.starts_on in days
            and not chain.credits
        ):
            found.append(_season(number, season, is_asked=is_asked))
        else:
            found += _next(number, timeline, days, is_asked=is_asked)
    titled = [
        replace(
            term,
            title=_title(
                detection.chains[term.chain], term, by_deal, language=language
            ),
        )
        for term in found
    ]
    return _without_twins(titled, detection, by_deal)


def _title(
    chain: Chain, term: TermDue, by_deal: Mapping[int, Sold], *, language: str
) -> str:
    """Return what a copy of the term's deal is called, after the titles of the terms before it."""
    before = [each for each in chain.paid if each.starts_on < term.starts_on]
    if not before or term.standing is RenewalStanding.BOOKED:
        return by_deal[term.deal].title
    history: list[TitledTerm] = []
    number = 0
    for index, paid in enumerate(before):
        if index:
            number += _periods_between(before[index - 1], paid.starts_on)
        title = by_deal[paid.deal].title
        history.append(TitledTerm(title, paid.starts_on, number))
    return renewed_title(
        history,
        starts_on=term.starts_on,
        number=number + _periods_between(before[-1], term.starts_on),
        language=language,
    )


def _periods_between(paid: Paid, starts_on: date) -> int:
    """Return how many periods after `paid` another one begins; one where it keeps no rhythm."""
    return paid.cadence.number_on(paid.starts_on, starts_on) or 1


def _timeline(
    number: int, chain: Chain, by_deal: Mapping[int, Sold], *, judged_on: date
) -> Timeline:
    last_won_on = max(
        by_deal[deal].won_on for deal in (*chain.deals, *chain.credits)
    )
    return timeline_of(
        fact_of(number, chain, by_deal), as_of=max(judged_on, last_won_on)
    )


def _in_the_past(
    number: int, timeline: Timeline, days: DateRange, *, is_asked: bool
) -> Iterator[TermDue]:
    """Yield the terms of `days` that are booked, and those between booked ones that were missed."""
    missed = RenewalStanding.DOUBTFUL if is_asked else RenewalStanding.DUE
    before: int | None = None
    for term in timeline.terms:
        before = before if term.deal is None else term.deal
        if (
            term.days.start in days
            and before is not None
            and not term.is_overdue
        ):
            standing = missed if term.deal is None else RenewalStanding.BOOKED
            yield TermDue(number, term.days.start, before, standing)


def _next(
    number: int, timeline: Timeline, days: DateRange, *, is_asked: bool
) -> Iterator[TermDue]:
    """Yield the terms that follow the last booked one, up to the end of `days`."""
    last, deal = next(
        (term, term.deal)
        for term in reversed(timeline.terms)
        if term.deal is not None
    )
    following = last.cadence.terms_due(
        last.anchor, after=last.days.start, until=days.last_day
    )
    has_stopped = timeline.next_due is None
    if has_stopped:
        yield from _stopped(number, timeline, following, deal=deal, days=days)
        return
    for term in following:
        standing = (
            RenewalStanding.DOUBTFUL if is_asked else RenewalStanding.DUE
        )
        if term.days.start in days:
            yield TermDue(number, term.days.start, deal, standing)
        elif not is_asked:
            yield TermDue(
                number, term.days.start, deal, RenewalStanding.EARLIER
            )


def _season(number: int, season: Paid, *, is_asked: bool) -> TermDue:
    """Return the term that opens the next season, a copy of the one that opened the last."""
    standing = RenewalStanding.DOUBTFUL if is_asked else RenewalStanding.DUE
    return TermDue(number, season.starts_on, season.deal, standing)


def _stopped(
    number: int,
    timeline: Timeline,
    following: Iterable[CadenceTerm],
    *,
    deal: int,
    days: DateRange,
) -> Iterator[TermDue]:
    """Yield the first term that a stopped chain was not renewed for, if that is no year ago."""
    first = next(iter(following), None)
    mentioned_from = add_months(days.start, -_MENTIONED_MONTHS)
    if first is not None and first.days.start >= mentioned_from:
        is_ended = timeline.terms[-1].ended_by is not None
        standing = (
            RenewalStanding.ENDED if is_ended else RenewalStanding.LAPSED
        )
        yield TermDue(number, first.days.start, deal, standing)


def _without_twins(
    found: Sequence[TermDue], detection: Detection, by_deal: Mapping[int, Sold]
) -> list[TermDue]:
    """Return the terms; booked are also those whose very copy pays for something else.

    Nothing is renewed twice.
    """
    on_time = {
        term.deal
        for term in found
        if term.standing is RenewalStanding.BOOKED
        and by_deal[term.deal].won_on == term.starts_on
    }
    deals_by_content: dict[Sold, list[int]] = {}
    for deal in by_deal.values():
        if deal.deal not in on_time:
            deals_by_content.setdefault(_content(deal), []).append(deal.deal)
    result = []
    for term in found:
        copy = replace(by_deal[term.deal], won_on=term.starts_on)
        twins = [
            *deals_by_content.get(_content(copy), ()),
            *deals_by_content.get(
                _content(replace(copy, title=term.title)), ()
            ),
        ]
        has_twin = any(
            deal not in detection.chains[term.chain].deals for deal in twins
        )
        result.append(
            replace(term, standing=RenewalStanding.BOOKED)
            if has_twin
            else term
        )
    return result


def _content(deal: Sold) -> Sold:
    """Return what a copy of the deal has in common with it."""
    return replace(deal, deal=0, minute=None)
