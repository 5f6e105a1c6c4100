"""The application and `turnus detect` find the same in the same deals."""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bench.histories import AS_OF, HEADINGS, META
from bench.histories import World as Histories
from tests.detection.worlds import copies, months, proposed, read
from tests.world import World
from turnus.accounts.actions import save_rate
from turnus.cli.main import main
from turnus.core.detection.facts import Sold
from turnus.core.fields import FieldKind
from turnus.core.money import Money
from turnus.core.naming import name_key
from turnus.detection import actions_answering as answering
from turnus.detection import actions_reading, tasks
from turnus.detection.actions import request_proposal
from turnus.detection.files.histories import read_history
from turnus.detection.files.reading_options import ReadingOptions
from turnus.detection.models import Proposal
from turnus.detection.queries import mrr_range, mrr_today, open_decisions
from turnus.detection.reading import Reading
from turnus.jobs.actions import Context, claim
from turnus.jobs.models import Job
from turnus.kit import clock
from turnus.sales.models import Deal

ZONE = ZoneInfo("Europe/Berlin")
#: Yearly statements of six customers, a seventh who began this year, and single purchases.
YEARS = range(2020, 2025)
YEARLY_CUSTOMERS = ("Alster", "Bille", "Celle", "Dahme", "Elbe", "Fulda")


@dataclass(frozen=True)
class Found:
    """What was found, in numbers of the file's deals."""

    chains: set[tuple[tuple[int, ...], tuple[str, ...]]]
    single: set[int]
    doubles: set[int]
    asked: list[list[int]]
    mrr: Decimal
    mrr_low: Decimal
    mrr_high: Decimal


def deals_in(path: Path) -> list[Sold]:
    """The won deals of a file, in the order of their numbers."""
    history = read_history(
        path, currency="EUR", zone=ZONE, as_of=AS_OF, how=ReadingOptions()
    )
    return sorted(history.sold, key=lambda sold: sold.deal)


