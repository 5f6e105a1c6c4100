"""A person's answers about a history: obeyed at once and by every later proposal."""

from datetime import date

import pytest

from tests.detection.worlds import (
    copies,
    months,
    only,
    proposed,
    read,
    written,
)
from tests.world import World
from turnus.core.cadence import MONTHLY, QUARTERLY
from turnus.detection import actions_answering as answering
from turnus.detection.actions import discard_proposal
from turnus.detection.actions_approval import (
    Approval,
    approve,
    to_write,
    undo_proposal,
)
from turnus.detection.models import Answer, History, Proposal
from turnus.kit.errors import UserError
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal


def test_a_comeback_that_a_person_joined_is_one_subscription_with_a_gap(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    firm = world.organization("Elbe GmbH").pk
    first = copies(world, months(date(2016, 1, 10), 6), organization=firm)
    later = copies(
        world, months(date(2018, 3, 5), 9), organization=firm, title="Hosting"
    )
    proposal = proposed(world)
    history = only(proposal)
    assert len(read(history).lines) == 2
    answering.join(
        history=history,
        deals=[first[0], later[0]],
        by=world.alice,
        at=world.at,
    )
    (line,) = read(history).lines
    assert line.deals == (*first, *later)
    written(world, proposal)
    one = Subscription.objects.get()
    assert (one.terms.count(), one.anchor_on, one.anchor_number) == (
        15,
        date(2018, 3, 5),
        6,
    )
    assert one.next_due_on == date(2018, 12, 5)
    undo_proposal(proposal=proposal, by=world.alice, at=world.at)
    assert not Term.objects.exists()


def test_a_split_line_is_two_and_a_later_proposal_obeys(world: World) -> None:
    deals = copies(world, months(date(2018, 1, 10), 10))
    answering.split(
        history=only(proposed(world)),
        deal=deals[6],
        by=world.alice,
        at=world.at,
    )
    lines = read(only(proposed(world))).lines
    assert [line.deals for line in lines] == [
        tuple(deals[:6]),
        tuple(deals[6:]),
    ]
    answering.forget(history=History.objects.last(), by=world.alice)
    assert len(read(History.objects.last()).lines) == 1


def test_what_a_person_called_single_is_in_no_line_any_more(
    world: World,
) -> None:
    deals = copies(world, months(date(2018, 1, 10), 10))
    history = only(proposed(world))
    answering.call_single(
        history=history, deals=[deals[9]], by=world.alice, at=world.at
    )
    assert [
        read(history).single,
        read(
            only(proposed(world, deals=Deal.objects.filter(pk__in=deals[5:])))
        ).single,
    ] == [
        (deals[9],),
        (deals[9],),
    ]


def test_a_single_deal_may_be_called_a_subscription(world: World) -> None:
    (deal,) = copies(world, [date(2018, 10, 1)], title="Beratungstag")
    history = only(proposed(world))
    answering.call_recurring(
        history=history,
        deals=[deal],
        cadence=QUARTERLY,
        by=world.alice,
        at=world.at,
    )
    (line,) = read(history).lines
    assert (line.cadence, history.question_count, history.mrr_e4) == (
        QUARTERLY,
        0,
        333_333,
    )


def test_confirming_answers_every_question_and_moves_the_money_out_of_question(
    world: World,
) -> None:
    copies(world, [date(2018, 10, 1)], title="Beratungstag")
    copies(
        world,
        [date(2018, 9, 1)],
        title="Wartung Dach",
        organization=world.organization("Isar AG").pk,
    )
    proposal = proposed(world)
    asked = proposal.histories.filter(question_count__gt=0)
    assert asked
    for history in asked:
        answering.confirm(history=history, by=world.alice, at=world.at)
        assert (history.question_count, history.stake_e4, history.state) == (
            0,
            0,
            "confirmed",
        )
    assert not read(
        only(proposed(world, deals=Deal.objects.filter(pk__in=history.deals)))
    ).questions


def test_taking_a_deal_out_keeps_the_others_of_its_subscription_together(
    world: World,
) -> None:
    deals = copies(world, months(date(2018, 1, 10), 4))
    history = only(proposed(world))
    answering.confirm(history=history, by=world.alice, at=world.at)
    answering.call_single(
        history=history, deals=deals[:1], by=world.alice, at=world.at
    )
    held = dict(Answer.objects.values_list("deal", "number"))
    assert held == {deals[0]: None, **dict.fromkeys(deals[1:], deals[1])}


def test_a_skipped_history_is_not_written(world: World) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 10))
    proposal = proposed(world)
    history = only(proposal)
    answering.skip_or_include(history=history, by=world.alice)
    assert not to_write(proposal, only_sure=False)
    answering.skip_or_include(history=history, by=world.alice)
    written(world, proposal)
    assert Subscription.objects.count() == 1


def test_only_what_is_sure_may_be_written(world: World) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 10))
    copies(
        world,
        [date(2018, 9, 1)],
        title="Wartung Dach",
        organization=world.organization("Isar AG").pk,
    )
    proposal = written(world, proposed(world), only_sure=True, expected=1)
    assert sorted(proposal.histories.values_list("state", flat=True)) == [
        "left_out",
        "written",
    ]


