"""The imported spreadsheet: twelve columns as the recurring-deals workflow exports them."""

import random
import sys
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import xlsxwriter

#: The day of every measurement: what "last month" means must not depend on the calendar.
ON = date(2018, 11, 14)
ORGANIZATIONS = 20_000
HEADINGS = (
    "Deal - Titel",
    "Deal - Organisation",
    "Deal - Kontaktperson",
    "Deal - Wert",
    "Deal - Währung",
    "Deal - Status",
    "Deal - Phase",
    "Deal - Abo",
    "Deal - Gewonnen am",
    "Deal - Erwartetes Abschlussdatum",
    "Deal - Besitzer",
    "Deal - Kanal",
)
PLANS = ("jährlich", "monatlich", "zweimal monatlich")
OWNER = "Ada Admin"
STAGE = "Qualifiziert"
_YEARS = 3 * 365


def rows(count: int) -> Iterator[tuple[object, ...]]:
    """Yield the rows: six of ten deals won in three years, 20,000 organizations of one person."""
    chance = random.Random(2018)  # noqa: S311 (figures to measure with, no secret)
    for number in range(count):
        customer = number % min(ORGANIZATIONS, max(count // 5, 1))
        day = datetime.combine(ON, datetime.min.time()) - timedelta(
            minutes=chance.randrange(_YEARS * 24 * 60)
        )
        status = "Gewonnen" if chance.random() < 0.6 else "Offen"
        yield (
            f"Abo Nr. {number}",
            f"Kundin {customer} GmbH",
            f"Person {customer}",
            chance.randrange(49, 5_000),
            "EUR",
            status,
            STAGE,
            PLANS[chance.randrange(3)],
            day if status == "Gewonnen" else None,
            None if status == "Gewonnen" else day + timedelta(days=365),
            OWNER,
            "Messe" if number % 7 == 0 else None,
        )


def write_with_library(
    path: Path, table: Iterator[tuple[object, ...]]
) -> None:
    """Write a spreadsheet with the general library: what an export costs at least."""
    book = xlsxwriter.Workbook(
        str(path),
        {
            "constant_memory": True,
            "default_date_format": "yyyy-mm-dd hh:mm:ss",
        },
    )
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, HEADINGS)
    for number, row in enumerate(table, 1):
        sheet.write_row(number, 0, row)
    book.close()


if __name__ == "__main__":
    write_with_library(Path(sys.argv[1]), rows(int(sys.argv[2])))
