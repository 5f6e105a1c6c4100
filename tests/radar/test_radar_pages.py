"""The radar and the inbox of renewals in the browser and on the command line."""

import json
from datetime import date
from typing import Any

import pytest

from tests.radar.test_repairing import broken
from tests.revenue.worlds import booked
from tests.world import World
from turnus.cli.main import main
from turnus.history.models import Run
from turnus.radar.models import Dismissal
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal


def gaps(world: World) -> list[str]:
    """Keys of what is found: a removed deal, and a lost one."""
    broken(world, ["won", "gone", "lost", "won", "won", "won", "won"])
    return [
        f"gone-{Term.objects.get(number=1).pk}-0",
        f"lost-{(two := Term.objects.get(number=2)).pk}-{two.deal_id}",
    ]


def body(answer: Any) -> str:
    text: str = answer.content.decode()
    return text


def test_findings_are_previewed_put_right_and_taken_back(world: World) -> None:
    form = {"finding": gaps(world), "action": "book"}
    client = world.client(world.alice)
    shown = client.post("/radar/put-right/", form)
    assert "neuen Deal" in body(shown)
    assert (
        Term.objects.filter(deal__isnull=True).count(),
        Deal.objects.filter(status="lost").count(),
    ) == (1, 1)
    done = client.post(
        "/radar/put-right/",
        {
            **form,
            "step": "do",
            "digest": shown.context["digest"],
            "kind": "lost",
        },
        follow=True,
    )
    assert (done.redirect_chain[0][0], "2 Befunde" in body(done)) == (
        "/radar/?kind=lost",
        True,
    )
    run = Run.objects.latest("pk")
    assert f"/renewals/{run.pk}/" in body(done)
    assert "2 Änderungen" in body(client.get(f"/renewals/{run.pk}/"))
    back = client.post(
        f"/renewals/{run.pk}/",
        {"action": "undo", "back": "/radar/"},
        follow=True,
    )
    assert (back.redirect_chain[0][0], len(back.context["rows"])) == (
        "/radar/",
        2,
    )


def test_what_moved_on_since_the_preview_is_shown_again(world: World) -> None:
    form = {"finding": gaps(world), "action": "book", "step": "do"}
    answer = world.client(world.alice).post(
        "/radar/put-right/", {**form, "digest": "alt"}
    )
    assert (answer.status_code, Run.objects.count()) == (422, 0)


@pytest.mark.parametrize(
    "form",
    [
        {"action": "book"},
        {"action": "trash", "finding": "all"},
        {"action": "x", "finding": "all"},
    ],
    ids=str,
)
def test_nothing_and_nonsense_are_refused(
    world: World, form: dict[str, Any]
) -> None:
    keys = gaps(world)
    given = {**form, "finding": keys if "finding" in form else []}
    assert (
        world.client(world.alice).post("/radar/put-right/", given).status_code
        == 422
    )


def test_a_finding_is_dismissed_and_undismissed(world: World) -> None:
    keys, client = gaps(world), world.client(world.alice)
    client.post(
        "/radar/put-right/", {"finding": keys[:1], "action": "dismiss"}
    )
    assert [
        row.finding.key
        for row, *_rest in client.get("/radar/").context["rows"]
    ] == keys[1:]
    assert [
        row.finding.key
        for row, *_rest in client.get("/radar/?dismissed=1").context["rows"]
    ] == keys[:1]
    client.post(
        "/radar/put-right/", {"finding": keys[:1], "action": "undismiss"}
    )
    assert not Dismissal.objects.exists()


@pytest.mark.parametrize("action", ["book", "dismiss"])
def test_a_stranger_sees_findings_but_changes_nothing(
    world: World, action: str
) -> None:
    keys, client = gaps(world), world.client(world.charlie)
    page = client.get("/radar/")
    assert (len(page.context["rows"]), "disabled" in body(page)) == (2, True)
    digest = client.post(
        "/radar/put-right/", {"finding": keys, "action": "book"}
    ).context["digest"]
    form = {"finding": keys, "action": action, "step": "do", "digest": digest}
    assert client.post("/radar/put-right/", form).status_code == 403
    assert not Dismissal.objects.exists()


