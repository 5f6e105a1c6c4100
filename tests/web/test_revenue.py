"""Subscriptions, renewals and plans in the browser."""

from datetime import date
from typing import Any

import pytest

from tests.revenue.test_renewals import plan, subscribed
from tests.revenue.worlds import booked
from tests.world import World
from turnus.core.cadence import YEARLY
from turnus.history.models import Run
from turnus.jobs.worker import run_pending
from turnus.revenue.models import Plan, Subscription, Term
from turnus.sales.models import Deal

PAGES = (
    "/subscriptions/",
    "/subscriptions/new/",
    "/renewals/",
    "/renewals/?until=2019-12-31",
    "/subscriptions/{pk}/",
)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["de", "en"])
def test_every_page_opens(world: World, page: str, language: str) -> None:
    subscription = subscribed(world)
    world.charlie.language = language
    world.charlie.save()
    answer = world.client(world.charlie).get(page.format(pk=subscription.pk))
    assert (
        answer.status_code,
        f'lang="{language}"' in answer.content.decode(),
    ) == (
        200,
        True,
    )


def test_a_deal_is_won_as_recurring_in_one_step(world: World) -> None:
    deal = world.deal(title="Wartung", amount=120)
    client = world.client(world.alice)
    form: dict[str, Any] = {
        "action": "win",
        "on": "2018-11-01",
        "plan": plan(world, YEARLY).pk,
        "price": "120",
    }
    client.post(f"/deals/{deal.pk}/close/", form)
    subscription = Subscription.objects.get()
    assert (
        subscription.name,
        subscription.next_due_on,
        subscription.mrr_e4,
    ) == (
        "Wartung",
        date(2019, 11, 1),
        100_000,
    )
    assert "Wartung" in client.get(f"/deals/{deal.pk}/").content.decode()
    assert (
        f"/deals/{deal.pk}/"
        in client.get(f"/subscriptions/{subscription.pk}/").content.decode()
    )


def test_what_recurs_may_begin_later_cost_less_and_end(world: World) -> None:
    deal = world.deal(amount=500)
    form = {
        "action": "win",
        "on": "2018-11-01",
        "plan": plan(world).pk,
        "price": "40",
        "starts_on": "2018-12-01",
    }
    world.client(world.alice).post(
        f"/deals/{deal.pk}/close/", {**form, "last_on": "2019-11-30"}
    )
    begun = Subscription.objects.get()
    deal.refresh_from_db()
    assert (deal.won_on, begun.started_on, begun.end_on) == (
        date(2018, 11, 1),
        date(2018, 12, 1),
        date(2019, 12, 1),
    )
    assert (begun.price_e4, begun.terms.get().price_e4, deal.value_e4) == (
        400_000,
        400_000,
        5_000_000,
    )


def test_a_deal_stays_open_if_what_recurs_is_refused(world: World) -> None:
    deal = world.deal(amount=120)
    form = {
        "action": "win",
        "on": "2018-11-01",
        "plan": plan(world).pk,
        "price": "viel",
    }
    assert (
        world.client(world.alice)
        .post(f"/deals/{deal.pk}/close/", form)
        .status_code
        == 422
    )
    deal.refresh_from_db()
    assert (deal.status, Subscription.objects.count()) == ("open", 0)


def test_a_subscription_begins_from_a_won_deal_or_by_itself(
    world: World,
) -> None:
    monthly = plan(world)
    deal = world.deal(status="won", amount=10)
    client = world.client(world.alice)
    form: dict[str, Any] = {
        "plan": monthly.pk,
        "price": "12,50",
        "starts_on": "2018-11-15",
        "last_on": "2019-11-14",
    }
    assert client.get(f"/deals/{deal.pk}/subscribe/").status_code == 200
    assert (
        client.post(
            f"/deals/{deal.pk}/subscribe/", {**form, "price": ""}
        ).status_code
        == 422
    )
    assert client.post(f"/deals/{deal.pk}/subscribe/", form).status_code == 302
    begun = Subscription.objects.get()
    assert (begun.price_e4, begun.end_on, begun.terms.get().deal) == (
        125_000,
        date(2019, 11, 15),
        deal,
    )
    assert client.post("/subscriptions/new/", form).status_code == 422
    assert (
        client.post(
            "/subscriptions/new/",
            {**form, "organization": "Neu AG", "name": "Hosting"},
        ).status_code
        == 302
    )
    alone = Subscription.objects.get(name="Hosting")
    assert (
        alone.next_due_on,
        alone.terms.count(),
        str(alone.organization),
    ) == (
        date(2018, 11, 15),
        0,
        "Neu AG",
    )


