"""Whether a won deal repeats a term: by amount and days, then by what its title says."""

from datetime import date, timedelta

import pytest

from turnus.core.calendar import DateRange
from turnus.core.detection.covered import (
    PaidTime,
    Sale,
    Wording,
    covering,
    wording,
)

ELBE = ("Elbe Solar GmbH", "Eva Böhm")
YEAR = DateRange(date(2018, 3, 1), date(2019, 3, 1))


def term(
    days: DateRange = YEAR, *names: str, number: int = 0, price: int = 1200
) -> PaidTime:
    return PaidTime(
        1, number, days, frozenset({price}), names or ("Hosting Premium",)
    )


def sale(title: str, day: date, value: int = 1200) -> Sale:
    return Sale(title, ELBE, day, value)


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("Hosting Premium", "same"),
        ("Verlängerung: Hosting-Premium 2018 (Kopie)", "same"),
        ("Hosting", "same"),
        ("Hostnig Premium", "same"),
        ("Hosting Premium Plus", "same"),
        ("Elbe Solar GmbH", "nothing"),
        ("Elbe Solar – Eva Böhm", "nothing"),
        ("Abo jährlich", "nothing"),
        ("Abo 2 × monatlich, November", "nothing"),
        ("Rechnung 4711", "nothing"),
        ("", "nothing"),
        ("Workshop", "other"),
        ("Wartung Premium", "other"),
    ],
)
def test_a_title_names_the_service_or_none_or_another_one(
    title: str, said: str
) -> None:
    assert wording(title, ["Abo", "Hosting Premium"], ELBE) == said


def test_a_subscription_that_names_no_service_is_not_what_a_title_names() -> (
    None
):
    assert wording("Hosting", ["Abo jährlich"], ELBE) is Wording.OTHER


#: A yearly term of 365 days: 31 days are near its start, for a deal of another name.
@pytest.mark.parametrize(
    ("title", "day", "is_repeat"),
    [
        ("Hosting", 346, True),
        ("Hosting", 347, False),
        ("Hosting", -18, True),
        ("Hosting", -19, False),
        ("Elbe Solar GmbH", 200, True),
        ("Drucker", 31, True),
        ("Drucker", 32, False),
        ("Workshop", 0, False),
    ],
)
def test_a_deal_of_another_name_repeats_a_term_only_near_its_start(
    title: str, day: int, is_repeat: bool
) -> None:
    found = covering(sale(title, YEAR.start + timedelta(days=day)), [term()])
    assert (found is not None) == is_repeat


@pytest.mark.parametrize(
    ("day", "is_repeat"), [(-4, False), (-3, True), (30, True), (31, False)]
)
def test_a_month_may_be_paid_until_its_last_day(
    day: int, is_repeat: bool
) -> None:
    march = DateRange(date(2018, 3, 1), date(2018, 4, 1))
    found = covering(
        sale("Hosting", march.start + timedelta(days=day)), [term(march)]
    )
    assert (found is not None) == is_repeat


@pytest.mark.parametrize(
    ("length", "near"), [(7, 3), (30, 4), (91, 14), (365, 31)]
)
def test_near_the_start_is_a_share_of_the_term(length: int, near: int) -> None:
    days = DateRange(YEAR.start, YEAR.start + timedelta(days=length))
    assert (
        covering(
            sale("Drucker", days.start + timedelta(days=near)), [term(days)]
        )
        is not None
    )
    assert (
        covering(
            sale("Drucker", days.start + timedelta(days=near + 1)),
            [term(days)],
        )
        is None
    )


def test_only_what_names_the_very_service_may_cost_something_else() -> None:
    day = date(2018, 3, 1)
    assert covering(sale("Hosting", day, 1300), [term()]) is None
    assert (
        covering(sale("Hosting", day, 1300), [term()], at_any_price=True)
        is not None
    )
    assert (
        covering(sale("Hosting", day, 2760), [term()], at_any_price=True)
        is None
    )
    assert (
        covering(sale("Hosting", day, 521), [term()], at_any_price=True)
        is None
    )
    assert (
        covering(
            sale("Elbe Solar GmbH", day, 1300), [term()], at_any_price=True
        )
        is None
    )


def test_of_several_terms_the_words_decide_then_the_nearest_start() -> None:
    april, may = (
        DateRange(date(2018, month, 1), date(2018, month + 1, 1))
        for month in (4, 5)
    )
    terms = [
        term(april, "Wartung", number=1),
        term(april, number=2),
        term(may, number=3),
    ]
    assert (
        getattr(
            covering(sale("Hosting", date(2018, 4, 20)), terms), "time", None
        )
        is terms[1]
    )
    assert (
        getattr(
            covering(sale("Hosting", date(2018, 4, 29)), terms), "time", None
        )
        is terms[2]
    )
