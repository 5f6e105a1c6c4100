"""Titles of renewals: what moved in the titles before moves on, all else stays."""

from datetime import date

import pytest

from turnus.core.cadence import MONTHLY, QUARTERLY, WEEKLY, YEARLY, Cadence
from turnus.core.renewed_titles import TitledTerm, renewed_title


def renewed(
    titles: list[str],
    first: date = date(2025, 8, 1),
    *,
    cadence: Cadence = MONTHLY,
    ahead: int = 1,
    language: str = "de",
) -> str:
    history = [
        TitledTerm(title, cadence.due(first, number), number)
        for number, title in enumerate(titles)
        if title
    ]
    number = len(titles) - 1 + ahead
    return renewed_title(
        history,
        starts_on=cadence.due(first, number),
        number=number,
        language=language,
    )


@pytest.mark.parametrize(
    ("titles", "title"),
    [
        (["Wartung 08/2025", "Wartung 09/2025"], "Wartung 10/2025"),
        (["Wartung 8/2025", "Wartung 9/2025"], "Wartung 10/2025"),
        (["Wartung 2025-08", "Wartung 2025-09"], "Wartung 2025-10"),
        (["Wartung 08/25", "Wartung 09/25"], "Wartung 10/25"),
        (
            ["Hosting August 2025", "Hosting September 2025"],
            "Hosting Oktober 2025",
        ),
        (["Hosting August", "Hosting September"], "Hosting Oktober"),
        (["AUG 25", "SEP 25"], "OKT 25"),
        (["Miete 01.08.2025", "Miete 01.09.2025"], "Miete 01.10.2025"),
        (
            ["Miete 01.08.2025 - 31.08.2025", "Miete 01.09.2025 - 30.09.2025"],
            "Miete 01.10.2025 - 31.10.2025",
        ),
        (["Rate 4", "Rate 5"], "Rate 6"),
        (["Rate 4/12", "Rate 5/12"], "Rate 6/12"),
        (["Rate 11/12", "Rate 12/12"], "Rate 12/12"),
        (["Rate 1 von 2", "Rate 2 von 2"], "Rate 2 von 2"),
        (["Hosting (Kopie 1)", "Hosting (Kopie 2)"], "Hosting (Kopie 3)"),
        (["Beleg 008", "Beleg 009"], "Beleg 010"),
        (
            ["07/2025 für 08/2025", "08/2025 für 09/2025"],
            "09/2025 für 10/2025",
        ),
    ],
)
def test_what_moved_with_the_months_moves_on(
    titles: list[str], title: str
) -> None:
    assert renewed(titles) == title


@pytest.mark.parametrize(
    "titles",
    [
        ["Wartung 09/2025"],
        ["Office 2019", "Office 2019"],
        ["Server 4711", "Server 4711"],
        ["Beleg 1023", "Beleg 1090", "Beleg 1117"],
        ["Vertrag 03/2015", "Vertrag 03/2015"],
        ["Wartung 99.99.2025", "Wartung 99.99.2026"],
        ["Jahrgang 1998", "Jahrgang 1999"],
        ["2026", "2025"],
        ["KW 3", "KW 9"],
        ["Q1", "Q4"],
        ["Lauf 9/5/25", "Lauf 9/6/25"],
        ["KW 60/2025", "KW 61/2025"],
        ["Treffen 29.08.2025", "Treffen 26.09.2025"],
    ],
)
def test_what_does_not_keep_pace_with_the_terms_stays(
    titles: list[str],
) -> None:
    assert renewed(titles) == titles[-1]


@pytest.mark.parametrize(
    ("cadence", "titles", "title"),
    [
        (YEARLY, ["Wartung 2025", "Wartung 2026"], "Wartung 2027"),
        (YEARLY, ["Saison 2025/26", "Saison 2026/27"], "Saison 2027/28"),
        (YEARLY, ["Saison 2025/2026", "Saison 2026/2027"], "Saison 2027/2028"),
        (QUARTERLY, ["Q3 2025", "Q4 2025"], "Q1 2026"),
        (QUARTERLY, ["Q3", "Q4"], "Q1"),
        (QUARTERLY, ["3. Quartal 2025", "4. Quartal 2025"], "1. Quartal 2026"),
        (Cadence.parse("6m"), ["H2 2025", "H1 2026"], "H2 2026"),
        (WEEKLY, ["KW 31/2025", "KW 32/2025"], "KW 33/2025"),
        (WEEKLY, ["KW 31", "KW 32"], "KW 33"),
        (WEEKLY, ["Kurs 01.08.2025", "Kurs 08.08.2025"], "Kurs 15.08.2025"),
        (WEEKLY, ["Kurs 2025-08-01", "Kurs 2025-08-08"], "Kurs 2025-08-15"),
    ],
)
def test_the_interval_decides_how_far(
    cadence: Cadence, titles: list[str], title: str
) -> None:
    assert renewed(titles, cadence=cadence) == title


