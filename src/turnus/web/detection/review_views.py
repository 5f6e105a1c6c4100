"""The review of a proposal: one decision after another, the most money first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from turnus.core.detection.decisions import Decision, DecisionReading
from turnus.core.detection.facts import Chain, Sold
from turnus.core.money import Money
from turnus.detection.cadence_names import cadence_name
from turnus.detection.decision_words import (
    money_between,
    mrr_of,
    question_of,
    reading_words,
)
from turnus.detection.line_reasons import reasons
from turnus.detection.models import History, Proposal
from turnus.detection.queries import (
    OpenDecision,
    mrr_today,
    open_decisions,
    own_proposals,
    shown,
)
from turnus.detection.reading import DetectedLine, Reading, can_be_chosen
from turnus.web.detection.lanes import Picture, picture_of
from turnus.web.detection.range_bar import range_bar
from turnus.web.gate import SignedInRequest
from turnus.web.language import language_of

#: Decisions in the list; those after them come up as these are answered.
_LISTED = 50
#: Deals in the table, and how many of them before the first one in question.
_DEALS, _DEALS_BEFORE = 10, 3


@dataclass(frozen=True, slots=True)
class QueueItem:
    """A decision in the list on the left."""

    key: str
    name: str
    question: str
    stake: Money
    is_current: bool


@dataclass(frozen=True, slots=True)
class ReadingCard:
    """A reading as it is offered: what it makes of the deals, and what speaks for it."""

    number: int
    sentences: Sequence[str]
    mrr: Money
    picture: Picture
    reasons: Sequence[str]
    is_likely: bool
    can_be_chosen: bool


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A deal with what each reading makes of it."""

    sold: Sold
    value: Money
    places: Sequence[str]
    is_asked: bool


@require_GET
def review(request: SignedInRequest, pk: int) -> HttpResponse:
    """Show the decision named in the address, else the first, beside all that are open."""
    proposal = get_object_or_404(own_proposals(request.user), pk=pk)
    if proposal.state != Proposal.State.READY:
        return redirect("proposal", pk)
    today = mrr_today(proposal, request.user)
    decisions = open_decisions(proposal, today.conversion)
    keys = [each.key for each in decisions]
    chosen = request.GET.get("d", "")
    place = keys.index(chosen) if chosen in keys else 0
    currency = request.company.currency
    total = sum((each.stake_e4 for each in decisions), Fraction(0))
    histories = proposal.histories.exclude(state=History.State.LEFT_OUT)
    change = today.change(histories)
    first = max(0, place - _LISTED // 2)
    context = {
        "proposal": proposal,
        "queue": [
            _queue_item(each, currency, is_current=first + number == place)
            for number, each in enumerate(decisions[first : first + _LISTED])
        ],
        "open_count": len(decisions),
        "rest_count": max(0, len(decisions) - first - _LISTED),
        "total": Money.rounded_from(total, currency),
        "range": range_bar(change, decisions, currency),
        "answered": list(
            histories.filter(before__isnull=False).order_by("name", "pk")
        ),
        "clear_count": histories.filter(question_count=0).count(),
        "history_count": histories.count(),
        "current": None,
    }
    if decisions:
        context |= _current(request, proposal, decisions[place])
        context |= {
            "previous_key": keys[place - 1] if place else "",
            "next_key": keys[place + 1] if place + 1 < len(keys) else "",
        }
    return render(request, "detection/review.html", context)


def _queue_item(
    each: OpenDecision, currency: str, *, is_current: bool
) -> QueueItem:
    return QueueItem(
        each.key,
        each.history.name,
        question_of(each.decision),
        Money.rounded_from(each.stake_e4, currency),
        is_current,
    )


def _current(
    request: SignedInRequest, proposal: Proposal, each: OpenDecision
) -> dict[str, object]:
    (one,) = shown([each.history], proposal, request.user)
    decision = each.decision
    sold = one.sold
    seen = [deal for deal in decision.deals if deal in sold]
    language = language_of(request)
    yearly = Money.rounded_from(decision.stake_e4 * 12, decision.currency)
    return {
        "current": each,
        "history": each.history,
        "question": question_of(decision),
        "cards": [
            _card(number, decision, reading, sold, proposal, language)
            for number, reading in enumerate(decision.readings, 1)
        ],
        "between": money_between(decision, language),
        "yearly_stake": yearly if decision.stake_e4 else None,
        "deal_count": len(seen),
        "since": min((sold[deal].won_on for deal in seen), default=None),
        "rows": _rows(decision, sold, seen),
        "numbers": range(1, len(decision.readings) + 1),
    }


def _card(
    number: int,
    decision: Decision,
    reading: DecisionReading,
    sold: Mapping[int, Sold],
    proposal: Proposal,
    language: str,
) -> ReadingCard:
    visible = _visible(reading, sold)
    lines = tuple(_line(chain) for chain in visible.chains)
    deals = [sold[deal] for deal in decision.deals if deal in sold]
    drawn = Reading(lines, (*visible.single, *visible.doubles))
    why = [
        words
        for line in lines
        for words in reasons(
            line, [sold[deal] for deal in line.deals], language
        )
    ]
    return ReadingCard(
        number,
        reading_words(decision, visible, sold, language),
        mrr_of(reading, decision),
        picture_of(drawn, deals, proposal.on),
        list(dict.fromkeys(why)),
        number == 1,
        can_be_chosen(decision, reading),
    )


def _visible(
    reading: DecisionReading, sold: Mapping[int, Sold]
) -> DecisionReading:
    """Return the reading without what is booked already, or may not be seen."""
    chains = []
    for chain in reading.chains:
        paid = tuple(each for each in chain.paid if each.deal in sold)
        if paid:
            credits_seen = tuple(
                deal for deal in chain.credits if deal in sold
            )
            chains.append(
                Chain(chain.customer, chain.currency, paid, credits_seen)
            )
    single = tuple(deal for deal in reading.single if deal in sold)
    doubles = tuple(deal for deal in reading.doubles if deal in sold)
    return replace(
        reading, chains=tuple(chains), single=single, doubles=doubles
    )


def _line(chain: Chain) -> DetectedLine:
    return DetectedLine(chain.paid, chain.credits)


def _rows(
    decision: Decision, sold: Mapping[int, Sold], seen: Sequence[int]
) -> list[DecisionRow]:
    """Return the deals around those in question, each with its place in every reading."""
    asked = set(decision.asked)
    near = [place for place, deal in enumerate(seen) if deal in asked]
    first = max(0, near[0] - _DEALS_BEFORE) if near else 0
    rows = []
    for deal in seen[first : first + _DEALS]:
        places = [_place(deal, reading) for reading in decision.readings]
        rows.append(
            DecisionRow(sold[deal], sold[deal].value, places, deal in asked)
        )
    return rows


def _place(deal: int, reading: DecisionReading) -> str:
    for number, chain in enumerate(reading.chains, 1):
        if deal in chain.credits:
            return _("ends subscription %(number)s") % {"number": number}
        if deal in chain.deals:
            words = {
                "number": number,
                "cadence": cadence_name(chain.cadence.bare),
            }
            if len(chain.deals) > 1 and deal == chain.deals[0]:
                return (
                    _("subscription %(number)s, %(cadence)s: begins") % words
                )
            return _("subscription %(number)s, %(cadence)s") % words
    if deal in reading.doubles:
        return _("entered twice")
    return _("does not recur")