def test_other_peoples_deals_and_proposals_are_out_of_reach(
    world: World,
) -> None:
    copies(world, months(date(2018, 1, 10), 10))
    with pytest.raises(UserError, match=r"detection\.no_deals"):
        proposed(world, by=world.charlie)
    proposal = proposed(world)
    history = only(proposal)
    for attempt in (
        lambda: answering.confirm(
            history=history, by=world.charlie, at=world.at
        ),
        lambda: answering.forget(history=history, by=world.bob),
        lambda: discard_proposal(proposal=proposal, by=world.charlie),
        lambda: undo_proposal(
            proposal=proposal, by=world.charlie, at=world.at
        ),
        lambda: approve(
            proposal=proposal,
            by=world.bob,
            at=world.at,
            approval=Approval(only_sure=False, expected=1),
        ),
    ):
        with pytest.raises(UserError, match=r"access\.denied"):
            attempt()
    discard_proposal(proposal=proposal, by=world.admin)
    assert not Proposal.objects.exists()


def test_answers_that_fit_nothing_are_refused(world: World) -> None:
    deals = copies(world, months(date(2018, 1, 10), 10))
    (alone,) = copies(
        world,
        [date(2018, 10, 1)],
        organization=world.organization("Isar AG").pk,
        title="Umzug",
    )
    history = proposed(world).histories.order_by("pk").first()
    assert history is not None
    refused = {
        "first_of_line": lambda: answering.split(
            history=history, deal=deals[0], by=world.alice, at=world.at
        ),
        "deal_unknown": lambda: answering.split(
            history=history, deal=alone, by=world.alice, at=world.at
        ),
        "join_two": lambda: answering.join(
            history=history, deals=deals[:2], by=world.alice, at=world.at
        ),
    }
    for code, attempt in refused.items():
        with pytest.raises(UserError, match=rf"detection\.{code}"):
            attempt()
    with pytest.raises(UserError, match=r"detection\.deal_unknown"):
        answering.call_single(
            history=history, deals=[alone], by=world.alice, at=world.at
        )


def test_what_is_written_can_neither_be_answered_nor_thrown_away_nor_written_again(
    world: World,
) -> None:
    world.plan(cadence=MONTHLY)
    copies(world, months(date(2018, 1, 10), 10))
    proposal = written(world, proposed(world))
    with pytest.raises(UserError, match=r"detection\.closed"):
        answering.confirm(history=only(proposal), by=world.alice, at=world.at)
    with pytest.raises(UserError, match=r"detection\.closed"):
        approve(
            proposal=proposal,
            by=world.alice,
            at=world.at,
            approval=Approval(only_sure=False, expected=1),
        )
    with pytest.raises(UserError, match=r"detection\.written"):
        discard_proposal(proposal=proposal, by=world.alice)


def test_the_last_answer_is_undone_and_what_was_said_before_holds(
    world: World,
) -> None:
    deals = copies(world, months(date(2018, 1, 10), 10))
    history = only(proposed(world))
    answering.confirm(history=history, by=world.alice, at=world.at)
    held = list(
        Answer.objects.order_by("deal").values(
            "deal", "number", "cadence", "by", "at"
        )
    )
    answering.split(
        history=history, deal=deals[6], by=world.alice, at=world.at
    )
    answering.undo_answer(history=history, by=world.admin)
    assert (
        list(
            Answer.objects.order_by("deal").values(
                "deal", "number", "cadence", "by", "at"
            )
        )
        == held
    )
    assert (len(read(history).lines), history.state) == (1, "confirmed")
    answering.undo_answer(history=history, by=world.alice)
    assert (len(read(history).lines), history.state) == (2, "proposed")


def test_before_the_first_answer_there_is_nothing_to_undo(
    world: World,
) -> None:
    copies(world, months(date(2018, 1, 10), 3))
    with pytest.raises(UserError, match=r"detection\.nothing_to_undo"):
        answering.undo_answer(history=only(proposed(world)), by=world.alice)


def test_what_is_forgotten_may_be_remembered_again(world: World) -> None:
    deals = copies(world, months(date(2018, 1, 10), 10))
    history = only(proposed(world))
    answering.split(
        history=history, deal=deals[6], by=world.alice, at=world.at
    )
    answering.forget(history=history, by=world.alice)
    Deal.objects.filter(pk=deals[0]).delete()
    answering.undo_answer(history=history, by=world.alice)
    assert [line.deals for line in read(history).lines] == [
        tuple(deals[1:6]),
        tuple(deals[6:]),
    ]


def test_a_customer_confirmed_before_is_so_in_the_next_proposal(
    world: World,
) -> None:
    copies(world, months(date(2018, 1, 10), 10))
    answering.confirm(
        history=only(proposed(world)), by=world.alice, at=world.at
    )
    assert only(proposed(world)).state == "confirmed"