def test_the_radar_shows_one_kind_and_page_by_page(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("turnus.web.radar.views._SHOWN", 1)
    gaps(world)
    client = world.client(world.alice)
    first, second = client.get("/radar/"), client.get("/radar/?page=2")
    assert (
        first.context["has_next"],
        second.context["has_next"],
        len(second.context["rows"]),
    ) == (
        True,
        False,
        1,
    )
    assert [
        row.finding.kind
        for row, *_rest in client.get("/radar/?kind=lost").context["rows"]
    ] == ["lost"]
    assert "/radar/" in body(client.get("/renewals/"))


def test_the_day_shows_how_much_is_found_where_that_is_quick(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    gaps(world)
    client = world.client(world.alice)
    assert "/radar/?part=figure" in body(client.get("/"))
    assert "<strong>2</strong>" in body(client.get("/radar/?part=figure"))
    monkeypatch.setattr("turnus.web.radar.views._AT_ONCE", 0)
    assert "<strong>" not in body(client.get("/radar/?part=figure"))


def test_the_command_says_what_is_found(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["radar"]) == 0
    gaps(world)
    world.deal(
        title="Abo",
        amount=100,
        status="won",
        won_at=date(2018, 8, 1),
        organization=Subscription.objects.get().organization_id,
    )
    assert main(["radar", "--as", "alice@example.org"]) == 0
    text = capsys.readouterr().out
    assert ("100.00 EUR" in text, "= deal_twice: 1" in text) == (True, True)
    main(["radar", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert [(one["money"], one["terms"]) for one in told["findings"]] == [
        ("100", 1)
    ] * 3
    assert told["totals"]["gone"] == {"count": 1, "money": {"EUR": "100"}}


def due(world: World, **values: Any) -> tuple[Subscription, dict[str, Any]]:
    """A subscription with two terms due, and what a row of the inbox posts about it."""
    one = booked(world, world.organization(), "2018-09-01", [100], **values)
    return one, {
        "subscription": one.pk,
        "number": one.next_number,
        "until": "2018-12-14",
    }


ACTS: dict[str, tuple[dict[str, str], Any]] = {
    "accept": ({}, lambda one: (one.next_number, one.terms.count()) == (2, 2)),
    "skip": (
        {},
        lambda one: (
            (one.next_number, one.terms.get(number=1).deal) == (2, None)
        ),
    ),
    "price": ({"price": "120,50"}, lambda one: one.price_e4 == 1_205_000),
    "cancel": (
        {"reason": "Zu teuer"},
        lambda one: (
            (one.state, one.end_on, one.end_reason)
            == ("ended", date(2018, 10, 1), "Zu teuer")
        ),
    ),
}


@pytest.mark.parametrize("action", ACTS)
def test_one_renewal_is_dealt_with_and_taken_back(
    world: World, action: str
) -> None:
    one, form = due(world)
    client, (more, holds) = world.client(world.alice), ACTS[action]
    answer = client.post(
        "/renewals/one/", {**form, **more, "action": action, "after": "due-9"}
    )
    assert answer.headers["Location"] == "/renewals/?until=2018-12-14#due-9"
    one.refresh_from_db()
    assert holds(one)
    run = Run.objects.latest("pk")
    undo = (
        f"/subscriptions/bulk/{run.pk}/undo/"
        if action == "price"
        else f"/renewals/{run.pk}/"
    )
    assert undo in body(client.get("/renewals/"))
    client.post(undo, {"action": "undo"})
    one.refresh_from_db()
    assert (one.next_number, one.price_e4, one.state, one.terms.count()) == (
        1,
        1_000_000,
        "active",
        1,
    )


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"number": "0"}, 422),
        ({"subscription": "99"}, 404),
        ({"action": "x"}, 422),
        ({"action": "price", "price": "viel"}, 422),
        ({"action": "price", "price": "-1"}, 422),
        ({"action": "price", "price": ""}, 422),
        ({"term": "99"}, 404),
    ],
    ids=str,
)
def test_a_renewal_that_moved_on_or_makes_no_sense_is_refused(
    world: World, changes: dict[str, str], status: int
) -> None:
    _one, form = due(world)
    assert (
        world.client(world.alice)
        .post("/renewals/one/", {**form, "action": "accept", **changes})
        .status_code
        == status
    )
    assert not Run.objects.exists()


@pytest.mark.parametrize("action", ACTS)
def test_a_stranger_cannot_deal_with_a_renewal(
    world: World, action: str
) -> None:
    _one, form = due(world)
    answer = world.client(world.charlie).post(
        "/renewals/one/", {**form, **ACTS[action][0], "action": action}
    )
    assert (answer.status_code, Run.objects.count()) == (403, 0)


@pytest.mark.parametrize(
    ("action", "status"), [("accept", "won"), ("skip", "lost")]
)
def test_a_deal_that_was_opened_ahead_waits_in_the_inbox(
    world: World, action: str, status: str
) -> None:
    broken(world, ["won", "won", "won", "won", "won", "won", "open"])
    term, client = Term.objects.get(number=6), world.client(world.alice)
    page = client.get("/renewals/").context["waiting"]
    assert (
        page.count,
        page.first[0].term,
        page.first[0].days_late,
        page.first[0].is_late,
    ) == (
        1,
        term,
        13,
        False,
    )
    client.post("/renewals/one/", {"term": term.pk, "action": action})
    deal = Deal.objects.get(pk=term.deal_id)
    assert (
        deal.status,
        client.get("/renewals/").context["waiting"].count,
    ) == (
        status,
        0,
    )
    assert (
        client.post(
            "/renewals/one/", {"term": term.pk, "action": "accept"}
        ).status_code
        == 422
    )
    client.post(
        f"/renewals/{Run.objects.latest('pk').pk}/", {"action": "undo"}
    )
    assert client.get("/renewals/").context["waiting"].count == 1
    assert (
        client.post(
            "/renewals/one/", {"term": term.pk, "action": "price"}
        ).status_code
        == 422
    )
    assert (
        world.client(world.charlie)
        .post("/renewals/one/", {"term": term.pk, "action": action})
        .status_code
        == 403
    )
