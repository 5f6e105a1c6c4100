"""A made-up company as files: the deals as CSV, the settings, and the truth beside them."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import TypedDict

from bench.companies.company import Company
from bench.companies.facts import Deal, Role, Run
from bench.companies.offices import Make
from turnus.core.cadence import Cadence
from turnus.core.detection.facts import Chain, Paid

#: A title that so many lines renew tells of a single deal that it recurs.
_KNOWN_BY_LINES = 3


@dataclass(frozen=True, slots=True)
class FileStyle:
    """How a company's program writes its spreadsheet."""

    headings: Sequence[str]
    won: str
    not_won: str
    day_form: str
    has_comma: bool
    delimiter: str


_GERMAN = (
    "Deal - ID",
    "Deal - Titel",
    "Deal - Status",
    "Deal - Wert",
    "Deal - Währung",
    "Organisation - Name",
    "Person - Name",
    "Deal - Gewonnen am",
    "Deal - Abo-Plan",
)
_ENGLISH = (
    "Deal - ID",
    "Deal - Title",
    "Deal - Status",
    "Deal - Value",
    "Deal - Currency",
    "Organization - Name",
    "Person - Name",
    "Deal - Won time",
    "Deal - Plan",
)
_STYLES = {
    "de": (
        FileStyle(_GERMAN, "Gewonnen", "Offen", "%d.%m.%Y", True, ";"),
        FileStyle(_GERMAN, "Gewonnen", "Verloren", "%Y-%m-%d", False, ","),
    ),
    "en": (
        FileStyle(_ENGLISH, "Won", "Open", "%Y-%m-%d", False, ","),
        FileStyle(_ENGLISH, "Won", "Lost", "%m/%d/%Y", False, ","),
    ),
}


class DealTruth(TypedDict):
    """What a deal truly is; `line` and `run` are None for what does not recur."""

    id: int
    role: str
    line: int | None
    run: int | None
    is_unknowable: bool
    won_on: str


class PaidTruth(TypedDict):
    """The period that a deal pays for."""

    deal: int
    starts_on: str
    cadence: str


class RunTruth(TypedDict):
    """Deals that renew one another, in order of their periods."""

    id: int
    line: int
    customer: int
    currency: str
    paid: list[PaidTruth]
    credits: list[int]
    accepted: list[str]
    is_unknowable: bool


class CompanyTruth(TypedDict):
    """Everything that is true about a company's deals."""

    kind: str
    seed: int
    make: str
    deals: list[DealTruth]
    runs: list[RunTruth]


