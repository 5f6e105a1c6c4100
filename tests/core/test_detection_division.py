"""Lines at one price told apart by title or contact, whatever their days look like."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tests.core.test_detection import copies, found, numbered, purchase, sizes
from turnus.core.cadence import (
    MONTHLY,
    QUARTERLY,
    WEEKLY,
    YEARLY,
    Cadence,
    CadenceUnit,
)
from turnus.core.detection.facts import Detection, Sold

AS_OF = date(2018, 12, 31)
BRANCHES = ("Altona", "Barmbek", "Celle", "Deutz")


def titles_by_chain(result: Detection, sold: Sequence[Sold]) -> list[set[str]]:
    title_of = {deal.deal: deal.title for deal in sold}
    chains = [
        {title_of[deal] for deal in chain.deals} for chain in result.chains
    ]
    return sorted(chains, key=sorted)


def contacts_by_chain(
    result: Detection, sold: Sequence[Sold]
) -> list[set[str]]:
    person_of = {deal.deal: deal.person for deal in sold}
    chains = [
        {person_of[deal] for deal in chain.deals} for chain in result.chains
    ]
    return sorted(chains, key=sorted)


@pytest.mark.parametrize(
    "titles",
    [
        [f"Kassensystem Filiale {branch}" for branch in BRANCHES],
        ["Hosting", "Newsletter", "Backup", "Telefonanlage"],
    ],
    ids=["branches", "products"],
)
def test_a_week_apart_at_one_price_titles_tell_lines_apart(
    titles: list[str],
) -> None:
    sold = numbered(
        *(
            copies(start=date(2017, 1, 1 + 7 * week), title=title, price=249)
            for week, title in enumerate(titles)
        )
    )
    result = found(sold, AS_OF)
    assert titles_by_chain(result, sold) == [
        {title} for title in sorted(titles)
    ]
    assert {chain.cadence for chain in result.chains} == {MONTHLY}


def test_forty_branches_are_forty_lines() -> None:
    sold = numbered(
        *(
            copies(
                start=date(2017, 1, 1 + number % 28),
                title=f"Kasse Filiale {name}",
            )
            for number, name in enumerate(
                f"{first}{last}stadt"
                for first in (
                    "Alt",
                    "Neu",
                    "Burg",
                    "Wald",
                    "See",
                    "Rot",
                    "Grün",
                    "Bad",
                )
                for last in ("heim", "berg", "tal", "furt", "au")
            )
        )
    )
    result = found(sold, AS_OF)
    assert [len(titles) for titles in titles_by_chain(result, sold)] == [
        1
    ] * 40


@pytest.mark.parametrize("days_apart", [0, 9], ids=["one minute", "nine days"])
def test_contacts_with_a_line_each_are_lines_and_no_double_imports(
    days_apart: int,
) -> None:
    sold = numbered(
        *(
            copies(
                start=date(2018, 4, 1) + timedelta(days=days_apart * number),
                title="Kassensystem",
                person=person,
                minute=965,
            )
            for number, person in enumerate(
                ("Pia Jansen", "Jan Ott", "Ute Moser")
            )
        )
    )
    result = found(sold, AS_OF)
    assert (result.doubles, contacts_by_chain(result, sold)) == (
        (),
        [{"Jan Ott"}, {"Pia Jansen"}, {"Ute Moser"}],
    )
    assert {chain.cadence for chain in result.chains} == {MONTHLY}


def test_another_contact_now_and_then_is_no_other_line() -> None:
    sold = numbered(
        copies(person="Pia Jansen", until=date(2017, 6, 30)),
        copies(
            person="Jan Ott", start=date(2017, 7, 10), until=date(2017, 9, 30)
        ),
        copies(person="Pia Jansen", start=date(2017, 10, 10)),
    )
    assert sizes(found(sold)) == [(MONTHLY, 23)]


def test_who_stands_in_for_several_contacts_has_no_line() -> None:
    """Three licences at one price are due on one day; a fourth contact orders now and then."""
    people = ("Jan Ott", "Pia Jansen", "Ute Moser")
    stand_ins = {"Jan Ott": {4, 11}, "Pia Jansen": {7, 15}, "Ute Moser": {9}}
    sold: list[Sold] = []
    line_of: dict[int, str] = {}
    for person in people:
        for number, deal in enumerate(copies(title="Portal", person=person)):
            contact = "Kai Lenz" if number in stand_ins[person] else person
            own = replace(deal, deal=len(sold) + 1, person=contact)
            line_of[own.deal] = person
            sold.append(own)
    result = found(sold, AS_OF)
    lines = [
        {line_of[deal] for deal in chain.deals} for chain in result.chains
    ]
    assert sorted(lines, key=sorted) == [{person} for person in people]


def test_contacts_who_take_turns_keep_one_weekly_line() -> None:
    turns = "0010110001101011100100111010001011010011"
    weeks = [date(2018, 1, 2) + timedelta(days=7 * week) for week in range(40)]
    sold = [
        Sold(number, day, 250_000, "EUR", "Reinigung", organization="Elbe GmbH",
             person=("Pia Jansen", "Jan Ott")[int(turns[number - 1])])
        for number, day in enumerate(weeks, start=1)
    ]  # fmt: skip
    assert sizes(found(sold)) == [(WEEKLY, 40)]


def test_a_line_keeps_its_chain_under_a_new_name() -> None:
    sold = numbered(
        copies(title="Wartung Server", until=date(2018, 1, 31)),
        copies(title="Wartung Cloud Server", start=date(2018, 2, 10)),
    )
    assert sizes(found(sold)) == [(MONTHLY, 23)]


def test_a_branch_that_opens_when_another_closes_is_another_line() -> None:
    sold = numbered(
        copies(title="Kasse Filiale Altona"),
        copies(title="Kasse Filiale Barmbek", until=date(2018, 1, 31)),
        copies(title="Kasse Filiale Celle"),
        copies(title="Kasse Filiale Deutz", start=date(2018, 2, 10)),
    )
    assert [len(titles) for titles in titles_by_chain(found(sold), sold)] == [
        1
    ] * 4


def test_a_yearly_price_goes_on_from_a_monthly_one_under_its_own_title() -> (
    None
):
    sold = numbered(
        copies(until=date(2017, 12, 31)),
        copies(
            YEARLY,
            start=date(2018, 1, 10),
            price=1200,
            title="Wartung jährlich",
        ),
    )
    assert [len(chain.deals) for chain in found(sold).chains] == [13]


def test_copies_that_lost_their_title_stay_in_their_line() -> None:
    sold = copies()
    untitled = [
        deal if number % 2 else Sold(
            0, deal.won_on, deal.value_e4, "EUR", "Rechnung 4711", organization="Elbe GmbH"
        )
        for number, deal in enumerate(sold)
    ]  # fmt: skip
    assert sizes(found(numbered(untitled))) == [(MONTHLY, 23)]


def test_beside_woven_branches_a_line_keeps_its_chain_under_new_names() -> (
    None
):
    sold = numbered(
        copies(start=date(2017, 1, 1), title="Kasse Filiale Altona"),
        copies(start=date(2017, 1, 8), title="Kasse Filiale Barmbek"),
        copies(start=date(2017, 1, 15), title="Kasse Filiale Celle"),
        copies(title="Wartung Server", price=70, until=date(2017, 9, 30)),
        copies(
            title="Wartung Cloud Server", price=70, start=date(2017, 10, 10)
        ),
    )
    assert [count for _cadence, count in sizes(found(sold))] == [
        22,
        23,
        23,
        23,
    ]


def test_beside_woven_branches_a_line_may_go_on_without_a_title() -> None:
    sold = numbered(
        copies(start=date(2017, 1, 1), title="Kasse Filiale Altona"),
        copies(start=date(2017, 1, 8), title="Kasse Filiale Barmbek"),
        copies(start=date(2017, 1, 15), title="Kasse Filiale Celle"),
        [purchase(date(2017, 1, 2), price=0, title="Probezeit")],
        copies(title="Wartung Server", price=70, until=date(2017, 9, 30)),
        copies(title="Rechnung 4711", price=70, start=date(2017, 10, 10)),
    )
    assert [count for _cadence, count in sizes(found(sold))] == [
        22,
        23,
        23,
        23,
    ]


def test_two_deals_of_a_line_may_have_a_name_of_their_own() -> None:
    titles = {9: "Betreuung", 14: "Pflege"}
    sold = [
        replace(deal, title=titles.get(number, deal.title))
        for number, deal in enumerate(copies())
    ]
    assert sizes(found(numbered(sold))) == [(MONTHLY, 23)]


def moved(days: int, *, cadence: Cadence = MONTHLY) -> list[Sold]:
    """Copies whose day moves by so many days in the middle."""
    sold = copies(cadence, start=date(2015, 3, 5))
    half = len(sold) // 2
    later = [
        replace(deal, won_on=deal.won_on + timedelta(days=days))
        for deal in sold[half:]
    ]
    return numbered(sold[:half], later)


@pytest.mark.parametrize("days", [8, 9])
def test_copies_may_move_to_another_day_of_the_month(days: int) -> None:
    sold = moved(days)
    assert sizes(found(sold)) == [(MONTHLY, len(sold))]


@pytest.mark.parametrize("days", [31, 40])
def test_quarterly_copies_may_be_a_month_late_from_some_day_on(
    days: int,
) -> None:
    sold = moved(days, cadence=QUARTERLY)
    assert sizes(found(sold)) == [(QUARTERLY, len(sold))]


def test_a_first_deal_may_be_early_and_the_others_count_from_a_later_day() -> (
    None
):
    first, *others = copies(QUARTERLY, start=date(2015, 1, 1))
    others = [
        replace(deal, won_on=deal.won_on + timedelta(days=15))
        for deal in others
    ]
    sold = numbered([first], others)
    assert sizes(found(sold)) == [(QUARTERLY, len(sold))]


def test_a_line_may_go_on_without_a_title() -> None:
    sold = numbered(
        copies(until=date(2017, 12, 31)),
        copies(title="Rechnung 4711", start=date(2018, 1, 10)),
    )
    assert sizes(found(sold)) == [(MONTHLY, 23)]


def test_purchases_beside_a_line_stay_purchases() -> None:
    sold = numbered(
        copies(),
        [
            purchase(date(2017, 3, 4), title="Beratungstag", price=900),
            purchase(date(2018, 5, 22), title="Toner", price=75),
        ],
    )
    result = found(sold)
    assert (sizes(result), result.single) == ([(MONTHLY, 23)], (24, 25))


def test_a_typing_error_is_no_other_line() -> None:
    sold = copies()
    mistyped = [
        deal if number % 3 else Sold(
            0, deal.won_on, deal.value_e4, "EUR", "Watrung", organization="Elbe GmbH"
        )
        for number, deal in enumerate(sold)
    ]  # fmt: skip
    assert sizes(found(numbered(mistyped))) == [(MONTHLY, 23)]


def test_a_free_first_month_may_have_another_title() -> None:
    sold = numbered(
        [purchase(date(2017, 1, 3), price=0, title="Probemonat")],
        copies(),
        copies(title="Hosting", price=30),
    )
    assert sizes(found(sold)) == [(MONTHLY, 23), (MONTHLY, 23)]


@pytest.mark.parametrize(
    ("unit", "every"),
    [
        (CadenceUnit.WEEK, 5),
        (CadenceUnit.WEEK, 6),
        (CadenceUnit.WEEK, 8),
        (CadenceUnit.WEEK, 10),
        (CadenceUnit.MONTH, 4),
        (CadenceUnit.MONTH, 9),
        (CadenceUnit.MONTH, 18),
        (CadenceUnit.YEAR, 3),
        (CadenceUnit.YEAR, 4),
        (CadenceUnit.DAY, 10),
    ],
    ids=str,
)
def test_a_cadence_without_a_word_is_found_by_its_distances(
    unit: CadenceUnit, every: int
) -> None:
    cadence = Cadence(unit, every)
    sold = numbered(copies(cadence, start=date(2008, 1, 10), title="Prüfung"))
    (chain,) = found(sold).chains
    assert chain.cadence.billings_per_year == cadence.billings_per_year


@pytest.mark.parametrize(
    "title",
    [
        "Azubi-Tag",
        "Consulting day",
        "Messe 3 Tage Hannover",
        "Jubiläum 100 Jahre",
    ],
)
def test_a_duration_in_a_title_makes_no_subscription(title: str) -> None:
    sold = numbered(
        copies(YEARLY, price=120, title="Hosting"),
        [
            purchase(
                date(2018, 6, 24),
                price=5000,
                title=title,
                organization="Alster AG",
            )
        ],
    )
    assert sizes(found(sold)) == [(YEARLY, 2)]


def test_a_policy_whose_imports_are_a_month_late_for_a_year_is_one_line() -> (
    None
):
    days = """2021-01-01 2021-04-17 2021-07-15 2021-10-15 2022-01-15 2022-04-19
        2022-07-15 2022-11-15 2023-02-15 2023-05-21 2023-08-15 2023-11-15 2024-01-22
        2024-04-13 2024-07-19 2024-10-15"""
    sold = [
        purchase(
            date.fromisoformat(day),
            title="Haftpflicht",
            plan="vierteljährlich",
        )
        for day in days.split()
    ]
    result = found(numbered(sold), date(2024, 10, 15))
    assert (sizes(result), result.questions) == ([(QUARTERLY, 16)], ())


def test_a_contact_with_one_deal_leaves_the_lines_of_the_others() -> None:
    lines = [
        copies(start=date(2018, 1, 1 + 7 * week), until=AS_OF, person=person)
        for week, person in enumerate(
            ("Pia Jansen", "Jan Ott", "Ute Moser", "Uwe")
        )
    ]
    lines[0][3] = replace(lines[0][3], person="Eva Falk")
    sold = numbered(*lines)
    result = found(sold, AS_OF)
    assert sum(len(chain.deals) for chain in result.chains) == len(sold)
    assert result.doubles == ()


def test_two_deals_under_another_name_in_between_are_of_the_line() -> None:
    sold = copies(until=date(2018, 6, 30), title="Fernwartung Anlage")
    for number in (6, 7):
        sold[number] = replace(sold[number], title="Fernwartung Anlagenbau")
    sold[3] = replace(sold[3], title="")
    result = found(numbered(sold), AS_OF)
    assert [len(chain.deals) for chain in result.chains] == [len(sold)]


def test_deals_whose_title_names_nothing_fill_the_holes_of_titled_lines() -> (
    None
):
    branches = numbered(
        *(
            copies(
                start=date(2017, 1, 1 + 7 * week),
                title=f"Kasse Filiale {branch}",
            )
            for week, branch in enumerate(BRANCHES)
        )
    )
    holes = {(number % 4, 3 + 2 * (number // 4)) for number in range(16)}
    counts = dict.fromkeys(
        (f"Kasse Filiale {branch}" for branch in BRANCHES), 0
    )
    sold: list[Sold] = []
    line_of: dict[int, str] = {}
    for deal in branches:
        line_of[deal.deal] = deal.title
        place = (list(counts).index(deal.title), counts[deal.title])
        counts[deal.title] += 1
        title = "Folgeauftrag" if place in holes else deal.title
        sold.append(replace(deal, title=title))
    result = found(sold, AS_OF)
    lines = [
        {line_of[deal] for deal in chain.deals} for chain in result.chains
    ]
    assert sorted(lines, key=sorted) == [{title} for title in counts]
    assert (
        sum(title == "Folgeauftrag" for title in (d.title for d in sold)) == 16
    )


def test_a_deal_without_a_title_beside_full_lines_is_no_part_of_them() -> None:
    sold = numbered(
        *(
            copies(
                start=date(2017, 1, 1 + 7 * week),
                title=f"Kasse Filiale {branch}",
            )
            for week, branch in enumerate(BRANCHES)
        ),
        copies(
            start=date(2017, 3, 12),
            title="Folgeauftrag",
            until=date(2018, 3, 31),
        ),
    )
    result = found(sold, AS_OF)
    assert [len(titles) for titles in titles_by_chain(result, sold)] == [1] * 5