def test_what_is_due_is_previewed_changed_booked_and_taken_back(
    world: World,
) -> None:
    for _ in range(2):
        subscribed(world)
    client = world.client(world.alice)
    assert "Gefährdet" in client.get("/renewals/").content.decode()
    assert (
        client.post("/renewals/plan/", {"until": "2018-09-30"}).status_code
        == 422
    )  # nothing chosen
    client.post("/renewals/plan/", {"until": "2018-09-30", "due": "1"})
    run = Run.objects.get(kind="renewal")
    first, second = run.renewal_lines.all()
    page = f"/renewals/{run.pk}/"
    client.post(
        page,
        {
            "action": "book",
            "line": [first.pk, second.pk],
            "take": [second.pk],
            f"price-{second.pk}": "150",
        },
    )
    run_pending()
    assert list(
        Term.objects.filter(run=run).values_list("subscription", "price_e4")
    ) == [(second.subscription_id, 1_500_000)]
    assert client.get(page).status_code == 200
    assert world.client(world.bob).get(page).status_code == 404
    client.post(page, {"action": "undo"})
    assert Term.objects.filter(run=run).count() == 0
    client.post("/renewals/plan/", {"until": "2018-08-01", "due": "1"})
    client.post("/renewals/plan/", {"until": "2018-09-30", "everything": "1"})
    client.post(
        f"/renewals/{Run.objects.latest('pk').pk}/", {"action": "discard"}
    )
    assert Run.objects.filter(kind="renewal").count() == 1


def test_the_lines_of_a_long_run_are_shown_and_kept_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnus.web.renewals.views._SHOWN", 2)
    for _ in range(3):
        subscribed(world)
    client = world.client(world.alice)
    client.post("/renewals/plan/", {"until": "2018-09-30", "due": "1"})
    run = Run.objects.get(kind="renewal")
    third = run.renewal_lines.last()
    page = f"/renewals/{run.pk}/?page=2"
    assert (
        f'name="take" value="{third.pk}"' in client.get(page).content.decode()
    )
    assert (
        client.post(page, {"action": "keep", "line": [third.pk]}).headers[
            "Location"
        ]
        == page
    )
    assert list(run.renewal_lines.values_list("state", flat=True)) == [
        "planned",
        "planned",
        "skipped",
    ]


def test_a_term_is_left_out_and_taken_back(world: World) -> None:
    subscription = subscribed(world)
    client = world.client(world.alice)
    run = client.post(
        f"/subscriptions/{subscription.pk}/change/", {"action": "skip"}
    ).headers["Location"]
    subscription.refresh_from_db()
    assert subscription.next_due_on == date(2018, 10, 31)
    assert client.get(run).status_code == 200
    client.post(run, {"action": "undo"})
    subscription.refresh_from_db()
    assert subscription.next_due_on == date(2018, 9, 30)


def test_a_price_holds_from_a_day_of_the_running_term(world: World) -> None:
    subscription = subscribed(world)
    form = {"action": "price", "price": "150", "on": "2018-09-15"}
    world.client(world.alice).post(
        f"/subscriptions/{subscription.pk}/change/", form
    )
    subscription.refresh_from_db()
    assert (subscription.price_e4, subscription.next_due_on) == (
        1_500_000,
        date(2018, 9, 15),
    )


def test_prices_of_many_are_raised_as_previewed_or_not_at_all(
    world: World,
) -> None:
    first, second = subscribed(world), subscribed(world)
    client = world.client(world.alice)
    page, form = "/subscriptions/prices/", {"id": [first.pk, second.pk]}
    assert client.post(page, form).status_code == 200
    for wrong in ({}, {"percent": "viel"}, {"amount": "-101"}):
        assert (
            client.post(page, {**form, "step": "preview", **wrong}).status_code
            == 422
        )
    rise = {**form, "percent": "3,456", "amount": "1", "rounding": "10000"}
    shown = client.post(page, {**rise, "step": "preview"})
    assert "104,00" in shown.content.decode()
    assert (
        client.post(page, {**rise, "step": "do", "digest": "alt"}).status_code
        == 422
    )
    assert (
        client.post(
            page, {**rise, "step": "do", "digest": shown.context["digest"]}
        ).status_code
        == 302
    )
    assert set(Subscription.objects.values_list("price_e4", flat=True)) == {
        1_040_000
    }
    run = Run.objects.latest("pk")
    client.post(f"/subscriptions/bulk/{run.pk}/undo/")
    assert set(Subscription.objects.values_list("price_e4", flat=True)) == {
        1_000_000
    }
    world.client(world.charlie).post(page, {**rise, "step": "preview"})
    assert set(Subscription.objects.values_list("price_e4", flat=True)) == {
        1_000_000
    }


def test_raised_prices_lead_back_to_the_list_they_were_begun_in(
    world: World,
) -> None:
    one, client = subscribed(world), world.client(world.alice)
    form = {"id": [one.pk], "percent": "10", "q": "Abo", "sort": "-price"}
    shown = client.post("/subscriptions/prices/", {**form, "step": "preview"})
    done = client.post(
        "/subscriptions/prices/",
        {**form, "step": "do", "digest": shown.context["digest"]},
        follow=True,
    )
    assert done.redirect_chain[0][0] == "/subscriptions/?q=Abo&sort=-price"
    assert (
        'name="back" value="/subscriptions/?q=Abo&amp;sort=-price"'
        in done.content.decode()
    )


