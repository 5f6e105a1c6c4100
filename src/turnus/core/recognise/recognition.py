"""A history of won deals -> chains, single purchases, questions: each customer on its own, in any order of the rows."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from turnus.core.cadence_words import Certainty, Guess, guess_cadence
from turnus.core.recognise.credits import with_credits
from turnus.core.recognise.customers import customers_of
from turnus.core.recognise.doubles import doubles_in
from turnus.core.recognise.facts import Chain, Copy, Paid, Question, Recognition, Sold
from turnus.core.recognise.review import questions_about
from turnus.core.recognise.runs import Place, Run
from turnus.core.recognise.search import Story, stories
from turnus.core.recognise.titles import is_service, is_work, service_named


@dataclass(frozen=True, slots=True)
class Group:
    """One customer's deals in one currency: nothing outside has a say in what they mean."""

    customer: int
    name: str
    currency: str
    sold: tuple[Sold, ...]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the deals of a group mean."""

    chains: tuple[Chain, ...]
    single: tuple[int, ...]
    doubles: tuple[int, ...]
    credits: tuple[int, ...]
    questions: tuple[Question, ...]


def groups_of(sold: Iterable[Sold]) -> tuple[list[Group], tuple[str, ...]]:
    """Return the groups, and the names of the customers; the order of `sold` does not matter."""
    ordered = sorted(sold, key=_order)
    numbers, names = customers_of(ordered)
    by_group: dict[tuple[int, str], list[Sold]] = defaultdict(list)
    for number, deal in zip(numbers, ordered, strict=True):
        by_group[number, deal.currency].append(deal)
    groups = [Group(number, names[number], currency, tuple(own)) for (number, currency), own in sorted(by_group.items())]
    return groups, tuple(names)


def recognise(sold: Iterable[Sold], *, as_of: date, progress: Callable[[int], None] | None = None) -> Recognition:
    """Return what the history means as known on `as_of`; `progress` is told how many deals each step has done.

    About a millisecond a deal. Later deals than `as_of` are left out.
    """
    groups, names = groups_of(deal for deal in sold if deal.won_on <= as_of)
    answers = []
    for group in groups:
        answers.append(answer_for(group, as_of))
        if progress:
            progress(len(group.sold))
    return together(answers, names)


def together(answers: Sequence[Answer], names: tuple[str, ...]) -> Recognition:
    """Return the answers of all groups as one."""
    return Recognition(
        tuple(chain for answer in answers for chain in answer.chains),
        tuple(deal for answer in answers for deal in answer.single),
        tuple(deal for answer in answers for deal in answer.doubles),
        tuple(deal for answer in answers for deal in answer.credits),
        tuple(question for answer in answers for question in answer.questions),
        names,
    )


def answer_for(group: Group, as_of: date) -> Answer:
    """Return what the deals of one customer in one currency mean."""
    paying = [deal for deal in group.sold if deal.value_e4 >= 0]
    copies = [_copy(deal, group.name) for deal in paying]
    doubles = doubles_in(paying, copies)
    kept = [copy for index, copy in enumerate(copies) if index not in doubles]
    told = stories(kept, as_of=as_of.toordinal())
    best = told[0]
    single_runs = [run for run in _runs(best)]
    chains = sorted((_chain(run, group) for run in single_runs), key=lambda chain: (chain.paid[0].starts_on, chain.deals))
    chained = {deal for chain in chains for deal in chain.deals}
    chains, credits = with_credits(chains, group.sold)
    single = tuple(copy.deal for copy in kept if copy.deal not in chained)
    questions = questions_about(kept, told, chains, credits, as_of=as_of)
    return Answer(tuple(chains), single, tuple(paying[index].deal for index in sorted(doubles)), credits, tuple(questions))


def _order(deal: Sold) -> tuple[object, ...]:
    return (deal.won_on, -1 if deal.minute is None else deal.minute, deal.value_e4, deal.currency, deal.title, deal.plan, deal.organisation, deal.person, deal.deal)


def _copy(deal: Sold, customer: str) -> Copy:
    plan, is_from_title = guess_cadence(deal.plan), False
    if plan.certainty is Certainty.NONE:
        named = guess_cadence(deal.title)
        if named.certainty is not Certainty.NONE:
            plan, is_from_title = named, True
    return Copy(deal.deal, deal.won_on.toordinal(), deal.value_e4, plan, is_from_title, service_named(deal.title, customer), is_work(deal.title), is_service(deal.title))


def _runs(story: Story) -> list[Run]:
    runs, rest = [], story.closed
    while rest:
        run, rest = rest  # type: ignore[assignment]
        runs.append(run)
    return runs


def _chain(run: Run, group: Group) -> Chain:
    paid = []
    place: Place | None = run.readings[0].place
    while place:
        starts_on = date.fromordinal(place.rhythm.due(place.number))
        paid.append(Paid(place.deal, starts_on, place.rhythm.cadence))
        place = place.before
    paid.sort(key=lambda each: (each.starts_on, each.deal))
    return Chain(group.customer, group.currency, tuple(paid))
