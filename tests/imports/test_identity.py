"""Which deal a row means, which currency, which stage; nothing is overwritten unasked."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.imports.test_imports import (
    WON,
    changed,
    checked,
    codes,
    imported,
    sheet,
    verdicts,
)
from tests.world import World
from turnus.contacts.actions import create_contact
from turnus.core.fields import ContactPoint
from turnus.core.money import Money
from turnus.core.records import RecordKind
from turnus.fields.actions import update_field
from turnus.imports.actions import (
    give_answers,
    request_check,
    request_import,
    start_import,
)
from turnus.imports.models import Import
from turnus.jobs.worker import run_pending
from turnus.kit import clock
from turnus.sales.actions_pipelines import save_pipeline, save_stage
from turnus.sales.models import Deal, Stage


@pytest.mark.parametrize(
    ("answer", "titles"),
    [("new", ["Alt", "Fremd"]), ("update", ["Fremd"]), ("problem", ["Alt"])],
)
def test_an_id_of_another_system_never_overwrites_a_deal_unasked(
    world: World, tmp_path: Path, answer: str, titles: list[str]
) -> None:
    deal = world.deal(title="Alt")
    path = sheet(
        tmp_path / "ids.xlsx",
        [(deal.pk, "Fremd", "Spree AG")],
        ("Deal - ID", "Titel", "Organisation"),
    )
    of = checked(world, path)
    assert (verdicts(of), codes(of)) == (["question"], ["row.record_differs"])
    of = checked(world, path, answers={"unknown_ids": {"do": answer}})
    if answer != "problem":
        request_import(of=of, by=world.admin, at=world.at)
        run_pending()
    assert sorted(Deal.objects.values_list("title", flat=True)) == titles


def test_a_copy_of_a_deal_named_by_its_id_takes_over_what_the_file_does_not_say(
    world: World, tmp_path: Path
) -> None:
    stage = Stage.objects.latest("position").pk
    deal = world.deal(
        title="Abo",
        status="won",
        won_at=date(2018, 10, 1),
        value=Money.of(9, "CHF"),
        stage=stage,
    )
    path = sheet(
        tmp_path / "ids.xlsx",
        [(deal.pk, "Gewonnen", 10)],
        ("Deal - ID", "Deal - Status", "Deal - Wert"),
    )
    imported(
        world, path, answers={"existing": {"do": "copy", "on": "2018-11-01"}}
    )
    copy = Deal.objects.exclude(pk=deal.pk).get()
    assert (copy.title, copy.organization, copy.stage) == (
        deal.title,
        deal.organization,
        deal.stage,
    )
    assert (copy.value, copy.won_on) == (
        Money.of(10, "CHF"),
        date(2018, 11, 1),
    )


def test_the_very_same_file_is_not_imported_twice_unasked(
    world: World, tmp_path: Path
) -> None:
    world.field()
    path = sheet(tmp_path / "month.xlsx", [changed(won=None)])
    imported(world, path)
    with clock.standing_at(world.at + timedelta(days=3)):
        of = checked(world, path)
    assert [one["key"] for one in of.questions] == ["existing"]
    assert verdicts(checked(world, path, on=date(2018, 12, 14))) == ["new"]


CURRENCIES = [
    (("Wert", "Währung"), (5, "CHF"), "CHF"),
    (("Währung", "Wert"), ("CHF", 5), "CHF"),
    (("Wert",), ("5 USD",), "USD"),
    (("Wert",), (5,), "EUR"),
]


@pytest.mark.parametrize(
    ("headings", "cells", "currency"), CURRENCIES, ids=str
)
def test_an_amount_is_in_its_rows_currency(
    world: World,
    tmp_path: Path,
    headings: tuple[str, ...],
    cells: tuple[Any, ...],
    currency: str,
) -> None:
    imported(
        world,
        sheet(
            tmp_path / "rows.xlsx",
            [("Elbe AG", *cells)],
            ("Organisation", *headings),
        ),
    )
    assert Deal.objects.get().value == Money.of(5, currency)


def test_an_update_keeps_the_deals_currency_and_two_currencies_are_a_problem(
    world: World, tmp_path: Path
) -> None:
    deal = world.deal(value=Money.of(9, "CHF"))
    imported(
        world,
        sheet(
            tmp_path / "one.xlsx",
            [(deal.pk, 10)],
            ("Deal - ID", "Deal - Wert"),
        ),
    )
    deal.refresh_from_db()
    assert deal.value == Money.of(10, "CHF")
    headings = ("Organisation", "Wert", "Währung")
    of = checked(
        world,
        sheet(
            tmp_path / "two.xlsx",
            [("A", "5 USD", "EUR"), ("B", "5 SEK", None)],
            headings,
        ),
    )
    assert codes(of) == ["row.multiple_currencies", "row.currency_unknown"]
    answers = {"currency:SEK": {"do": "create"}}
    imported(
        world,
        sheet(tmp_path / "sek.xlsx", [("B", "5 SEK")], headings[:2]),
        answers=answers,
    )
    assert Deal.objects.get(organization__name="B").currency == "SEK"


def test_a_stage_of_two_pipelines_is_told_by_the_pipeline_or_asked_about(
    world: World, tmp_path: Path
) -> None:
    second = save_pipeline(
        by=world.admin, name="Zwei", has_deal_probability=False
    )
    stage = save_stage(
        by=world.admin, pipeline=second, name="Qualifiziert", probability=10
    )
    rows = [("A", "Qualifiziert", "Zwei"), ("B", "Qualifiziert", None)]
    of = checked(
        world,
        sheet(
            tmp_path / "rows.xlsx",
            rows,
            ("Organisation", "Phase", "Deal - Pipeline"),
        ),
    )
    assert (verdicts(of), codes(of)) == (
        ["new", "question"],
        ["row.word_ambiguous"],
    )
    imported(
        world,
        sheet(
            tmp_path / "one.xlsx",
            rows[:1],
            ("Organisation", "Phase", "Deal - Pipeline"),
        ),
    )
    assert Deal.objects.get().stage == stage


def test_the_time_of_closing_counts_where_there_is_no_won_time(
    world: World, tmp_path: Path
) -> None:
    rows = [
        ("A", "Gewonnen", date(2018, 9, 1)),
        ("B", "Verloren", date(2018, 9, 2)),
        ("C", "Offen", date(2018, 9, 3)),
    ]
    imported(
        world,
        sheet(
            tmp_path / "rows.xlsx",
            rows,
            ("Organisation", "Status", "Deal - Deal abgeschlossen am"),
        ),
    )
    assert list(
        Deal.objects.order_by("pk").values_list("won_on", "lost_on")
    ) == [
        (date(2018, 9, 1), None),
        (None, date(2018, 9, 2)),
        (None, None),
    ]


def test_a_required_field_is_required_of_new_rows(
    world: World, tmp_path: Path
) -> None:
    update_field(
        field=world.field(),
        by=world.admin,
        name="Abo",
        description="",
        is_required=True,
    )
    of = checked(
        world, sheet(tmp_path / "rows.xlsx", [WON, changed(plan=None)])
    )
    assert (verdicts(of), codes(of)) == (
        ["new", "problem"],
        ["row.required_missing"],
    )


def test_an_import_that_breaks_off_for_good_leaves_nothing_of_itself(
    world: World, tmp_path: Path
) -> None:
    world.field()
    of = checked(
        world,
        sheet(
            tmp_path / "five.xlsx",
            [changed(value=number) for number in range(5)],
        ),
        block_rows=2,
    )
    of.blocks.filter(number=1).update(rows=b"damaged")
    request_import(of=of, by=world.admin, at=world.at)
    for hours in range(6):
        with clock.standing_at(world.at + timedelta(hours=hours)):
            run_pending()
    of.refresh_from_db()
    assert (of.state, of.error["code"], Deal.objects.count()) == (
        "undone",
        "import.broke_off",
        2,
    )
    assert not Deal.objects.present().exists()
    assert (
        "fehlgeschlagen"
        in world.client(world.admin).get(f"/imports/{of.pk}/").content.decode()
    )


def test_a_check_that_breaks_off_for_good_is_said(
    world: World, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "gone.xlsx", [WON])
    of = start_import(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        path=path,
        name="gone.xlsx",
    )
    request_check(of=of, by=world.admin, at=world.at)
    Import.objects.update(record_kind="nothing")
    for hours in range(6):
        with clock.standing_at(world.at + timedelta(hours=hours)):
            run_pending()
    of.refresh_from_db()
    assert (of.state, of.error["code"]) == ("failed", "import.broke_off")


def test_a_check_whose_file_is_gone_says_so(
    world: World, tmp_path: Path
) -> None:
    path = sheet(tmp_path / "gone.xlsx", [WON])
    of = start_import(
        by=world.admin,
        at=world.at,
        kind=RecordKind.DEAL,
        path=path,
        name="gone.xlsx",
    )
    request_check(of=of, by=world.admin, at=world.at)
    path.unlink()
    run_pending()
    of.refresh_from_db()
    assert (of.state, of.error["code"]) == ("failed", "import.file_gone")


IDS = [("new", ["Alt", "Fremd"]), ("update", ["Fremd"]), ("problem", ["Alt"])]


@pytest.mark.parametrize(
    ("answer", "names"), IDS, ids=[one for one, _names in IDS]
)
@pytest.mark.parametrize("kind", [RecordKind.PERSON, RecordKind.ORGANIZATION])
def test_an_id_of_another_system_never_overwrites_a_contact_unasked(
    world: World,
    tmp_path: Path,
    kind: RecordKind,
    answer: str,
    names: list[str],
) -> None:
    held = (
        world.person("Alt")
        if kind is RecordKind.PERSON
        else world.organization("Alt")
    )
    path = sheet(tmp_path / "ids.xlsx", [(held.pk, "Fremd")], ("ID", "Name"))
    of = checked(world, path, kind=kind)
    assert (verdicts(of), codes(of)) == (["question"], ["row.record_differs"])
    of = checked(
        world, path, kind=kind, answers={"unknown_ids": {"do": answer}}
    )
    if answer != "problem":
        request_import(of=of, by=world.admin, at=world.at)
        run_pending()
    assert sorted(type(held).objects.values_list("name", flat=True)) == names


SAME_PERSON = [
    ("Eva Neu", "Elbe AG", None),
    ("Eva Neu", None, "EVA@elbe.de"),
    ("eva böhm", "Spree AG", "x@y.de"),
    (None, "Spree AG", "x@y.de"),
]


@pytest.mark.parametrize("cells", SAME_PERSON, ids=str)
def test_an_id_updates_a_person_of_whom_anything_is_the_same(
    world: World, tmp_path: Path, cells: tuple[str | None, ...]
) -> None:
    emails = (ContactPoint("eva@elbe.de"),)
    held = world.person(
        "Eva Böhm",
        organization=world.organization("Elbe AG").pk,
        emails=emails,
    )
    headings = ("ID", "Name", "Organisation", "E-Mail")
    of = checked(
        world,
        sheet(tmp_path / "ids.xlsx", [(held.pk, *cells)], headings),
        kind=RecordKind.PERSON,
    )
    assert verdicts(of)[0] in {"update", "same"}


def test_a_row_with_a_problem_plans_no_organization(
    world: World, tmp_path: Path
) -> None:
    theirs = create_contact(
        RecordKind.PERSON,
        by=world.charlie,
        at=world.at,
        values={"name": "Eva"},
    )
    world.alice.permissions = ["import"]
    world.alice.save()
    rows = [(None, "Eva", "Neu AG"), (theirs.pk, "Eva", "Auch neu AG")]
    path = sheet(tmp_path / "rows.xlsx", rows, ("ID", "Name", "Organisation"))
    of = start_import(
        by=world.alice,
        at=world.at,
        kind=RecordKind.PERSON,
        path=path,
        name="rows.xlsx",
    )
    give_answers(
        of=of, by=world.alice, answers={"unknown_ids": {"do": "problem"}}
    )
    request_check(of=of, by=world.alice, at=world.at)
    run_pending()
    of.refresh_from_db()
    assert (verdicts(of), of.totals.get("new_organization", 0)) == (
        ["problem", "problem"],
        0,
    )
