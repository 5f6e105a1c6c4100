"""Reading the histories of a proposal: each customer alone, then with what all have in common."""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction

from turnus.accounts.queries import company, rates
from turnus.core.detection.detecting import groups_of
from turnus.core.revenue.conversion import Conversion
from turnus.detection.facts import Facts, facts_of, sold_among
from turnus.detection.history_findings import (
    HistoryFindings,
    findings_of,
    unanswered_result,
)
from turnus.detection.models import History, Proposal
from turnus.detection.reading import Reading, stored
from turnus.detection.title_habits import (
    HistoryTitles,
    learned_habits,
    stored_titles,
)

#: Histories read, or written, in one step of a job.
BLOCK = 100
_MANY = 500
_READ_COLUMNS = (
    "reading",
    "digest",
    "stake_e4",
    "mrr_e4",
    "months",
    "subscription_count",
    "question_count",
    "state",
    "titles",
)


def sort_deals(proposal: Proposal) -> int:
    """Give each customer's deals their history, as the job's first step; return the count."""
    sold = sold_among(proposal.deals, proposal, company().zone)
    groups, names = groups_of(
        deal for deal in sold if deal.won_on <= proposal.on
    )
    rows = [
        History(
            proposal=proposal,
            name=names[group.customer][:255],
            currency=group.currency,
            deals=[deal.deal for deal in group.sold],
            sittings=dict(group.sittings),
        )
        for group in groups
    ]
    proposal.deals = []
    proposal.save(update_fields=["deals"])
    return len(History.objects.bulk_create(rows, batch_size=_MANY))


def read_histories(proposal: Proposal, histories: Sequence[History]) -> None:
    """Read histories, or read them again, and add their figures to the proposal's.

    For the caller's transaction.
    """
    facts = facts_of(histories, proposal, company().zone)
    conversion = Conversion(rates(), company().currency)
    is_first = proposal.state == Proposal.State.READING
    for history in histories:
        own = facts[history.pk]
        _add_months(proposal, history.months, -1)
        findings = findings_of(
            history, own, on=proposal.on, conversion=conversion
        )
        _keep(history, findings, own, on=proposal.on, conversion=conversion)
        _add_months(proposal, history.months, 1)
        if is_first:
            result = unanswered_result(findings, own, on=proposal.on)
            history.titles = stored_titles(findings.group, result)
            history.state = _first_state(findings.reading, own)
    History.objects.bulk_update(histories, _READ_COLUMNS, batch_size=BLOCK)
    proposal.save(update_fields=["months"])


def learn_habits(proposal: Proposal) -> None:
    """Give the histories what all of them make of their doubtful titles.

    For the caller's transaction, between the two readings. Those with habits are to be
    read again.
    """
    rows = proposal.histories.order_by("pk").values_list("pk", "titles")
    habits = learned_habits(HistoryTitles(pk, titles) for pk, titles in rows)
    changed = [History(pk=pk, habits=own) for pk, own in habits.items()]
    History.objects.bulk_update(changed, ["habits"], batch_size=_MANY)


def _keep(
    history: History,
    findings: HistoryFindings,
    facts: Facts,
    *,
    on: date,
    conversion: Conversion,
) -> None:
    reading = findings.reading
    history.reading = stored(reading)
    history.digest = facts.digest
    history.subscription_count = len(reading.lines)
    history.question_count = len(reading.decisions)
    months = findings.months
    history.mrr_e4 = round(months.get(f"{on:%Y-%m}", Fraction(0)))
    history.months = {
        month: str(amount) for month, amount in months.items() if amount
    }
    # Without a rate nothing is known in the company's currency: it comes last.
    rate = Fraction(conversion.rate(history.currency, on) or 0)
    stake_e4 = sum(decision.stake_e4 for decision in reading.decisions)
    history.stake_e4 = int(stake_e4 * rate)


def _first_state(reading: Reading, facts: Facts) -> History.State:
    """Return confirmed where answers to an earlier proposal place every deal of the lines."""
    deals = {deal for line in reading.lines for deal in line.deals}
    if deals and facts.answers.keys() >= deals:
        return History.State.CONFIRMED
    return History.State.PROPOSED


def _add_months(
    proposal: Proposal, months: Mapping[str, str], sign: int
) -> None:
    for month, amount in months.items():
        before = Fraction(proposal.months.get(month, 0))
        proposal.months[month] = str(before + sign * Fraction(amount))
