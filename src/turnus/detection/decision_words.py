"""Decisions in words: what is asked, what each reading makes of the deals, and the money."""

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from turnus.core.detection.decisions import Decision, DecisionReading
from turnus.core.detection.facts import Chain, Doubt, Sold
from turnus.core.money import Money
from turnus.detection.cadence_names import cadence_name
from turnus.kit import formats

#: What is asked, as a question.
QUESTIONS = {
    Doubt.CLOSE_CALL: gettext_lazy("Which deals belong together?"),
    Doubt.SINGLE: gettext_lazy("One-time or recurring?"),
    Doubt.TWO_ONLY: gettext_lazy("One subscription or two purchases?"),
    Doubt.PRICE_JUMP: gettext_lazy("A new price or something else?"),
    Doubt.PLAN_WORD: gettext_lazy("Is the plan right, or the rhythm?"),
    Doubt.LOOKS_LIKE_RENEWAL: gettext_lazy(
        "A renewal or a purchase beside it?"
    ),
    Doubt.CREDIT: gettext_lazy("Does the negative deal end a subscription?"),
    Doubt.BESIDE: gettext_lazy(
        "Another subscription, or the one already here?"
    ),
}


def reading_words(
    decision: Decision,
    reading: DecisionReading,
    sold: Mapping[int, Sold],
    language: str,
) -> list[str]:
    """Return what a reading makes of the deals: its subscriptions, and what does not recur.

    A subscription that is the same in all readings is not named.
    """
    return list(_reading_words(decision, reading, sold, language))


def _reading_words(
    decision: Decision,
    reading: DecisionReading,
    sold: Mapping[int, Sold],
    language: str,
) -> Iterator[str]:
    shared = set(reading.chains)
    for other in decision.readings:
        shared &= set(other.chains)
    is_same_everywhere = len(shared) == len(reading.chains)
    for chain in reading.chains:
        if chain not in shared:
            yield chain_words(chain, sold, language)
    positive = [deal for deal in reading.single if sold[deal].value_e4 >= 0]
    negative = [deal for deal in reading.single if sold[deal].value_e4 < 0]
    if positive:
        yield _single_words([sold[deal] for deal in positive], language)
    if negative:
        yield ngettext(
            "the negative deal ends nothing",
            "{count} negative deals end nothing",
            len(negative),
        ).format(count=len(negative))
    yield from _double_words(
        [sold[deal] for deal in reading.doubles], language
    )
    if not (reading.single or reading.doubles) and is_same_everywhere:
        yield _("as it was entered")


def chain_words(chain: Chain, sold: Mapping[int, Sold], language: str) -> str:
    """Return a subscription in words: title, rhythm, price, how many deals since when."""
    last = sold[chain.deals[-1]]
    since = formats.day(chain.paid[0].starts_on, language)
    words = ngettext(
        "“{title}” {cadence}, {price}: {count} deal from {day} on",
        "“{title}” {cadence}, {price}: {count} deals from {day} on",
        len(chain.paid),
    ).format(
        title=last.title or "–",
        cadence=cadence_name(chain.cadence.bare),
        price=formats.money(last.value_e4, last.currency, language),
        count=len(chain.paid),
        day=since,
    )
    if chain.credits:
        words += " " + _("(ended by a negative deal)")
    return words


def _single_words(deals: Sequence[Sold], language: str) -> str:
    if len(deals) == 1:
        day = formats.day(deals[0].won_on, language)
        return _("“{title}” of {day} does not recur").format(
            title=deals[0].title or "–", day=day
        )
    return _("{count} deals do not recur").format(count=len(deals))


def _double_words(deals: Sequence[Sold], language: str) -> Iterator[str]:
    if len(deals) == 1:
        day = formats.day(deals[0].won_on, language)
        yield _("“{title}” of {day} was entered twice").format(
            title=deals[0].title or "–", day=day
        )
    elif deals:
        yield _("{count} deals were entered twice").format(count=len(deals))


def question_of(decision: Decision) -> str:
    """Return what is asked."""
    if decision.doubt is Doubt.CLOSE_CALL and decision.readings[0].doubles:
        return _("Entered twice, or for two periods?")
    return str(QUESTIONS[decision.doubt])


def money_between(decision: Decision, language: str) -> str:
    """Return the money between the readings: a month, or what differs in the past only."""
    if decision.stake_e4:
        money = shown_money(decision.stake_e4, decision.currency, language)
        return _("{money} a month").format(money=money)
    past = Money.rounded_from(decision.past_stake_e4, decision.currency)
    if past.amount_e4:
        money = shown_money(
            decision.past_stake_e4, decision.currency, language
        )
        return _("{money} of past revenue").format(money=money)
    return _("new and lost business only")


def mrr_of(reading: DecisionReading, decision: Decision) -> Money:
    """Return what a reading comes to a month, as it is shown."""
    return Money.rounded_from(reading.mrr_e4, decision.currency)


def shown_money(amount_e4: Fraction, currency: str, language: str) -> str:
    """Return an exact amount as a person reads it."""
    money = Money.rounded_from(amount_e4, currency)
    return formats.money(money.amount_e4, currency, language)