def written(path: Path, rows: Iterable[Sequence[object]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=";").writerows([HEADINGS, *rows])
    return path


def found_in_file(path: Path, settings: Mapping[str, object]) -> Found:
    folder = path.parent
    meta, out = folder / "meta.json", folder / "out.json"
    meta.write_text(json.dumps(settings), encoding="utf-8")
    assert (
        main(
            ["detect", str(path), "--settings", str(meta), "--json", str(out)]
        )
        == 0
    )
    answer: Any = json.loads(out.read_text(encoding="utf-8"))
    return Found(
        {
            (tuple(each["deals"]), tuple(each["starts"]))
            for each in answer["chains"]
        },
        set(answer["single"]),
        set(answer["doubles"]),
        sorted(sorted(each["asked"]) for each in answer["decisions"]),
        Decimal(answer["mrr"]),
        Decimal(answer["mrr_low"]),
        Decimal(answer["mrr_high"]),
    )


def entered(world: World, deals: Iterable[Sold]) -> Proposal:
    """A proposal of the same deals in the application."""
    field = world.field(FieldKind.TEXT, "Abo-Plan")
    ids: dict[str, int] = {}
    for sold in deals:
        name = name_key(sold.organization)
        if name not in ids:
            ids[name] = world.organization(sold.organization).pk
        day = datetime.combine(sold.won_on, time(), tzinfo=ZONE)
        world.deal(
            organization=ids[name],
            title=sold.title or "Deal",
            status="won",
            won_at=day + timedelta(minutes=sold.minute or 0),
            value=sold.value,
            **{f"custom.{field.key}": sold.plan},
        )
    return proposed(world, on=AS_OF, plan_field=field)


def found_in_app(
    world: World, proposal: Proposal, deals: Iterable[Sold]
) -> Found:
    ids = Deal.objects.order_by("pk").values_list("pk", flat=True)
    number_of = dict(zip(ids, (sold.deal for sold in deals), strict=True))

    def numbers(own: Iterable[int]) -> list[int]:
        return [number_of[deal] for deal in own]

    readings: list[Reading] = [read(each) for each in proposal.histories.all()]
    decisions = open_decisions(proposal)
    change = mrr_today(proposal, world.alice).change(proposal.histories.all())
    likely = mrr_range(change, decisions)

    def rounded(amount_e4: Any) -> Decimal:
        return Money.rounded_from(amount_e4, "EUR").amount

    return Found(
        {
            (
                tuple(numbers(line.deals)),
                tuple(paid.starts_on.isoformat() for paid in line.paid),
            )
            for reading in readings
            for line in reading.lines
        },
        {number for reading in readings for number in numbers(reading.single)},
        {
            number
            for reading in readings
            for number in numbers(reading.doubles)
        },
        sorted(sorted(numbers(each.decision.asked)) for each in decisions),
        rounded(likely.likely_e4),
        rounded(likely.low_e4),
        rounded(likely.high_e4),
    )


@pytest.mark.parametrize(("level", "seed"), [(2, 7), (4, 5)])
def test_the_application_finds_what_the_command_line_finds(
    world: World, tmp_path: Path, level: int, seed: int
) -> None:
    save_rate(
        by=world.admin, code="CHF", on=date(2010, 1, 1), rate=Decimal("1.05")
    )
    Histories(level=level, seed=seed, customers=12).write(tmp_path)
    path = tmp_path / "export.csv"
    deals = deals_in(path)
    by_app = found_in_app(world, entered(world, deals), deals)
    assert by_app == found_in_file(path, META)


def yearly_statements() -> list[list[object]]:
    """Six customers with a statement each year, and one whose first is half a year old."""
    days = [
        (name, f"{year}-03-10 10:00")
        for name in YEARLY_CUSTOMERS
        for year in YEARS
    ]
    days.append(("Neu", "2024-09-01 11:00"))
    return [
        [
            number,
            "Jahresabschluss",
            "gewonnen",
            "1200.00",
            "EUR",
            f"{name} GmbH",
            "",
            day,
            "",
        ]
        for number, (name, day) in enumerate(days, start=1)
    ]


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(actions_reading, "BLOCK", 2)
    monkeypatch.setattr(tasks, "BLOCK", 2)


@pytest.mark.usefixtures("small_blocks")
def test_the_application_learns_what_customers_make_of_a_title(
    world: World, tmp_path: Path
) -> None:
    path = written(tmp_path / "export.csv", yearly_statements())
    deals = deals_in(path)
    by_app = found_in_app(world, entered(world, deals), deals)
    assert by_app == found_in_file(path, META)
    assert ((len(deals),), ("2024-09-01",)) in by_app.chains


@pytest.mark.usefixtures("small_blocks")
def test_an_answer_is_read_with_what_was_learned(
    world: World, tmp_path: Path
) -> None:
    path = written(tmp_path / "export.csv", yearly_statements())
    proposal = entered(world, deals_in(path))
    new = proposal.histories.get(name="Neu GmbH")
    before = read(new)
    for _ in range(2):
        answering.skip_or_include(history=new, by=world.alice)
    assert (read(new).lines, len(before.lines)) == (before.lines, 1)


class StopError(Exception):
    """The worker dies between two steps."""


@pytest.mark.usefixtures("small_blocks")
def test_reading_that_stops_after_each_step_finds_the_same(
    world: World, tmp_path: Path
) -> None:
    path = written(tmp_path / "export.csv", yearly_statements())
    proposal = entered(world, deals_in(path))
    whole = [read(each) for each in proposal.histories.order_by("pk")]
    again = request_proposal(
        deals=Deal.objects.all(),
        by=world.alice,
        at=world.at,
        on=AS_OF,
        title="Noch einmal",
        plan_field=proposal.plan_field,
    )

    def stop() -> None:
        raise StopError

    job = claim(at=clock.now())
    assert job is not None
    stops = 0
    while Proposal.objects.get(pk=again.pk).state == Proposal.State.READING:
        context = Context(Job.objects.get(pk=job.pk))
        context.pause = stop
        with suppress(StopError):
            tasks.read(context, proposal_id=again.pk)
            continue
        stops += 1
    in_pieces = [read(each) for each in again.histories.order_by("pk")]
    assert in_pieces == whole
    # Sorting, four blocks of two customers, learning, the new customer again.
    assert stops == 7
    again.refresh_from_db()
    assert again.months == proposal.months


def test_answers_of_people_teach_no_habits(world: World) -> None:
    """What one customer's deals were said to be must not change how others are read."""
    copies(world, months(date(2018, 1, 5), 8))
    history = proposed(world).histories.get()
    deals = sorted(history.deals)
    answering.call_single(
        history=history, deals=deals, by=world.alice, at=world.at
    )
    again = proposed(world).histories.get()
    assert sorted(again.reading["single"]) == deals
    assert again.titles == history.titles
