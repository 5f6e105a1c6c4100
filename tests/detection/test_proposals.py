"""Detecting subscriptions in won deals: proposals, remembered answers, writing, undoing."""

import csv
import json
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from django.utils import translation

from tests.detection.worlds import (
    ON,
    copies,
    months,
    only,
    proposed,
    read,
    written,
)
from tests.revenue.worlds import report
from tests.world import World
from turnus.cli.main import main
from turnus.core.cadence import MONTHLY, YEARLY
from turnus.core.calendar import DateRange
from turnus.core.deal_lines import DealLine
from turnus.core.fields import FieldKind
from turnus.core.money import Money
from turnus.detection import tasks
from turnus.detection.actions import move_on
from turnus.detection.actions_approval import (
    Approval,
    approve,
    missing_plans,
    to_write,
    undo_proposal,
)
from turnus.detection.models import Proposal
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.radar.actions import repair
from turnus.radar.findings import Action, FindingKind
from turnus.radar.queries import findings
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.book import renew_next
from turnus.sales.actions import update_deals
from turnus.sales.actions_lines import set_deal_lines
from turnus.sales.models import Deal

#: Quarters, from January 2016 on.
QUARTERS = [(2016 + number // 4, 1 + number % 4 * 3, 4) for number in range(8)]


def test_copies_are_proposed_as_a_subscription_and_nothing_is_written(
    world: World,
) -> None:
    deals = copies(world, months(date(2018, 1, 10), 10))
    proposal = proposed(world)
    (line,) = read(only(proposal)).lines
    assert (proposal.state, line.deals, line.cadence) == (
        "ready",
        tuple(deals),
        MONTHLY,
    )
    assert proposal.months["2018-03"] == "1000000"
    assert only(proposal).mrr_e4 == 1_000_000
    assert not Subscription.objects.exists()


def test_the_application_reads_an_imported_list_as_the_command_line_does(
    world: World, tmp_path: Path
) -> None:
    """In a list, a quarter of all customers' is entered two months late."""
    days = [datetime(*day, 10, tzinfo=UTC) for day in QUARTERS]
    days[3] += timedelta(days=60)
    names = [f"Kunde {number:02}" for number in range(12)]
    for name in names:
        copies(world, days, organization=world.organization(name).pk)
    table = [
        ["Title", "Status", "Value", "Currency", "Organization", "Won time"],
        *(
            ["Wartung", "Won", 100, "EUR", name, f"{day:%Y-%m-%d %H:%M}"]
            for day in days
            for name in names
        ),
    ]
    deals, answer = tmp_path / "deals.csv", tmp_path / "answer.json"
    with deals.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(table)
    main(["detect", str(deals), "--as-of", f"{ON}", "--json", str(answer)])
    chains = json.loads(answer.read_text(encoding="utf-8"))["chains"]
    by_command = {chain["customer"]: chain["starts"] for chain in chains}

    by_application = {
        history.name: [f"{paid.starts_on}" for paid in line.paid]
        for history in proposed(world).histories.all()
        for line in read(history).lines
    }
    assert by_application == by_command
    assert {len(starts) for starts in by_application.values()} == {8}


def test_approval_begins_the_subscription_with_all_its_terms(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    deals = copies(
        world, months(date(2018, 1, 10), 10), title="Wartung (Kopie)"
    )
    proposal = written(world, proposed(world))
    one = Subscription.objects.get()
    assert list(one.terms.values_list("number", "deal_id")) == list(
        enumerate(deals)
    )
    assert (one.name, one.state, one.next_due_on) == (
        "Wartung (Kopie)",
        "active",
        date(2018, 11, 10),
    )
    assert proposal.run is not None
    assert proposal.run.totals["count"] == 1


def test_the_reports_show_what_was_proposed(world: World) -> None:
    world.plan(cadence=MONTHLY)
    world.plan("Abo jährlich", cadence=YEARLY)
    copies(
        world,
        [
            day
            for number, day in enumerate(months(date(2016, 1, 31), 20))
            if number != 7
        ],
    )
    yearly = [
        date(2015, 5, 1),
        date(2016, 5, 3),
        date(2017, 5, 1),
        date(2018, 5, 1),
    ]
    copies(
        world,
        yearly,
        organization=world.organization("Isar AG").pk,
        amount=1200,
    )
    proposal = written(world, proposed(world))
    found = report(
        world, "mrr", days=DateRange(date(2015, 1, 1), date(2018, 11, 15))
    )
    shown = {
        f"{line.days.start:%Y-%m}": line.cells[0].amount_e4
        for line in found.lines
        if line.cells[0].amount_e4
    }
    assert shown == {
        month: int(amount)
        for month, amount in proposal.months.items()
        if amount != "0"
    }


def test_a_change_of_plan_in_the_past_is_recorded(world: World) -> None:
    monthly, yearly = (
        world.plan(cadence=MONTHLY),
        world.plan("Abo jährlich", cadence=YEARLY),
    )
    firm = world.organization("Elbe GmbH").pk
    copies(world, months(date(2016, 9, 10), 12), organization=firm)
    copies(
        world,
        [date(2017, 9, 10), date(2018, 9, 10)],
        organization=firm,
        amount=1200,
        title="Wartung jährlich",
    )
    written(world, proposed(world))
    one = Subscription.objects.get()
    assert (one.plan, set(one.terms.values_list("cadence", flat=True))) == (
        yearly,
        {"1m", "1y"},
    )
    found = report(
        world,
        "mrr",
        days=DateRange(date(2017, 8, 1), date(2017, 10, 1)),
        split="plan",
    )
    names = [str(column.heading) for column in found.columns]
    assert [
        [
            line.cells[names.index(one.name)].amount_e4
            for one in (monthly, yearly)
        ]
        for line in found.lines
    ] == [
        [1_000_000, 0],
        [0, 1_000_000],
    ]


def test_a_period_that_nobody_entered_counts_and_stands_on_the_radar(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    days = months(date(2018, 1, 10), 10)
    copies(world, [*days[:4], *days[5:]])
    written(world, proposed(world))
    assert list(
        Term.objects.filter(deal=None).values_list("number", "price_e4")
    ) == [(4, 1_000_000)]
    (found,) = [
        one
        for one in findings(world.alice, on=ON)
        if one.kind is not FindingKind.MISSED
    ]
    assert (found.kind, found.on, found.money) == (
        FindingKind.FORGOTTEN,
        days[4],
        Money.of(100, "EUR"),
    )
    repair(
        found=[found],
        action=Action.BOOK,
        by=world.alice,
        at=world.at,
        on=ON,
        title="x",
    )
    assert Term.objects.get(number=4).deal.won_on == days[4]
    assert {one.kind for one in findings(world.alice, on=ON)} == {
        FindingKind.MISSED
    }


def test_what_ended_is_written_as_ended(world: World) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2017, 1, 10), 10))
    written(world, proposed(world))
    one = Subscription.objects.get()
    assert (one.state, one.end_on, one.next_due_on) == (
        "ended",
        date(2017, 11, 10),
        None,
    )


def test_undo_takes_back_what_was_written_and_the_deals_stay(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 10))
    proposal = written(world, proposed(world))
    undo_proposal(proposal=proposal, by=world.alice, at=world.at)
    proposal.refresh_from_db()
    assert (
        proposal.state,
        Term.objects.count(),
        Subscription.objects.present().count(),
    ) == (
        "undone",
        0,
        0,
    )
    assert Deal.objects.present().count() == 10
    assert only(proposed(world)).subscription_count == 1


