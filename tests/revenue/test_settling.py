"""Terms follow their deals: how many subscriptions change when deals were lost."""

from datetime import date

from tests.revenue.worlds import booked
from tests.world import World
from turnus.revenue.terms.actions.settle import settle_deals
from turnus.sales.actions import lose_deals, reopen_deals
from turnus.sales.models import Deal


def test_each_subscription_whose_last_deal_was_lost_ends_and_is_counted_once(
    world: World,
) -> None:
    lost = booked(
        world, world.organization("Alpha"), "2018-09-01", [10, 10, 10]
    )
    kept = booked(
        world, world.organization("Beta"), "2018-09-01", [10, 10, 10]
    )
    deals = Deal.objects.filter(
        pk__in=lost.terms.filter(number__gte=1).values("deal")
    )
    reopen_deals(deals=deals, by=world.admin, at=world.at)
    lose_deals(deals=deals, by=world.admin, at=world.at)
    assert settle_deals(by=world.admin, at=world.at) == 2
    lost.refresh_from_db()
    kept.refresh_from_db()
    assert (lost.next_number, lost.end_on) == (1, date(2018, 10, 1))
    assert (kept.next_number, kept.end_on) == (3, None)
    assert settle_deals(by=world.admin, at=world.at) == 0
