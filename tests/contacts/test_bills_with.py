"""Organizations billed with another one: one customer in every figure, and never in a circle."""

from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.imports.test_imports import (
    checked,
    codes,
    imported,
    sheet,
    verdicts,
)
from tests.listing.test_listing import listed
from tests.revenue.worlds import booked, report, shown
from tests.world import World
from turnus.accounts.queries import rates
from turnus.accounts.viewer import Viewer
from turnus.contacts.actions import (
    restore_contacts,
    trash_contacts,
    update_contacts,
)
from turnus.contacts.billing import Billing
from turnus.contacts.models import Organization
from turnus.core.customers import Customer
from turnus.core.fields import Operator
from turnus.core.filters import Condition
from turnus.core.records import RecordKind
from turnus.imports.actions import request_import
from turnus.jobs.worker import run_pending
from turnus.kit.errors import UserError
from turnus.listing.lists import ListState
from turnus.revenue.loading import load_segments
from turnus.revenue.monthly import monthly_sum, subscriptions_of

KIND = RecordKind.ORGANIZATION


def bill(world: World, one: Organization, parent: Organization | None) -> int:
    chosen, values = (
        Organization.objects.filter(pk=one.pk),
        {"bills_with": parent and parent.pk},
    )
    return update_contacts(
        KIND, records=chosen, by=world.alice, at=world.at, values=values
    )


def test_two_billed_together_are_one_customer(world: World) -> None:
    holding, branch = (
        world.organization("Holding"),
        world.organization("Branch", country="Österreich"),
    )
    booked(world, holding, "2018-10-15", [100])
    booked(world, branch, "2018-11-01", [30])
    codes_of = ("new", "expansion", "closing")
    assert (
        shown(report(world, "movements"), *codes_of)[-1]
        == "11: €30.00 €0.00 €130.00"
    )
    bill(world, branch, holding)
    assert (
        shown(report(world, "movements"), *codes_of)[-1]
        == "11: €0.00 €30.00 €130.00"
    )
    assert shown(report(world, "mrr"), "customers")[-1] == "11: 1"
    assert (
        shown(report(world, "bookings"), "new", "expansion")[-1]
        == "11: €0.00 €30.00"
    )


def test_a_chain_counts_at_its_end(world: World) -> None:
    top, middle, low = (
        world.organization(name) for name in ("Top", "Middle", "Low")
    )
    bill(world, middle, top)
    bill(world, low, middle)
    assert Billing.load().roots() == {middle.pk: top.pk, low.pk: top.pk}
    assert Billing.load().members([top.pk]) == {top.pk, middle.pk, low.pk}


def test_a_circle_is_refused_in_words(world: World) -> None:
    top, middle, low = (
        world.organization(name) for name in ("Top", "Middle", "Low")
    )
    bill(world, middle, top)
    bill(world, low, middle)
    for one, parent in ((top, low), (top, top)):
        with pytest.raises(UserError, match=r"contact\.bills_with_itself"):
            bill(world, one, parent)
    assert bill(world, low, None) == 1


def test_a_circle_that_is_there_all_the_same_has_one_root() -> None:
    closed = Billing({1: 2, 2: 3, 3: 2})
    assert {closed.root(one) for one in (1, 2, 3)} == {2}
    assert not closed.closes(7, 1)


def test_who_bills_others_stays_out_of_the_trash_unless_they_go_too(
    world: World,
) -> None:
    top, low = world.organization("Top"), world.organization("Low")
    bill(world, low, top)
    alone = Organization.objects.filter(pk=top.pk)
    with pytest.raises(UserError, match=r"contact\.bills_others"):
        trash_contacts(KIND, records=alone, by=world.alice, at=world.at)
    both = Organization.objects.filter(pk__in=[top.pk, low.pk])
    assert trash_contacts(KIND, records=both, by=world.alice, at=world.at) == 2


def test_an_organization_comes_back_with_its_payer_or_after_it(
    world: World,
) -> None:
    top = world.organization("Top")
    low = world.organization("Low", bills_with=top.pk)
    both = Organization.objects.filter(pk__in=[top.pk, low.pk])
    trash_contacts(KIND, records=both, by=world.alice, at=world.at)
    only_low = Organization.objects.filter(pk=low.pk)
    with pytest.raises(UserError, match=r"contact\.payer_trashed"):
        restore_contacts(KIND, records=only_low, by=world.alice, at=world.at)
    assert (
        restore_contacts(KIND, records=both, by=world.alice, at=world.at) == 2
    )
    trash_contacts(KIND, records=only_low, by=world.alice, at=world.at)
    assert (
        restore_contacts(KIND, records=only_low, by=world.alice, at=world.at)
        == 1
    )