def test_a_later_copy_is_matched_to_the_subscription_that_is_here(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 9))
    written(world, proposed(world))
    one = Subscription.objects.get()
    new = world.deal(
        title="Wartung",
        amount=110,
        status="won",
        won_at=date(2018, 10, 12),
        organization=one.organization_id,
    )
    proposal = proposed(world)
    (line,) = read(only(proposal)).lines
    assert (line.deals, line.subscription) == ((new.pk,), one.pk)
    written(world, proposal)
    one.refresh_from_db()
    assert (one.next_number, one.price, one.terms.last().deal_id) == (
        10,
        Money.of(110, "EUR"),
        new.pk,
    )
    undo_proposal(proposal=proposal, by=world.alice, at=world.at)
    one.refresh_from_db()
    assert (one.next_number, one.price, one.terms.count()) == (
        9,
        Money.of(100, "EUR"),
        9,
    )


def test_copies_that_come_long_after_the_end_begin_another_subscription(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    firm = world.organization("Elbe GmbH").pk
    first = copies(world, months(date(2017, 1, 10), 6), organization=firm)
    written(world, proposed(world))
    later = copies(world, months(date(2018, 8, 3), 4), organization=firm)
    proposal = proposed(world)
    written(world, proposal)
    assert [
        list(one.terms.values_list("deal", flat=True))
        for one in Subscription.objects.order_by("pk")
    ] == [
        first,
        later,
    ]


def test_what_lies_before_a_subscription_is_written_as_its_own_past(
    world: World,
) -> None:
    plan = world.plan(cadence=MONTHLY)
    firm = world.organization("Elbe GmbH").pk
    copies(world, months(date(2018, 1, 31), 7), organization=firm, title="Abo")
    world.subscription(plan, start=date(2018, 8, 31), organization=firm)
    new = copies(world, [date(2018, 10, 31)], organization=firm, title="Abo")
    written(world, proposed(world))
    past, here = Subscription.objects.order_by("started_on")
    assert (past.state, past.end_on, past.terms.count()) == (
        "ended",
        date(2018, 8, 31),
        7,
    )
    assert list(here.terms.values_list("number", "deal__won_on")) == [
        (0, date(2018, 8, 31)),
        (1, None),
        (2, date(2018, 10, 31)),
    ]
    assert here.terms.last().deal_id == new[0]


def test_what_others_build_on_is_not_taken_back(world: World) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 10))
    proposal = written(world, proposed(world))
    renew_next(
        subscription=Subscription.objects.get(),
        number=10,
        by=world.alice,
        at=world.at,
    )
    with pytest.raises(UserError, match=r"renewal\.undo_later_first"):
        undo_proposal(proposal=proposal, by=world.alice, at=world.at)


