"""Won deals of a file beside subscriptions: terms that are booked, and terms due."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.imports.test_imports import checked, imported, sheet, verdicts
from tests.imports.test_imports import codes as all_codes
from tests.revenue.worlds import TODAY, booked, report, shown
from tests.world import World
from turnus.accounts.access import Permission
from turnus.accounts.models import User
from turnus.imports.actions import request_import, request_undo
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.radar.findings import FindingKind
from turnus.radar.queries import findings
from turnus.revenue.models import Subscription, Term
from turnus.revenue.renewals.actions.book import renew_next
from turnus.sales.models import Deal

HEADINGS = (
    "Deal - Titel",
    "Deal - Status",
    "Deal - Organisation",
    "Deal - Wert",
    "Deal - Gewonnen am",
)


def importer(world: World, name: str) -> User:
    """Alice, Bob or Charlie, who may import."""
    user: User = getattr(world, name)
    user.permissions = [Permission.IMPORT]
    user.save()
    return user


def row(
    day: date | None = TODAY,
    *,
    title: str | None = None,
    firm: str = "Elbe AG",
    value: Any = 100,
) -> Sequence[Any]:
    won = None if day is None else datetime(day.year, day.month, day.day, 12)
    return (title, "Gewonnen", firm, value, won)


def paid(
    world: World,
    *prices: int | None,
    start: str = "2018-09-01",
    **columns: Any,
) -> Subscription:
    """A subscription of Elbe AG, booked in full until the end of November: 100 a month."""
    found = Subscription.objects.filter(organization__name="Elbe AG").first()
    firm = found.organization if found else world.organization("Elbe AG")
    return booked(world, firm, start, prices or [100] * 3, **columns)


def brought(
    world: World, folder: Path, *rows: Sequence[Any], **options: Any
) -> Import:
    return checked(
        world, sheet(folder / "deals.xlsx", rows, HEADINGS), **options
    )


def carried_out(
    world: World, folder: Path, *rows: Sequence[Any], **options: Any
) -> Import:
    return imported(
        world, sheet(folder / "deals.xlsx", rows, HEADINGS), **options
    )


def codes(of: Import) -> list[str]:
    return [code for code in all_codes(of) if code != "row.date_in_future"]


def undone(world: World, of: Import) -> None:
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()


def terms() -> list[str]:
    rows = Term.objects.select_related("deal").order_by(
        "subscription", "number"
    )
    return [
        f"{one.number} {one.starts_on:%m-%d} {one.price.amount:.0f} {one.deal and one.deal.title}"
        for one in rows
    ]


def lives() -> list[tuple[Any, ...]]:
    return list(
        Subscription.objects.order_by("pk").values_list(
            "state", "next_number", "price_e4", "end_on"
        )
    )


NOVEMBER = ["0 09-01 100 Abo 0", "1 10-01 100 Abo 1", "2 11-01 100 Abo 2"]


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (row(), "row.term_booked"),
        (row(None), "row.term_booked"),
        (row(date(2018, 9, 30)), "row.term_due"),
        (row(title="Abo"), "row.term_booked"),
        (row(date(2018, 8, 29)), "row.term_booked"),
        (row(date(2018, 8, 28)), ""),
        (row(date(2018, 11, 28)), "row.term_due"),
        (row(date(2018, 12, 5)), "row.term_due"),
        (row(value=120), ""),
        (row(title="Abo 7", value=120), ""),
        (row(title="Drucker"), ""),
        (row(date(2018, 11, 2), title="Drucker"), "row.term_booked"),
        (row(firm="Neu AG"), ""),
        (row(value="100 CHF"), ""),
        (row(value=0), ""),
    ],
    ids=[
        "inside a term",
        "blank won time",
        "three days before a skipped one",
        "a title that says nothing",
        "before the first",
        "long before",
        "early",
        "next month",
        "other price",
        "other price, nothing named",
        "other words late",
        "other words near the start",
        "other customer",
        "other currency",
        "nothing paid",
    ],
)
def test_a_row_that_pays_for_a_term_is_asked_about(
    world: World, tmp_path: Path, given: Any, code: str
) -> None:
    paid(world)
    Term.objects.filter(number=1).update(deal=None, price_e4=0)
    of = brought(world, tmp_path, given)
    assert (codes(of), verdicts(of)) == (
        ([code], ["question"]) if code else ([], ["new"])
    )


def test_the_very_service_at_another_price_is_asked_about(
    world: World, tmp_path: Path
) -> None:
    paid(world, name="Hosting")
    of = brought(
        world,
        tmp_path,
        row(title="Hosting (Kopie)", value=120),
        row(title="Hosting", value=500),
    )
    assert (codes(of), verdicts(of)) == (
        ["row.term_booked"],
        ["question", "new"],
    )


def test_the_question_says_how_many_rows_and_how_much_money(
    world: World, tmp_path: Path
) -> None:
    one = paid(world)
    of = brought(world, tmp_path, row(), row(date(2018, 10, 4)))
    (question,) = of.questions
    assert (question["key"], question["count"], question["rows"]) == (
        "covered",
        2,
        [2, 3],
    )
    assert (question["options"], question["sums"]) == (
        ["skip", "add", "attach"],
        {"EUR": 2_000_000},
    )
    issue = of.blocks.get().counts
    assert issue == {"question": 2}
    assert one.terms.count() == 3


@pytest.mark.parametrize(
    ("answer", "found"),
    [
        ("skip", ["skip", "skip"]),
        ("add", ["new", "new"]),
        ("attach", ["new", "new"]),
    ],
)
def test_one_answer_is_for_all_rows(
    world: World, tmp_path: Path, answer: str, found: list[str]
) -> None:
    paid(world)
    of = brought(
        world,
        tmp_path,
        row(),
        row(date(2018, 10, 4)),
        answers={"covered": {"do": answer}},
    )
    assert (verdicts(of), codes(of)) == (found, ["row.term_booked"] * 2)


def test_a_row_may_be_answered_by_itself(world: World, tmp_path: Path) -> None:
    paid(world)
    answers = {"covered": {"do": "skip", "rows": {"3": "add"}}}
    of = brought(
        world, tmp_path, row(), row(date(2018, 10, 4)), answers=answers
    )
    assert verdicts(of) == ["skip", "new"]
    of = brought(
        world,
        tmp_path,
        row(),
        row(date(2018, 10, 4)),
        answers={"covered": {"rows": {"3": "add"}}},
    )
    assert verdicts(of) == ["question", "new"]


def test_what_is_added_apart_books_nothing_and_the_radar_finds_it(
    world: World, tmp_path: Path
) -> None:
    paid(world)
    carried_out(world, tmp_path, row(), answers={"covered": {"do": "add"}})
    assert terms() == NOVEMBER
    assert [one.kind for one in findings(world.admin, on=TODAY)] == [
        FindingKind.DEAL_TWICE
    ]


def test_a_deal_in_place_of_the_one_that_booked_the_term(
    world: World, tmp_path: Path
) -> None:
    paid(world, name="Hosting")
    before = lives()
    of = carried_out(
        world,
        tmp_path,
        row(title="Hosting", value=120),
        answers={"covered": {"do": "attach"}},
    )
    assert terms()[2] == "2 11-01 120 Hosting"
    assert not Deal.objects.present().filter(title="Abo 2").exists()
    assert lives()[0][2] == 1_200_000  # the next term costs as much
    assert findings(world.admin, on=TODAY) == []
    undone(world, of)
    assert (terms(), lives()) == (NOVEMBER, before)
    assert Deal.objects.present().count() == 3


def test_a_deal_for_a_due_term_books_it(world: World, tmp_path: Path) -> None:
    paid(world, 100, 100)
    before = lives()
    of = carried_out(
        world,
        tmp_path,
        row(date(2018, 11, 3)),
        answers={"due": {"do": "attach"}},
    )
    assert (terms()[2], lives()[0][:2]) == (
        "2 11-01 100 Elbe AG",
        ("active", 3),
    )
    assert shown(report(world, "mrr"), "mrr")[10] == "11: €100.00"
    undone(world, of)
    assert (terms(), lives()) == (NOVEMBER[:2], before)


def test_a_deal_for_a_term_that_was_left_out_books_it(
    world: World, tmp_path: Path
) -> None:
    paid(world)
    Term.objects.filter(number=1).update(deal=None, price_e4=0)
    of = carried_out(
        world,
        tmp_path,
        row(date(2018, 10, 4)),
        answers={"due": {"do": "attach"}},
    )
    assert terms()[1] == "1 10-01 100 Elbe AG"
    undone(world, of)
    assert terms()[1] == "1 10-01 0 None"


def test_a_deal_in_place_of_one_that_waits_to_be_won(
    world: World, tmp_path: Path
) -> None:
    paid(world)
    Deal.objects.filter(term__number=2).update(
        status="open", won_at=None, won_on=None, first_won_at=None
    )
    of = carried_out(world, tmp_path, row(), answers={"due": {"do": "attach"}})
    assert terms()[2] == "2 11-01 100 Elbe AG"
    undone(world, of)
    assert terms() == NOVEMBER


def test_two_rows_for_one_term_book_it_once(
    world: World, tmp_path: Path
) -> None:
    paid(world, 100, 100)
    day = date(2018, 11, 20)
    of = brought(world, tmp_path, row(day), row(day))
    assert (codes(of), verdicts(of)) == (
        ["row.term_due", "row.term_taken"],
        ["question"] * 2,
    )
    answers = {"due": {"do": "attach"}, "covered": {"do": "attach"}}
    of = brought(world, tmp_path, row(day), row(day), answers=answers)
    assert verdicts(of) == ["new", "problem"]


def test_a_second_row_means_the_term_that_is_booked_where_the_first_books_the_next(
    world: World, tmp_path: Path
) -> None:
    paid(world)
    of = brought(
        world, tmp_path, row(date(2018, 11, 29)), row(date(2018, 11, 29))
    )
    assert codes(of) == ["row.term_due", "row.term_booked"]


def test_a_term_that_was_booked_after_the_check_is_not_booked_again(
    world: World, tmp_path: Path
) -> None:
    one = paid(world, 100, 100)
    of = brought(
        world,
        tmp_path,
        row(date(2018, 11, 3)),
        answers={"due": {"do": "attach"}},
    )
    renew_next(subscription=one, number=2, by=world.admin, at=world.at)
    request_import(of=of, by=world.admin, at=world.at)
    run_pending()
    assert (verdicts(of), codes(of)) == (
        ["problem"],
        ["row.term_due", "row.record_changed"],
    )
    assert Deal.objects.count() == 3


def test_the_list_of_last_month_adds_nothing_to_this_one(
    world: World, tmp_path: Path
) -> None:
    """The ritual of the help page: last month's won deals once more, without a won time."""
    firms = [f"Firma {number} AG" for number in range(92)]
    for firm in firms:
        booked(world, world.organization(firm), "2018-09-03", [100] * 3)
    rows = [row(None, firm=firm) for firm in firms]
    of = brought(world, tmp_path, *rows)
    assert (of.totals["question"], of.questions[0]["sums"]) == (
        92,
        {"EUR": 92_000_000},
    )
    carried_out(world, tmp_path, *rows, answers={"covered": {"do": "add"}})
    assert (
        sum(
            one.kind is FindingKind.DEAL_TWICE
            for one in findings(world.admin, on=TODAY)
        )
        == 92
    )
    undone(world, Import.objects.latest("pk"))
    of = brought(world, tmp_path, *rows, answers={"covered": {"do": "skip"}})
    assert (of.totals["skip"], of.totals.get("new", 0)) == (92, 0)
    assert findings(world.admin, on=TODAY) == []