def write_company(company: Company, folder: Path) -> None:
    """Write `export.csv`, `meta.json` and `truth.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    _write_rows(company, folder / "export.csv")
    meta = {
        "as_of": company.as_of.isoformat(),
        "first": company.first.isoformat(),
        "timezone": "Europe/Berlin",
        "currency": "EUR",
    }
    (folder / "meta.json").write_text(json.dumps(meta), encoding="utf-8")
    truth = json.dumps(truth_of(company), ensure_ascii=False)
    (folder / "truth.json").write_text(truth, encoding="utf-8")


def _write_rows(company: Company, path: Path) -> None:
    random = Random(company.seed)  # noqa: S311 (made-up deals, no secrets)
    style = random.choice(_STYLES[company.office.language])
    has_plan = company.office.plan_share is not None
    columns = len(style.headings) if has_plan else len(style.headings) - 1
    deals = list(company.deals)
    order = random.choice(("entered", "newest", "mixed"))
    if order == "newest":
        deals.reverse()
    if order == "mixed":
        random.shuffle(deals)
    is_day_only = company.office.make is Make.BOOKS
    rows = [_row(deal, style, is_day_only=is_day_only) for deal in deals]
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=style.delimiter)
        writer.writerow(style.headings[:columns])
        writer.writerows(row[:columns] for row in rows)


def _row(deal: Deal, style: FileStyle, *, is_day_only: bool) -> list[str]:
    price = f"{deal.price:.2f}"
    if style.has_comma:
        price = price.replace(".", ",")
    customer = deal.customer
    return [
        str(deal.number),
        deal.title,
        style.not_won if deal.role is Role.NOT_WON else style.won,
        price,
        "EUR",
        "" if customer.is_person else customer.name,
        customer.name if customer.is_person else deal.contact,
        _moment(deal.moment, style, is_day_only=is_day_only),
        deal.plan,
    ]


def _moment(moment: datetime, style: FileStyle, *, is_day_only: bool) -> str:
    form = style.day_form if is_day_only else f"{style.day_form} %H:%M:%S"
    return moment.strftime(form)


def truth_of(company: Company) -> CompanyTruth:
    """Return the truth about a company's deals."""
    bare = _bare_runs(company.runs)
    unknowable = {
        number
        for number, run in enumerate(company.runs)
        if number in bare or run.deals[0].is_unknowable
    }
    numbers = {id(run): number for number, run in enumerate(company.runs)}
    deals = []
    for deal in company.deals:
        number = None if deal.run is None else numbers[id(deal.run)]
        deals.append(
            _deal_truth(deal, number, is_unknowable=number in unknowable)
        )
    return {
        "kind": company.kind,
        "seed": company.seed,
        "make": company.office.make.value,
        "deals": deals,
        "runs": [
            _run_truth(number, run, is_unknowable=number in unknowable)
            for number, run in enumerate(company.runs)
        ],
    }


def _bare_runs(runs: Sequence[Run]) -> set[int]:
    """Return the runs of one deal of which neither a plan nor other lines tell anything."""
    lines = Counter(_product(run) for run in runs if len(run.deals) > 1)
    bare = set()
    for number, run in enumerate(runs):
        is_known = lines[_product(run)] >= _KNOWN_BY_LINES or run.deals[0].plan
        if len(run.deals) == 1 and not is_known:
            bare.add(number)
    return bare


def _product(run: Run) -> str:
    term = run.deals[0].term
    return term.product if term else ""


def _deal_truth(
    deal: Deal, run: int | None, *, is_unknowable: bool
) -> DealTruth:
    return {
        "id": deal.number,
        "role": deal.role.value,
        "line": None if deal.run is None else deal.run.line,
        "run": run,
        "is_unknowable": is_unknowable,
        "won_on": deal.moment.date().isoformat(),
    }


def _run_truth(number: int, run: Run, *, is_unknowable: bool) -> RunTruth:
    return {
        "id": number,
        "line": run.line,
        "customer": run.customer.number,
        "currency": "EUR",
        "paid": [_paid_truth(deal) for deal in run.deals],
        "credits": [deal.number for deal in run.credits],
        "accepted": [str(cadence) for cadence in run.accepted],
        "is_unknowable": is_unknowable,
    }


def _paid_truth(deal: Deal) -> PaidTruth:
    assert deal.term is not None
    return {
        "deal": deal.number,
        "starts_on": deal.term.due.isoformat(),
        "cadence": str(deal.term.cadence),
    }


def read_truth(folder: Path) -> CompanyTruth:
    """Return what `truth.json` in a folder says."""
    truth: CompanyTruth = json.loads(
        (folder / "truth.json").read_text(encoding="utf-8")
    )
    return truth


def chains_of(runs: Iterable[RunTruth]) -> tuple[Chain, ...]:
    """Return the true runs as the chains that a perfect detection would find."""
    return tuple(
        Chain(
            run["customer"],
            run["currency"],
            tuple(_paid(each) for each in run["paid"]),
            tuple(run["credits"]),
        )
        for run in runs
    )


def _paid(paid: PaidTruth) -> Paid:
    starts_on = date.fromisoformat(paid["starts_on"])
    return Paid(paid["deal"], starts_on, Cadence.parse(paid["cadence"]))
