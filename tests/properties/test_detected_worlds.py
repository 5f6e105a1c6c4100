"""Laws of detection: what was proposed counts once written, nothing is doubled, answers hold."""

from collections.abc import Iterator
from contextlib import suppress
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.detection.worlds import ON, proposed, read, written
from tests.revenue.worlds import report
from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.core.cadence import Cadence
from turnus.core.calendar import DateRange
from turnus.core.deal_lines import DealLine
from turnus.core.money import Money
from turnus.detection import actions_answering as answering
from turnus.detection.actions_approval import undo_proposal
from turnus.detection.cadence_names import COMMON
from turnus.detection.models import Answer, History, Proposal
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.sales.actions_lines import set_deal_lines
from turnus.sales.models import Deal

few = settings(
    max_examples=6,
    deadline=None,
    print_blob=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
    ],
)
#: Copies of one deal: customer, currency, first day, [(cadence, copies)], price, per copy (days
#: off, percent dearer, is forgotten), taken back.
LINE = st.tuples(
    st.integers(0, 1),
    st.sampled_from(["EUR", "EUR", "USD"]),
    st.dates(date(2016, 1, 1), date(2018, 9, 1)) | st.just(date(2018, 1, 31)),
    st.lists(
        st.tuples(
            st.sampled_from(["1m", "3m", "1y", "2/m"]), st.integers(1, 7)
        ),
        min_size=1,
        max_size=2,
    ),
    st.sampled_from([10_000, 10_000, 24_900]) | st.integers(1, 90_000),
    st.lists(
        st.tuples(
            st.integers(-6, 9),
            st.sampled_from([0, 0, 0, 5, 30]),
            st.sampled_from([False] * 6 + [True]),
        ),
        min_size=14,
        max_size=14,
    ),
    st.booleans(),
)
LINES = st.lists(LINE, min_size=1, max_size=4)


@pytest.fixture
def world(world: World) -> World:
    for cadence in COMMON:
        world.plan(str(cadence), cadence=cadence)
    save_rate(
        by=world.admin, code="USD", on=date(2010, 1, 1), rate=Decimal("0.87")
    )
    save_rate(
        by=world.admin, code="USD", on=date(2017, 7, 1), rate=Decimal("0.913")
    )
    return world


def sold(world: World, lines: list[Any]) -> list[int]:
    """The only deals, by day; the last of a line may bring set-up, or a negative one after it."""
    for kind in (Proposal, Answer, Term, Subscription, Deal):
        kind.objects.all().delete()
    firms = [
        world.organization(f"Kunde {number} GmbH").pk for number in range(2)
    ]
    for number, (
        customer,
        currency,
        first,
        stretches,
        cents,
        copies,
        is_special,
    ) in enumerate(lines):
        last: Deal | None = None
        values: dict[str, Any] = {
            "organization": firms[customer],
            "status": "won",
            "title": f"Dienst {'AABC'[number]}",
        }
        for day, price_e4 in _copies(first, stretches, cents * 100, copies):
            last = world.deal(
                **values, won_at=day, value=Money(price_e4, currency)
            )
        if last is not None and is_special and number % 2:
            parts = [
                DealLine("Einrichtung", 10_000),
                DealLine("Dienst", last.value_e4, recurs=True),
            ]
            set_deal_lines(
                deals=Deal.objects.filter(pk=last.pk),
                by=world.alice,
                at=world.at,
                lines=parts,
            )
        elif last is not None and is_special:
            back = min(last.won_on + timedelta(days=3), ON)
            world.deal(
                **values, won_at=back, value=Money(-last.value_e4, currency)
            )
    return list(
        Deal.objects.order_by("won_on", "pk").values_list("pk", flat=True)
    )


def _copies(
    first: date, stretches: list[Any], price_e4: int, copies: list[Any]
) -> Iterator[tuple[date, int]]:
    number, start, factor = 0, first, Decimal(1)
    for word, count in stretches:
        cadence = Cadence.parse(word)
        full = (
            price_e4
            * Cadence.parse("1m").billings_per_year
            / cadence.billings_per_year
        )
        for each in range(count):
            off, percent, is_forgotten = copies[number]
            number, factor = number + 1, factor * (100 + percent) / 100
            day = cadence.due(start, each) + timedelta(days=off)
            if not is_forgotten and day <= ON:
                yield day, int(full * int(factor * 100) / 10_000) * 100
        start = cadence.due(start, count)


def counted(world: World) -> dict[str, Money]:
    found = report(
        world, "mrr", days=DateRange(date(2015, 1, 1), ON + timedelta(days=1))
    )
    return {
        f"{line.days.start:%Y-%m}": line.cells[0]
        for line in found.lines
        if line.cells[0].amount_e4
    }


def shown(proposal: Proposal) -> dict[str, Money]:
    rounded = {
        month: Money.rounded_from(Fraction(amount), "EUR")
        for month, amount in proposal.months.items()
    }
    return {
        month: money for month, money in rounded.items() if money.amount_e4
    }