def test_a_history_that_moved_since_it_was_read_is_left(world: World) -> None:
    world.plan(cadence=MONTHLY)
    deals = copies(world, months(date(2018, 1, 10), 10))
    proposal = proposed(world)
    update_deals(
        deals=Deal.objects.filter(pk=deals[3]),
        by=world.alice,
        at=world.at,
        values={"value": Money.of(7, "EUR")},
    )
    proposal = written(world, proposal)
    assert (
        only(proposal).state,
        Subscription.objects.count(),
        proposal.run and proposal.run.totals["moved"],
    ) == (
        "moved",
        0,
        1,
    )


def test_a_missing_plan_is_made_under_its_name(world: World) -> None:
    copies(world, months(date(2018, 1, 10), 10))
    proposal = proposed(world)
    assert missing_plans(to_write(proposal, only_sure=False)) == [MONTHLY]
    approval = Approval(
        only_sure=False,
        expected=1,
        renewal_way="remind",
        plan_names={MONTHLY: "Monatlich"},
    )
    with pytest.raises(UserError, match=r"access\.denied"):
        approve(
            proposal=proposal, by=world.alice, at=world.at, approval=approval
        )
    approve(proposal=proposal, by=world.admin, at=world.at, approval=approval)
    run_pending()
    one = Subscription.objects.get()
    assert (one.plan.name, one.renewal_way) == ("Monatlich", "remind")


def test_the_plan_field_names_the_cadence(world: World) -> None:
    field = world.field(FieldKind.OPTION, "Abo")
    copies(
        world,
        [date(2018, 10, 1)],
        **{f"custom.{field.key}": world.option(field, "jährlich")},
    )
    (line,) = read(only(proposed(world, plan_field=field))).lines
    assert line.cadence == YEARLY
    words = world.field(FieldKind.TEXT, "Turnus")
    copies(world, [date(2018, 10, 1)], **{f"custom.{words.key}": "monatlich"})
    newest = Deal.objects.order_by("-pk")[:1]
    assert (
        read(
            only(
                proposed(
                    world,
                    plan_field=words,
                    deals=Deal.objects.filter(pk__in=[newest[0].pk]),
                )
            )
        )
        .lines[0]
        .cadence
        == MONTHLY
    )


def test_of_a_deal_with_lines_only_what_recurs_is_read(world: World) -> None:
    deals = copies(world, months(date(2018, 1, 10), 10))
    lines = [
        DealLine("Einrichtung", 500_000),
        DealLine("Wartung", 500_000, recurs=True),
    ]
    set_deal_lines(
        deals=Deal.objects.filter(pk=deals[9]),
        by=world.alice,
        at=world.at,
        lines=lines,
    )
    assert only(proposed(world)).mrr_e4 == 500_000


def test_an_approval_of_something_else_than_what_was_looked_at_is_refused(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 10))
    with pytest.raises(UserError, match=r"detection\.moved"):
        approve(
            proposal=proposed(world),
            by=world.alice,
            at=world.at,
            approval=Approval(only_sure=False, expected=2),
        )


def test_a_job_that_was_given_up_leaves_a_proposal_that_says_so(
    world: World,
) -> None:
    copies(world, [date(2018, 1, 10)])
    proposal = proposed(world)
    move_on(proposal, Proposal.State.READY, Proposal.State.READING)
    tasks.reading_failed(proposal_id=proposal.pk)
    proposal.refresh_from_db()
    assert proposal.state == "failed"


def test_what_was_written_is_taken_back_by_the_number_of_its_run(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 10))
    proposal = written(world, proposed(world))
    assert main(["undo", str(proposal.run_id)]) == 0
    assert not Subscription.objects.present().exists()


def test_the_first_term_of_a_deal_that_was_entered_late_ends_where_the_next_begins(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, [date(2018, 1, 13), *months(date(2018, 2, 10), 9)])
    written(world, proposed(world))
    days = list(
        Term.objects.order_by("number").values_list("starts_on", "ends_on")
    )
    assert days[:2] == [
        (date(2018, 1, 13), date(2018, 2, 10)),
        (date(2018, 2, 10), date(2018, 3, 10)),
    ]
    assert all(end == start for (_, end), (start, _) in pairwise(days))


def test_what_all_deals_are_called_is_in_the_language_of_the_reader() -> None:
    proposal = Proposal(source=Proposal.Source.ALL)
    with translation.override("de"):
        assert proposal.name == "Alle gewonnenen Deals"
    with translation.override("en"):
        assert proposal.name == "All won deals"
    assert Proposal(title="Hosting.csv").name == "Hosting.csv"