def test_the_check_reads_a_block_of_customers_at_once(
    world: World, tmp_path: Path
) -> None:
    counts = []
    for number in (1, 8):
        firms = [f"Firma {number} {each} AG" for each in range(number)]
        for firm in firms:
            booked(world, world.organization(firm), "2018-09-03", [100] * 3)
        with CaptureQueriesContext(connection) as queries:
            brought(world, tmp_path, *(row(None, firm=firm) for firm in firms))
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("user", "visibility", "expected"),
    [
        ("alice", "owner", ["question"]),
        ("bob", "owner", ["new"]),
        ("bob", "team", ["question"]),
        ("charlie", "team", ["new"]),
        ("charlie", "everyone", ["question"]),
    ],
)
def test_nothing_is_learned_of_a_subscription_that_one_may_not_see(
    world: World,
    tmp_path: Path,
    user: str,
    visibility: str,
    expected: list[str],
) -> None:
    paid(world, visibility=visibility)
    by = importer(world, user)
    of = brought(world, tmp_path, row(), row(value=-100), by=by)
    assert verdicts(of) == expected * 2
    assert bool(codes(of)) == (expected == ["question"])


@pytest.mark.parametrize(
    ("user", "found"),
    [("alice", "new"), ("bob", "new"), ("charlie", "problem")],
)
@pytest.mark.parametrize(
    "given", [row(), row(date(2018, 12, 1)), row(value=-100), row(value=-30)]
)
def test_only_who_may_change_a_subscription_changes_it(
    world: World, tmp_path: Path, user: str, found: str, given: Any
) -> None:
    paid(world)
    answers = {
        "covered": {"do": "attach"},
        "due": {"do": "attach"},
        "credit": {"do": "end"},
        "reduction": {"do": "reduce"},
    }
    of = brought(
        world, tmp_path, given, by=importer(world, user), answers=answers
    )
    assert verdicts(of) == [found]
