"""All findings of a kind at once, more than a page shows: offered, previewed, done, undone."""

from typing import Any

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.radar.test_radar_pages import body
from tests.revenue.worlds import TODAY, booked
from tests.world import World
from turnus.history.models import Run
from turnus.radar.models import Dismissal
from turnus.radar.queries import findings
from turnus.revenue.models import Subscription, Term
from turnus.sales.models import Deal

ALL = {"everything": "1", "kind": "missed"}
COUNT = 104


def world_of(world: World, count: int = COUNT, **columns: Any) -> None:
    """Subscriptions whose second term is due; the customers are few."""
    customer = world.organization("Elbe AG")
    for number in range(count):
        booked(
            world,
            customer,
            "2018-10-01",
            [100 + number],
            name=f"Abo {number}",
            **columns,
        )


def previewed(world: World, user: Any, **form: str) -> Any:
    return world.client(user).post(
        "/radar/put-right/", {**ALL, "action": "book", **form}
    )


def test_all_of_a_kind_are_offered_where_a_page_does_not_show_them(
    world: World,
) -> None:
    world_of(world)
    booked(
        world,
        world.organization("Oder KG"),
        "2018-10-01",
        [1],
        name="Fremd",
        owner=world.charlie,
    )
    client = world.client(world.alice)
    assert f"Alle {COUNT} dieser Art" in body(
        client.get("/radar/?kind=missed")
    )
    assert "dieser Art" not in body(client.get("/radar/"))
    assert "dieser Art" not in body(client.get("/radar/?kind=lost"))


def test_all_of_a_kind_are_previewed_carried_out_and_taken_back(
    world: World,
) -> None:
    world_of(world)
    booked(
        world,
        world.organization("Oder KG"),
        "2018-10-01",
        [1],
        name="Fremd",
        owner=world.charlie,
    )
    shown = previewed(world, world.alice)
    assert (
        shown.context["count"],
        shown.context["hidden"],
        "und 4 weitere" in body(shown),
    ) == (
        COUNT,
        4,
        True,
    )
    assert (Term.objects.count(), 'name="finding"' in body(shown)) == (
        COUNT + 1,
        False,
    )
    assert (
        previewed(world, world.alice, step="do", digest="alt").status_code
        == 422
    )
    done = previewed(
        world, world.alice, step="do", digest=shown.context["digest"]
    )
    assert (done.headers["Location"], Term.objects.count()) == (
        "/radar/?kind=missed",
        2 * COUNT + 1,
    )
    assert [
        one.subscription_id for one in findings(world.admin, on=TODAY)
    ] == [Subscription.objects.get(name="Fremd").pk]
    world.client(world.alice).post(
        f"/renewals/{Run.objects.latest('pk').pk}/", {"action": "undo"}
    )
    assert (Term.objects.count(), Deal.objects.present().count()) == (
        COUNT + 1,
        COUNT + 1,
    )


def test_what_is_due_besides_since_the_preview_shows_it_again(
    world: World,
) -> None:
    world_of(world, 2)
    digest = previewed(world, world.alice).context["digest"]
    world_of(world, 1)
    again = previewed(world, world.alice, step="do", digest=digest)
    assert (
        again.status_code,
        again.context["count"],
        Term.objects.count(),
    ) == (
        422,
        3,
        3,
    )


def test_all_of_a_kind_are_dismissed_and_undismissed(world: World) -> None:
    world_of(world)
    previewed(world, world.alice, action="dismiss")
    assert Dismissal.objects.count() == COUNT
    previewed(world, world.alice, action="undismiss")
    assert Dismissal.objects.count() == 0


def test_many_cost_no_more_queries_than_few(world: World) -> None:
    counts = []
    for size in (5, 60):
        Subscription.objects.all().delete()
        world_of(world, size)
        digest = previewed(world, world.alice).context["digest"]
        with CaptureQueriesContext(connection) as queries:
            assert (
                previewed(
                    world, world.alice, step="do", digest=digest
                ).status_code
                == 302
            )
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def test_everything_without_a_kind_is_nothing(world: World) -> None:
    world_of(world, 1)
    assert previewed(world, world.alice, kind="").status_code == 422
