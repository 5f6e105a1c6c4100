"""Requesting a proposal, reading its histories, and discarding it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from fractions import Fraction

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.accounts.queries import company, rates
from turnus.core.detection.decisions import Decision, decisions_of
from turnus.core.detection.detecting import DetectionResult as Found
from turnus.core.detection.detecting import answer_for, group_of, groups_of
from turnus.core.detection.facts import Chain, DealQuestion, Detection, Doubt, Sitting
from turnus.core.detection.money import Revenue, revenue_of
from turnus.core.revenue.conversion import Conversion
from turnus.detection.facts import Facts, facts_of, sold_among
from turnus.detection.models import History, Proposal
from turnus.detection.reading import DetectedLine, Reading, stored
from turnus.fields.models import CustomField
from turnus.jobs.actions import enqueue
from turnus.kit.errors import UserError
from turnus.sales.models import Deal

#: Histories read, or written, in one step of a job.
BLOCK = 100
#: How long a proposal waits for its approval: the deals have moved on by then.
_KEPT_FOR = timedelta(weeks=4)


@transaction.atomic
def request_proposal(
    *,
    deals: QuerySet[Deal],
    by: User,
    at: datetime,
    on: date,
    title: str,
    plan_field: CustomField | None,
) -> Proposal:
    """Let a job read the won deals among `deals` that book no term yet.

    Refused where there is none that `by` may change.
    """
    mine = Deal.objects.present().editable_by(by).filter(pk__in=deals.values("pk"))
    ids = list(
        mine.filter(status=Deal.Status.WON, term__isnull=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    if not ids:
        raise UserError("detection.no_deals")
    proposal = Proposal.objects.create(
        by=by, created_at=at, on=on, title=title[:255], plan_field=plan_field, deals=ids
    )
    enqueue("detection.read", at=at, by_id=by.pk, proposal_id=proposal.pk)
    return proposal


@transaction.atomic
def discard_proposal(*, proposal: Proposal, by: User) -> None:
    """Delete a proposal of which nothing is written; what people answered is remembered."""
    proposal = Proposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    require_own(proposal, by)
    if proposal.state in {Proposal.State.WRITING, Proposal.State.WRITTEN}:
        raise UserError("detection.written")
    if proposal.state == Proposal.State.READING:
        raise UserError("detection.closed")
    proposal.delete()


@transaction.atomic
def purge_proposals(*, at: datetime) -> int:
    """Delete proposals that nobody approved for four weeks, and undone ones.

    What people answered is remembered. Returns how many rows are deleted.
    """
    in_use = (Proposal.State.READING, Proposal.State.WRITING, Proposal.State.WRITTEN)
    return (
        Proposal.objects.filter(created_at__lt=at - _KEPT_FOR)
        .exclude(state__in=in_use)
        .delete()[0]
    )


def require_own(proposal: Proposal, by: User) -> None:
    """Refuse anyone who neither asked for the proposal nor is an admin."""
    if proposal.by_id != by.pk and not by.is_admin:
        raise UserError("access.denied")


def sort_deals(proposal: Proposal) -> int:
    """Give each customer's deals their history, as the job's first step; return the count."""
    sold = sold_among(proposal.deals, proposal, company().zone)
    groups, names = groups_of(one for one in sold if one.won_on <= proposal.on)
    rows = [
        History(
            proposal=proposal,
            name=names[group.customer][:255],
            currency=group.currency,
            deals=[one.deal for one in group.sold],
            sittings=dict(group.sittings),
        )
        for group in groups
    ]
    proposal.deals = []
    proposal.save(update_fields=["deals"])
    return len(History.objects.bulk_create(rows, batch_size=500))


def read_histories(proposal: Proposal, histories: Sequence[History]) -> None:
    """Read histories, or read them again, and add their figures to the proposal's.

    For the caller's transaction.
    """
    facts = facts_of(histories, proposal, company().zone)
    conversion = Conversion(rates(), company().currency)
    for one in histories:
        _add_months(proposal, one.months, -1)
        _read(one, facts[one.pk], on=proposal.on, conversion=conversion)
        _add_months(proposal, one.months, 1)
    fields = [
        "reading",
        "digest",
        "stake_e4",
        "mrr_e4",
        "months",
        "subscription_count",
        "question_count",
        "state",
    ]
    History.objects.bulk_update(histories, fields, batch_size=BLOCK)
    proposal.save(update_fields=["months"])


def move_on(proposal: Proposal, before: Proposal.State, after: Proposal.State) -> bool:
    """Move a proposal from one state to the next.

    Returns False if it is further on: the job ran twice.
    """
    return bool(
        Proposal.objects.filter(pk=proposal.pk, state=before).update(state=after)
    )


def _read(one: History, facts: Facts, *, on: date, conversion: Conversion) -> None:
    found = _left(facts) if facts.is_settled else _found(one, facts, on)
    chains = [_without_booked_time(chain, facts) for chain in found.chains]
    new = [
        chain
        for chain in chains
        if any(deal not in facts.subscriptions for deal in chain.deals)
    ]
    reading = _reading(found, chains, new, facts)
    decisions = _decisions(one, found, reading, facts, on)
    reading = replace(reading, decisions=decisions)
    if (
        one.reading is None
        and reading.lines
        and all(deal in facts.answers for line in reading.lines for deal in line.deals)
    ):
        one.state = History.State.CONFIRMED  # by answers to an earlier proposal
    one.reading, one.digest = stored(reading), facts.digest
    one.subscription_count, one.question_count = (
        len(reading.lines),
        len(decisions),
    )
    months = _months(new, facts, on=on, conversion=conversion)
    one.mrr_e4 = round(months.get(f"{on:%Y-%m}", Fraction(0)))
    one.months = {month: str(closing) for month, closing in months.items() if closing}
    # Without a rate nothing is known in the company's currency: it comes last.
    rate = Fraction(conversion.rate(one.currency, on) or 0)
    one.stake_e4 = int(sum(each.stake_e4 for each in decisions) * rate)


def _decisions(
    one: History, found: Found, reading: Reading, facts: Facts, on: date
) -> tuple[Decision, ...]:
    """Return what is to be decided about a history, the most money first.

    What a person answered about all deals in question is decided.
    """
    detection = Detection(
        found.chains, (), (), (), reading.questions, (one.name,), found.alternatives
    )
    known = [*facts.sold, *facts.booked]
    settled = {*facts.answers, *reading.inside, *facts.subscriptions}
    settled -= {question.deal for question in reading.questions}
    decisions = [
        decision
        for decision in decisions_of(detection, known, as_of=on)
        if not settled.issuperset(decision.asked)
    ]
    decisions.sort(key=lambda decision: (-decision.stake_e4, decision.deals))
    return tuple(decisions)


def _found(one: History, facts: Facts, on: date) -> Found:
    sold = [each for each in facts.sold if each.deal not in facts.left_alone]
    group = group_of(0, one.name, one.currency, [*sold, *facts.booked])
    # JSON has text for keys.
    sittings = {int(deal): Sitting(sitting) for deal, sitting in one.sittings.items()}
    return answer_for(replace(group, sittings=sittings), on, facts.answers)


def _left(facts: Facts) -> Found:
    """Return deals as an approved reading left them.

    What is booked must not make more of them when nothing was added.
    """
    # PostgreSQL gives rows in any order; what was found stands in the order of the days.
    sold = sorted(facts.sold, key=lambda one: (one.won_on, one.deal))
    single = tuple(
        one.deal
        for one in sold
        if one.value_e4 >= 0 and one.deal not in facts.left_alone
    )
    return Found(
        (), single, (), tuple(one.deal for one in sold if one.value_e4 < 0), ()
    )


def _without_booked_time(chain: Chain, facts: Facts) -> Chain:
    """Return a chain without the deals that pay for days already booked: they book nothing."""
    span = facts.spans.get(_subscription_in(chain, facts) or 0)
    if span is None:
        return chain
    booked = facts.subscriptions
    return replace(
        chain,
        paid=tuple(
            one
            for one in chain.paid
            if one.deal in booked or not span.start <= one.starts_on < span.end
        ),
    )


def _reading(
    found: Found, chains: Sequence[Chain], new: Sequence[Chain], facts: Facts
) -> Reading:
    """Return the result without what is booked.

    A negative deal does not end an existing subscription: a person does, and is asked.
    """
    here = [
        (chain, _subscription_in(chain, facts)) for chain in chains if chain.credits
    ]
    goes_on = [
        chain
        for chain, one in here
        if one is not None and (chain in new or one not in facts.ended)
    ]
    open_ends = tuple(deal for chain in goes_on for deal in chain.credits)
    inside = {deal for chain in found.chains for deal in chain.deals}.difference(
        *(chain.deals for chain in chains)
    )
    questions = [one for one in found.questions if one.deal not in inside]
    questions += [DealQuestion(deal, Doubt.CREDIT, 0.0) for deal in open_ends]
    lines = [_line(chain, facts) for chain in new]
    questions += [
        DealQuestion(line.deals[-1], Doubt.BESIDE, 0.0)
        for line in lines
        if _is_beside(line, facts)
    ]
    doubles = (*found.doubles, *sorted(facts.doubles))
    credits_ = (*found.credits, *open_ends)
    inside |= facts.covered - facts.doubles
    return Reading(
        tuple(lines),
        found.single,
        doubles,
        credits_,
        tuple(questions),
        tuple(sorted(inside)),
    )


def _is_beside(line: DetectedLine, facts: Facts) -> bool:
    """Return whether the customer has a subscription like the line, which may be the same.

    It bills the same as often, and no person called the line another one.

    Also where the line goes on with one that is paused: what is written begins another one.
    """
    if all(deal in facts.answers for deal in line.deals):
        return False
    if line.subscription is not None:
        return line.subscription in facts.paused
    first, last, price_e4 = line.paid[0], line.paid[-1], facts.value_e4(line.deals[-1])
    end = last.cadence.anchored(last.starts_on).due(last.starts_on, 1)
    return any(
        one.repeats(price_e4, last.cadence, first.starts_on, end)
        for one in facts.bookings.running
    )


def _line(chain: Chain, facts: Facts) -> DetectedLine:
    """Return a chain as a line of its deals that are not booked yet.

    The line names the subscription whose terms are in the chain.
    """
    booked = _subscription_in(chain, facts)
    paid = tuple(one for one in chain.paid if one.deal not in facts.subscriptions)
    return DetectedLine(paid, () if booked else chain.credits, booked)


def _subscription_in(chain: Chain, facts: Facts) -> int | None:
    """Return the subscription whose terms are in a chain; terms of two are never joined."""
    return next(
        (
            facts.subscriptions[deal]
            for deal in chain.deals
            if deal in facts.subscriptions
        ),
        None,
    )


def _months(
    new: Sequence[Chain], facts: Facts, *, on: date, conversion: Conversion
) -> dict[str, Fraction]:
    """Return what the chains add to the MRR of each month, exactly.

    The MRR of terms in them that are booked already does not count.
    """
    first = min((paid.starts_on for chain in new for paid in chain.paid), default=on)
    sold = [*facts.sold, *facts.booked]

    def revenue(chains: Sequence[Chain]) -> Revenue:
        detection = Detection(tuple(chains), (), (), (), (), ("",))
        return revenue_of(
            detection, sold, conversion=conversion, as_of=on, first=min(first, on)
        )

    new = [_without_pause(chain, facts) for chain in new]
    booked = [
        replace(
            chain,
            paid=tuple(one for one in chain.paid if one.deal in facts.subscriptions),
            credits=(),
        )
        for chain in new
    ]
    whole = [
        replace(chain, credits=()) if known.paid else chain
        for chain, known in zip(new, booked, strict=True)
    ]
    months = zip(
        revenue(whole).months,
        revenue([one for one in booked if one.paid]).months,
        strict=True,
    )
    return {
        f"{one.days.start:%Y-%m}": one.closing - other.closing for one, other in months
    }


def _without_pause(chain: Chain, facts: Facts) -> Chain:
    """Return a chain without the terms of a paused subscription.

    What is written begins another subscription beside it.
    """
    if _subscription_in(chain, facts) not in facts.paused:
        return chain
    return replace(
        chain,
        paid=tuple(one for one in chain.paid if one.deal not in facts.subscriptions),
    )


def _add_months(proposal: Proposal, months: Mapping[str, str], sign: int) -> None:
    for month, amount in months.items():
        proposal.months[month] = str(
            Fraction(proposal.months.get(month, 0)) + sign * Fraction(amount)
        )
