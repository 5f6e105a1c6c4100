"""What the radar finds and what it leaves alone."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from tests.revenue.worlds import TODAY, booked
from tests.world import World
from turnus.core.money import Money
from turnus.radar.actions import dismiss, undismiss
from turnus.radar.duplicates import thing
from turnus.radar.findings import FindingKind
from turnus.radar.queries import findings, named, totals
from turnus.revenue.models import Subscription, Term
from turnus.revenue.subscriptions.actions.cancel import cancel_subscriptions
from turnus.revenue.terms.actions.skip import skip_terms
from turnus.sales.actions import lose_deals, reopen_deals, trash_deals
from turnus.sales.models import Deal


def kinds(world: World, user: Any = None) -> list[str]:
    return [
        f"{one.kind} {one.on}"
        for one in findings(user or world.admin, on=TODAY)
    ]


def paid_up(world: World, **columns: Any) -> Subscription:
    """A monthly subscription that is booked from July to November."""
    return booked(
        world, world.organization(), "2018-07-01", [100] * 5, **columns
    )


def deal_of(number: int) -> Any:
    return Deal.objects.filter(term__number=number)


def test_nothing_is_found_where_everything_is_booked(world: World) -> None:
    paid_up(world)
    assert kinds(world) == []


def test_every_missed_term_is_found_with_the_money_of_all(
    world: World,
) -> None:
    booked(world, world.organization(), "2018-07-01", [100, 100])
    (found,) = findings(world.admin, on=TODAY)
    assert (found.kind, str(found.on), found.count, found.money) == (
        FindingKind.MISSED,
        "2018-09-01",
        3,
        Money.of(300, "EUR"),
    )


def test_what_is_due_today_is_not_missed(world: World) -> None:
    booked(world, world.organization(), "2018-10-14", [100])
    assert kinds(world) == []


def test_a_number_that_no_term_has_is_found_with_its_days(
    world: World,
) -> None:
    booked(
        world, world.organization(), "2018-07-01", [100, None, 120, None, 100]
    )
    assert kinds(world) == ["number 2018-10-01", "number 2018-08-01"]
    assert findings(world.admin, on=TODAY)[0].details["ends_on"] == date(
        2018, 11, 1
    )


def test_a_number_missing_in_an_earlier_stretch_lies_after_the_term_before_it(
    world: World,
) -> None:
    one = booked(
        world, world.organization(), "2018-07-01", [100, None, 120, 120, 120]
    )
    Subscription.objects.filter(pk=one.pk).update(
        anchor_on=date(2018, 10, 1), anchor_number=3
    )
    assert kinds(world) == ["number 2018-08-01"]


CHANGES: dict[str, Callable[[World], Any]] = {
    "gone 2018-08-01": lambda _world: deal_of(1).delete(),
    "trashed 2018-08-01": lambda world: trash_deals(
        deals=deal_of(1), by=world.alice, at=world.at
    ),
    "trashed 2018-11-01": lambda world: trash_deals(
        deals=deal_of(4), by=world.alice, at=world.at
    ),
    "lost 2018-08-01": lambda world: lose_deals(
        deals=deal_of(1), by=world.alice, at=world.at
    ),
    "open 2018-08-01": lambda world: reopen_deals(
        deals=deal_of(1), by=world.alice, at=world.at
    ),
}


@pytest.mark.parametrize("expected", CHANGES)
def test_a_term_without_its_won_deal_is_found(
    world: World, expected: str
) -> None:
    paid_up(world)
    CHANGES[expected](world)
    assert kinds(world) == [expected]


def test_a_term_that_was_left_out_on_purpose_is_no_gap(world: World) -> None:
    booked(world, world.organization(), "2018-07-01", [100] * 4)
    skip_terms(
        subscriptions=Subscription.objects.all(), by=world.alice, at=world.at
    )
    assert kinds(world) == []


@pytest.mark.parametrize("number", [4], ids=["the last"])
def test_a_lost_last_term_and_an_open_one_within_grace_are_no_gaps(
    world: World, number: int
) -> None:
    paid_up(world)
    lose_deals(deals=deal_of(number), by=world.alice, at=world.at)
    booked(world, world.organization("Zweite AG"), "2018-11-10", [100])
    reopen_deals(
        deals=Deal.objects.filter(term__starts_on=date(2018, 11, 10)),
        by=world.alice,
        at=world.at,
    )
    assert kinds(world) == []


@pytest.mark.parametrize(
    ("values", "is_found"),
    [
        ({}, True),
        ({"title": "Kopie von Abo 3"}, True),
        ({"title": "Ärzte Solar GmbH"}, True),
        ({"won_at": date(2018, 10, 27)}, True),
        ({"won_at": date(2018, 6, 28)}, True),
        ({"won_at": date(2018, 6, 27)}, False),
        ({"won_at": date(2018, 12, 1)}, False),
        ({"title": "Drucker"}, True),
        ({"title": "Drucker", "won_at": date(2018, 10, 7)}, False),
        ({"title": "Workshop"}, False),
        ({"amount": 101}, False),
        ({"status": "open", "won_at": None}, False),
    ],
    ids=[
        "same",
        "copy",
        "only the customer's name",
        "late in the term",
        "three days before",
        "four days before",
        "after the last term",
        "other words near the start",
        "other words later",
        "work done once",
        "other amount",
        "open",
    ],
)
def test_a_copy_beside_a_renewal_is_found(
    world: World, values: dict[str, Any], is_found: bool
) -> None:
    one = paid_up(world)
    given = {
        "title": "Abo",
        "amount": 100,
        "status": "won",
        "won_at": date(2018, 10, 1),
        "organization": one.organization_id,
        **values,
    }
    copy = world.deal(**given)
    found = findings(world.admin, on=TODAY)
    assert [(each.kind, each.one) for each in found] == (
        [(FindingKind.DEAL_TWICE, copy.pk)] if is_found else []
    )


def test_a_copy_for_another_customer_is_another_deal(world: World) -> None:
    paid_up(world)
    booked(world, world.organization("Zweite AG"), "2018-07-01", [90] * 5)
    other = Subscription.objects.latest("pk").organization_id
    world.deal(
        title="Abo 3",
        amount=100,
        status="won",
        won_at=date(2018, 10, 1),
        organization=other,
    )
    assert kinds(world) == []


@pytest.mark.parametrize(
    ("name", "columns", "is_found"),
    [
        ("Hosting", {}, True),
        ("HOSTING (Kopie)", {}, True),
        ("Ärzte Solar GmbH monatlich", {}, True),
        ("Wartung", {}, True),
        ("Wartung", {"next_due_on": date(2018, 12, 20)}, False),
        ("Hosting", {"state": "ended", "next_due_on": None}, False),
        ("Hosting", {"end_on": date(2019, 7, 1)}, False),
        ("Hosting", {"currency": "CHF"}, False),
    ],
    ids=[
        "same",
        "copy",
        "no service",
        "other service, same days",
        "other service, other days",
        "ended",
        "ends anyway",
        "other currency",
    ],
)
def test_a_second_subscription_for_the_same_thing_is_found(
    world: World, name: str, columns: dict[str, Any], is_found: bool
) -> None:
    first = paid_up(world, name="Hosting")
    booked(
        world,
        first.organization,
        "2018-08-01",
        [100] * 4,
        name=name,
        **columns,
    )
    second = Subscription.objects.latest("pk")
    found = [
        each
        for each in findings(world.admin, on=TODAY)
        if each.kind is FindingKind.SUBSCRIPTION_TWICE
    ]
    assert [(each.one, each.other) for each in found] == (
        [(second.pk, first.pk)] if is_found else []
    )


def test_many_services_at_one_price_are_a_price_list(world: World) -> None:
    firm = world.organization()
    for name in ("Hosting", "Wartung", "Backup"):
        booked(world, firm, "2018-07-01", [100] * 5, name=name)
    assert [
        one for one in kinds(world) if one.startswith("subscription_twice")
    ] == []


def test_what_comes_again_and_again_under_another_name_is_another_thing(
    world: World,
) -> None:
    one = paid_up(world)
    for month in (8, 9):
        day = date(2018, month, 1)
        world.deal(
            title="Drucker",
            amount=100,
            status="won",
            won_at=day,
            organization=one.organization_id,
        )
    assert kinds(world) == []


def test_a_copy_at_the_price_before_a_rise_is_found(world: World) -> None:
    one = booked(world, world.organization(), "2018-09-01", [100, 100, 120])
    world.deal(
        title="Abo",
        amount=100,
        status="won",
        won_at=TODAY,
        organization=one.organization_id,
    )
    assert kinds(world) == [f"deal_twice {TODAY}"]


def test_a_deal_of_a_person_repeats_what_the_organization_pays(
    world: World,
) -> None:
    one = paid_up(world)
    person = world.person(organization=one.organization_id)
    world.deal(
        title="Abo",
        amount=100,
        status="won",
        won_at=date(2018, 10, 9),
        person=person.pk,
    )
    assert kinds(world) == ["deal_twice 2018-10-09"]


@pytest.mark.parametrize(
    "with_firm",
    [False, True],
    ids=["the person alone", "with an organization"],
)
def test_a_deal_repeats_what_its_person_pays_without_an_organization(
    world: World, with_firm: bool
) -> None:
    one, person = paid_up(world), world.person()
    Subscription.objects.filter(pk=one.pk).update(
        organization=None, person=person.pk
    )
    firm = (
        {"organization": world.organization("Zweite AG").pk}
        if with_firm
        else {}
    )
    world.deal(
        title="Abo",
        amount=100,
        status="won",
        won_at=date(2018, 10, 9),
        person=person.pk,
        **firm,
    )
    assert kinds(world) == ["deal_twice 2018-10-09"]


def test_a_person_without_an_organization_is_a_customer_as_well(
    world: World,
) -> None:
    for _ in range(2):
        one = booked(
            world, world.organization(), "2018-07-01", [100] * 5, name="Abo"
        )
        Subscription.objects.filter(pk=one.pk).update(
            organization=None, person=world.person().pk
        )
    assert kinds(world) == []
    Subscription.objects.update(person=world.person().pk)
    assert [one.split()[0] for one in kinds(world)] == ["subscription_twice"]


def test_a_planned_successor_is_no_duplicate(world: World) -> None:
    first = paid_up(world, name="Abo")
    cancel_subscriptions(
        subscriptions=Subscription.objects.all(),
        by=world.alice,
        at=world.at,
        on=TODAY,
        ends_on=date(2018, 12, 1),
    )
    booked(world, first.organization, "2018-12-01", [100], name="Abo")
    assert kinds(world) == []


def test_findings_stand_in_order_of_money_with_sums_for_each_kind(
    world: World,
) -> None:
    booked(world, world.organization("Klein"), "2018-10-01", [10])
    booked(world, world.organization("Groß"), "2018-10-01", [500])
    found = findings(world.admin, on=TODAY)
    assert [row.customer for row in named(found, world.admin)] == [
        "Groß",
        "Klein",
    ]
    assert [(one.kind, one.count, one.sums) for one in totals(found)] == [
        (FindingKind.MISSED, 2, (Money.of(510, "EUR"),))
    ]


def test_what_was_dismissed_stays_away_until_it_is_undismissed(
    world: World,
) -> None:
    paid_up(world)
    deal_of(1).delete()
    found = findings(world.admin, on=TODAY)
    dismiss(found=found, by=world.alice, at=world.at)
    assert (kinds(world), findings(world.admin, on=TODAY, dismissed=True)) == (
        [],
        found,
    )
    undismiss(found=found, by=world.alice)
    assert kinds(world) == ["gone 2018-08-01"]


def test_only_what_one_may_see_is_found(world: World) -> None:
    booked(
        world, world.organization(), "2018-07-01", [100], visibility="owner"
    )
    booked(
        world,
        world.organization("Zweite AG"),
        "2018-07-01",
        [100],
        trashed_at=world.at,
    )
    assert (len(kinds(world, world.alice)), kinds(world, world.charlie)) == (
        1,
        [],
    )


@pytest.mark.parametrize(
    "title",
    [
        "Wartung Süd",
        "wartung süd (Kopie)",
        "Verlängerung: Wartung Süd 2018",
        "Copy of Wartung Süd",
    ],
)
def test_a_copy_names_the_same_thing(title: str) -> None:
    assert thing(title) == "wartung sud"


def test_a_title_of_nothing_but_such_words_is_itself() -> None:
    assert thing("2018") == "2018" != thing("2019")


def test_the_number_of_queries_does_not_grow(
    world: World, django_assert_max_num_queries: Any
) -> None:
    for number in range(6):
        booked(
            world,
            world.organization(f"Kunde {number}"),
            "2018-05-01",
            [100, None, 100],
        )
    assert Term.objects.count() == 12
    with django_assert_max_num_queries(19):
        named(findings(world.admin, on=TODAY), world.admin)
