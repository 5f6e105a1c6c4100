"""What a title usually is, learned from what other customers make of it."""

from dataclasses import replace
from datetime import date

from turnus.core.cadence import MONTHLY, YEARLY
from turnus.core.detection.detecting import (
    answer_for,
    detect,
    groups_of,
    rereadings_of,
)
from turnus.core.detection.facts import Detection, Sold
from turnus.core.detection.habits import TitleUse, habits_of


def sold(customer: str, title: str, *days: str) -> list[Sold]:
    return [
        Sold(
            0,
            date.fromisoformat(day),
            1_200_000,
            "EUR",
            title,
            organization=f"{customer} GmbH",
        )
        for day in days
    ]


def numbered(*customers: list[Sold]) -> list[Sold]:
    deals = [deal for customer in customers for deal in customer]
    return [
        replace(deal, deal=number)
        for number, deal in enumerate(deals, start=1)
    ]


def detection_of(*customers: list[Sold]) -> Detection:
    return detect(numbered(*customers), as_of=date(2025, 12, 31))


def read_again(*customers: list[Sold]) -> set[str]:
    """Return the names of the customers that what others do may read differently."""
    groups, _names = groups_of(numbered(*customers))
    answers = [answer_for(group, date(2025, 12, 31)) for group in groups]
    return {each.group.name for each in rereadings_of(groups, answers)}


YEARS = ("2021-03-10", "2022-03-10", "2023-03-10", "2024-03-10", "2025-03-10")
YEARLY_CUSTOMERS = ["Alster", "Bille", "Celle", "Dahme", "Elbe", "Fulda"]


def test_a_single_deal_of_a_title_that_others_renew_is_the_first_of_its_kind() -> (
    None
):
    others = [
        sold(name, "Jahresabschluss", *YEARS) for name in YEARLY_CUSTOMERS
    ]
    detection = detection_of(
        *others, sold("Neu", "Jahresabschluss", "2025-09-01")
    )
    assert detection.single == ()
    (new,) = [chain for chain in detection.chains if len(chain.deals) == 1]
    assert (new.deals, new.cadence) == ((31,), YEARLY)


def test_without_others_the_same_deal_is_a_single_purchase() -> None:
    detection = detection_of(sold("Neu", "Jahresabschluss", "2025-09-01"))
    assert detection.chains == ()
    assert detection.single == (1,)


def test_a_title_that_nobody_renews_stays_a_single_purchase() -> None:
    once = [
        sold(name, "Lizenz Plakat", "2023-05-02") for name in YEARLY_CUSTOMERS
    ]
    detection = detection_of(*once, sold("Neu", "Lizenz Plakat", "2025-09-01"))
    assert detection.chains == ()
    assert len(detection.single) == 7


def test_a_habit_needs_three_uses_and_a_title() -> None:
    uses = [TitleUse("hosting", MONTHLY), TitleUse("hosting", None)]
    assert habits_of([*uses, *[TitleUse("", MONTHLY)] * 5]) == {}
    (habit,) = habits_of([*uses, TitleUse("hosting", YEARLY)]).values()
    assert habit.cadence_shares == {MONTHLY: 0.5, YEARLY: 0.5}
    assert round(habit.recurring_odds, 2) == 0.51  # 2.5 to 1.5


def test_however_many_agree_the_odds_have_a_limit() -> None:
    habits = habits_of(
        [TitleUse("hosting", MONTHLY)] * 900 + [TitleUse("toner", None)] * 900
    )
    assert habits["hosting"].recurring_odds == 4.0
    assert habits["toner"].recurring_odds == -4.0
    assert habits["toner"].cadence_shares == {}


def test_only_whom_the_others_contradict_is_read_again() -> None:
    yearly = [
        sold(name, "Jahresabschluss", *YEARS) for name in YEARLY_CUSTOMERS
    ]
    once = [
        sold(name, "Messestand", "2023-05-02") for name in YEARLY_CUSTOMERS
    ]
    single = sold("Neu", "Jahresabschluss", "2023-09-01")
    assert read_again(*yearly, *once, single) == {"Neu GmbH"}


def test_a_pair_that_others_renew_as_often_is_not_read_again() -> None:
    yearly = [
        sold(name, "Jahresabschluss", *YEARS) for name in YEARLY_CUSTOMERS
    ]
    quarterly = ("2024-01-05", "2024-04-05")
    pair = sold("Paar", "Jahresabschluss", "2022-02-01", "2023-02-01")
    other = sold("Viertel", "Jahresabschluss", *quarterly)
    assert read_again(*yearly, pair) == set()
    assert read_again(*yearly, pair, other) == {"Viertel GmbH"}


def parts(name: str, month: int) -> list[Sold]:
    """Return three deals of one price, a month apart."""
    days = [f"2023-{month + number:02}-10" for number in range(3)]
    return sold(name, "Ladenbau Teilzahlung", *days)


def test_what_nobody_pays_more_than_three_times_is_paid_in_parts() -> None:
    customers = [
        parts(name, month) for month, name in enumerate(YEARLY_CUSTOMERS, 1)
    ]
    detection = detection_of(*customers)
    assert (detection.chains, len(detection.single)) == ((), 18)


def test_a_short_subscription_stays_one_where_others_last() -> None:
    months = [f"2024-{month:02}-10" for month in range(1, 13)]
    others = [
        sold(name, "Ladenbau Teilzahlung", *months)
        for name in YEARLY_CUSTOMERS
    ]
    detection = detection_of(*others, parts("Kurz", 4))
    assert sorted(len(chain.deals) for chain in detection.chains) == [
        3,
        *[12] * 6,
    ]


def test_short_lines_of_one_customer_are_no_custom_of_all() -> None:
    days = [f"2023-{month:02}-10" for month in (4, 5, 6)]
    lines = [
        [
            replace(deal, person=person, minute=965)
            for deal in sold("Ehlers", "Kasse", *days)
        ]
        for person in ("Jansen", "Ott", "Moser")
    ]
    detection = detection_of([deal for line in lines for deal in line])
    assert [len(chain.deals) for chain in detection.chains] == [3, 3, 3]