@pytest.mark.parametrize(
    ("back", "leads"),
    [
        ("/renewals/?until=2018-12-14", "/renewals/?until=2018-12-14"),
        ("", "/subscriptions/"),
        ("https://example.org/", "/subscriptions/"),
        ("//example.org/", "/subscriptions/"),
        ("javascript:alert(1)", "/subscriptions/"),
    ],
)
def test_taking_back_leads_to_the_page_where_it_was_pressed(
    world: World, back: str, leads: str
) -> None:
    one, client = subscribed(world), world.client(world.alice)
    client.post(
        "/renewals/one/",
        {
            "subscription": one.pk,
            "number": one.next_number,
            "action": "price",
            "price": "120",
        },
    )
    run = Run.objects.latest("pk")
    assert (
        client.post(
            f"/subscriptions/bulk/{run.pk}/undo/", {"back": back}
        ).headers["Location"]
        == leads
    )
    assert Subscription.objects.get().price_e4 == 1_000_000


@pytest.mark.parametrize(
    ("form", "state"),
    [
        ({"action": "price", "price": "200"}, "active"),
        ({"action": "pause", "on": "2018-11-14"}, "paused"),
        (
            {
                "action": "cancel",
                "last_on": "2018-11-13",
                "reason": "Zu teuer",
            },
            "ended",
        ),
    ],
    ids=["price", "pause", "cancel"],
)
def test_a_subscription_is_changed_by_those_who_may(
    world: World, form: dict[str, str], state: str
) -> None:
    subscription = subscribed(world)
    page = f"/subscriptions/{subscription.pk}/change/"
    assert world.client(world.charlie).post(page, form).status_code == 403
    assert world.client(world.bob).post(page, form).status_code == 302
    subscription.refresh_from_db()
    assert subscription.state == state
    if state != "active":
        world.client(world.alice).post(
            page, {"action": "resume", "on": "2018-12-01"}
        )
        subscription.refresh_from_db()
        assert (subscription.state, subscription.next_due_on) == (
            "active",
            date(2018, 12, 1),
        )


def test_a_subscription_is_renamed_trashed_and_restored(world: World) -> None:
    subscription = subscribed(world)
    client = world.client(world.alice)
    client.post(
        f"/subscriptions/{subscription.pk}/save/",
        {"field": "name", "value": "Pflege"},
    )
    client.post(f"/subscriptions/{subscription.pk}/trash/")
    assert "Pflege" in client.get("/trash/").content.decode()
    client.post(f"/subscriptions/{subscription.pk}/restore/")
    assert Subscription.objects.present().get().name == "Pflege"
    assert Deal.objects.present().count() == 1


def test_plans_are_managed_by_those_who_may(world: World) -> None:
    client = world.client(world.admin)
    form = {
        "name": "Alle drei Monate",
        "every": "3",
        "unit": "m",
        "renewal_way": "open",
        "days_before": "10",
        "grace_days": "5",
    }
    client.post("/settings/plans/", form)
    made = Plan.objects.get()
    assert (made.cadence, made.grace, made.renewal_way, made.days_before) == (
        "3m",
        5,
        "open",
        10,
    )
    assert (
        client.post("/settings/plans/", {**form, "unit": "x"}).status_code
        == 422
    )
    subscribed(world, made)
    assert (
        client.post(
            f"/settings/plans/{made.pk}/", {**form, "every": "6"}
        ).status_code
        == 422
    )
    assert (
        client.post(
            f"/settings/plans/{made.pk}/", {"action": "delete"}
        ).status_code
        == 422
    )
    assert (
        client.get("/settings/plans/").status_code
        == client.get(f"/settings/plans/{made.pk}/").status_code
        == 200
    )
    assert world.client(world.alice).get("/settings/plans/").status_code == 403


def test_subscriptions_begin_from_the_options_of_a_field(world: World) -> None:
    field = world.field()
    monthly = plan(world)
    world.deal(
        title="Abo",
        status="won",
        won_at=date(2018, 11, 1),
        amount=100,
        **{f"custom.{field.key}": world.option(field, "monatlich")},
    )
    client = world.client(world.admin)
    assert (
        f"/settings/plans/field/{field.pk}/"
        in client.get("/settings/plans/").content.decode()
    )
    page = f"/settings/plans/field/{field.pk}/"
    assert (
        f'<option value="{monthly.pk}" selected>'
        in client.get(page).content.decode()
    )
    assert client.post(page).status_code == 422
    run = client.post(
        page,
        {
            f"plan-{world.option(field, 'monatlich')}": monthly.pk,
            f"plan-{world.option(field, 'jährlich')}": "none",
        },
    )
    assert Subscription.objects.present().get().plan == monthly
    assert (
        "1 Abonnement gestartet"
        in client.get(run.headers["Location"]).content.decode()
    )
    client.post(run.headers["Location"], {"action": "undo"})
    assert not Subscription.objects.present().exists()


def test_the_list_sums_what_recurs_each_month(world: World) -> None:
    for price in (120, 240):
        booked(
            world, world.organization(f"Kunde {price}"), "2018-11-01", [price]
        )
    assert (
        "360,00"
        in world.client(world.alice).get("/subscriptions/").content.decode()
    )
