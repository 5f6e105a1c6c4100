"""Titles that name a duration and say nothing of how often it is bought."""

from datetime import date

from bench.companies.rhythms import deal_of
from turnus.core.detection.detecting import detect

TITLES = (
    "Azubi-Tag",
    "Beratungstag",
    "Schulung 2 Tage",
    "Kampagne Woche 32",
    "Ferienhaus 2 Wochen",
    "Jubiläum 100 Jahre",
    "Messestand 4 Tage Leipzig",
    "Inventur Jahresende",
    "Wochenmarkt Standbau",
    "Tageslichtlampen",
    "Festschrift 50 Jahre",
    "Quartalsbericht Druck",
    "Monatsgespräch",
    "Jahresfeier Catering",
    "Halbjahresplanung Workshop",
    "Garantie 5 Jahre",
    "Consulting day",
    "Open day catering",
    "Workshop 3 days",
    "Week 32 campaign",
    "Holiday flat 2 weeks",
    "Centenary 100 years",
    "Trade fair stand 4 days",
    "Year-end stocktaking",
    "Weekend seminar",
    "Quarter final tickets",
    "Five-year warranty",
    "Month-end closing help",
    "Two-week sprint",
    "Anniversary book 25 years",
    "Day rate developer",
    "Half-year review workshop",
)


def sets_interval(title: str) -> bool:
    """Return whether one deal with the title becomes a subscription, beside a real one."""
    hosting = [
        deal_of(number, date(2020 + number, 6, 24), "Hosting", 120)
        for number in (3, 4, 5)
    ]
    other = deal_of(9, date(2025, 6, 25), title, 5000, organization="Weser AG")
    found = detect([*hosting, other], as_of=date(2025, 6, 30))
    return any(other.deal in chain.deals for chain in found.chains)


def print_titles() -> None:
    """Print how many titles set no interval, and which ones do."""
    wrong = [title for title in TITLES if sets_interval(title)]
    print(
        f"Titles with a duration: {len(TITLES) - len(wrong)} of {len(TITLES)} right"
    )
    for title in wrong:
        print(f"  sets an interval: {title}")
