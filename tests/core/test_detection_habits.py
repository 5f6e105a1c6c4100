"""What a title usually is, learned from what other customers make of it."""

from datetime import date

from turnus.core.cadence import MONTHLY, YEARLY
from turnus.core.detection.detecting import detect
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


def detection_of(*customers: list[Sold]) -> Detection:
    deals = [deal for customer in customers for deal in customer]
    numbered = [
        Sold(
            number,
            deal.won_on,
            deal.value_e4,
            "EUR",
            deal.title,
            organization=deal.organization,
        )
        for number, deal in enumerate(deals, start=1)
    ]
    return detect(numbered, as_of=date(2025, 12, 31))


YEARS = ("2021-03-10", "2022-03-10", "2023-03-10", "2024-03-10", "2025-03-10")
YEARLY_CUSTOMERS = ["Alster", "Bille", "Celle", "Dahme", "Elbe", "Fulda"]


def test_a_single_deal_of_a_title_that_others_renew_is_the_first_of_its_kind() -> None:
    others = [sold(name, "Jahresabschluss", *YEARS) for name in YEARLY_CUSTOMERS]
    detection = detection_of(*others, sold("Neu", "Jahresabschluss", "2025-09-01"))
    assert detection.single == ()
    (new,) = [chain for chain in detection.chains if len(chain.deals) == 1]
    assert (new.deals, new.cadence) == ((31,), YEARLY)


def test_without_others_the_same_deal_is_a_single_purchase() -> None:
    detection = detection_of(sold("Neu", "Jahresabschluss", "2025-09-01"))
    assert detection.chains == ()
    assert detection.single == (1,)


def test_a_title_that_nobody_renews_stays_a_single_purchase() -> None:
    once = [sold(name, "Lizenz Plakat", "2023-05-02") for name in YEARLY_CUSTOMERS]
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
