"""A history of won deals -> chains, single purchases, questions.

Each customer is read on its own, in any order of the rows.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import lru_cache

from turnus.core.cadence_words import Certainty, Guess, guess_cadence
from turnus.core.detection.alternatives import settled_reading
from turnus.core.detection.costs import MOST_MISSING
from turnus.core.detection.credits import with_credits
from turnus.core.detection.customers import customers_of, without_form
from turnus.core.detection.division import DealSection, sections_of
from turnus.core.detection.doubles import doubles_in
from turnus.core.detection.facts import (
    Alternative,
    Chain,
    Copy,
    DealQuestion,
    Detection,
    Paid,
    Said,
    Sitting,
    Sold,
    TitleHabit,
)
from turnus.core.detection.habits import TitleUse, habits_of
from turnus.core.detection.periods import paid_in
from turnus.core.detection.pieces import ReadingChange, pieces_of
from turnus.core.detection.review import (
    CLOSE,
    chain_of,
    is_about_lone_deals,
    questions_about,
)
from turnus.core.detection.runs import DealRun
from turnus.core.detection.search import runs_in
from turnus.core.detection.second_lists import repeated_lists
from turnus.core.detection.sessions import sittings_of
from turnus.core.detection.titles import (
    is_service,
    is_subscription,
    is_work,
    service_named,
)
from turnus.core.naming import name_key

_NOTHING: Mapping[int, Said] = {}
#: What is paid in parts has so many at most, within half a year.
_MOST_PARTS, _PARTS_LAST = 3, timedelta(days=183)
#: A cadence is usual for a title if so many of its lines have it.
_USUAL_SHARE = 1 / 3


#: The same words come again and again.
_guessed = lru_cache(maxsize=4096)(guess_cadence)


@dataclass(frozen=True, slots=True)
class CustomerDeals:
    """One customer's deals in one currency: nothing outside has a say in what they mean."""

    customer: int
    name: str
    currency: str
    sold: tuple[Sold, ...]
    #: How each deal was entered, by deal; missing where nobody knows.
    sittings: Mapping[int, Sitting] = field(default_factory=dict)
    #: What other customers make of the titles of its deals; empty in a first reading.
    habits: Mapping[str, TitleHabit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DetectionResult:
    """What the deals of a group mean."""

    chains: tuple[Chain, ...]
    single: tuple[int, ...]
    doubles: tuple[int, ...]
    credits: tuple[int, ...]
    questions: tuple[DealQuestion, ...]
    alternatives: tuple[Alternative, ...] = ()
    #: The first deals of chains that soon were over.
    short_lived: tuple[int, ...] = ()


def groups_of(
    sold: Iterable[Sold],
) -> tuple[list[CustomerDeals], tuple[str, ...]]:
    """Return the groups, and the names of the customers; the order of `sold` does not matter."""
    ordered = sorted(sold, key=_order)
    numbers, names = customers_of(ordered)
    sittings = sittings_of(ordered, numbers)
    sittings |= repeated_lists(ordered, numbers, sittings)
    by_group: dict[tuple[int, str], list[Sold]] = defaultdict(list)
    for number, deal in zip(numbers, ordered, strict=True):
        by_group[number, deal.currency].append(deal)
    groups = [
        replace(
            group_of(number, names[number], currency, own),
            sittings={
                deal.deal: sittings[deal.deal]
                for deal in own
                if deal.deal in sittings
            },
        )
        for (number, currency), own in sorted(by_group.items())
    ]
    return groups, tuple(names)


def group_of(
    customer: int, name: str, currency: str, sold: Iterable[Sold]
) -> CustomerDeals:
    """Return deals that are known to be one customer's in one currency as a group.

    Their order does not matter.
    """
    return CustomerDeals(
        customer, name, currency, tuple(sorted(sold, key=_order))
    )


def detect(
    sold: Iterable[Sold],
    *,
    as_of: date,
    progress: Callable[[int], None] | None = None,
) -> Detection:
    """Return what the history means as known on `as_of`.

    `progress` is told how many deals each step has done.

    Some milliseconds a deal. Later deals than `as_of` are left out.
    """
    groups, names = groups_of(deal for deal in sold if deal.won_on <= as_of)
    answers = []
    for group in groups:
        answers.append(answer_for(group, as_of))
        if progress:
            progress(len(group.sold))
    for rereading in rereadings_of(groups, answers):
        answers[rereading.place] = answer_for(rereading.group, as_of)
    return together(answers, names)


@dataclass(frozen=True, slots=True)
class Rereading:
    """A group to be read once more, and its place among all groups."""

    place: int
    group: CustomerDeals


def rereadings_of(
    groups: Sequence[CustomerDeals], results: Sequence[DetectionResult]
) -> list[Rereading]:
    """Return the groups that what other customers do may read differently.

    These have deals that nothing else, or one deal only, continues, with a title of which
    others say something else, or that a person is asked about.
    """
    uses: list[TitleUse] = []
    for group, result in zip(groups, results, strict=True):
        uses += title_uses(group, result)
    habits = habits_of(uses)
    rereadings = []
    for place, (group, result) in enumerate(zip(groups, results, strict=True)):
        titles = doubtful_titles(group, result)
        own = {title: habits[title] for title in titles if title in habits}
        if _may_differ(group, result, own):
            rereadings.append(Rereading(place, replace(group, habits=own)))
    return rereadings


def title_uses(
    group: CustomerDeals, result: DetectionResult
) -> Iterator[TitleUse]:
    """Yield what the customer makes of each title, by a first reading of its deals.

    Several lines of one title that soon were over are one custom of this customer.
    """
    titles = titles_of(group)
    short_lived: set[str] = set()
    for chain in result.chains:
        title = titles[chain.deals[-1]]
        if chain.deals[0] in result.short_lived:
            short_lived.add(title)
        elif len(chain.deals) > 1:
            yield TitleUse(title, chain.cadence.bare)
    for title in sorted(short_lived):
        yield TitleUse(title, None)
    for deal in result.single:
        yield TitleUse(titles[deal], None)


def doubtful_titles(group: CustomerDeals, result: DetectionResult) -> set[str]:
    """Return the titles of the deals that nothing else, or one deal only, continues."""
    titles = titles_of(group)
    doubtful = list(result.single)
    for chain in result.chains:
        if len(chain.deals) <= 2 or chain.deals[0] in result.short_lived:
            doubtful += chain.deals
    return {titles[deal] for deal in doubtful}


def _may_differ(
    group: CustomerDeals,
    result: DetectionResult,
    habits: Mapping[str, TitleHabit],
) -> bool:
    """Return whether a habit speaks against what was found, or may answer a question.

    One that agrees makes the same reading only likelier, unless the title is in several
    chains.
    """
    titles = titles_of(group)
    if any(
        _is_in_parts(habits.get(titles[deal])) for deal in result.short_lived
    ):
        return True
    asked = {question.deal for question in result.questions}
    chain_counts = Counter(titles[chain.deals[-1]] for chain in result.chains)
    for deal in result.single:
        title = titles[deal]
        may_recur = title in chain_counts or deal in asked
        if title in habits and (may_recur or habits[title].recurring_odds > 0):
            return True
    for chain in result.chains:
        title = titles[chain.deals[-1]]
        if len(chain.deals) > 2 or title not in habits:
            continue
        is_open = chain_counts[title] > 1 or not asked.isdisjoint(chain.deals)
        if is_open or not _agrees(chain, habits[title]):
            return True
    return False


def _agrees(chain: Chain, habit: TitleHabit) -> bool:
    share = habit.cadence_shares.get(chain.cadence.bare, 0.0)
    return share >= _USUAL_SHARE and habit.recurring_odds > 0


def titles_of(group: CustomerDeals) -> dict[int, str]:
    """Return the services that the titles of the deals name, by deal."""
    return {deal.deal: _service(group, deal) for deal in group.sold}


def together(
    answers: Sequence[DetectionResult], names: tuple[str, ...]
) -> Detection:
    """Return the answers of all groups as one."""
    return Detection(
        tuple(chain for answer in answers for chain in answer.chains),
        tuple(deal for answer in answers for deal in answer.single),
        tuple(deal for answer in answers for deal in answer.doubles),
        tuple(deal for answer in answers for deal in answer.credits),
        tuple(question for answer in answers for question in answer.questions),
        names,
        tuple(each for answer in answers for each in answer.alternatives),
    )


def answer_for(
    group: CustomerDeals, as_of: date, said: Mapping[int, Said] = _NOTHING
) -> DetectionResult:
    """Return what the deals of one customer in one currency mean.

    What a person `said` of a deal holds in every reading.
    """
    paying = [deal for deal in group.sold if deal.value_e4 >= 0]
    copies = [
        _copy(group, deal, said.get(deal.deal), position=position)
        for position, deal in enumerate(paying)
    ]
    doubles = doubles_in(paying, copies)
    kept = [copy for index, copy in enumerate(copies) if index not in doubles]
    sections = sections_of(kept, as_of=as_of.toordinal())
    pieces = pieces_of(kept, _best_runs(sections))
    repeats = [copies[index] for index in sorted(doubles)]
    settled = settled_reading(pieces, as_of=as_of.toordinal(), repeats=repeats)
    runs = [run for piece in settled.pieces for run in piece.runs]
    chains = _without_parts(_chains(runs, group), kept, said, as_of)
    best = chain_of(runs)
    changes = [*settled.changes, *_other_stories(sections, settled.changed)]
    chains, unmatched = with_credits(chains, group.sold, said)
    chained = {deal for chain in chains for deal in chain.deals}
    single = tuple(copy.deal for copy in kept if copy.deal not in chained)
    doubled = tuple(sorted(paying[index].deal for index in doubles))
    questions = [
        question
        for question in questions_about(
            kept, best, changes, chains, unmatched, as_of=as_of
        )
        if question.deal not in said
    ]
    return DetectionResult(
        tuple(chains),
        single,
        doubled,
        unmatched,
        tuple(questions),
        tuple(_alternatives(changes, best, group)),
        tuple(
            chain.deals[0] for chain in chains if _is_short_lived(chain, as_of)
        ),
    )


def _without_parts(
    chains: Iterable[Chain],
    copies: Iterable[Copy],
    said: Mapping[int, Said],
    as_of: date,
) -> list[Chain]:
    """Return the chains without purchases that are paid in parts: nobody's goes on for long."""
    habit_of = {copy.deal: copy.habit for copy in copies}
    return [
        chain
        for chain in chains
        if not _is_short_lived(chain, as_of)
        or not _is_in_parts(habit_of[chain.deals[-1]])
        or not said.keys().isdisjoint(chain.deals)
    ]


def _is_short_lived(chain: Chain, as_of: date) -> bool:
    """Return whether the chain was over within half a year, by its third deal."""
    first, last = chain.paid[0], chain.paid[-1]
    lasted = last.starts_on - first.starts_on
    is_short = 2 <= len(chain.paid) <= _MOST_PARTS and lasted <= _PARTS_LAST
    return (
        is_short and last.cadence.due(last.starts_on, MOST_MISSING + 1) < as_of
    )


def _is_in_parts(habit: TitleHabit | None) -> bool:
    return habit is not None and habit.recurring_odds < 0


def _other_stories(
    sections: Iterable[DealSection], settled: frozenset[int]
) -> Iterator[ReadingChange]:
    """Yield the other stories of the search; none of deals that were settled otherwise."""
    for section in sections:
        deals = tuple(copy.deal for copy in section.copies)
        if not settled or settled.isdisjoint(deals):
            for story in section.stories[1:]:
                yield ReadingChange(
                    story.cost - section.cost, deals, tuple(runs_in(story))
                )


def _alternatives(
    changes: Iterable[ReadingChange],
    best: Mapping[int, int],
    group: CustomerDeals,
) -> Iterator[Alternative]:
    """Yield the readings that are nearly as likely as the best."""
    for change in changes:
        if change.margin < CLOSE and not is_about_lone_deals(change, best):
            chains = tuple(_chains(change.runs, group))
            yield Alternative(change.margin, change.deals, chains)


def _order(deal: Sold) -> tuple[object, ...]:
    return (
        deal.won_on,
        -1 if deal.minute is None else deal.minute,
        deal.value_e4,
        deal.currency,
        deal.title,
        deal.plan,
        deal.organization,
        deal.person,
        deal.deal,
    )


def _copy(
    group: CustomerDeals, deal: Sold, said: Said | None, *, position: int
) -> Copy:
    plan, is_from_title = _guessed(deal.plan), False
    if said is not None and said.cadence is not None:
        plan = Guess(Certainty.CERTAIN, (said.cadence.bare,))
    elif plan.certainty is Certainty.NONE:
        named = _guessed(deal.title)
        if named.certainty is not Certainty.NONE:
            plan, is_from_title = named, True
    title = _service(group, deal)
    return Copy(
        deal.deal,
        deal.won_on.toordinal(),
        deal.value_e4,
        plan,
        is_from_title,
        title,
        is_work(deal.title),
        is_service(deal.title),
        is_subscription(deal.title),
        position,
        _contact(deal),
        group.sittings.get(deal.deal, Sitting.UNKNOWN),
        said,
        group.habits.get(title),
    )


def _service(group: CustomerDeals, deal: Sold) -> str:
    """Return the service that a title names; before a change of name it names the old one."""
    customer = group.name
    is_renamed = deal.organization and deal.organization != customer
    if is_renamed and name_key(customer) not in name_key(deal.title):
        own_name = without_form(name_key(deal.organization))
        if own_name != without_form(name_key(customer)):
            customer = deal.organization
    return service_named(deal.title, customer)


def _contact(deal: Sold) -> str:
    """Return the contact person's key; empty where the deal is the person's own."""
    if not deal.organization and not deal.organization_id:
        return ""
    return deal.person_id or name_key(deal.person)


def _best_runs(sections: Iterable[DealSection]) -> Iterator[DealRun]:
    for section in sections:
        yield from runs_in(section.stories[0])


def _chains(runs: Iterable[DealRun], group: CustomerDeals) -> list[Chain]:
    """Return the chains by their first day.

    A run that comes back after an end is one chain with that before, with a gap between
    them; so are runs that a person named as one subscription.
    """
    won_on = {deal.deal: deal.won_on for deal in group.sold}
    found: dict[object, list[Paid]] = {}
    for run in runs:
        paid = paid_in(run, won_on)
        key = (
            run.origin.line if run.together is None else ("said", run.together)
        )
        found.setdefault(key, []).extend(paid)
    chains = [
        Chain(group.customer, group.currency, _in_order(paid))
        for paid in found.values()
    ]
    return sorted(
        chains, key=lambda chain: (chain.paid[0].starts_on, chain.deals)
    )


def _in_order(paid: Iterable[Paid]) -> tuple[Paid, ...]:
    """Return the places in order of their days, each period paid once.

    Where two runs meet in one period, the later deal pays for the next.
    """
    ordered: list[Paid] = []
    for each in sorted(paid, key=lambda one: (one.starts_on, one.deal)):
        last = ordered[-1] if ordered else None
        if last is not None and each.starts_on <= last.starts_on:
            ordered.append(
                replace(each, starts_on=last.cadence.due(last.starts_on, 1))
            )
        else:
            ordered.append(each)
    return tuple(ordered)
