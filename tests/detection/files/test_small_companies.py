"""Files of a few rows, cut to one difficulty each, with what a person would say of them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.detection.files.test_command import answer, sheet

HEADINGS = (
    "Deal - Titel",
    "Deal - Status",
    "Deal - Wert",
    "Deal - Währung",
    "Deal - Organisation",
    "Deal - Kontaktperson",
    "Deal - Gewonnen am",
    "Deal - Plan",
)


@dataclass(frozen=True, slots=True)
class Row:
    """A won deal of Havel AG, sold to Rita Wolf, unless it says otherwise."""

    title: str
    value: str
    won_at: str
    organization: str = "Havel AG"
    person: str = "Rita Wolf"
    plan: str = ""

    @property
    def cells(self) -> list[str]:
        return [
            self.title,
            "Gewonnen",
            self.value,
            "EUR",
            self.organization,
            self.person,
            self.won_at,
            self.plan,
        ]


def detected(rows: Iterable[Row], folder: Path, as_of: str) -> Any:
    lines = [row.cells for row in rows]
    return answer(sheet(folder, lines, HEADINGS), folder, "--as-of", as_of)


def lengths(found: Any) -> list[int]:
    return sorted(len(chain["deals"]) for chain in found["chains"])


def months_of(year: int) -> list[date]:
    return [date(year, month, 1) for month in range(1, 13)]


YEARLY_DOMAIN = [
    Row("Domainpaket", "96", f"{year}-05-11 11:20", "Spree OHG", "Udo Kern")
    for year in (2016, 2017, 2018)
]


@pytest.mark.parametrize(
    "titles",
    [
        [
            f"Schließanlage {site}"
            for site in ("Anklam", "Bautzen", "Calw", "Demmin")
        ],
        ["Faxserver", "Rufnummern", "Datentresor", "Zeitstempel"],
    ],
    ids=["four sites", "four products"],
)
def test_four_titles_at_one_price_are_four_monthly_subscriptions(
    titles: list[str], tmp_path: Path
) -> None:
    rows = [
        Row(title, "180", f"{month:%Y-%m}-{2 + 7 * week:02} 10:00", person="")
        for month in [*months_of(2017), *months_of(2018)]
        for week, title in enumerate(titles)
    ]
    found = detected(rows, tmp_path, "2018-12-31")
    assert lengths(found) == [24, 24, 24, 24]
    assert {chain["interval"]["unit"] for chain in found["chains"]} == {
        "month"
    }
    assert (found["mrr"], found["single"], found["doubles"]) == ("720", [], [])


def test_durations_in_titles_make_no_subscription(tmp_path: Path) -> None:
    titles = (
        "Praktikantentag",
        "Coaching day",
        "Training 3 days",
        "Fortbildungstag Erste Hilfe",
        "Zählung Jahresende",
        "Projektwoche",
        "Chronik 75 Jahre",
        "Monatsrunde Vertrieb Tag 2",
        "Miete Zelt 4 Tage",
        "Inserat Wochenblatt",
    )
    others = [
        Row(
            title,
            "1400",
            "2018-05-12 09:30",
            f"Oder {number} GmbH",
            f"Ina {number}",
        )
        for number, title in enumerate(titles)
    ]
    found = detected([*YEARLY_DOMAIN, *others], tmp_path, "2018-05-31")
    assert lengths(found) == [3]
    assert len(found["single"]) == len(titles)
    assert found["mrr"] == "8"


def test_a_fair_of_four_days_is_bought_once(tmp_path: Path) -> None:
    fair = Row(
        "Ausstellung 4 Tage Leipzig", "6200", "2018-05-15 14:00", "Saale KG"
    )
    found = detected([*YEARLY_DOMAIN[1:], fair], tmp_path, "2018-05-31")
    assert lengths(found) == [2]
    assert (found["mrr"], len(found["single"])) == ("8", 1)


def test_a_quarterly_policy_with_late_lists_never_ends(tmp_path: Path) -> None:
    days = [
        "2015-02-03",
        "2015-05-12",
        "2015-08-10",
        "2015-11-10",
        "2016-02-10",
    ]
    days += [
        "2016-05-16",
        "2016-08-10",
        "2016-12-10",
        "2017-03-10",
        "2017-06-15",
    ]
    days += [
        "2017-09-11",
        "2017-12-10",
        "2018-02-19",
        "2018-05-09",
        "2018-08-13",
    ]
    rows = [
        Row(
            "Hausrat",
            "318.60",
            f"{day} 10:00",
            "",
            "Elif Brandt",
            "vierteljährlich",
        )
        for day in days
    ]
    found = detected(rows, tmp_path, "2018-08-31")
    assert lengths(found) == [15]
    assert {month["churn"] for month in found["months"]} == {"0"}
    assert {month["reactivation"] for month in found["months"]} == {"0"}


def test_two_periods_in_one_sitting_are_both_real(tmp_path: Path) -> None:
    sittings = {
        "2018-01": 1,
        "2018-02": 1,
        "2018-03": 1,
        "2018-05": 2,
        "2018-06": 1,
    }
    sittings |= {"2018-07": 1, "2018-09": 2, "2018-10": 1, "2018-11": 1}
    firms = ("Elster GmbH", "Mulde GmbH", "Pleiße GmbH")
    rows = [
        Row(
            "Kursportal",
            "210",
            f"{month}-12 11:{9 * again:02}",
            firm,
            plan="monatlich",
        )
        for month, times in sittings.items()
        for again in range(times)
        for firm in firms
    ]
    found = detected(rows, tmp_path, "2018-11-30")
    assert lengths(found) == [11, 11, 11]
    assert (found["mrr"], found["doubles"]) == ("630", [])
