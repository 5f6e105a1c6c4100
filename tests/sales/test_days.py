"""The days of won and lost deals, counted in the company's zone."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.world import World
from turnus.kit.errors import UserError
from turnus.sales import actions as sales
from turnus.sales.models import Deal
from turnus.sales.queries import ClosedDays, days_moved_by

pytestmark = pytest.mark.django_db
#: 23:30 in Berlin, 11:30 the next day in Auckland.
LATE = datetime(2018, 11, 13, 22, 30, tzinfo=UTC)
AUCKLAND = ZoneInfo("Pacific/Auckland")


def deals_of_all_kinds(world: World) -> tuple[Deal, Deal, Deal]:
    """Return a deal won late in the evening, one lost then, and an open one."""
    won = world.deal(status="won", won_at=LATE)
    lost = world.deal(status="lost", lost_at=LATE)
    return won, lost, world.deal()


def test_days_move_with_the_zone_and_only_those_of_closed_deals(
    world: World,
) -> None:
    won, lost, _open = deals_of_all_kinds(world)
    assert list(days_moved_by(ZoneInfo("Europe/Berlin"))) == []
    next_day = date(2018, 11, 14)
    assert list(days_moved_by(AUCKLAND)) == [
        ClosedDays(won.pk, next_day, None),
        ClosedDays(lost.pk, None, next_day),
    ]


def test_days_are_read_in_steps(world: World) -> None:
    won, lost, _open = deals_of_all_kinds(world)
    first = days_moved_by(AUCKLAND, up_to=won.pk)
    assert [days.deal_id for days in first] == [won.pk]
    rest = days_moved_by(AUCKLAND, above=won.pk)
    assert [days.deal_id for days in rest] == [lost.pk]


def test_a_deal_is_closed_when_it_is_won_or_lost(world: World) -> None:
    won, lost, is_open = deals_of_all_kinds(world)
    assert [deal.closed_at for deal in (won, lost, is_open)] == [
        LATE,
        LATE,
        None,
    ]


def test_only_admins_change_a_lost_time_afterwards(world: World) -> None:
    _won, lost, _open = deals_of_all_kinds(world)
    deals = Deal.objects.filter(pk=lost.pk)
    earlier = {"lost_at": date(2018, 10, 1)}
    with pytest.raises(UserError, match=r"deal\.stamp_admin_only"):
        sales.update_deals(
            deals=deals, by=world.alice, at=world.at, values=earlier
        )
    sales.update_deals(
        deals=deals, by=world.admin, at=world.at, values=earlier
    )
    assert deals.get().lost_on == date(2018, 10, 1)