def facts() -> list[Any]:
    """Everything that counts."""
    terms = Term.objects.filter(subscription__trashed_at=None).order_by("pk")
    return [
        *terms.values_list(
            "subscription",
            "number",
            "starts_on",
            "ends_on",
            "price_e4",
            "cadence",
            "deal",
        ),
        *Subscription.objects.present()
        .order_by("pk")
        .values_list(
            "pk", "state", "end_on", "price_e4", "next_number", "anchor_on"
        ),
        *Deal.objects.present()
        .order_by("pk")
        .values_list("pk", "value_e4", "status", "won_on"),
        *Answer.objects.order_by("deal").values_list(
            "deal", "number", "cadence"
        ),
    ]


def whole(proposal: Proposal) -> list[Any]:
    """What all deals of a proposal are read as."""
    return sorted(
        (
            one.name,
            one.currency,
            sorted(line.deals for line in found.lines),
            sorted(str(line.cadence) for line in found.lines),
            sorted(found.single),
            sorted(found.doubles),
        )
        for one in proposal.histories.all()
        for found in [read(one)]
    )


def terms_fit() -> None:
    """Terms follow one another, each deal books one, and their days fit the subscription."""
    for one in Subscription.objects.present():
        own = list(one.terms.order_by("number"))
        assert [term.number for term in own] == list(range(one.next_number))
        for before, after in pairwise(own):
            assert before.ends_on <= after.starts_on
        assert all(term.starts_on < term.ends_on for term in own)
        assert one.end_on is None or own[-1].ends_on <= one.end_on
        assert one.next_due_on is None or own[-1].ends_on <= one.next_due_on


@few
@given(lines=LINES)
def test_what_was_proposed_counts_once_it_is_written_and_goes_when_it_is_taken_back(
    world: World, lines: list[Any]
) -> None:
    if not sold(world, lines):
        return
    before, proposal = facts(), proposed(world)
    if not proposal.histories.filter(subscription_count__gt=0):
        return
    proposal = written(world, proposal)
    terms_fit()
    assert counted(world) == shown(proposal)
    undo_proposal(proposal=proposal, by=world.alice, at=world.at)
    assert facts() == before


@few
@given(lines=LINES)
def test_nothing_new_is_proposed_of_what_is_written(
    world: World, lines: list[Any]
) -> None:
    if not sold(world, lines):
        return
    proposal = proposed(world)
    if not proposal.histories.filter(subscription_count__gt=0):
        return
    written(world, proposal)
    before = facts()
    try:
        again = proposed(world)
    except UserError:
        return
    assert not again.histories.filter(subscription_count__gt=0)
    assert facts() == before


@few
@given(lines=LINES, share=st.integers(1, 9))
def test_a_later_import_doubles_no_term(
    world: World, lines: list[Any], share: int
) -> None:
    deals = sold(world, lines)
    first = deals[: len(deals) * share // 10]
    for chosen in (first, deals):
        if not first:
            return
        try:
            proposal = proposed(
                world, deals=Deal.objects.filter(pk__in=chosen)
            )
        except UserError:
            continue
        if proposal.histories.filter(subscription_count__gt=0):
            before = counted(world)
            added = shown(written(world, proposal))
            after = counted(world)
            for month in {*before, *added, *after}:
                parts = [
                    each.get(month, Money(0, "EUR")).amount_e4
                    for each in (before, added, after)
                ]
                assert abs(parts[0] + parts[1] - parts[2]) <= 100, month
            assert set(proposal.histories.values_list("state", flat=True)) <= {
                "written",
                "left_out",
            }
        terms_fit()


@few
@given(
    lines=LINES,
    answers=st.lists(
        st.tuples(
            st.sampled_from(
                ["confirm", "split", "join", "single", "recurring", "leave"]
            ),
            st.integers(0, 99),
            st.integers(0, 99),
        ),
        max_size=6,
    ),
)
def test_answers_are_read_the_same_by_the_next_proposal(
    world: World, lines: list[Any], answers: list[Any]
) -> None:
    if not sold(world, lines):
        return
    proposal = proposed(world)
    for action, one, other in answers:
        _answer(
            world, list(proposal.histories.order_by("pk")), action, one, other
        )
    assert whole(proposed(world)) == whole(proposal)


def _answer(
    world: World, histories: list[History], action: str, one: int, other: int
) -> None:
    history = histories[one % len(histories)]
    deal, second = (
        history.deals[number % len(history.deals)]
        for number in (other, one + other)
    )
    who: dict[str, Any] = {
        "history": history,
        "by": world.alice,
        "at": world.at,
    }
    given = {
        "confirm": lambda: answering.confirm(**who),
        "split": lambda: answering.split(**who, deal=deal),
        "join": lambda: answering.join(**who, deals=[deal, second]),
        "single": lambda: answering.call_single(**who, deals=[deal]),
        "recurring": lambda: answering.call_recurring(
            **who, deals=[deal], cadence=COMMON[one % len(COMMON)]
        ),
        "leave": lambda: answering.skip_or_include(
            history=history, by=world.alice
        ),
    }
    with suppress(UserError):  # it fits nothing
        given[action]()