def test_a_month_after_december_is_in_the_next_year() -> None:
    titles = ["Wartung 11/2025", "Wartung 12/2025"]
    assert renewed(titles, date(2025, 11, 1)) == "Wartung 01/2026"
    assert renewed(titles, date(2025, 11, 1), ahead=3) == "Wartung 03/2026"
    apart = ["November Wartung 2024", *[""] * 10, "Oktober Wartung 2025"]
    assert renewed(apart, date(2024, 11, 1)) == "November Wartung 2025"


def test_a_year_in_a_monthly_title_changes_with_the_year() -> None:
    calendar = [f"Hosting {2024 + number // 12}" for number in range(24)]
    assert renewed(calendar, date(2024, 1, 1)) == "Hosting 2026"
    assert renewed(calendar[:23], date(2024, 1, 1)) == "Hosting 2025"


def test_a_year_that_was_always_that_of_the_term_is_so_in_a_new_month() -> (
    None
):
    titles = ["Hosting 2025", "Hosting 2025", "Hosting 2026"]
    assert renewed(titles, date(2025, 11, 1)) == "Hosting 2026"
    assert renewed(titles, date(2025, 11, 1), ahead=9) == "Hosting 2026"


def test_a_business_year_changes_when_it_did_before() -> None:
    seasons = ["Miete 2024/25"] * 12 + ["Miete 2025/26"] * 6
    assert renewed(seasons, date(2024, 7, 1)) == "Miete 2025/26"
    seasons += ["Miete 2025/26"] * 6
    assert renewed(seasons, date(2024, 7, 1)) == "Miete 2026/27"
    # Of a month that the titles have not had yet, nothing says to which one it belongs.
    few = ["Miete 2024/25"] * 2 + ["Miete 2025/26"] * 3
    assert renewed(few, date(2025, 5, 1)) == "Miete 2025/26"


def test_one_title_that_was_not_changed_does_not_stop_the_others() -> None:
    titles = ["Wartung 07/2025", "Wartung 08/2025", "Wartung 08/2025"]
    assert renewed(titles, date(2025, 7, 1)) == "Wartung 10/2025"


def test_a_running_number_counts_terms_or_deals() -> None:
    assert renewed(["Rate 1", "", "Rate 3"]) == "Rate 4"
    assert renewed(["Rate 1", "", "Rate 2"]) == "Rate 3"


def test_other_titles_of_the_line_say_nothing() -> None:
    titles = ["Angebot 5", "Rate 1", "Rate 2"]
    assert renewed(titles) == "Rate 3"


def test_months_are_named_as_the_history_names_them() -> None:
    july = date(2025, 7, 1)
    assert renewed(["July 2025", "August 2025"], july) == "September 2025"
    assert (
        renewed(["hosting juli", "hosting august"], july)
        == "hosting september"
    )
    december = ["November 2025", "December 2025"]
    assert renewed(december, date(2025, 11, 1)) == "January 2026"
    both = ["August 2025", "September 2025"]
    assert renewed(both, language="en") == "October 2025"
    mixed = ["März 2025", "April 2025", "May 2025"]
    assert renewed(mixed, date(2025, 3, 1)) == "Juni 2025"


def test_a_year_long_past_stands_still_though_it_keeps_pace() -> None:
    titles = ["Jahrgang 1998", "Jahrgang 1999"]
    assert renewed(titles, cadence=YEARLY) == "Jahrgang 1999"
    near = ["Jahrgang 2023", "Jahrgang 2024"]
    assert renewed(near, cadence=YEARLY) == "Jahrgang 2025"
