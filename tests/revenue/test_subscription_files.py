"""Subscriptions from spreadsheets: what a row may say, its verdict, revenue, undo."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.architecture.source import ROOT
from tests.imports.test_imports import checked, codes, imported, verdicts
from tests.imports.test_imports import sheet as written
from tests.revenue.test_revenue_reports import AUTUMN
from tests.revenue.worlds import plan, report, shown, source
from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.cli.main import main
from turnus.contacts.models import Organization
from turnus.core.records import RecordKind
from turnus.exports.models import Export
from turnus.imports.actions import request_undo
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.kit import clock
from turnus.reports.catalog import REPORTS
from turnus.reports.recurring.part_names import named_parts
from turnus.revenue.models import Subscription, Term
from turnus.revenue.plans.actions import add_ready_made_plans
from turnus.sales.models import Deal

HEADINGS = (
    "Kunde",
    "Abonnement",
    "Plan",
    "Preis",
    "Beginn",
    "Letzter Tag",
    "Zeile",
    "Gültig ab",
)
CARE = ("Elbe AG", "Wartung", "1m", 100, date(2018, 8, 31), None, None, None)
NEW = {"unknown_ids": {"do": "new"}}


def step(
    kind: str, on: date | None, price: float | None = None
) -> tuple[Any, ...]:
    return (None, None, None, price, None, None, kind, on)


def changed(**changes: Any) -> tuple[Any, ...]:
    names = (
        "customer",
        "name",
        "plan",
        "price",
        "start",
        "last",
        "entry",
        "on",
    )
    return tuple(
        changes.get(name, value)
        for name, value in zip(names, CARE, strict=True)
    )


def sheet(folder: Path, *rows: Sequence[Any]) -> Path:
    return written(folder / "abos.xlsx", rows, HEADINGS)


def brought(
    world: World, folder: Path, *rows: Sequence[Any], **options: Any
) -> Import:
    plan(world)
    return imported(
        world, sheet(folder, *rows), kind=RecordKind.SUBSCRIPTION, **options
    )


def told(
    world: World, folder: Path, *rows: Sequence[Any], **options: Any
) -> Import:
    plan(world)
    return checked(
        world, sheet(folder, *rows), kind=RecordKind.SUBSCRIPTION, **options
    )


def terms() -> list[str]:
    return [
        f"{one.starts_on:%m-%d} {one.price.amount:.0f}"
        for one in Term.objects.order_by("number")
    ]


def test_a_row_begins_a_subscription_with_its_past(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE)
    one = Subscription.objects.select_related("organization").get()
    assert (str(one.organization), one.name, one.next_due_on) == (
        "Elbe AG",
        "Wartung",
        date(2018, 11, 30),
    )
    assert terms() == ["08-31 100", "09-30 100", "10-31 100"]
    assert not Deal.objects.exists()


def test_what_a_file_brought_is_revenue_and_opens_to_its_name(
    world: World, tmp_path: Path
) -> None:
    brought(
        world, tmp_path, CARE, step("Preisänderung", date(2018, 10, 31), 120)
    )
    assert shown(report(world, "mrr", days=AUTUMN), "mrr") == [
        "08: €100.00",
        "09: €100.00",
        "10: €120.00",
        "11: €120.00",
    ]
    whole = report(world, "mrr", days=AUTUMN)
    (found,) = REPORTS["mrr"].parts(
        source(world, days=AUTUMN), whole.columns[0], whole.lines[-1]
    )
    (part,) = named_parts(found, source(world).viewer)
    assert (part.imported_from, part.deal, part.amount) == (
        "abos.xlsx",
        None,
        found.shown,
    )
    (others,) = named_parts(
        found, replace(source(world).viewer, user=world.charlie)
    )
    assert (others.subscription_name, others.imported_from) == ("Wartung", "")
    assert (
        shown(report(world, "bookings", days=AUTUMN), "won")[0] == "08: €0.00"
    )


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([changed(plan="monatlich")], [("new", [])]),
        ([changed(plan="bimonthly")], [("question", ["row.word_ambiguous"])]),
        ([changed(plan="Sonstiges")], [("question", ["row.plan_unknown"])]),
        ([changed(price=None)], [("problem", ["row.required_missing"])]),
        ([changed(price=-5)], [("problem", ["row.out_of_range"])]),
        ([changed(customer=None)], [("problem", ["row.contact_missing"])]),
        (
            [changed(last=date(2018, 8, 30))],
            [("problem", ["row.end_before_start"])],
        ),
        (
            [changed(plan="täglich", start=date(1999, 1, 1))],
            [("problem", ["row.terms_too_many"])],
        ),
        ([step("Pause", date(2018, 9, 30))], [("problem", ["row.orphan"])]),
        (
            [CARE, step("Pause", None)],
            [
                ("problem", ["row.with_others"]),
                ("problem", ["row.required_missing"]),
            ],
        ),
        (
            [CARE, step("Preis", date(2018, 9, 30))],
            [
                ("problem", ["row.with_others"]),
                ("problem", ["row.required_missing"]),
            ],
        ),
        (
            [CARE, step("Planwechsel", date(2018, 9, 30))],
            [
                ("problem", ["row.with_others"]),
                ("problem", ["row.required_missing"]),
            ],
        ),
        (
            [CARE, step("Urlaub", date(2018, 9, 30))],
            [
                ("problem", ["row.with_others"]),
                ("problem", ["row.entry_unknown"]),
            ],
        ),
        (
            [CARE, step("Pause", date(2018, 8, 1))],
            [
                ("problem", ["row.with_others"]),
                ("problem", ["row.step_before_start"]),
            ],
        ),
        (
            [CARE, step("Pause", "03/04/2018")],
            [("question", []), ("question", ["row.date_ambiguous"])],
        ),
        (
            [CARE, step("Preis", date(2018, 9, 30), -1)],
            [
                ("problem", ["row.with_others"]),
                ("problem", ["row.out_of_range"]),
            ],
        ),
        (
            [CARE, step("Preis", date(2018, 9, 30), "5 CHF")],
            [
                ("problem", ["row.with_others"]),
                ("problem", ["row.other_currency"]),
            ],
        ),
        (
            [CARE, ("Oder KG", *step("Pause", date(2018, 9, 30))[1:])],
            [("problem", ["row.with_others"]), ("problem", ["row.elsewhere"])],
        ),
    ],
)
def test_each_row_gets_its_verdict(
    world: World, tmp_path: Path, rows: Any, expected: Any
) -> None:
    plan(world, "1d")
    save_rate(
        by=world.admin, code="CHF", on=date(2017, 1, 1), rate=Decimal("0.9")
    )
    of = told(world, tmp_path, *rows)
    assert verdicts(of) == [verdict for verdict, _codes in expected]
    assert codes(of) == [
        code for _verdict, found in expected for code in found
    ]


def test_words_with_two_meanings_are_asked_once(
    world: World, tmp_path: Path
) -> None:
    rows = [
        changed(plan="bimonthly"),
        changed(plan="bimonthly", name="Lizenz"),
    ]
    of = told(world, tmp_path, *rows)
    assert [
        (one["key"], one["count"], one["options"]) for one in of.questions
    ] == [("plan:bimonthly", 2, ["map", "skip"])]
    answers = {"plan:bimonthly": {"do": "map", "to": plan(world).pk}}
    assert brought(world, tmp_path, *rows, answers=answers).totals["new"] == 2


def test_the_same_file_twice_changes_nothing(
    world: World, tmp_path: Path
) -> None:
    rows = [CARE, step("Pause", date(2018, 9, 30)), CARE]
    brought(world, tmp_path, *rows, answers={"existing": {"do": "add"}})
    of = told(world, tmp_path, *rows)
    assert (verdicts(of), codes(of)) == (
        ["same"] * 3,
        ["row.subscription_here"] * 2,
    )
    assert (of.totals.get("warning"), of.totals["notes"]) == (None, {})


def test_rows_without_problems_go_in_and_the_others_stay_out_as_a_whole(
    world: World, tmp_path: Path
) -> None:
    brought(
        world,
        tmp_path,
        CARE,
        step("Pause", date(2017, 1, 1)),
        changed(name="Lizenz"),
    )
    assert [str(one) for one in Subscription.objects.all()] == ["Lizenz"]


def test_an_import_is_taken_back_with_its_customers(
    world: World, tmp_path: Path
) -> None:
    of = brought(world, tmp_path, CARE, step("Pause", date(2018, 9, 30)))
    request_undo(of=of, by=world.admin, at=world.at)
    run_pending()
    assert not Subscription.objects.present().exists()
    assert not Organization.objects.present().exists()
    assert shown(report(world, "mrr", days=AUTUMN), "mrr")[0] == "08: €0.00"


def test_many_rows_cost_no_more_queries_than_few(
    world: World, tmp_path: Path
) -> None:
    counts = []
    for size in (10, 60):
        rows = [
            changed(customer=f"Kunde {size} {number}")
            for number in range(size)
        ]
        with CaptureQueriesContext(
            connection,
        ) as queries:
            brought(world, tmp_path, *rows)
        counts.append(len(queries))
    assert counts[1] <= counts[0]


def test_a_block_ends_only_between_subscriptions(
    world: World, tmp_path: Path
) -> None:
    of = brought(
        world,
        tmp_path,
        CARE,
        step("Pause", date(2018, 9, 30)),
        step("Fortsetzung", date(2018, 10, 5)),
        changed(name="B"),
        block_rows=2,
    )
    assert verdicts(of) == ["new", "part", "part", "new"]
    assert of.blocks.count() == 2


def test_the_command_says_what_would_happen_as_json(
    world: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plan(world)
    path = sheet(
        tmp_path, CARE, step("Pause", date(2017, 1, 1)), changed(name="Lizenz")
    )
    assert (
        main(["subscriptions", "import", str(path), "--dry-run", "--json"])
        == 1
    )
    said = json.loads(capsys.readouterr().out)
    assert [(one["row"], one["verdict"]) for one in said["rows"]] == [
        (2, "problem"),
        (3, "problem"),
        (4, "new"),
    ]
    assert said["rows"][1]["messages"] == [
        "Gültig ab: The day is before the subscription starts."
    ]
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    "name", ["en/subscriptions.csv", "de/abonnements.csv"]
)
def test_the_examples_of_the_guide_go_in(world: World, name: str) -> None:
    add_ready_made_plans(language="de")
    with clock.standing_at(datetime(2026, 11, 25, 9, tzinfo=UTC)):
        assert (
            main(
                [
                    "subscriptions",
                    "import",
                    str(ROOT / "docs" / "guide" / name),
                ]
            )
            == 0
        )
    assert list(
        Subscription.objects.order_by("pk").values_list("price_e4", "state")
    ) == [
        (13_200_000, "active"),
        (550_000, "active"),
        (3_000_000, "ended"),
        (800_000, "active"),
    ]


def test_the_browser_imports_shows_and_exports_them(
    world: World, tmp_path: Path
) -> None:
    client, of = (
        world.client(world.admin),
        told(
            world,
            tmp_path,
            CARE,
            step("Preisänderung", date(2018, 9, 30), 120),
        ),
    )
    page = client.get(f"/imports/{of.pk}/").content.decode()
    for words in ("Preisänderung", "120,00\u00a0€", "30.09.2018"):
        assert words in page
    client.post(f"/imports/{of.pk}/start/")
    run_pending()
    one = Subscription.objects.get()
    assert (
        "importiert: abos.xlsx"
        in client.get(f"/subscriptions/{one.pk}/").content.decode()
    )
    assert (
        client.post(
            "/exports/new/subscriptions/", {"format": "csv"}
        ).status_code
        == 302
    )
    run_pending()
    answer: Any = client.get(f"/exports/{Export.objects.get().pk}/")
    file = b"".join(answer.streaming_content).decode()
    assert "Preisänderung;2018-09-30;Wartung" in file


def test_the_parts_of_a_figure_name_the_file(
    world: World, tmp_path: Path
) -> None:
    brought(world, tmp_path, CARE)
    page = world.client(world.admin).get(
        "/reports/mrr/parts/?figure=mrr&at=2018-10-01&from=2018-10-01&to=2018-10-31"
    )
    assert "importiert: abos.xlsx" in page.content.decode()


def test_what_is_not_paid_yet_is_due_and_renews(
    world: World, tmp_path: Path
) -> None:
    plan(world)
    file = written(
        tmp_path / "abos.xlsx",
        [(*CARE, date(2018, 10, 30))],
        (*HEADINGS, "Bezahlt bis"),
    )
    imported(world, file, kind=RecordKind.SUBSCRIPTION)
    assert main(["renewals"]) == 0
    assert (
        shown(report(world, "bookings", days=AUTUMN), "new", "renewal")[2]
        == "10: €0.00 €100.00"
    )
    assert shown(report(world, "mrr", days=AUTUMN), "mrr")[1:] == [
        "09: €100.00",
        "10: €100.00",
        "11: €100.00",
    ]
