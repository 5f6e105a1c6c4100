"""Another currency or time zone of the company asks first, and takes along what depends on it."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from tests.world import World
from turnus.accounts.actions import save_rate, update_company
from turnus.accounts.models import ExchangeRate
from turnus.accounts.queries import company, rates
from turnus.core.money import Rates
from turnus.jobs.models import Job
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.sales.models import Deal

JANUARY, JUNE = date(2018, 1, 1), date(2018, 6, 1)
AT = datetime(2018, 11, 14, 10, tzinfo=UTC)


def change(world: World, **values: str) -> None:
    update_company(company=company(), by=world.admin, values=values, at=AT)


def test_rates_become_rates_into_the_new_currency(world: World) -> None:
    save_rate(by=world.admin, code="CHF", on=JANUARY, rate=Decimal("0.8"))
    save_rate(by=world.admin, code="USD", on=JUNE, rate=Decimal("0.88"))
    save_rate(by=world.admin, code="CHF", on=JUNE, rate=Decimal("1.1"))
    change(world, currency="CHF")
    found = rates()
    assert found.base == "CHF"
    assert [found.rate("EUR", day) for day in (JANUARY, JUNE)] == [
        Decimal("1.25"),
        Decimal("0.9090909091"),
    ]
    assert found.rate("USD", JUNE) == Decimal("0.8")


def test_a_rate_without_one_of_the_new_currency_goes(world: World) -> None:
    save_rate(by=world.admin, code="USD", on=JANUARY, rate=Decimal("0.9"))
    save_rate(by=world.admin, code="CHF", on=JUNE, rate=Decimal(1))
    change(world, currency="CHF")
    dated = ExchangeRate.objects.values_list("currency_id", "on")
    assert sorted(dated) == [("EUR", JUNE), ("USD", JUNE)]


def test_rates_into_the_same_currency_stay_as_they_are() -> None:
    known = Rates("EUR", {"CHF": [(JANUARY, Decimal("0.8"))]})
    assert known.rebased("EUR") is known


def test_another_zone_gives_deals_the_days_that_its_clocks_show(
    world: World,
) -> None:
    late = datetime(2018, 12, 31, 23, 30, tzinfo=UTC)  # in Berlin already 2019
    won = world.deal(status="won", won_at=late)
    lost = world.deal(status="lost", lost_at=late)
    noon = world.deal(status="won", won_at=date(2018, 10, 1))
    assert won.won_on == date(2019, 1, 1)
    change(world, time_zone="America/New_York")
    run_pending()
    for deal in (won, lost, noon):
        deal.refresh_from_db()
    assert (won.won_on, lost.lost_on, noon.won_on) == (
        date(2018, 12, 31),
        date(2018, 12, 31),
        date(2018, 10, 1),
    )
    assert won.won_at == late


def test_the_page_asks_first_and_says_what_follows(world: World) -> None:
    save_rate(by=world.admin, code="CHF", on=JANUARY, rate=Decimal("0.8"))
    world.deal(status="won", won_at=datetime(2018, 12, 31, 23, 30, tzinfo=UTC))
    client = world.client(world.admin)
    posted = {
        "name": "Muster",
        "language": "de",
        "currency": "CHF",
        "time_zone": "America/New_York",
    }
    asked = client.post("/settings/company/", posted).content.decode()
    assert "CHF wird die Währung des Unternehmens" in asked
    assert "1 Deal zählt danach an einem anderen Tag." in asked
    assert company().currency == "EUR"
    assert (
        client.post(
            "/settings/company/", {**posted, "confirmed": "1"}
        ).status_code
        == 302
    )
    assert (company().currency, company().time_zone) == (
        "CHF",
        "America/New_York",
    )


def test_another_name_is_saved_without_a_question(world: World) -> None:
    posted = {
        "name": "Neu GmbH",
        "language": "de",
        "currency": "EUR",
        "time_zone": "Europe/Berlin",
    }
    assert (
        world.client(world.admin)
        .post("/settings/company/", posted)
        .status_code
        == 302
    )
    assert (
        company().name,
        Job.objects.filter(name="sales.recompute_days").count(),
    ) == (
        "Neu GmbH",
        0,
    )


def test_a_zone_without_a_place_stays_when_something_else_is_saved(
    world: World,
) -> None:
    change(world, time_zone="UTC")
    client = world.client(world.admin)
    form = client.get("/settings/company/").context["form"]
    posted = {field.name: field.value() for field in form}
    assert posted["time_zone"] == "UTC"
    client.post("/settings/company/", {**posted, "name": "Neu GmbH"})
    assert (company().name, company().time_zone) == ("Neu GmbH", "UTC")


@pytest.mark.parametrize("user", ["alice", "bob", "charlie"])
def test_only_who_may_change_the_company_does(world: World, user: str) -> None:
    with pytest.raises(UserError) as refused:
        update_company(
            company=company(),
            by=getattr(world, user),
            values={"currency": "CHF"},
            at=AT,
        )
    assert refused.value.code == "access.denied"
    assert Deal.objects.count() == 0
