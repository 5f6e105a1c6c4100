"""Asking for a proposal, reading the histories it is made of, and throwing it away."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import transaction
from django.db.models import QuerySet

from turnus.accounts.models import User
from turnus.accounts.queries import company, rates
from turnus.core.recognise.facts import Chain, Recognition
from turnus.core.recognise.money import Revenue, revenue_of
from turnus.core.recognise.recognition import answer_for, group_of, groups_of
from turnus.core.revenue.conversion import Conversion
from turnus.fields.models import CustomField
from turnus.jobs.actions import enqueue
from turnus.kit.errors import UserError
from turnus.recognition.facts import Facts, facts_of, sold_among
from turnus.recognition.models import History, Proposal
from turnus.recognition.reading import Line, Reading, stored
from turnus.revenue.rules import monthly_e4
from turnus.sales.models import Deal

#: Histories read, or written, in one step of a job.
BLOCK = 100
_MONTHS = 12


@transaction.atomic
def request_proposal(
    *, deals: QuerySet[Deal], by: User, at: datetime, on: date, title: str, plan_field: CustomField | None
) -> Proposal:
    """Let a job read the won deals among `deals` that book no term yet; refused where there is none that `by` may change."""
    mine = Deal.objects.present().editable_by(by).filter(pk__in=deals.values("pk"))
    ids = list(mine.filter(status=Deal.Status.WON, term__isnull=True).order_by("pk").values_list("pk", flat=True))
    if not ids:
        raise UserError("recognition.no_deals")
    proposal = Proposal.objects.create(by=by, created_at=at, on=on, title=title[:255], plan_field=plan_field, deals=ids)
    enqueue("recognition.read", at=at, by_id=by.pk, proposal_id=proposal.pk)
    return proposal


@transaction.atomic
def discard_proposal(*, proposal: Proposal, by: User) -> None:
    """Throw a proposal away of which nothing stands written; what people answered is remembered."""
    require_own(proposal, by)
    if proposal.state in {Proposal.State.WRITING, Proposal.State.WRITTEN}:
        raise UserError("recognition.written")
    proposal.delete()


def require_own(proposal: Proposal, by: User) -> None:
    """Refuse whoever neither asked for the proposal nor is an admin."""
    if proposal.by_id != by.pk and not by.is_admin:
        raise UserError("access.denied")


def sort_deals(proposal: Proposal) -> int:
    """Give each customer's deals their history; return how many there are. For the first step of the job."""
    sold = sold_among(proposal.deals, proposal, company().zone)
    groups, names = groups_of(one for one in sold if one.won_on <= proposal.on)
    rows = [
        History(
            proposal=proposal, name=names[group.customer][:255], currency=group.currency,
            deals=[one.deal for one in group.sold],
        )
        for group in groups
    ]  # fmt: skip
    proposal.deals = []
    proposal.save(update_fields=["deals"])
    return len(History.objects.bulk_create(rows, batch_size=500))


def read_histories(proposal: Proposal, histories: Sequence[History]) -> None:
    """Read histories, once more where they were read before, and put their figures into the proposal's; for the caller's transaction."""
    facts = facts_of(histories, proposal, company().zone)
    conversion = Conversion(rates(), company().currency)
    for one in histories:
        _add_months(proposal, one.months, -1)
        _read(one, facts[one.pk], on=proposal.on, conversion=conversion)
        _add_months(proposal, one.months, 1)
    fields = [
        "reading", "digest", "stake_e4", "mrr_e4", "months", "subscription_count", "question_count", "state",
    ]  # fmt: skip
    History.objects.bulk_update(histories, fields, batch_size=BLOCK)
    proposal.save(update_fields=["months"])


def set_state(proposal: Proposal, state: Proposal.State) -> None:
    """Say how far the proposal is."""
    proposal.state = state
    proposal.save(update_fields=["state"])


def _read(one: History, facts: Facts, *, on: date, conversion: Conversion) -> None:
    group = group_of(0, one.name, one.currency, [*facts.sold, *facts.booked])
    found = answer_for(group, on, facts.said)
    lines = tuple(line for line in (_line(chain, facts) for chain in found.chains) if line.paid)
    reading = Reading(lines, found.single, found.doubles, found.credits, found.questions)
    revenue = _revenue(one, reading, facts, on=on, conversion=conversion)
    one.reading, one.digest = stored(reading), facts.digest
    one.subscription_count, one.question_count = len(lines), len(found.questions)
    one.mrr_e4 = revenue.today.mrr.amount_e4
    one.months = {
        f"{month.days.start:%Y-%m}": round(month.closing) for month in revenue.months if month.closing
    }  # fmt: skip
    one.stake_e4 = _stake_e4(one, reading, facts, on=on, conversion=conversion)


def _line(chain: Chain, facts: Facts) -> Line:
    """Return a chain as a line of the deals that are not booked yet, and the subscription whose terms are in it."""
    held = facts.subscriptions
    booked = next((held[one.deal] for one in chain.paid if one.deal in held), None)
    return Line(tuple(one for one in chain.paid if one.deal not in held), chain.credits, booked)


def _revenue(one: History, reading: Reading, facts: Facts, *, on: date, conversion: Conversion) -> Revenue:
    chains = tuple(line.chain(one.currency) for line in reading.lines)
    first = min((paid.starts_on for line in reading.lines for paid in line.paid), default=on)
    recognition = Recognition(chains, (), (), (), (), (one.name,))
    return revenue_of(recognition, facts.sold, conversion=conversion, as_of=on, first=min(first, on))


def _stake_e4(one: History, reading: Reading, facts: Facts, *, on: date, conversion: Conversion) -> int:
    """Return a month's share of everything in question: of a line once, of a single deal as if it came every year."""
    values = {deal.deal: abs(deal.value_e4) for deal in facts.sold}
    lines, single = {}, 0
    for question in reading.questions:
        line = reading.line_of(question.deal)
        if line is None:
            single += values.get(question.deal, 0) // _MONTHS
        else:
            lines[line.deals] = monthly_e4(values[line.deals[-1]], line.cadence)
    rate = conversion.rate(one.currency, on)
    return int((sum(lines.values()) + single) * (rate or 1))


def _add_months(proposal: Proposal, months: Mapping[str, int], sign: int) -> None:
    for month, amount in months.items():
        proposal.months[month] = proposal.months.get(month, 0) + sign * amount