def test_a_new_branch_does_not_look_like_a_new_customer_on_the_days_page(
    world: World,
) -> None:
    from turnus.revenue.loading import customers_before

    holding, branch = (
        world.organization("Holding"),
        world.organization("Branch"),
    )
    booked(world, branch, "2018-08-01", [100])
    bill(world, branch, holding)
    key = Customer.of(holding.pk, None).key
    assert Billing.load().key_of(branch.pk, None) == key
    viewer = Viewer(world.admin, world.at.date(), world.at.tzinfo)  # type: ignore[arg-type]
    assert customers_before(viewer, [key], world.at.date()) == {key}


@pytest.mark.parametrize("hidden", ["Holding", "Branch"])
def test_who_may_not_see_one_of_the_two_is_not_told_that_they_bill_together(
    world: World, hidden: str
) -> None:
    holding, branch = (
        world.organization("Holding"),
        world.organization("Branch"),
    )
    booked(world, branch, "2018-11-01", [30])
    booked(world, holding, "2018-11-01", [100])
    bill(world, branch, holding)
    Organization.objects.filter(name=hidden).update(visibility="owner")
    seen = Organization.objects.exclude(name=hidden).get()
    viewer = {
        who.name: Viewer(who, world.at.date(), ZoneInfo("Europe/Berlin"))
        for who in (world.alice, world.charlie)
    }
    sums = {
        name: monthly_sum(
            subscriptions_of(seen, one.user), one, rates()
        ).total.amount
        for name, one in viewer.items()
    }
    assert sums == (
        {"Alice": 130, "Charlie": 100}
        if hidden == "Branch"
        else {"Alice": 30, "Charlie": 30}
    )
    kept = {
        name: {one.customer for one in load_segments(each, merges=bool)}
        for name, each in viewer.items()
    }
    assert {name: len(customers) for name, customers in kept.items()} == {
        "Alice": 1,
        "Charlie": 2,
    }


def test_lists_filter_and_show_it(world: World) -> None:
    top, low = world.organization("Top"), world.organization("Low")
    bill(world, low, top)
    found = listed(
        world,
        ListState(
            Condition("bills_with", Operator.IS, top.pk), sort="bills_with"
        ),
        KIND,
    )
    assert list(found.page(size=10).ids) == [low.pk]
    page = (
        world.client(world.alice)
        .get("/organizations/?columns=name,bills_with,country")
        .content.decode()
    )
    assert page.count(f'href="/organizations/{top.pk}/"') == 2
    assert (
        "Low"
        in world.client(world.alice)
        .get(f"/organizations/{top.pk}/")
        .content.decode()
    )


def test_a_file_says_it_by_name(world: World, tmp_path: Path) -> None:
    top, low = world.organization("Top"), world.organization("Low")
    rows = [
        ("Low", "Top", "Schweiz"),
        ("Neu", "top", ""),
        ("Fremd", "Niemand", ""),
    ]
    headings = ("Name", "Wird abgerechnet mit", "Land von Adresse")
    assert verdicts(
        checked(world, sheet(tmp_path / "a.xlsx", rows, headings), kind=KIND)
    ) == [
        "update",
        "new",
        "question",
    ]
    imported(world, sheet(tmp_path / "b.xlsx", rows[:2], headings), kind=KIND)
    low.refresh_from_db()
    assert (low.bills_with_id, low.country) == (top.pk, "Schweiz")
    assert Organization.objects.get(name="Neu").bills_with_id == top.pk


def test_a_file_cannot_close_a_circle(world: World, tmp_path: Path) -> None:
    world.organization("Top"), world.organization("Low")
    path = sheet(
        tmp_path / "a.xlsx",
        [("Low", "Top"), ("Top", "Low")],
        ("Name", "Bills with"),
    )
    of = checked(world, path, kind=KIND)
    assert verdicts(of) == ["update", "problem"]
    assert codes(of) == ["row.bills_with_itself"]


def test_a_row_whose_payer_went_to_the_trash_since_the_check_does_not_bill_with_it(
    world: World, tmp_path: Path
) -> None:
    top, low = world.organization("Top"), world.organization("Low")
    rows = [("Low", "Top"), ("Neu", "Top"), ("Ganz neu", "")]
    path = sheet(tmp_path / "a.xlsx", rows, ("Name", "Bills with"))
    of = checked(world, path, kind=KIND)
    chosen = Organization.objects.filter(pk=top.pk)
    trash_contacts(KIND, records=chosen, by=world.alice, at=world.at)
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    assert verdicts(of) == ["problem", "new", "new"]
    assert codes(of) == ["row.record_changed"] * 2
    low.refresh_from_db()
    assert low.bills_with is None
    assert Organization.objects.get(name="Neu").bills_with is None


def test_an_organization_in_the_trash_bills_nobody(world: World) -> None:
    top, low = world.organization("Top"), world.organization("Low")
    chosen = Organization.objects.filter(pk=top.pk)
    trash_contacts(KIND, records=chosen, by=world.alice, at=world.at)
    with pytest.raises(UserError, match=r"contact\.unknown"):
        bill(world, low, top)
    with pytest.raises(UserError, match=r"contact\.unknown"):
        world.organization("Neu", bills_with=top.pk)
